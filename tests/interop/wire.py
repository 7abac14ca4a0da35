# tests/interop/wire.py - a network of hosts, with latency, loss and cuts, in user space
#
# Place: driven by hosts.sh. Called as  wire.py PREFIX HOSTS: makes TAP devices PREFIX0, PREFIX1, ... in the namespace
# that it is started in; whoever calls it moves each into the namespace of a host, which keeps it alive. What a host
# sends comes out at all others, as in a cable that they share: broadcasts, too. On standard input: "delay MS", "loss
# PERCENT", "cut N", "heal N"; each is answered with "ok". Ends with its standard input. No module of the kernel is needed
# but tun.
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

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
RANDOM = random.Random(20261121)


def device(name):
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
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

    def take(self, host):
        frame = os.read(self.devices[host], 65536)
        if RANDOM.random() >= self.loss:
            self.count += 1
            heapq.heappush(self.waiting, (time.monotonic() + self.delay_s, self.count, host, frame))

    #  Whose frame it is not drops it.
    def deliver(self):
        while self.waiting and self.waiting[0][0] <= time.monotonic():
            _, _, host, frame = heapq.heappop(self.waiting)
            for target, descriptor in enumerate(self.devices):
                if target != host and host not in self.cut and target not in self.cut:
                    self.put(descriptor, frame)

    #  A device that is not up yet takes nothing.
    @staticmethod
    def put(descriptor, frame):
        try:
            os.write(descriptor, frame)
        except OSError:
            pass

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
