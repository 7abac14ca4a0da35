/*  =========================================================================
    troupe/request.h - a request: method, path, headers, body

    Place: include/. What a door (HTTP today, RPC beside it) hands to a
    service, and what a handler reads. Nothing here belongs to one protocol.
    A request travels as the payload of a TROUPE_TAG_REQUEST call, in the
    encoding below; a service reads it in place. Nothing here blocks, and
    every function may be called on any thread.

    The encoding, little-endian, version 1; every text has a null byte behind
    it that its size does not count:
      0   u8   version: 1             12  u32  query, bytes
      1   u8   kind: 'Q'              16  u32  headers, bytes of all fields
      2   u16  headers, fields        20  u32  0
      4   u16  method, bytes          24  u64  body, bytes
      6   u16  user, bytes            32  method 0 path 0 query 0 user 0
      8   u32  path, bytes                fields body
    The user and its null are only there when it is not empty.
    A field is: u32 value, bytes; u16 name, bytes; name 0 value 0.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_REQUEST_H_INCLUDED
#define TROUPE_REQUEST_H_INCLUDED

#include <string.h>
#include "message.h"

TROUPE_BEGIN_DECLS

//  The tag of a call that carries a request; its answer carries a response (response.h).
#define TROUPE_TAG_REQUEST (TROUPE_TAG_RESERVED + 0x20u)

//  A text that somebody else owns. What a request or a response hands out has a null byte behind it, so that
//  'data' is a string too; 'data' is null when there is no such text at all.
typedef struct troupe_text {
    const char *data;
    size_t size;
} troupe_text_t;

//  A string as a text; null gives one without data.
static inline troupe_text_t troupe_text (const char *string)
{
    troupe_text_t text = { string, string? strlen (string): 0 };
    return text;
}

//  True when the text has exactly the bytes of the string.
static inline bool troupe_text_is (troupe_text_t text, const char *string)
{
    size_t size = strlen (string);
    return text.size == size && (size == 0 || memcmp (text.data, string, size) == 0);
}

//  True when they are the same but for the case of ASCII letters, as header names are compared.
TROUPE_API bool troupe_text_same (troupe_text_t one, troupe_text_t other);

//  A header field.
typedef struct troupe_header {
    troupe_text_t name;
    troupe_text_t value;
} troupe_header_t;

//  The fields of a decoded request or response: checked, and read one by one with the functions below.
typedef struct troupe_headers {
    const uint8_t *data;
    size_t size;
    size_t count;
} troupe_headers_t;

//  Gives the next field, in the order of sending. *cursor_p is 0 at first. False after the last one.
TROUPE_API bool troupe_headers_next (const troupe_headers_t *headers, size_t *cursor_p, troupe_header_t *header);

//  The value of the first field of that name, in any case of letters; without data when there is none.
TROUPE_API troupe_text_t troupe_headers_find (const troupe_headers_t *headers, const char *name);

//  At most so many :params can be in a pattern.
#define TROUPE_PARAMS_MAX 16

//  A parameter out of the path, decoded.
typedef struct troupe_param {
    troupe_text_t name;
    troupe_text_t value;
} troupe_param_t;

struct troupe_route;
struct troupe_route_match;

//  A request, for reading. All of it are views into the message that brought it: valid until the handler returns.
typedef struct troupe_request {
    troupe_text_t method;               //  "GET"
    troupe_text_t path;                 //  As it was sent, encoded: "/users/a%20b"
    troupe_text_t query;                //  As it was sent, without "?"; empty when there is none
    troupe_text_t user;                 //  Who asks, as the door has made sure of; empty: nobody was authenticated
    troupe_headers_t headers;
    troupe_bytes_t body;                //  With a null byte behind it when it came in a message
    int64_t deadline_us;                //  When the caller stops waiting, in microseconds of troupe_now_us
    const struct troupe_route *route;   //  Which route answers it; null before it is routed
    troupe_message_t *message;          //  What brought it: for troupe_defer, troupe_delegate and troupe_message_keep
    size_t param_count;
    size_t decoded_size;                //  The query's parameters, decoded, as name 0 value 0 ...
    const char *decoded;
    troupe_param_t params [TROUPE_PARAMS_MAX];  //  The first 'param_count' are set
} troupe_request_t;

//  The value of a header, whatever the case of its name; without data when there is none. The first, if it comes twice.
TROUPE_API troupe_text_t troupe_request_header (const troupe_request_t *request, const char *name);

//  The value of a parameter of the route's pattern, ":id" by "id", percent-decoded; without data when there is none.
TROUPE_API troupe_text_t troupe_request_param (const troupe_request_t *request, const char *name);

//  The value of a parameter of the query, decoded, '+' being a blank; without data when there is none, empty for
//  "?name" and "?name=". The first, if it comes twice.
TROUPE_API troupe_text_t troupe_request_query (const troupe_request_t *request, const char *name);

//  Gives the next parameter of the query. *cursor_p is 0 at first. False after the last one.
TROUPE_API bool troupe_request_query_next (const troupe_request_t *request, size_t *cursor_p, troupe_param_t *param);

//  --- For doors and services

//  A request, for sending. Texts need no null byte behind them.
typedef struct troupe_request_parts {
    troupe_text_t method;               //  At most 65,535 bytes
    troupe_text_t path;
    troupe_text_t query;
    const troupe_header_t *headers;     //  May be null when 'header_count' is 0; names of at most 65,535 bytes
    size_t header_count;                //  At most 65,535
    troupe_bytes_t body;
    troupe_text_t user;                 //  At most 65,535 bytes. A door sets it itself and takes it from nobody
} troupe_request_parts_t;

//  How many bytes the request has when encoded. 0: a part is larger than the encoding allows.
TROUPE_API size_t troupe_request_size (const troupe_request_parts_t *parts);

/*  Encodes the request into 'room' bytes at 'buffer', in one pass, and sets *size_p to what it took. Nothing changes
    hands.
      TROUPE_ETOOBIG  it takes more: troupe_request_size says how much, 0 being: never                            */
TROUPE_API troupe_error_t troupe_request_encode (const troupe_request_parts_t *parts, void *buffer, size_t room,
                                                 size_t *size_p);

/*  Copies an encoded request with 'user' in place of whoever it names; empty: nobody. That is how a door says who asks
    when the request came encoded, and how nobody else can. 'buffer' has 'room' bytes, of which size + user.size + 1
    always do; *size_p is set to what it took.
      TROUPE_EPROTO   the bytes are no request of this version
      TROUPE_ETOOBIG  there is less room, or the user is too long                                                 */
TROUPE_API troupe_error_t troupe_request_copy_for (const void *data, size_t size, troupe_text_t user, void *buffer,
                                                   size_t room, size_t *size_p);

/*  Reads an encoded request, without copying or allocating: *request gets views into 'data', with no route, no params,
    no message and no deadline. The bytes may be anything: nothing outside of them is ever read, and no text with a
    null inside gets through. TROUPE_EPROTO: they are no request of this version; *request is then not to be used. */
TROUPE_API troupe_error_t troupe_request_decode (const void *data, size_t size, troupe_request_t *request);

//  The same for the payload of a message, with message and deadline set.
TROUPE_API troupe_error_t troupe_request_from_message (troupe_message_t *message, troupe_request_t *request);

//  How many bytes of room troupe_request_bind may need for this request.
TROUPE_API size_t troupe_request_bind_size (const troupe_request_t *request);

/*  Completes a decoded request with what the router found ('match', which may be null) and the decoded query. What is
    decoded is written to 'buffer', which must live as long as the request is used.
      TROUPE_EPROTO   a bad escape in the query: the caller's fault (400)
      TROUPE_ETOOBIG  'room' is below troupe_request_bind_size                                                    */
TROUPE_API troupe_error_t troupe_request_bind (troupe_request_t *request, const struct troupe_route_match *match,
                                               void *buffer, size_t room);

TROUPE_END_DECLS

#endif
