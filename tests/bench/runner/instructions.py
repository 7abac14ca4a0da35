"""instructions - how many instructions a message and a request take, counted by callgrind

Place: runner, with --callgrind. Counts repeat on a noisy machine where times do not. Each program runs twice, with
little and with more to do; the difference leaves out what starting and ending cost.

SPDX-License-Identifier: MPL-2.0
"""

import pathlib
import re
import subprocess
import tempfile

import servers
from bench import Case, Failed, Missing, own, peer, which

LITTLE = 20000
MORE = 60000
REQUESTS = (500, 2500)


def total(folder):
    """The instructions in all files that callgrind has left in a folder."""
    counts = [int(found) for path in pathlib.Path(folder).glob('callgrind.out.*')
              for found in re.findall(r'^(?:totals|summary): ([0-9]+)', path.read_text(errors='replace'), re.M)[-1:]]
    if not counts:
        raise Failed('callgrind left no counts')
    return sum(counts)


def callgrind(folder):
    return (which('valgrind', 'valgrind'), '--tool=callgrind', f'--callgrind-out-file={folder}/callgrind.out.%p',
            '--quiet')


class Counted:
    """A program that sends so many messages; 'command' takes their number."""
    def __init__(self, subject, command):
        self.subject = subject
        self.command = command

    def count(self, messages):
        with tempfile.TemporaryDirectory(prefix='bench-') as folder:
            words = [str(word) for word in (*callgrind(folder), *self.command(messages)())]
            done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600)
            if done.returncode != 0:
                raise Failed(done.stderr.strip()[-80:] or f'exit status {done.returncode}')
            return total(folder)

    def measure(self, smoke):
        return {'instructions': ((self.count(MORE) - self.count(LITTLE)) / (MORE - LITTLE), '1')}


class CountedServer:
    """A server that answers so many requests."""
    def __init__(self, server):
        self.subject = server.subject
        self.server = server

    def count(self, requests):
        with tempfile.TemporaryDirectory(prefix='bench-') as folder:
            pathlib.Path(folder).chmod(0o777)
            server = self.server()
            server.wrapper = callgrind(folder)
            server.begin()
            try:
                subprocess.run([which('h2load', 'nghttp2-client'), '--h1', '-c8', '-t1', f'-n{requests}',
                                server.url + '/'], capture_output=True, check=True, timeout=600)
            finally:
                server.end()
            return total(folder)

    def measure(self, smoke):
        less, more = REQUESTS
        return {'instructions': ((self.count(more) - self.count(less)) / (more - less), '1')}


def one_way(pack):
    return lambda count: own('one_way', 16, count, pack, 'flush')


def calls(way):
    return lambda count: own('rpc_calls', way, 64, count)


def run(rig, names):
    rounds, rig.rounds = rig.rounds, 1
    if 'messaging' in names:
        rig.run('instructions_message', [
            Counted('troupe', one_way(100)),
            Counted('troupe, alone', one_way(1)),
            Counted('libzmq PAIR', lambda count: peer('zmq_one_way', 'libzmq3-dev', 16, count)),
            Counted('CAF detached', lambda count: peer('caf_messaging', 'libcaf-dev', 'one-way', 16, count)),
        ])
    if 'http' in names:
        rig.run('instructions_request', [CountedServer(server) for server in
                                         (servers.Gateway, servers.NginxAlone, servers.Microhttpd)])
    if 'rpc' in names:
        rig.run('instructions_call', [
            Counted('troupe', calls('actor')),
            Counted('troupe, egress to door', calls('door')),
            Counted('libzmq DEALER/ROUTER', lambda count: peer('zmq_rpc', 'libzmq3-dev', 'alone', 64, count)),
            Counted('libzmq DEALER/ROUTER, worker', lambda count: peer('zmq_rpc', 'libzmq3-dev', 'worker', 64, count)),
        ])
    rig.rounds = rounds
