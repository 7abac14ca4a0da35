"""runner - runs the benchmarks and makes the table

Place: tests/bench/run starts it when everything is built. Each suite lists its cases; bench.py repeats them in
turn, table.py prints their medians, targets.py says which of the project's aims are reached.

SPDX-License-Identifier: MPL-2.0
"""

import argparse
import signal
import sys

import bench
import instructions
import recovery
import rpc
import spawning
import messaging
import targets
import transport
import web
from table import Table

SUITES = {
    'messaging': messaging.run,
    'transport': transport.run,
    'spawn': spawning.run_spawn,
    'http': web.run,
    'memory': spawning.run_memory,
    'recovery': recovery.run,
    'rpc': rpc.run,
}


def arguments():
    parser = argparse.ArgumentParser(prog='tests/bench/run', description='Measures the project and its peers.')
    parser.add_argument('suites', nargs='*', metavar='SUITE', default=['all'],
                        help='all (the default), ' + ', '.join(SUITES))
    parser.add_argument('--tsv', action='store_true', help='tab-separated values, for programs')
    parser.add_argument('--rounds', type=int, default=5, metavar='N', help='how often each is measured (5)')
    parser.add_argument('--smoke', action='store_true', help='one short round, only to see that everything runs')
    parser.add_argument('--callgrind', action='store_true', help='also count instructions (slow)')
    parser.add_argument('--only', metavar='TEXT', default='', help='only benchmarks whose name begins with TEXT')
    parser.add_argument('--no-install', action='store_true', help='do without peers that are not installed')
    parser.add_argument('--check-only', action='store_true', help=argparse.SUPPRESS)
    options = parser.parse_args()
    for suite in options.suites:
        if suite not in SUITES and suite != 'all':
            parser.error(f"there is no suite '{suite}'; there are: all, {', '.join(SUITES)}")
    if options.rounds < 1:
        parser.error('--rounds needs at least 1')
    return options


def end_in_order(number, frame):
    """Ctrl-C and SIGTERM alike: every server is ended and every folder removed on the way out."""
    raise KeyboardInterrupt


def main():
    options = arguments()
    if options.check_only:
        return 0
    signal.signal(signal.SIGINT, end_in_order)
    signal.signal(signal.SIGTERM, end_in_order)
    bench.raise_descriptor_limit()
    table = Table(tsv=options.tsv)
    table.begin(bench.describe_machine())
    names = list(SUITES) if 'all' in options.suites else options.suites
    rig = bench.Rig(table, 1 if options.smoke else options.rounds, options.smoke, options.only)
    try:
        for name in names:
            SUITES[name](rig)
        if options.callgrind:
            instructions.run(rig, names)
    except KeyboardInterrupt:
        table.comment('interrupted')
        return 130
    if not options.smoke:
        targets.judge(table)
    return 1 if table.project_failed else 0


sys.exit(main())
