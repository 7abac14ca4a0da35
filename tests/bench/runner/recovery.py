"""recovery - failures, full mailboxes and the end; and what is to come

Place: runner.

SPDX-License-Identifier: MPL-2.0
"""

from bench import Case, Count, erlang, own


def run(rig):
    rig.run('recovery_crash', [
        Case('troupe', own('crash', Count(500))),
        Case('Erlang', erlang('recovery', 'crash', Count(500))),
    ])
    rig.run('recovery_full', [
        Case('troupe', own('full')),
        Case('Erlang', erlang('recovery', 'full')),
    ])
    rig.run('recovery_tree_500', [
        Case('troupe', own('tree')),
        Case('Erlang', erlang('recovery', 'tree')),
    ])


def run_rpc(rig):
    if rig.wants('rpc'):
        rig.table.remark('rpc', 'troupe', 'not there yet: RPC comes later')
