"""web - HTTP servers under load

Place: runner. wrk, one thread; all servers of one benchmark take turns, each started afresh every time.

SPDX-License-Identifier: MPL-2.0
"""

import re
import subprocess

import servers
from bench import ROOT, Failed, Missing, which

POST = ROOT / 'tests' / 'bench' / 'http' / 'post_64k.lua'
UNITS_US = {'us': 1.0, 'ms': 1e3, 's': 1e6, 'm': 60e6}
SECONDS = 2
SMOKE_SECONDS = 1


def microseconds(text):
    """What wrk calls "1.23ms"."""
    value, unit = re.fullmatch(r'([0-9.]+)([a-z]+)', text).groups()
    return float(value) * UNITS_US[unit]


def read_wrk(text):
    """Requests, a second and in all, and the latencies that wrk has seen. Errors are failures."""
    if 'Non-2xx' in text:
        raise Failed(re.search(r'Non-2xx.*', text).group())
    errors = re.search(r'Socket errors: .*', text)
    if errors:
        raise Failed(errors.group())
    latency = {share: microseconds(found)
               for share, found in re.findall(r'^ +(50|99)% +(\S+)$', text, re.MULTILINE)}
    rate = float(re.search(r'Requests/sec: +([0-9.]+)', text).group(1))
    count = int(re.search(r'([0-9]+) requests in', text).group(1))
    return rate, count, latency


class Load:
    """A server under so many connections; the script makes wrk send something other than GET /."""
    def __init__(self, server, connections, script=None):
        self.subject = server.subject
        self.server = server
        self.connections = connections
        self.script = script

    def measure(self, smoke):
        server = self.server()
        server.begin()
        try:
            if self.script == POST and not server.echoes:
                raise Missing('answers no POST /echo')
            self.wrk(server, 1)                 # Warm, and every page touched
            before = server.cpu_s()
            rate, count, latency = self.wrk(server, SMOKE_SECONDS if smoke else SECONDS)
            used = server.cpu_s() - before
        finally:
            server.end()
        return {
            'requests': (rate, '1/s'),
            'requests_per_cpu_s': (count / max(used, 0.01), '1/s'),
            'latency_p50': (latency['50'], 'us'),
            'latency_p99': (latency['99'], 'us'),
        }

    def wrk(self, server, seconds):
        words = [which('wrk', 'wrk'), '-t1', f'-c{self.connections}', f'-d{seconds}s', '--latency', '--timeout', '10s']
        if self.script:
            words += ['-s', self.script]
        done = subprocess.run([*words, server.url + '/'], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=60)
        if done.returncode != 0:
            raise Failed(done.stderr.strip() or 'wrk failed')
        return read_wrk(done.stdout)


def run(rig):
    for connections in (64,) if rig.smoke else (64, 1, 1000):
        rig.run(f'http_hello_c{connections}', [Load(server, connections) for server in servers.ALL])
    rig.run('http_echo_64k_c64', [Load(server, 64, POST) for server in servers.ALL if server.echoes])
