# tests/interop/hostile.py - what a hostile peer may say to a tcp port, by raw sockets
#
# Place: driven by hostile.sh. Called as  hostile.py PORT ATTACK: does that to 127.0.0.1:PORT, all of it bounded, and
# ends with 0, or with 1 and a line that says what the other side ought not to have done.
#
# SPDX-License-Identifier: MPL-2.0

import os
import random
import socket
import struct
import sys
import time

RANDOM = random.Random(20261121)
PORT = int(sys.argv[1])
#  As much as anybody says in one attack, and as long as it waits for anything.
MOST_BYTES = 2 << 30
PATIENCE_S = 8


def connect():
    wire = socket.create_connection(("127.0.0.1", PORT), 5)
    wire.settimeout(PATIENCE_S)
    return wire


def greeting(mechanism=b"NULL", major=3, minor=0):
    return b"\xff" + bytes(8) + b"\x7f" + bytes([major, minor]) + mechanism.ljust(20, b"\0") + bytes(32)


def command(name, body=b""):
    text = bytes([len(name)]) + name + body
    return b"\x04" + bytes([len(text)]) + text if len(text) < 256 else b"\x06" + struct.pack(">Q", len(text)) + text


def metadata(name, value):
    return bytes([len(name)]) + name + struct.pack(">I", len(value)) + value


def ready(identity=b"", kind=b"DEALER"):
    return command(b"READY", metadata(b"Socket-Type", kind) + metadata(b"Identity", identity))


def frame(body, more=False):
    if len(body) < 256:
        return bytes([1 if more else 0, len(body)]) + body
    return bytes([3 if more else 2]) + struct.pack(">Q", len(body)) + body


#  A peer that has shaken hands as it should.
def shaken(identity=b""):
    wire = connect()
    wire.sendall(greeting())
    take(wire, 64)
    wire.sendall(ready(identity))
    head = take(wire, 2)
    take(wire, head[1])
    return wire


def take(wire, size):
    data = b""
    while len(data) < size:
        got = wire.recv(size - len(data))
        if not got:
            raise SystemExit("hung up during the handshake")
        data += got
    return data


#  Says it if it is still listened to. False when it is not.
def say(wire, data):
    try:
        wire.sendall(data)
        return True
    except OSError:
        return False


#  Whatever comes, until the other side hangs up: true; false when it has not in time.
def hangs_up(wire, within_s=PATIENCE_S):
    until = time.monotonic() + within_s
    while True:
        wire.settimeout(max(0.01, until - time.monotonic()))
        try:
            if not wire.recv(65536):
                return True
        except ConnectionError:
            return True
        except OSError:
            return False


def must_hang_up(wire, what):
    if not hangs_up(wire):
        raise SystemExit(what + ": the connection is kept")


def garbage():
    for size in [1, 10, 64, 1000, 100000] * 10:
        wire = connect()
        say(wire, RANDOM.randbytes(size))
        wire.close()


def half_greetings():
    wires = [connect() for _ in range(64)]
    for size, wire in enumerate(wires):
        say(wire, (greeting() + ready())[:size])
    for wire in wires:
        must_hang_up(wire, "half a greeting")


def wrong_versions():
    for major in [0, 1, 2, 9, 255]:
        wire = connect()
        say(wire, greeting(major=major) + RANDOM.randbytes(200))
        wire.close()
    for mechanism in [b"PLAIN", b"CURVE", b"GSSAPI", b"", b"\xff" * 20]:
        wire = connect()
        say(wire, greeting(mechanism) + command(b"HELLO", RANDOM.randbytes(194)))
        must_hang_up(wire, "mechanism " + repr(mechanism))


def wrong_sockets():
    for kind in [b"PUB", b"PULL", b"STREAM", b"", b"\0" * 100]:
        wire = connect()
        say(wire, greeting() + ready(kind=kind))
        must_hang_up(wire, "socket " + repr(kind))


def half_messages():
    for size in [1, 2, 9, 100]:
        wire = shaken()
        say(wire, (b"\x02" + struct.pack(">Q", 5000) + RANDOM.randbytes(5000))[:size])
        wire.close()


def huge_frames():
    for size in [1 << 31, 1 << 40, (1 << 62) + 1, (1 << 64) - 1]:
        wire = shaken()
        say(wire, b"\x02" + struct.pack(">Q", size) + bytes(1000))
        must_hang_up(wire, "a frame of %d bytes" % size)


#  Frames with more to come, for as long as anybody listens.
def endless(body):
    wire = shaken()
    many = frame(body, more=True) * max(1, 65536 // len(body))
    said = 0
    while said < MOST_BYTES and say(wire, many):
        said += len(many)
    if said >= MOST_BYTES:
        raise SystemExit("%d bytes of frames that never end were taken" % said)
    wire.close()


def endless_small_frames():
    endless(b"x" * 16)


def endless_large_frames():
    endless(b"x" * (1 << 20))


def malformed_records():
    wire = shaken()
    for _ in range(2000):
        say(wire, frame(RANDOM.randbytes(RANDOM.randrange(400))))
    for count in [2, 3, 1023, 1024, 1025, 5000]:
        say(wire, frame(b"x", more=True) * (count - 1) + frame(b"y"))
    for version in range(16):
        say(wire, frame(bytes([version << 4]) + bytes(60)))
    say(wire, command(b"PING", b"\0\1ab"))
    wire.close()


def chosen_identities():
    for identity in [b"users", b"guest", b"\0" * 5, b"\0\x80\0A\xa7", b"x" * 255]:
        wire = shaken(identity)
        for _ in range(100):
            say(wire, frame(RANDOM.randbytes(100)))
        other = shaken(identity)
        say(other, frame(b"") + frame(RANDOM.randbytes(40)))
        wire.close()
        other.close()


#  A byte now and then: the handshake has its time, and no more.
def slow_drip():
    wire = connect()
    began = time.monotonic()
    for byte in greeting() + ready():
        if not say(wire, bytes([byte])):
            break
        if hangs_up(wire, 0.1):
            return
        if time.monotonic() - began > 12:
            raise SystemExit("a handshake of 12 s is borne")
    raise SystemExit("a handshake of %d s went through" % (time.monotonic() - began))


def silent_crowd():
    wires = [connect() for _ in range(500)]
    for wire in wires[::50]:
        must_hang_up(wire, "one that says nothing")


def floods_of_commands():
    wire = shaken()
    for _ in range(200):
        if not say(wire, command(b"PING", b"\0\1" + b"z" * 14) * 100):
            break
    for name in [b"ERROR", b"READY", b"SUBSCRIBE", b"\xff" * 30, b""]:
        wire = shaken()
        say(wire, command(name, RANDOM.randbytes(3000)))
        wire.close()


#  A thousand that have shaken hands and say no more, not even that they are alive.
def idle_crowd():
    wires = [shaken() for _ in range(1000)]
    for wire in wires[::100]:
        must_hang_up(wire, "one that is idle")


#  Asks for much and reads nothing of it.
def never_reads():
    wire = shaken()
    question = b'{"method":"POST","path":"/echo","body":"' + b"x" * 200000 + b'"}'
    for _ in range(3000):
        if not say(wire, frame(b"", more=True) + frame(question)):
            break
    wire.close()


#  Asks more than anybody is to wait for, wants to know whether somebody is there, and is gone. libzmq 4.3.4 ends a
#  process that has stopped reading such a connection, and is to send on it (its issues 3937, 4767). Another one tells
#  when heartbeats have been sent since.
def asks_and_breaks_off():
    question = frame(b"", more=True) + frame(b'{"method":"GET","path":"/users"}')
    ping = command(b"PING", b"\0\x64name")
    wires = [shaken() for _ in range(10)]
    for wire in wires:
        say(wire, question * 3000 + ping + question * 3 + ping)
    for wire in wires:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        wire.close()
    wire = shaken()
    heard = b""
    while heard.count(b"\x04PING") < 2:
        heard += take(wire, 1)
    wire.close()


#  To a port that asks for keys: right in form, with keys that nobody knows.
def wrong_keys():
    for _ in range(20):
        wire = connect()
        say(wire, greeting(b"CURVE"))
        take(wire, 64)
        say(wire, command(b"HELLO", b"\1\0" + bytes(72) + os.urandom(32) + struct.pack(">Q", 1) + os.urandom(80)))
        must_hang_up(wire, "a key that nobody knows")
    wire = connect()
    say(wire, greeting() + ready() + frame(RANDOM.randbytes(100)))
    must_hang_up(wire, "no key at all")


ATTACKS = [garbage, half_greetings, wrong_versions, wrong_sockets, half_messages, huge_frames, endless_small_frames,
           endless_large_frames, malformed_records, chosen_identities, slow_drip, silent_crowd, floods_of_commands]

#  At a socket at the edge: where no keys are asked for, handshakes have no limit (old peers seem never to end theirs).
EDGE_ATTACKS = [attack for attack in ATTACKS if attack not in (half_greetings, slow_drip)] + [
    idle_crowd, never_reads, asks_and_breaks_off]

if sys.argv[2] == "--list":
    print("\n".join(attack.__name__ for attack in ATTACKS))
elif sys.argv[2] == "--list-edge":
    print("\n".join(attack.__name__ for attack in EDGE_ATTACKS))
else:
    globals()[sys.argv[2]]()
