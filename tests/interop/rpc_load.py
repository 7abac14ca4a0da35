# tests/interop/rpc_load.py - many questions at an RPC door, and what became of each
#
# Place: run by resilience.sh: rpc_load.py ENDPOINT METHOD PATH COUNT CONCURRENCY [FILE]. In PATH, {} is the number of
# the question. Questions are JSON, on one connection. It says "at N" for each tenth that is answered, and in the end
# how many answers had which status: "200: 990, 503: 10". The numbers of those answered with 200 are written to FILE.
# A question that is answered twice, or not within 20 seconds, ends it with 1.
#
# SPDX-License-Identifier: MPL-2.0

import collections
import json
import sys

import zmq

ENDPOINT, METHOD, PATH, COUNT, CONCURRENCY = *sys.argv[1:4], int(sys.argv[4]), int(sys.argv[5])
socket = zmq.Context().socket(zmq.DEALER)
socket.setsockopt(zmq.LINGER, 0)
socket.setsockopt(zmq.RCVTIMEO, 20000)
socket.connect(ENDPOINT)


def ask(number):
    question = {'method': METHOD, 'path': PATH.format(number)}
    socket.send_multipart([b'%d' % number, b'', json.dumps(question).encode()])


#  The question behind the last one is asked when all are answered: what was answered twice comes before its answer.
asked, statuses = 0, {}
while COUNT not in statuses:
    while asked < COUNT and asked - len(statuses) < CONCURRENCY:
        ask(asked)
        asked += 1
    if len(statuses) == COUNT:
        ask(COUNT)
    try:
        number, _, answer = socket.recv_multipart()
    except zmq.Again:
        sys.exit(f'{asked - len(statuses)} questions are not answered')
    if int(number) in statuses:
        sys.exit(f'question {int(number)} is answered twice')
    statuses[int(number)] = json.loads(answer)['status']
    if len(statuses) <= COUNT and len(statuses) % max(COUNT // 10, 1) == 0:
        print('at', len(statuses), flush=True)
del statuses[COUNT]
print(', '.join(f'{status}: {count}' for status, count in sorted(collections.Counter(statuses.values()).items())))
if len(sys.argv) > 6:
    with open(sys.argv[6], 'w', encoding='ascii') as file:
        file.writelines(f'{number}\n' for number, status in statuses.items() if status == 200)
