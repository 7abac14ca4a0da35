#!/usr/bin/python3
"""A web server for tests/interop/streamed.sh, whose bodies are large, slow, or never end.

Place: started by that script. It says its port in a line, and answers over HTTP/1.1, a thread a connection. What waits,
waits for a request to /go.

SPDX-License-Identifier: MPL-2.0
"""

import hashlib
import http.server
import threading

PIECE = 65536
GO = threading.Semaphore (0)


class Handler (http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message (self, *_):
        pass

    def whole (self, text, status=200):
        body = text.encode ()
        self.send_response (status)
        self.send_header ("Content-Length", str (len (body)))
        self.end_headers ()
        self.wfile.write (body)

    def begin (self, length=None):
        self.send_response (200)
        if length is None:
            self.send_header ("Transfer-Encoding", "chunked")
        else:
            self.send_header ("Content-Length", str (length))
        self.end_headers ()

    def chunk (self, data):
        self.wfile.write (b"%x\r\n%s\r\n" % (len (data), data))
        self.wfile.flush ()

    def pieces (self):
        """The body of the request as it comes."""
        if self.headers.get ("Transfer-Encoding") != "chunked":
            left = int (self.headers.get ("Content-Length", 0))
            while left > 0:
                data = self.rfile.read (min (left, PIECE))
                left -= len (data)
                yield data
            return
        while True:
            size = int (self.rfile.readline (), 16)
            if size:
                yield self.rfile.read (size)
            self.rfile.readline ()
            if size == 0:
                return

    def zeros (self, count, chunked):
        self.begin (None if chunked else count)
        piece = bytes (PIECE)
        for at in range (0, count, PIECE):
            data = piece [: min (PIECE, count - at)]
            if chunked:
                self.chunk (data)
            else:
                self.wfile.write (data)
        if chunked:
            self.chunk (b"")

    def events (self):
        """A line, then one more for each /go."""
        self.begin ()
        for number in range (1, 4):
            self.chunk (b"data: %d\n" % number)
            GO.acquire ()
        self.chunk (b"")

    def half (self):
        """Half of what was said; the rest never comes."""
        self.begin (2 * PIECE)
        self.wfile.write (bytes (PIECE))
        self.wfile.flush ()
        GO.acquire ()
        self.close_connection = True

    def do_GET (self):
        parts = self.path.split ("/")
        if parts [1] == "go":
            GO.release ()
            self.whole ("gone")
        elif parts [1] == "events":
            self.events ()
        elif parts [1] == "half":
            self.half ()
        else:
            self.zeros (int (parts [2]), parts [1] == "chunked")

    def do_PUT (self):
        total = hashlib.sha256 ()
        if self.path == "/refused":
            self.close_connection = True
            self.whole ("no", 413)
            return
        if self.path == "/slowly":
            GO.acquire ()
        for data in self.pieces ():
            total.update (data)
        self.whole (total.hexdigest ())

    do_POST = do_PUT


server = http.server.ThreadingHTTPServer (("127.0.0.1", 0), Handler)
print ("ready", server.server_port, flush=True)
server.serve_forever ()
