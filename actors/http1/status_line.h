/*  =========================================================================
    status_line.h - VERSION SP STATUS SP REASON

    Place: actors/http1/. Pure. Source: RFC 9112 4, strictly: one space each,
    three digits, no control characters in the reason.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_HTTP_STATUS_LINE_H_INCLUDED
#define TROUPE_HTTP_STATUS_LINE_H_INCLUDED

#include "head.h"

//  Parses a status line, without its CR LF, into version and status, which is from 100 to 599. The reason means nothing
//  (RFC 9110 15) and is forgotten.
troupe_http_fault_t troupe_http_status_line_parse (troupe_http_head_t *head, const uint8_t *at, const uint8_t *end);

#endif
