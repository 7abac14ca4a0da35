# tests/interop/rpc.py - pyzmq as a client of the RPC door
#
# Place: run by rpc.sh: rpc.py ENDPOINT WHAT. Every wait has a deadline; a fact that does not hold ends it with 1.
#
# SPDX-License-Identifier: MPL-2.0

import json
import socket as sockets
import struct
import sys

import msgpack
import zmq
import zmq.auth
import zmq.utils.monitor

ENDPOINT, WHAT = sys.argv[1], sys.argv[2]
CONTEXT = zmq.Context()
USERS = {'status': 200, 'body': [{'id': 1, 'name': 'August'}]}


def opened(kind):
    socket = CONTEXT.socket(kind)
    socket.setsockopt(zmq.LINGER, 0)
    socket.setsockopt(zmq.RCVTIMEO, 10000)
    socket.connect(ENDPOINT)
    return socket


def same(expected, got):
    if expected != got:
        sys.exit(f'expected {expected!r}, got {got!r}')


def req(pack, unpack):
    """One REQ after the other, in one format."""
    socket = opened(zmq.REQ)

    def asks(**question):
        socket.send(pack(question))
        return unpack(socket.recv())

    same(USERS, asks(method='GET', path='/users', body=None))
    same({'status': 200, 'body': {'id': 1, 'name': 'August'}}, asks(method='GET', path='/users/1'))
    same(404, asks(method='GET', path='/nothing')['status'])
    same(405, asks(method='DELETE', path='/users')['status'])
    same({'status': 200, 'body': {'a': [1, 2.5, None, 'ü']}},
         asks(method='POST', path='/echo', body={'a': [1, 2.5, None, 'ü']}))
    same(500, asks(method='GET', path='/fail')['status'])
    same(401, asks(method='GET', path='/private')['status'])
    same(403, asks(method='GET', path='/private', headers={'Authorization': 'Bearer guess'})['status'])
    same(200, asks(method='GET', path='/private', headers={'Authorization': 'Bearer open sesame'})['status'])


def rubbish():
    """Whatever a REQ sends, it is answered 400; in JSON when nobody knows its format."""
    socket = opened(zmq.REQ)

    def refused(*frames, status=b'{"status":400,'):
        socket.send_multipart(frames)
        same(status, socket.recv()[:len(status)])

    for message in b'', b'rubbish', b'{', b'[]', b'{"method":1}', b'\xc1', bytes(1000):
        refused(message)
    for message in b':)\n', b':)\n\x01\xfa':
        refused(message, status=b':)\n')
    for message in b'\x81\xc1', b'\x80':
        socket.send(message)
        same(400, msgpack.unpackb(socket.recv())['status'])
    for message in b'\0TR\1\0\0\0\0', b'\0TR\2\0\0\0\0', b'\0TR\1\0\0\0\0' + bytes(31):
        refused(message, status=b'\0TR\1')
    users = json.dumps({'method': 'GET', 'path': '/users'}).encode()
    for frames in [users, b''], [b'', users], [users, users], [b''] * 2, [users] * 40, [b''] * 5000:
        refused(*frames)
    socket.send(users)
    same(USERS, json.loads(socket.recv()))


def depth():
    """Nested too deep is 400 in every format, whatever the depth; what is deep but within the limit is taken."""
    socket = opened(zmq.REQ)
    head = b':)\n\0\xfa\x85method\x42GET\x83path\x40/\x83body'
    for levels in 100, 100000, 1000000:
        nested = b'[' * levels + b']' * levels
        socket.send(b'{"method": "POST", "path": "/echo", "body": ' + nested + b'}')
        same(b'{"status":400,', socket.recv()[:14])
        socket.send(b'\x83\xa6method\xa4POST\xa4path\xa5/echo\xa4body' + b'\x91' * levels + b'\xc0')
        same(400, msgpack.unpackb(socket.recv())['status'])
        socket.send(head + b'\xf8' * levels + b'\xf9' * levels + b'\xfb')
        same(b':)\n', socket.recv()[:3])
    nested = json.loads('[' * 60 + ']' * 60)
    socket.send(json.dumps({'method': 'POST', 'path': '/echo', 'body': nested}).encode())
    same({'status': 200, 'body': nested}, json.loads(socket.recv()))


def size():
    """A body over the limit is 413 in every format; who sends more than a message may have sees its connection end."""
    socket = opened(zmq.REQ)
    question = {'method': 'POST', 'path': '/echo', 'body': 'x' * 2000000}
    socket.send(json.dumps(question).encode())
    same(413, json.loads(socket.recv())['status'])
    socket.send(msgpack.packb(question))
    same(413, msgpack.unpackb(socket.recv())['status'])
    socket.send(json.dumps({**question, 'body': 'x' * 1000000}).encode())
    same('x' * 1000000, json.loads(socket.recv())['body'])
    monitor = socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    monitor.setsockopt(zmq.RCVTIMEO, 10000)
    socket.send(bytes(5000000))
    same(zmq.EVENT_DISCONNECTED, int.from_bytes(monitor.recv_multipart()[0][:2], 'little'))


def strangers():
    """Who is no REQ is answered without the empty frame, if it had sent none; a ROUTER can ask as well."""
    socket = opened(zmq.DEALER)
    users = json.dumps({'method': 'GET', 'path': '/users'}).encode()
    for frames, expected in ([b'{'], []), ([b'1', b'{'], [b'1']), ([b'1', b'', b'{'], [b'1', b'']), \
            ([b'', users, users], [b'']), ([b'x'] * 50, []):
        socket.send_multipart(frames)
        answer = socket.recv_multipart()
        same(expected, answer[:-1])
        same(400, json.loads(answer[-1])['status'])
    router = CONTEXT.socket(zmq.ROUTER)
    router.setsockopt(zmq.LINGER, 0)
    router.setsockopt(zmq.RCVTIMEO, 10000)
    router.setsockopt(zmq.ROUTER_MANDATORY, 1)
    router.setsockopt(zmq.CONNECT_ROUTING_ID, b'door')
    router.connect(ENDPOINT)
    router.send_multipart([b'door', b'', users])
    same([b'door', b''], router.recv_multipart()[:2])


def dealer():
    """Many calls in flight on one connection, with and without the empty frame; the quick ones overtake the slow."""
    socket = opened(zmq.DEALER)
    for number, path in enumerate(['/sleep/300'] + ['/users/1'] * 100):
        socket.send_multipart([b'%d' % number, b'', json.dumps({'method': 'GET', 'path': path}).encode()])
    order = [int(socket.recv_multipart()[0]) for _ in range(101)]
    same(0, order[-1])
    same(list(range(101)), sorted(order))
    socket.send(json.dumps({'method': 'GET', 'path': '/users'}).encode())
    frames = socket.recv_multipart()
    same([USERS], [json.loads(frame) for frame in frames])


def queue():
    """REQs behind a ROUTER/DEALER queue, as in the article: one connection for all of them."""
    front, back = CONTEXT.socket(zmq.ROUTER), opened(zmq.DEALER)
    front.bind('inproc://queue')
    clients = [CONTEXT.socket(zmq.REQ) for _ in range(10)]
    for client in clients:
        client.connect('inproc://queue')
        client.send(json.dumps({'method': 'GET', 'path': '/users'}).encode())
    for _ in clients:
        back.send_multipart(front.recv_multipart())
    for _ in clients:
        front.send_multipart(back.recv_multipart())
    for client in clients:
        client.setsockopt(zmq.RCVTIMEO, 10000)
        same(USERS, json.loads(client.recv()))
        client.close(0)
    front.close(0)


def ending():
    """Says that it has asked, and expects an answer, whatever becomes of the door meanwhile."""
    socket = opened(zmq.REQ)
    socket.send(json.dumps({'method': 'GET', 'path': '/sleep/500'}).encode())
    quick = opened(zmq.REQ)
    quick.send(json.dumps({'method': 'GET', 'path': '/users'}).encode())
    same(USERS, json.loads(quick.recv()))
    print('asked', flush=True)
    print('answered', json.loads(socket.recv())['status'], flush=True)


PRIVATE = json.dumps({'method': 'GET', 'path': '/private', 'headers': {'Authorization': 'Bearer open sesame'}}).encode()


def with_keys(socket):
    """The client's certificate is the third argument, the door's the fourth."""
    socket.curve_publickey, socket.curve_secretkey = zmq.auth.load_certificate(sys.argv[3])
    socket.curve_serverkey, _ = zmq.auth.load_certificate(sys.argv[4])


def known():
    """Who has a certificate that is allowed is let in, and known by its name: the fifth argument."""
    socket = CONTEXT.socket(zmq.REQ)
    socket.setsockopt(zmq.LINGER, 0)
    socket.setsockopt(zmq.RCVTIMEO, 10000)
    with_keys(socket)
    socket.connect(ENDPOINT)
    socket.send(PRIVATE)
    same({'status': 200, 'body': 'for your eyes only, ' + sys.argv[5]}, json.loads(socket.recv()))


def refused():
    """Others have asked when the connection is ended, and have heard nothing."""
    socket = CONTEXT.socket(zmq.DEALER)
    socket.setsockopt(zmq.LINGER, 0)
    if len(sys.argv) > 3:
        with_keys(socket)
    monitor = socket.get_monitor_socket(zmq.EVENT_DISCONNECTED | zmq.EVENT_HANDSHAKE_SUCCEEDED)
    monitor.setsockopt(zmq.RCVTIMEO, 20000)
    socket.connect(ENDPOINT)
    socket.send(PRIVATE)
    same(zmq.EVENT_DISCONNECTED, zmq.utils.monitor.recv_monitor_message(monitor)['event'])
    same(0, socket.poll(0))


def forged():
    """At ipc nobody asks for certificates, and a peer can write what libzmq calls User-Id into its handshake itself."""
    wire = sockets.socket(sockets.AF_UNIX)
    wire.settimeout(10)
    wire.connect(ENDPOINT[len('ipc://'):])

    def take(size):
        data = b''
        while len(data) < size:
            data += wire.recv(size - len(data)) or sys.exit('hung up')
        return data

    def metadata(name, value):
        return bytes([len(name)]) + name + struct.pack('>I', len(value)) + value

    ready = b'\5READY' + metadata(b'Socket-Type', b'DEALER') + metadata(b'Identity', b'') + metadata(b'User-Id', b'ada')
    wire.sendall(b'\xff' + bytes(8) + b'\x7f\3\0' + b'NULL'.ljust(20, b'\0') + bytes(32))
    take(64)
    wire.sendall(b'\4' + bytes([len(ready)]) + ready + b'\0' + bytes([len(PRIVATE)]) + PRIVATE)
    take(take(2)[1])
    kind, size = take(2)
    while kind == 4:                    #  A heartbeat
        take(size)
        kind, size = take(2)
    same({'status': 200, 'body': 'for your eyes only'}, json.loads(take(size)))


def record(kind, number, payload=b'', more=0, left=2 ** 63 - 1):
    padded = payload + bytes(-len(payload) % 8)
    return struct.pack('<IBBHQIIq', 32 + len(padded), kind, more, 0, number, len(payload), 0, left) + padded


def request(method, path, body=b''):
    head = struct.pack('<BcHHHIIIIQ', 1, b'Q', 0, len(method), 0, len(path), 0, 0, 0, len(body))
    return head + method + b'\0' + path + b'\0\0' + body


def framing():
    """Troupe's own framing, put together from its description: many in one message, and a large one in pieces."""
    socket = opened(zmq.DEALER)
    large = request(b'POST', b'/echo', b'x' * 600000)
    message = b'\0TR\1\0\0\0\0' + b''.join(record(1, number, request(b'GET', b'/users')) for number in range(1, 51))
    socket.send(message)
    for at in range(0, len(large), 262144):
        socket.send(b'\0TR\1\0\0\0\0' + record(1, 99, large[at:at + 262144], int(at + 262144 < len(large))))
    answers, whole = {}, set()
    while len(whole) < 51:
        frame, at = socket.recv(), 8
        while at < len(frame):
            size, kind, more, _, number, length, _, _ = struct.unpack_from('<IBBHQIIq', frame, at)
            same(2, kind)
            answers[number] = answers.get(number, b'') + frame[at + 32:at + 32 + length]
            whole.update([] if more else [number])
            at += size
    same({200}, {struct.unpack_from('<BcH', answer)[2] for answer in answers.values()})
    same(b'x' * 600000, answers[99][-600000:])


{
    'json': lambda: req(lambda value: json.dumps(value).encode(), json.loads),
    'msgpack': lambda: req(msgpack.packb, msgpack.unpackb),
    'rubbish': rubbish, 'depth': depth, 'size': size, 'strangers': strangers,
    'dealer': dealer, 'queue': queue, 'ending': ending, 'framing': framing,
    'known': known, 'refused': refused, 'forged': forged,
}[WHAT]()
