"""recovery - failures, full mailboxes, crowds and the end

Place: runner.

SPDX-License-Identifier: MPL-2.0
"""

from bench import OWN, Case, Count, erlang, own

FEW = ', 10 children'


def run_crashes(rig):
    rig.run('recovery_crash', [
        Case('troupe', own('crash', Count(500))),
        Case('Erlang', erlang('recovery', 'crash', Count(500))),
    ])
    rig.run('recovery_thread', [
        Case('troupe', own('trickle', 'thread', Count(500))),
    ])
    for how in ('segv', 'kill'):
        rig.run(f'recovery_process_{how}', [
            Case('troupe', own('trickle', how, Count(50))),
            Case('Erlang port', erlang('recovery', 'port', OWN / 'trickle', Count(50))),
            Case('fork and exec', own('trickle', 'bare', Count(50))),
        ])


#   What a thousand children cost more than ten.
def run_crowds(rig):
    rig.run('recovery_crowd_crash', [
        Case('troupe', own('crash', Count(500), 1000)),
        Case('troupe' + FEW, own('crash', Count(500), 10)),
        Case('Erlang', erlang('recovery', 'crash', Count(500), 1000)),
        Case('Erlang' + FEW, erlang('recovery', 'crash', Count(500), 10)),
    ])
    rig.run('recovery_crowd_sibling', [
        Case('troupe', own('sibling', 1000, Count(500))),
        Case('troupe' + FEW, own('sibling', 10, Count(500))),
        Case('Erlang', erlang('recovery', 'sibling', 1000, Count(500))),
        Case('Erlang' + FEW, erlang('recovery', 'sibling', 10, Count(500))),
    ])


def run(rig):
    run_crashes(rig)
    run_crowds(rig)
    rig.run('recovery_full', [
        Case('troupe', own('full')),
        Case('Erlang', erlang('recovery', 'full')),
    ])
    rig.run('recovery_tree_500', [
        Case('troupe', own('tree')),
        Case('troupe, 20 processes', own('tree', 20)),
        Case('Erlang', erlang('recovery', 'tree')),
    ])
