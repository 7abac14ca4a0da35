/*  =========================================================================
    troupe/http_wire.h - the HTTP of one connection, whatever carries its bytes

    Place: include/. The ingress (http.h) owns its TCP and UNIX connections. Who
    has another transport, such as TLS, a serial line or another library's
    socket, carries the bytes and has the rest done here: requests out of bytes
    that come, responses into bytes that go. No I/O, no clock, no waiting; a
    wire may be used on any thread, by one at a time. What a request must be is
    what the ingress asks for: RFC 9112 and 9110, and where they leave a choice,
    the strict one.

    For each connection make a wire; then, again and again:

        take    hand over what has come, until a request is whole
        call    whoever answers it: the request is encoded as a service wants it
        answer  write the response into a buffer, and send that

    Bytes that come between a request and its answer are not taken: they belong
    to the next request. Whoever carries them keeps them, so far as it wants to,
    and so decides how much a peer may send ahead. Time is the carrier's too: a
    request that does not become whole, an idle connection and a slow reader
    are ended by whoever has the clock.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_HTTP_WIRE_H_INCLUDED
#define TROUPE_HTTP_WIRE_H_INCLUDED

#include "response.h"

TROUPE_BEGIN_DECLS

typedef struct troupe_http_wire troupe_http_wire_t;

//  What a request may measure. Zeros mean the defaults.
typedef struct troupe_http_wire_limits {
    uint32_t request_line_bytes;        //  Without its CR LF: 8,192; longer is 414
    uint32_t header_bytes;              //  All field lines with their line ends, the empty one too: 16,384; more is 431
    uint32_t header_fields;             //  100; more is 431
    uint32_t chunk_extension_bytes;     //  In one body: 4,096; more is 413
    uint64_t body_bytes;                //  1 MiB; more is 413
} troupe_http_wire_limits_t;

//  Makes a wire for a fresh connection, which the caller owns. 'limits', copied, may be null. Null when memory is out.
//  It takes some 4 KiB, and besides what has come of the request under way: at most twice what the limits allow.
TROUPE_API troupe_http_wire_t *troupe_http_wire_new (const troupe_http_wire_limits_t *limits);

//  Destroys it and nulls the pointer; does nothing with a null one.
TROUPE_API void troupe_http_wire_destroy (troupe_http_wire_t **wire_p);

//  --- In

typedef enum {
    TROUPE_HTTP_WIRE_MORE = 0,  //  It takes more to say something
    TROUPE_HTTP_WIRE_CONTINUE,  //  The peer waits for a word before it sends the body: send TROUPE_HTTP_WIRE_GO_ON, or
                                //  answer now (RFC 9110 10.1.1)
    TROUPE_HTTP_WIRE_REQUEST,   //  A request is whole: answer it
    TROUPE_HTTP_WIRE_REFUSED    //  This is no request, or one that is not taken: answer with 'status', then close
} troupe_http_wire_kind_t;

//  The interim response that lets a body come.
#define TROUPE_HTTP_WIRE_GO_ON "HTTP/1.1 100 Continue\r\n\r\n"

typedef struct troupe_http_wire_event {
    troupe_http_wire_kind_t kind;
    size_t consumed;                    //  So many bytes are done with
    //  REQUEST: views into the wire, valid until the answer has been written or the wire is destroyed. Fields that end
    //  at this hop (Connection and what it names, Transfer-Encoding, Content-Length, ...) are left out (RFC 9110 7.6.1)
    const troupe_request_t *request;
    troupe_bytes_t encoded;             //  REQUEST: the same as the payload of a TROUPE_TAG_REQUEST call
    int status;                         //  REFUSED: 400, 413, 414, 417, 431, 501, 505, or 503 when memory is out
    const char *why;                    //  REFUSED: in a sentence, without quoting the peer; a static string
} troupe_http_wire_event_t;

/*  Takes bytes that have come, from the first to which it has something to say; *event and its kind tell what. Call
    again with what has not been consumed, unless that is MORE: then all is consumed, and kept where it has to be.
    However the bytes are cut, the requests are the same. Nothing is consumed between REQUEST and its answer; after
    REFUSED, and after a last answer, everything is consumed and thrown away, so that a peer can be read to its end. */
TROUPE_API troupe_http_wire_kind_t troupe_http_wire_take (troupe_http_wire_t *wire, const void *data, size_t size,
                                                          troupe_http_wire_event_t *event);

//  Whether nothing of a request has come yet since the last answer: the connection may be closed without one.
TROUPE_API bool troupe_http_wire_is_idle (const troupe_http_wire_t *wire);

//  --- Out

//  How much room the answer may need, head and body.
TROUPE_API size_t troupe_http_wire_room (const troupe_response_view_t *response);

/*  Writes the answer to the request that was taken last: head and body into 'room' bytes at 'buffer', and sets *size_p
    to what it took. 'response' stays the caller's; of its fields those of framing, connection and date are left out,
    these are written here (RFC 9112 6 and 9, RFC 9110 6.6.1). The body goes with its length, except to HEAD, and with
    204 and 304. 'wall_clock_ms' is the time for Date, as troupe_wall_clock_ms gives it.
    With 'last', when the peer wants no more, and when no whole request has come (a REFUSED one; one that took too long,
    408; or none, 503), the answer says "Connection: close", and the wire is over. On an error nothing has changed:
      TROUPE_ETOOBIG  it takes more room: troupe_http_wire_room says how much
      TROUPE_EPROTO   no response that may be sent: a status below 200, a field with a bad name or a control character
      TROUPE_ESTATE   the wire is over                                                                           */
TROUPE_API troupe_error_t troupe_http_wire_answer (troupe_http_wire_t *wire, const troupe_response_view_t *response,
                                                   bool last, int64_t wall_clock_ms, void *buffer, size_t room,
                                                   size_t *size_p);

//  Whether the last answer has been written: the connection is to be closed, best after the peer has read it and closed
//  its side, or after a while (RFC 9112 9.6).
TROUPE_API bool troupe_http_wire_is_over (const troupe_http_wire_t *wire);

TROUPE_END_DECLS

#endif
