/*  =========================================================================
    fault.c - everything that can be wrong with a message, typed

    Place: actors/http1/. See fault.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "fault.h"

typedef struct fault {
    unsigned status;
    const char *text;
} fault_t;

static const fault_t s_faults [TROUPE_HTTP_FAULTS] = {
    [TROUPE_HTTP_FINE] = { 200, "Nothing is wrong." },
    [TROUPE_HTTP_REQUEST_LINE_TOO_LONG] = { 414, "The request line is too long." },
    [TROUPE_HTTP_BAD_LINE_END] = { 400, "A line does not end with CR LF." },
    [TROUPE_HTTP_BAD_REQUEST_LINE] = { 400, "The request line is not METHOD SP TARGET SP VERSION." },
    [TROUPE_HTTP_BAD_METHOD] = { 400, "The method is not a token." },
    [TROUPE_HTTP_BAD_TARGET] = { 400, "The request target is malformed." },
    [TROUPE_HTTP_BAD_VERSION] = { 400, "The protocol version is malformed." },
    [TROUPE_HTTP_UNSUPPORTED_VERSION] = { 505, "Only HTTP/1.0 and HTTP/1.1 are spoken here." },
    [TROUPE_HTTP_CONNECT_REFUSED] = { 501, "CONNECT is not offered here." },
    [TROUPE_HTTP_HEADER_TOO_LARGE] = { 431, "The header section is too large." },
    [TROUPE_HTTP_TOO_MANY_FIELDS] = { 431, "There are too many header fields." },
    [TROUPE_HTTP_BAD_FIELD_NAME] = { 400, "A header field's name is not a token followed by a colon." },
    [TROUPE_HTTP_BAD_FIELD_VALUE] = { 400, "A header field's value holds a control character." },
    [TROUPE_HTTP_FOLDED_FIELD] = { 400, "A header line begins with whitespace." },
    [TROUPE_HTTP_DISGUISED_FIELD] = { 400, "A framing field is written with an underscore." },
    [TROUPE_HTTP_NO_HOST] = { 400, "There is no Host field." },
    [TROUPE_HTTP_SECOND_HOST] = { 400, "There is more than one Host field." },
    [TROUPE_HTTP_BAD_HOST] = { 400, "The host is malformed." },
    [TROUPE_HTTP_HOST_MISMATCH] = { 400, "The Host field differs from the target's authority." },
    [TROUPE_HTTP_BAD_CONTENT_LENGTH] = { 400, "Content-Length is not a number." },
    [TROUPE_HTTP_SECOND_CONTENT_LENGTH] = { 400, "There is more than one Content-Length field." },
    [TROUPE_HTTP_BAD_TRANSFER_ENCODING] = { 400, "Transfer-Encoding does not end with one chunked." },
    [TROUPE_HTTP_UNKNOWN_TRANSFER_ENCODING] = { 501, "The transfer coding is not offered here." },
    [TROUPE_HTTP_SECOND_TRANSFER_ENCODING] = { 400, "There is more than one Transfer-Encoding field." },
    [TROUPE_HTTP_LENGTH_AND_ENCODING] = { 400, "Content-Length and Transfer-Encoding exclude each other." },
    [TROUPE_HTTP_ENCODING_IN_1_0] = { 400, "HTTP/1.0 has no Transfer-Encoding." },
    [TROUPE_HTTP_BODY_TOO_LARGE] = { 413, "The body is too large." },
    [TROUPE_HTTP_BAD_CHUNK_SIZE] = { 400, "A chunk's size is malformed." },
    [TROUPE_HTTP_BAD_CHUNK_EXTENSION] = { 400, "A chunk's extension is malformed." },
    [TROUPE_HTTP_CHUNK_EXTENSIONS_TOO_LARGE] = { 413, "The chunk extensions are too large." },
    [TROUPE_HTTP_BAD_CHUNK_END] = { 400, "A chunk does not end where its size says." },
    [TROUPE_HTTP_STATUS_LINE_TOO_LONG] = { 502, "The status line is too long." },
    [TROUPE_HTTP_BAD_STATUS_LINE] = { 502, "The status line is not VERSION SP STATUS SP REASON." },
    [TROUPE_HTTP_UPGRADE_UNASKED] = { 502, "Another protocol was not asked for." },
    [TROUPE_HTTP_CUT_SHORT] = { 502, "The connection ended before the response did." },
};

unsigned troupe_http_fault_status (troupe_http_fault_t fault)
{
    return (unsigned) fault < TROUPE_HTTP_FAULTS ? s_faults [fault].status : 400;
}

const char *troupe_http_fault_text (troupe_http_fault_t fault)
{
    return (unsigned) fault < TROUPE_HTTP_FAULTS ? s_faults [fault].text : "The request is malformed.";
}
