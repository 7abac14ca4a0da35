# tests/interop/zmq_peer.py - programs that know ZeroMQ and nothing of troupe
#
# Place: driven by the scripts of tests/interop that test samples with ZeroMQ sockets.
# Usage: zmq_peer.py ask ENDPOINT WORD...     REQ: prints each answer
#        zmq_peer.py answer                   REP: {"response":"WORD"}, says first where it is
#        zmq_peer.py hear                     ROUTER: prints a line for each message, answers none
#        zmq_peer.py push ENDPOINT WORD...    PUSH, connected
#        zmq_peer.py pull ENDPOINT COUNT      PULL, connected: prints so many
#        zmq_peer.py pub ENDPOINT FRAME...    PUB, connected: the same message fifty times a second, until it is killed
#        zmq_peer.py sub ENDPOINT PREFIX      SUB, connected: prints frames with bars between them, until it is killed
#
# SPDX-License-Identifier: MPL-2.0

import sys
import time

import zmq

TYPES = {"ask": zmq.REQ, "answer": zmq.REP, "hear": zmq.ROUTER, "push": zmq.PUSH, "pull": zmq.PULL, "pub": zmq.PUB,
         "sub": zmq.SUB}


def main(kind, endpoint="", *words):
    socket = zmq.Context().socket(TYPES[kind])
    socket.setsockopt(zmq.RCVTIMEO, 60000 if kind == "sub" else 15000)
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
    elif kind == "pub":
        while True:
            socket.send_multipart([word.encode() for word in words])
            time.sleep(0.02)
    elif kind == "sub":
        socket.setsockopt_string(zmq.SUBSCRIBE, words[0])
        while True:
            print("|".join(frame.decode() for frame in socket.recv_multipart()), flush=True)
    else:
        for word in words:
            socket.send_string(word)
            if kind == "ask":
                print(socket.recv_string(), flush=True)


main(*sys.argv[1:])
