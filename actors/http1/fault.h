/*  =========================================================================
    fault.h - everything that can be wrong with a message, typed

    Place: actors/http1/. Each fault of a request has its answer: a status and one
    sentence for the problem document. All faults of a response are 502. After any of them the bytes that follow cannot
    be trusted, so the connection is closed.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_HTTP_FAULT_H_INCLUDED
#define TROUPE_HTTP_FAULT_H_INCLUDED

#include <troupe/api.h>

typedef enum {
    TROUPE_HTTP_FINE = 0,
    TROUPE_HTTP_REQUEST_LINE_TOO_LONG,
    TROUPE_HTTP_BAD_LINE_END,
    TROUPE_HTTP_BAD_REQUEST_LINE,
    TROUPE_HTTP_BAD_METHOD,
    TROUPE_HTTP_BAD_TARGET,
    TROUPE_HTTP_BAD_VERSION,
    TROUPE_HTTP_UNSUPPORTED_VERSION,
    TROUPE_HTTP_CONNECT_REFUSED,
    TROUPE_HTTP_HEADER_TOO_LARGE,
    TROUPE_HTTP_TOO_MANY_FIELDS,
    TROUPE_HTTP_BAD_FIELD_NAME,
    TROUPE_HTTP_BAD_FIELD_VALUE,
    TROUPE_HTTP_FOLDED_FIELD,
    TROUPE_HTTP_DISGUISED_FIELD,
    TROUPE_HTTP_NO_HOST,
    TROUPE_HTTP_SECOND_HOST,
    TROUPE_HTTP_BAD_HOST,
    TROUPE_HTTP_HOST_MISMATCH,
    TROUPE_HTTP_BAD_CONTENT_LENGTH,
    TROUPE_HTTP_SECOND_CONTENT_LENGTH,
    TROUPE_HTTP_BAD_TRANSFER_ENCODING,
    TROUPE_HTTP_UNKNOWN_TRANSFER_ENCODING,
    TROUPE_HTTP_SECOND_TRANSFER_ENCODING,
    TROUPE_HTTP_LENGTH_AND_ENCODING,
    TROUPE_HTTP_ENCODING_IN_1_0,
    TROUPE_HTTP_BODY_TOO_LARGE,
    TROUPE_HTTP_BAD_CHUNK_SIZE,
    TROUPE_HTTP_BAD_CHUNK_EXTENSION,
    TROUPE_HTTP_CHUNK_EXTENSIONS_TOO_LARGE,
    TROUPE_HTTP_BAD_CHUNK_END,
    TROUPE_HTTP_STATUS_LINE_TOO_LONG,   //  From here on: only responses
    TROUPE_HTTP_BAD_STATUS_LINE,
    TROUPE_HTTP_UPGRADE_UNASKED,
    TROUPE_HTTP_CUT_SHORT,
    TROUPE_HTTP_FAULTS          //  How many there are
} troupe_http_fault_t;

//  The status that answers a fault: 400, 413, 414, 431, 501, 502 or 505; 200 for TROUPE_HTTP_FINE.
unsigned troupe_http_fault_status (troupe_http_fault_t fault);

//  The fault in a sentence, without quoting the peer; a static string, never null.
const char *troupe_http_fault_text (troupe_http_fault_t fault);

#endif
