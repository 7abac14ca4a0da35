# tests/interop/chaos.py - kills the process of the gateway's users, again and again, and measures how soon it answers
#
# Place: driven by chaos.sh. Called as  chaos.py GATEWAY-PROCESS HTTP-PORT TIMES LEAST-MS MOST-MS: waits so long, kills
# by SIGKILL, asks until there is a good answer; so many times. Ends with a line "killed=N p50=MS most=MS".
#
# SPDX-License-Identifier: MPL-2.0

import http.client
import os
import random
import signal
import statistics
import sys
import time

GATEWAY, PORT, TIMES, LEAST_MS, MOST_MS = map(int, sys.argv[1:6])
PATIENCE_S = 20


#  The gateway's only child process.
def users():
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        found = []
        for task in os.listdir("/proc/%d/task" % GATEWAY):
            try:
                with open("/proc/%d/task/%s/children" % (GATEWAY, task)) as file:
                    found += file.read().split()
            except OSError:
                continue
        if len(found) == 1:
            return int(found[0])
    raise SystemExit("the gateway has %d child processes, and not one" % len(found))


#  Dead, if perhaps not buried yet: nothing of it can answer any more.
def await_death(process):
    while True:
        try:
            with open("/proc/%d/stat" % process) as file:
                if file.read().rpartition(") ")[2][0] in "ZX":
                    return
        except OSError:
            return


def is_good(connection):
    connection.request("GET", "/users/1")
    answer = connection.getresponse()
    body = answer.read()
    if answer.status not in (200, 503, 504):
        raise SystemExit("status %d: %r" % (answer.status, body))
    return answer.status == 200


def recovery_ms(connection, process):
    began = time.monotonic()
    os.kill(process, signal.SIGKILL)
    await_death(process)
    while not is_good(connection):
        if time.monotonic() - began > PATIENCE_S:
            raise SystemExit("no good answer within %d s" % PATIENCE_S)
    return (time.monotonic() - began) * 1000


connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=PATIENCE_S)
is_good(connection)
taken = []
for _ in range(TIMES):
    time.sleep(random.uniform(LEAST_MS, MOST_MS) / 1000)
    taken.append(recovery_ms(connection, users()))
print("killed=%d p50=%.1f most=%.1f" % (TIMES, statistics.median(taken), max(taken)))
