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
    def __init__(self, title, benchmark, metric, peer, relation, bound):
        self.title = f'{title} {bound:g} x {peer}'
        self.own = (benchmark, PROJECT, metric)
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
    def __init__(self, title, benchmark, metric, relation, bound, unit):
        self.title = f'{title} {bound:,g} {unit}'.rstrip()
        self.own = (benchmark, PROJECT, metric)
        self.relation = relation
        self.bound = bound

    def measure(self, figures):
        own = figures.get(self.own)
        return None if own is None else (own, number(own))


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
