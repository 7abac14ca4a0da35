"""messaging - messages between actors, alone and as in Savina's benchmarks

Place: runner.

SPDX-License-Identifier: MPL-2.0
"""

from bench import Case, Count, erlang, own, peer

CZMQ = 'libczmq-dev'
ZMQ = 'libzmq3-dev'
NNG = 'libnng-dev'
CAF = 'libcaf-dev'


def round_trip(rig):
    rig.run('round_trip', [
        Case('troupe', own('round_trip', Count(20000))),
        Case('troupe, no polling', own('round_trip', Count(20000)), BENCH_NO_POLLING='1'),
        Case('libzmq DEALER/ROUTER', peer('zmq_round_trip', ZMQ, 'router', Count(20000))),
        Case('libzmq PAIR', peer('zmq_round_trip', ZMQ, 'pair', Count(20000))),
        Case('czmq zactor', peer('zactor_round_trip', CZMQ, Count(20000))),
        Case('CAF detached', peer('caf_messaging', CAF, 'round-trip', Count(20000))),
        Case('Erlang', erlang('messaging', 'round_trip', Count(200000))),
        Case('nng REQ/REP', peer('nng_round_trip', NNG, Count(10000))),
        Case('eventfd', peer('eventfd_round_trip', 'libc6-dev', Count(20000))),
    ])


def one_way(rig):
    for size, name in ((16, 'one_way_16'), (1024, 'one_way_1k')):
        many = size == 16
        rig.run(name, [
            Case('troupe', own('one_way', size, Count(20000000 if many else 1000000), 100, 'turns')),
            Case('troupe, flush by hand', own('one_way', size, Count(20000000 if many else 1000000), 100, 'flush')),
            Case('libzmq PAIR', peer('zmq_one_way', ZMQ, size, Count(5000000 if many else 1000000))),
            Case('CAF detached', peer('caf_messaging', CAF, 'one-way', size, Count(2000000 if many else 500000))),
            Case('Erlang', erlang('messaging', 'one_way', size, Count(3000000 if many else 1000000))),
            Case('nng PAIR', peer('nng_one_way', NNG, size, Count(100000))),
        ])
    rig.run('one_way_16_alone', [
        Case('troupe', own('one_way', 16, Count(2000000), 1, 'flush')),
        Case('troupe, a turn each', own('one_way', 16, Count(2000000), 1, 'turns')),
        Case('libzmq PAIR', peer('zmq_one_way', ZMQ, 16, Count(5000000))),
    ])


def many(rig):
    rig.run('fan_in_4', [
        Case('troupe', own('fan_in', 4, Count(8000000))),
        Case('libzmq PUSH/PULL', peer('zmq_fan_in', ZMQ, 4, Count(4000000))),
        Case('CAF detached', peer('caf_messaging', CAF, 'fan-in', 4, Count(2000000))),
        Case('Erlang', erlang('messaging', 'fan_in', 4, Count(2000000))),
    ])
    rig.run('calls_1000_in_flight', [
        Case('troupe', own('window', 1000, Count(2000000))),
        Case('libzmq DEALER/ROUTER', peer('zmq_window', ZMQ, 1000, Count(1000000))),
        Case('CAF detached', peer('caf_messaging', CAF, 'window', 1000, Count(300000))),
        Case('Erlang', erlang('messaging', 'window', 1000, Count(1000000))),
    ])


#   Savina's default sizes, and the programs that play them on CAF and on Erlang.
SAVINA = (
    ('pingpong', (Count(40000),), 'caf_savina', 'savina'),
    ('count', (Count(1000000),), 'caf_savina', 'savina'),
    ('fjthrput', (60, Count(10000)), 'caf_savina', 'savina'),
    ('threadring', (100, Count(100000)), 'caf_savina', 'savina'),
    ('chameneos', (100, Count(200000)), 'caf_savina_mall', 'savina'),
    ('big', (120, Count(20000)), 'caf_savina', 'savina'),
    ('bndbuffer', (50, 40, 40, Count(1000)), None, None),
    ('philosopher', (20, Count(10000)), 'caf_savina_mall', 'savina'),
)


def savina(rig):
    for name, sizes, on_caf, on_erlang in SAVINA:
        cases = [Case('troupe', own(name, *sizes))]
        if on_caf:
            cases.append(Case('CAF detached', peer(on_caf, CAF, 'detached', name, *sizes)))
            cases.append(Case('CAF pooled', peer(on_caf, CAF, 'pooled', name, *sizes)))
        if on_erlang:
            cases.append(Case('Erlang', erlang(on_erlang, name, *sizes)))
        rig.run('savina_' + name, cases)


def run(rig):
    round_trip(rig)
    one_way(rig)
    many(rig)
    savina(rig)
