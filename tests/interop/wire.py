# tests/interop/wire.py - a network of hosts, with latency, loss and cuts, in user space
#
# Place: driven by network.sh. Called as  wire.py PREFIX HOSTS: makes TUN devices PREFIX0, PREFIX1, ... in the namespace
# that it is started in; whoever calls it moves each into the namespace of a host, which keeps it alive. What a host
# sends to 10.77.0.(N+1) comes out at PREFIXN. On standard input: "delay MS", "loss PERCENT", "cut N", "heal N"; each is
# answered with "ok". Ends with its standard input. No module of the kernel is needed but tun.
#
# SPDX-License-Identifier: MPL-2.0

import fcntl
import heapq
import os
import random
import select
import struct
import sys
import time

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
RANDOM = random.Random(20261121)


def device(name):
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return descriptor


class Wire:
    def __init__(self, prefix, hosts):
        self.devices = [device(prefix + str(host)) for host in range(hosts)]
        self.delay_s, self.loss, self.cut, self.waiting, self.count = 0.0, 0.0, set(), [], 0

    def obey(self, line):
        word, value = line.split()
        if word == "delay":
            self.delay_s = float(value) / 1000
        elif word == "loss":
            self.loss = float(value) / 100
        elif word == "cut":
            self.cut.add(int(value))
        else:
            self.cut.discard(int(value))
        print("ok", flush=True)

    #  IPv4 only: the destination is in bytes 16 to 19.
    def take(self, host):
        packet = os.read(self.devices[host], 65536)
        if len(packet) < 20 or packet[0] >> 4 != 4 or packet[16:19] != bytes([10, 77, 0]):
            return
        target = packet[19] - 1
        if target not in range(len(self.devices)) or RANDOM.random() < self.loss:
            return
        self.count += 1
        heapq.heappush(self.waiting, (time.monotonic() + self.delay_s, self.count, host, target, packet))

    def deliver(self):
        while self.waiting and self.waiting[0][0] <= time.monotonic():
            _, _, host, target, packet = heapq.heappop(self.waiting)
            if host not in self.cut and target not in self.cut:
                try:
                    os.write(self.devices[target], packet)
                except OSError:
                    continue

    def run(self):
        print("ready", flush=True)
        while True:
            wait_s = max(0, self.waiting[0][0] - time.monotonic()) if self.waiting else None
            readable, _, _ = select.select(self.devices + [0], [], [], wait_s)
            if 0 in readable:
                line = sys.stdin.readline()
                if not line:
                    return
                self.obey(line)
            for host, descriptor in enumerate(self.devices):
                if descriptor in readable:
                    self.take(host)
            self.deliver()


Wire(sys.argv[1], int(sys.argv[2])).run()
