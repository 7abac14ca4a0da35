"""spawning - what it costs to start actors, and to have them

Place: runner.

SPDX-License-Identifier: MPL-2.0
"""

from bench import Case, Count, erlang, own, peer


def run_spawn(rig):
    for actors in (Count(1000), Count(4000)):
        rig.run(f'spawn_{actors}', [
            Case('troupe', own('spawn', actors, 'named')),
            Case('troupe, unnamed', own('spawn', actors, 'unnamed')),
            Case('troupe, supervised', own('supervised', actors)),
            Case('CAF detached', peer('caf_spawn', 'libcaf-dev', actors)),
            Case('czmq zactor', peer('zactor_spawn', 'libczmq-dev', actors)),
            Case('pthread', peer('pthread_spawn', 'libc6-dev', actors)),
            Case('Erlang', erlang('spawning', 'spawn', actors)),
        ])


def run_memory(rig):
    actors = Count(4000)
    rig.run(f'memory_{actors}', [
        Case('troupe', own('memory', actors, 'named')),
        Case('troupe, unnamed', own('memory', actors, 'unnamed')),
        Case('CAF detached', peer('caf_memory', 'libcaf-dev', actors)),
        Case('czmq zactor', peer('zactor_memory', 'libczmq-dev', actors)),
        Case('pthread', peer('pthread_memory', 'libc6-dev', actors)),
        Case('Erlang', erlang('spawning', 'memory', actors)),
    ])
    for where in ('ipc', 'tcp'):
        rig.run(f'memory_links_{where}', [
            Case('troupe', own('links', where, Count(500))),
            Case('libzmq DEALER/ROUTER', peer('zmq_links', 'libzmq3-dev', where, Count(500))),
        ])
