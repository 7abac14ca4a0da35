"""rpc - calls of a service in another process

Place: runner. Method, path with a parameter, small body; status and small body come back and are checked.

SPDX-License-Identifier: MPL-2.0
"""

import urllib.request

from bench import ROOT, Case, Count, Failed, own, peer, which
from servers import READY_S, Server
from web import Load

RPC = ROOT / 'tests' / 'bench' / 'rpc'
ZMQ = 'libzmq3-dev'
NNG = 'libnng-dev'
GRPC = 'libgrpc++-dev libprotobuf-dev protobuf-compiler-grpc'
RAW = 'libzmq DEALER/ROUTER'

#   Calls in flight, how many are made in all, and how many of the slower peers.
WINDOWS = ((64, Count(500000), Count(50000)), (1, Count(20000), Count(10000)), (1000, Count(1000000), Count(50000)))


class NginxUsers(Server):
    """nginx with the same answers."""
    subject = 'nginx, HTTP'

    def start(self):
        path = self.configure(RPC / 'peers' / 'nginx_users.conf', PORT=self.port)
        self.spawn(which('nginx', 'nginx-light'), '-p', self.folder, '-c', path)

    def check(self):
        with urllib.request.urlopen(self.url + '/users/17', timeout=READY_S) as answer:
            if answer.read() != b'{"id":17,"name":"user 17"}':
                raise Failed('GET /users/17 is not answered with user 17')


class HttpCalls(Load):
    """wrk's figures under the names that the others have."""
    def measure(self, smoke):
        figures = super().measure(smoke)
        return {'rate': figures['requests'], 'latency_p50': figures['latency_p50'],
                'latency_p99': figures['latency_p99']}


def calls(rig, window, count, fewer):
    rig.run(f'rpc_calls_{window}', [
        Case('troupe', own('rpc_calls', 'actor', window, count)),
        Case('troupe, egress to door', own('rpc_calls', 'door', window, count)),
        Case(RAW, peer('zmq_rpc', ZMQ, 'alone', window, count)),
        Case(RAW + ', worker', peer('zmq_rpc', ZMQ, 'worker', window, count)),
        HttpCalls(NginxUsers, window, RPC / 'users.lua'),
        Case('nng REQ/REP', peer('nng_rpc', NNG, window, fewer)),
        Case('gRPC C++', peer('grpc_rpc', GRPC, window, fewer)),
    ])


def run(rig):
    for window, count, fewer in WINDOWS [:1] if rig.smoke else WINDOWS:
        calls(rig, window, count, fewer)
    rig.run('rpc_half_rate', [
        Case('troupe', own('rpc_half', 'actor', Count(2000))),
        Case('troupe, egress to door', own('rpc_half', 'door', Count(2000))),
        Case(RAW, peer('zmq_half', ZMQ, Count(2000))),
    ])
    rig.run('rpc_slow_calls', [Case('troupe', own('rpc_slow', Count(5000)))])
    rig.run('rpc_server_killed', [Case('troupe', own('rpc_killed', 200 if rig.smoke else 1000))])
