# tests/interop/junk_server.py - a server that answers nonsense, until it is told to behave
#
# Place: run by resilience.sh. A ROUTER; says "ready ENDPOINT". Whatever it is asked it answers with bytes that mean
# nothing; after the word "behave" on standard input, which it says too, with {"status": 200, "body": "well"}.
#
# SPDX-License-Identifier: MPL-2.0

import sys

import zmq

socket = zmq.Context().socket(zmq.ROUTER)
print('ready tcp://127.0.0.1:%d' % socket.bind_to_random_port('tcp://127.0.0.1'), flush=True)
poller = zmq.Poller()
poller.register(socket, zmq.POLLIN)
poller.register(sys.stdin.fileno(), zmq.POLLIN)
answer = b'\xffnonsense'
while True:
    ready = dict(poller.poll())
    if socket in ready:
        socket.send_multipart(socket.recv_multipart()[:-1] + [answer])
    if sys.stdin.fileno() in ready:
        print(sys.stdin.readline().strip(), flush=True)
        answer = b'{"status": 200, "body": "well"}'
