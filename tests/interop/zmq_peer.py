# tests/interop/zmq_peer.py - programs that know ZeroMQ and nothing of troupe
#
# Place: driven by the scripts of tests/interop that test samples with ZeroMQ sockets.
# Usage: zmq_peer.py ask ENDPOINT WORD...     REQ: prints each answer
#        zmq_peer.py answer                   REP: {"response":"WORD"}, says first where it is
#        zmq_peer.py hear                     ROUTER: prints a line for each message, answers none
#        zmq_peer.py push ENDPOINT WORD...    PUSH, connected
#        zmq_peer.py pull ENDPOINT COUNT      PULL, connected: prints so many
#
# SPDX-License-Identifier: MPL-2.0

import sys

import zmq

TYPES = {"ask": zmq.REQ, "answer": zmq.REP, "hear": zmq.ROUTER, "push": zmq.PUSH, "pull": zmq.PULL}


def main(kind, endpoint="", *words):
    socket = zmq.Context().socket(TYPES[kind])
    socket.setsockopt(zmq.RCVTIMEO, 15000)
    if kind in ("answer", "hear"):
        port = socket.bind_to_random_port("tcp://127.0.0.1")
        print("ready tcp://127.0.0.1:%d" % port, flush=True)
    while kind == "answer":
        socket.send_string('{"response":"%s"}' % socket.recv_string())
    while kind == "hear":
        socket.recv_multipart()
        print("heard", flush=True)
    socket.connect(endpoint)
    if kind == "pull":
        for _ in range(int(words[0])):
            print(socket.recv_string(), flush=True)
    else:
        for word in words:
            socket.send_string(word)
            if kind == "ask":
                print(socket.recv_string(), flush=True)


main(*sys.argv[1:])
