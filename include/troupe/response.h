/*  =========================================================================
    troupe/response.h - a response: status, headers, body

    Place: include/. What a handler fills and a door sends. It is built in the
    encoding in which it travels, as the payload of the answer to a
    TROUPE_TAG_REQUEST call. Nothing here blocks. A response belongs to one
    actor; what does not take one may be called on any thread.

    The encoding, little-endian, version 1:
      0   u8   version: 1             8   u32  headers, bytes of all fields
      1   u8   kind: 'A'              12  u32  0
      2   u16  status                 16  u64  body, bytes
      4   u16  headers, fields        24  fields body
      6   u16  0
    Fields are as in request.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_RESPONSE_H_INCLUDED
#define TROUPE_RESPONSE_H_INCLUDED

#include "request.h"

TROUPE_BEGIN_DECLS

/*  A response in the making. It begins as 200, without headers and body. What cannot be added for want of memory is
    TROUPE_ENOMEM, and is remembered: the service then answers 500 by itself, so that a handler need not look. A
    handler may return what these functions return.                                                              */
typedef struct troupe_response troupe_response_t;

//  Sets the status, from 100 to 599. TROUPE_EINVAL: another one; nothing changes.
TROUPE_API troupe_error_t troupe_response_status (troupe_response_t *response, int status);

//  Adds a header; both are copied. TROUPE_EINVAL: the name is no token (RFC 9110, 5.6.2), or the value has a control
//  character: nothing changes. Framing and the date are the door's: leave Content-Length and its like alone. But to
//  HEAD, and with 304, a Content-Length tells how large the body is that is left out.
TROUPE_API troupe_error_t troupe_response_header (troupe_response_t *response, const char *name, const char *value);

//  Sets the Content-Type: "text/plain". Errors as for troupe_response_header.
TROUPE_API troupe_error_t troupe_response_type (troupe_response_t *response, const char *type);

//  Appends a copy of 'size' bytes to the body.
TROUPE_API troupe_error_t troupe_response_body (troupe_response_t *response, const void *data, size_t size);

//  Appends formatted text to the body.
TROUPE_API troupe_error_t troupe_response_bodyf (troupe_response_t *response, const char *format, ...)
    TROUPE_PRINTF (2, 3);

//  Sets status and type, text/plain in UTF-8, and the text as the body, in place of one there was.
TROUPE_API troupe_error_t troupe_response_text (troupe_response_t *response, int status, const char *text);

//  The same with application/json. The text is taken as it is.
TROUPE_API troupe_error_t troupe_response_json (troupe_response_t *response, int status, const char *json);

/*  Makes it a problem (RFC 9457) in place of all there was, headers too: application/problem+json with status, title
    (the status in words) and the formatted text as its detail, cut to 1,000 bytes; 'format' null: without detail.
    What is not UTF-8 becomes U+FFFD.                                                                            */
TROUPE_API troupe_error_t troupe_response_problem (troupe_response_t *response, int status, const char *format, ...)
    TROUPE_PRINTF (3, 4);

//  --- For doors and services, and for answers that are given later

//  Makes an empty response, which the caller owns. Null when memory is out.
TROUPE_API troupe_response_t *troupe_response_new (void);

//  Destroys it and nulls the pointer; does nothing with a null one.
TROUPE_API void troupe_response_destroy (troupe_response_t **response_p);

//  Begins again, as new; its memory is kept for the next one.
TROUPE_API void troupe_response_reset (troupe_response_t *response);

//  The encoded response, valid until the next change; without data when memory ran out on the way.
TROUPE_API troupe_bytes_t troupe_response_encoded (troupe_response_t *response);

//  A response, for reading: views into the bytes it was decoded from.
typedef struct troupe_response_view {
    int status;
    troupe_headers_t headers;
    troupe_bytes_t body;
} troupe_response_view_t;

/*  Reads an encoded response, without copying or allocating. The bytes may be anything: nothing outside of them is
    ever read. TROUPE_EPROTO: they are no response of this version; *view is then not to be used. Names and values
    may hold any bytes but what the sender's builder refused: a door that trusts no sender checks them.           */
TROUPE_API troupe_error_t troupe_response_decode (const void *data, size_t size, troupe_response_view_t *view);

//  A status in words, "Not Found" (RFC 9110, 15); "" for one without a name. A static string.
TROUPE_API const char *troupe_status_text (int status);

//  The status by which a door reports how a call ended: OK 200, FAILED 500, TIMEOUT 504; FULL, DOWN, NO_SUCH_ACTOR and
//  CANCELLED 503.
TROUPE_API int troupe_status_of_outcome (troupe_outcome_t outcome);

TROUPE_END_DECLS

#endif
