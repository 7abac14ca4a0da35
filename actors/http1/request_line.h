/*  =========================================================================
    request_line.h - METHOD SP TARGET SP VERSION

    Place: actors/http1/. Pure. Source: RFC 9112 3, strictly: one space each,
    no other whitespace.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_HTTP_REQUEST_LINE_H_INCLUDED
#define TROUPE_HTTP_REQUEST_LINE_H_INCLUDED

#include "head.h"

//  Parses a request line, without its CR LF, into method, target and its parts, and version.
troupe_http_fault_t troupe_http_request_line_parse (troupe_http_head_t *head, const uint8_t *at, const uint8_t *end);

#endif
