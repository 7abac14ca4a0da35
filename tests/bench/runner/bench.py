"""bench - runs cases in turn, several rounds, and takes medians

Place: runner. A case is one program with its arguments, or anything else that returns figures. All cases of one
benchmark take turns (A B A B ...), so that a busy moment of the machine falls on everybody.

SPDX-License-Identifier: MPL-2.0
"""

import os
import pathlib
import platform
import resource
import shutil
import statistics
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
OWN = ROOT / 'build' / 'release' / 'tests' / 'bench'
PEERS = ROOT / 'build' / 'bench'
GATEWAY = ROOT / 'build' / 'release' / 'samples' / 'gateway'
LIMIT_S = 180                           # A program that takes longer is ended


class Missing(Exception):
    """What has to be installed before this can be measured."""


class Failed(Exception):
    """What went wrong while it was measured."""


def which(name, package):
    """Where a program is, or who brings it."""
    path = shutil.which(name, path=os.environ.get('PATH', '') + ':/usr/sbin')
    if path is None:
        raise Missing(f'not installed: {package}')
    return path


def own(name, *arguments):
    """The command line of a benchmark of the project."""
    return lambda: [OWN / name, *arguments]


def peer(name, package, *arguments):
    """The command line of a peer that is compiled."""
    def command():
        if not (PEERS / name).exists():
            raise Missing(f'not installed: {package}')
        return [PEERS / name, *arguments]
    return command


def erlang(module, *arguments):
    """The command line of a peer in Erlang."""
    def command():
        return [which('erl', 'erlang-base'), '-noinput', '-pa', PEERS, '-run', module, 'main', *arguments]
    return command


class Count(int):
    """An argument that says how much to do: less of it in a smoke run."""


def parse(text):
    """The "METRIC VALUE UNIT" lines of a program: {metric: (value, unit)}."""
    figures = {}
    for line in text.splitlines():
        metric, value, unit = line.split()
        figures[metric] = (float(value), unit)
    if not figures:
        raise Failed('it printed no figures')
    return figures


def run_program(command, environment=None):
    """Runs a program to its end and returns its figures."""
    try:
        done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=LIMIT_S, env={**os.environ, **(environment or {})})
    except subprocess.TimeoutExpired:
        raise Failed(f'no end within {LIMIT_S} s') from None
    except OSError as error:
        raise Failed(f'cannot be started ({error.strerror})') from None
    if done.returncode != 0:
        words = done.stderr.strip().splitlines()
        raise Failed(words[-1] if words else f'exit status {done.returncode}')
    return parse(done.stdout)


class Case:
    """A program to measure: 'command' is a function that returns its command line, or raises Missing."""
    def __init__(self, subject, command, **environment):
        self.subject = subject
        self.command = command
        self.environment = environment

    def measure(self, smoke):
        words = [max(1, word // 50) if smoke and isinstance(word, Count) else word for word in self.command()]
        return run_program(words, self.environment)


class Rig:
    """How to measure: where the rows go, how many rounds, and whether it is only for smoke."""
    def __init__(self, table, rounds, smoke, only):
        self.table = table
        self.rounds = rounds
        self.smoke = smoke
        self.only = only

    def wants(self, benchmark):
        return benchmark.startswith(self.only)

    def run(self, benchmark, cases):
        """Measures all cases of a benchmark in turn and prints their rows."""
        if not self.wants(benchmark):
            return
        samples = {case: [] for case in cases}
        troubles = {}
        for _ in range(self.rounds):
            for case in cases:
                if case not in troubles:
                    self.sample(case, samples, troubles)
        for case in cases:
            self.print_rows(benchmark, case, samples[case], troubles.get(case))

    def sample(self, case, samples, troubles):
        try:
            samples[case].append(case.measure(self.smoke))
        except (Missing, Failed) as trouble:
            troubles[case] = trouble

    def print_rows(self, benchmark, case, rounds, trouble):
        if isinstance(trouble, Missing):
            self.table.remark(benchmark, case.subject, str(trouble))
        elif trouble is not None:
            self.table.failure(benchmark, case.subject, str(trouble))
        else:
            for metric, (_, unit) in rounds[0].items():
                median = statistics.median(figures[metric][0] for figures in rounds)
                self.table.figure(benchmark, case.subject, metric, median, unit)


def raise_descriptor_limit():
    """4,000 actors need more than the usual 1,024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def describe_machine():
    model = 'unknown processor'
    for line in pathlib.Path('/proc/cpuinfo').read_text().splitlines():
        if line.startswith('model name'):
            model = line.split(':', 1)[1].strip()
            break
    load = ' '.join(f'{value:.2f}' for value in os.getloadavg())
    return (f'{model}, {os.cpu_count()} cores, Linux {platform.release()}, load {load}, '
            f'{time.strftime("%Y-%m-%d %H:%M")}\n'
            'medians; a ratio is the figure divided by that of troupe')
