"""transport - calls to an actor that is somewhere else

Place: runner.

SPDX-License-Identifier: MPL-2.0
"""

from bench import Case, Count, own, peer

ZMQ = 'libzmq3-dev'
RAW = 'libzmq DEALER/ROUTER'

#   Calls in flight, and how many are made in all.
WINDOWS = ((1, Count(20000)), (64, Count(500000)), (1000, Count(1000000)))


def calls(rig, where, window, count):
    cases = [Case('troupe', own('calls', where, window, count))]
    if where == 'ipc':
        cases.append(Case('troupe, child process', own('calls', 'process', window, count)))
    cases.append(Case(RAW, peer('zmq_calls', ZMQ, where, window, count)))
    if window == 1 and where != 'inproc':
        cases.append(Case('nng REQ/REP', peer('nng_calls', 'libnng-dev', where, count)))
        cases.append(Case('bare sockets', peer('socket_calls', 'libc6-dev', where, count)))
    rig.run(f'calls_{where}_{window}', cases)


def run(rig):
    for where in ('inproc', 'ipc', 'tcp'):
        for window, count in WINDOWS:
            calls(rig, where, window, count)
