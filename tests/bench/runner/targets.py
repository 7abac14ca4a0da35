"""targets - what the project wants to reach, and whether it has

Place: runner, at the end of a run. Only ratios within one run count, and medians.

SPDX-License-Identifier: MPL-2.0
"""

import operator

from table import PROJECT, number

NO_MORE = 'at most'
NO_LESS = 'at least'
BELOW = 'under'
HOLDS = {NO_MORE: operator.le, NO_LESS: operator.ge, BELOW: operator.lt}


class Ratio:
    """The project's figure divided by a peer's."""
    def __init__(self, title, benchmark, metric, peer, relation, bound, subject=PROJECT):
        self.title = f'{title} {bound:g} x {peer}'
        self.own = (benchmark, subject, metric)
        self.other = (benchmark, peer, metric)
        self.relation = relation
        self.bound = bound

    def measure(self, figures):
        own, other = figures.get(self.own), figures.get(self.other)
        if own is None or not other:
            return None
        return own / other, f'{number(own)} against {number(other)}: {number(own / other)} x'


class Absolute:
    """The project's figure itself."""
    def __init__(self, title, benchmark, metric, relation, bound, unit, subject=PROJECT):
        self.title = f'{title} {bound:,g} {unit}'.rstrip()
        self.own = (benchmark, subject, metric)
        self.relation = relation
        self.bound = bound

    def measure(self, figures):
        own = figures.get(self.own)
        return None if own is None else (own, number(own))


def of_service(subject, words):
    """What calls of a service are to reach, made in one of the ways."""
    raw, web, nng, grpc = 'libzmq DEALER/ROUTER', 'nginx, HTTP', 'nng REQ/REP', 'gRPC C++'
    return (
        Ratio(f'64 calls of a service{words}: at least', 'rpc_calls_64', 'rate', raw, NO_LESS, 1, subject),
        Ratio(f'64 calls of a service{words}: at least', 'rpc_calls_64', 'rate', web, NO_LESS, 3, subject),
        Ratio(f'64 calls of a service{words}: at least', 'rpc_calls_64', 'rate', grpc, NO_LESS, 5, subject),
        Ratio(f'64 calls of a service{words}: at least', 'rpc_calls_64', 'rate', nng, NO_LESS, 5, subject),
        Ratio(f'one call of a service{words}, p50: at most', 'rpc_calls_1', 'latency_p50', raw, NO_MORE, 1.3, subject),
        Absolute(f'p99 to p50 at half the rate{words}: at most', 'rpc_half_rate', 'p99_to_p50', NO_MORE, 5, '', subject),
    )


TARGETS = (
    Ratio('call and answer, p50: no slower than', 'round_trip', 'round_trip_p50', 'libzmq DEALER/ROUTER', NO_MORE, 1),
    Ratio('call and answer, p50: no slower than', 'round_trip', 'round_trip_p50', 'CAF detached', NO_MORE, 1),
    Ratio('16 bytes in turns of 100: at least', 'one_way_16', 'rate', 'Erlang', NO_LESS, 4),
    Ratio('16 bytes in turns of 100: at least', 'one_way_16', 'rate', 'libzmq PAIR', NO_LESS, 5),
    Ratio('1 KiB in turns of 100: at least', 'one_way_1k', 'rate', 'libzmq PAIR', NO_LESS, 1),
    Ratio('16 bytes, one a turn: at least', 'one_way_16_alone', 'rate', 'libzmq PAIR', NO_LESS, 0.8),
    Ratio('call and answer over ipc, p50: at most', 'calls_ipc_1', 'latency_p50', 'libzmq DEALER/ROUTER', NO_MORE, 1.3),
    Ratio('call and answer over tcp, p50: at most', 'calls_tcp_1', 'latency_p50', 'libzmq DEALER/ROUTER', NO_MORE, 1.3),
    Ratio('64 calls in flight over ipc: at least', 'calls_ipc_64', 'rate', 'libzmq DEALER/ROUTER', NO_LESS, 1),
    Ratio('64 calls in flight over tcp: at least', 'calls_tcp_64', 'rate', 'libzmq DEALER/ROUTER', NO_LESS, 1),
    Ratio('start of an actor: no slower than', 'spawn_1000', 'start', 'CAF detached', NO_MORE, 1),
    Absolute('4,000 idle actors: under', 'memory_4000', 'resident', BELOW, 64, 'KiB each'),
    Absolute('4,000 idle actors: at most', 'memory_4000', 'descriptors', NO_MORE, 4, 'descriptors each'),
    Absolute('4,000 idle actors: no CPU, under', 'memory_4000', 'idle_cpu', BELOW, 5, 'ms/s'),
    Absolute('failure of a thread to next answer, p50: at most', 'recovery_crash', 'crash_to_answer_p50', NO_MORE,
             1000, 'us'),
    Absolute('the same under a trickle of calls, p50: at most', 'recovery_thread', 'crash_to_answer_p50', NO_MORE,
             1000, 'us'),
    Absolute('fault of a process to next answer, p50: at most', 'recovery_process_segv', 'crash_to_answer_p50', NO_MORE,
             100000, 'us'),
    Absolute('a process killed to next answer, p50: at most', 'recovery_process_kill', 'crash_to_answer_p50', NO_MORE,
             100000, 'us'),
    Ratio('crash among 1,000 children, p50: at most', 'recovery_crowd_crash', 'crash_to_answer_p50',
          'troupe, 10 children', NO_MORE, 1.5),
    Ratio('stop and start among 1,000 children, p50: at most', 'recovery_crowd_sibling', 'stop_and_start_p50',
          'troupe, 10 children', NO_MORE, 1.5),
    Ratio('the same in CPU time: at most', 'recovery_crowd_sibling', 'cpu', 'troupe, 10 children', NO_MORE, 1.5),
    Absolute('stop of a tree of 500: at most', 'recovery_tree_500', 'stop_tree', NO_MORE, 1000, 'ms'),
    Ratio('GET /, 64 connections: at least', 'http_hello_c64', 'requests', 'nginx', NO_LESS, 0.8),
    Ratio('GET /, 64 connections: at least', 'http_hello_c64', 'requests', 'Mongrel2, C handler', NO_LESS, 2),
    Ratio('GET /, 64 connections: at least', 'http_hello_c64', 'requests', 'nginx to nginx', NO_LESS, 1.5),
    *of_service(PROJECT, ''),
    *of_service('troupe, egress to door', ' through egress and door'),
    Absolute('failed calls when one server of three is killed: at most', 'rpc_server_killed', 'failed', NO_MORE, 0, ''),
    Absolute('two thirds of the rate are back within', 'rpc_server_killed', 'back_to_two_thirds', NO_MORE, 1000, 'ms'),
    Absolute('p50 with 1 % of slow calls to p50 without: at most', 'rpc_slow_calls', 'p50_some_to_none', NO_MORE, 1.1,
             ''),
)


def verdict(target, figures):
    """One line: reached, missed or not measured."""
    measured = target.measure(figures)
    if measured is None:
        return f'{"not measured":<13} {target.title}'
    value, words = measured
    reached = HOLDS[target.relation](value, target.bound)
    return f'{"reached" if reached else "MISSED":<13} {target.title:<72} {words}'


def judge(table):
    """Prints a verdict on every target whose benchmark was run."""
    wanted = [target for target in TARGETS if target.own[0] in table.benchmarks]
    if not wanted:
        return
    table.comment('\ntargets')
    for target in wanted:
        table.comment(verdict(target, table.figures))
