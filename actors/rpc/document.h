/*  =========================================================================
    document.h - what callers of other languages say: a map, in three formats

    Place: actors/rpc, private, between the bytes of a message and a request
    or response (troupe/request.h). A caller sends the map {method, path, body},
    and perhaps headers, as SMILE, JSON or MessagePack, and is answered with
    {status, body} in the same one.

    A body is null, bytes, a text, or any other value. As a request it becomes
    nothing, application/octet-stream, text/plain or application/json; back
    again the type of the response decides. JSON has no bytes, so there, and
    inside other values, they are texts in base64 (RFC 4648, section 4).

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_RPC_DOCUMENT_H_INCLUDED
#define TROUPE_RPC_DOCUMENT_H_INCLUDED

#include <jansson.h>

#include <troupe/response.h>
#include <troupe/smile.h>

typedef enum {
    TROUPE_FORMAT_JSON = 0,
    TROUPE_FORMAT_SMILE,
    TROUPE_FORMAT_MSGPACK
} troupe_format_t;

//  Deeper than so many arrays and maps in each other is refused.
#define TROUPE_DOCUMENT_DEPTH 64

//  A value: a tree, which is owned, or bytes that lie in 'memory' or in the message.
typedef struct troupe_document {
    json_t *tree;               //  Null for bytes, and for nothing at all
    bool is_bytes;
    troupe_bytes_t bytes;
    void *memory;
} troupe_document_t;

void troupe_document_clear (troupe_document_t *self);

//  Which format a message is in, by its first bytes. False when in none of them.
bool troupe_format_recognise (const void *data, size_t size, troupe_format_t *format);

//  A question, read from a message; 'body' may have views into it.
typedef struct troupe_question {
    json_t *map;                //  Of which method, path and headers are views
    const char *method, *path;
    json_t *headers;            //  Null, or a map of texts
    troupe_document_t body;
} troupe_question_t;

/*  Reads a question. The bytes may be anything. *question must be cleared in any case; on an error 'why' says in one
    line what is wrong with it:
      TROUPE_EPROTO   it is malformed, or no such map
      TROUPE_ETOOBIG  it is nested too deep
      TROUPE_ENOTSUP  a number that has no room in 64 bits
      TROUPE_ENOMEM                                                                                        */
troupe_error_t troupe_question_read (troupe_format_t format, const void *data, size_t size,
                                     troupe_question_t *question, char *why, size_t why_size);
void troupe_question_clear (troupe_question_t *question);

//  Encodes a question as a request of 'user', in malloc'd memory that the caller owns. TROUPE_EPROTO: a path or a
//  header that no request can have, as 'why' says; TROUPE_ETOOBIG, TROUPE_ENOMEM.
troupe_error_t troupe_question_encode (const troupe_question_t *question, const char *user, void **data_p,
                                       size_t *size_p, char *why, size_t why_size);

//  Writes the answer to a question: a map of the response's status and body. The bytes are malloc'd, and the caller's.
//  TROUPE_ENOMEM.
troupe_error_t troupe_answer_write (troupe_format_t format, const troupe_response_view_t *response, void **data_p,
                                    size_t *size_p);

//  --- The other side: for those who ask

//  Writes a request as a question. The bytes are malloc'd, and the caller's. TROUPE_ENOMEM.
troupe_error_t troupe_question_write (troupe_format_t format, const troupe_request_t *request, void **data_p,
                                      size_t *size_p);

//  Reads an answer, and encodes it as a response in malloc'd memory that the caller owns. The bytes may be anything.
//  TROUPE_EPROTO, and the others of troupe_question_read.
troupe_error_t troupe_answer_read (troupe_format_t format, const void *data, size_t size, void **data_p,
                                   size_t *size_p);

//  --- The formats: each reads the whole map, with the value of its member "body" apart, and writes one behind 'head'

troupe_error_t troupe_smile_read_map (const void *data, size_t size, json_t **map_p, troupe_document_t *body, char *why,
                                      size_t why_size);
troupe_error_t troupe_msgpack_read_map (const void *data, size_t size, json_t **map_p, troupe_document_t *body,
                                        char *why, size_t why_size);
troupe_error_t troupe_smile_write_map (json_t *head, const troupe_document_t *body, void **data_p, size_t *size_p);
troupe_error_t troupe_msgpack_write_map (json_t *head, const troupe_document_t *body, void **data_p, size_t *size_p);

//  What all formats share: the whole map with its body apart, read; and written, of 'head' and the body of 'content',
//  whose Content-Type decides. Writing takes over 'head', which may be null when memory was out.
troupe_error_t troupe_document_read_map (troupe_format_t format, const void *data, size_t size, json_t **map_p,
                                         troupe_document_t *body, char *why, size_t why_size);
troupe_error_t troupe_document_write_map (troupe_format_t format, json_t *head, const troupe_response_view_t *content,
                                          void **data_p, size_t *size_p);

//  A body as bytes, and their type; null for none. What is made for it is in *made_p, to be freed.
const char *troupe_document_body (const troupe_document_t *body, troupe_bytes_t *bytes, char **made_p);

//  Bytes as a text in base64; null when memory is out.
json_t *troupe_document_base64 (troupe_bytes_t bytes);

#endif
