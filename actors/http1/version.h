/*  =========================================================================
    version.h - HTTP/1.0 or HTTP/1.1

    Place: actors/http1/. Pure. Source: RFC 9112 2.3, strictly: in capitals,
    of one digit each.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_HTTP_VERSION_H_INCLUDED
#define TROUPE_HTTP_VERSION_H_INCLUDED

#include "head.h"

//  Parses a version, which is all there is from 'at' to 'end', into head->minor; head->keep_alive becomes what it
//  means when nothing else is said.
troupe_http_fault_t troupe_http_version_parse (troupe_http_head_t *head, const uint8_t *at, const uint8_t *end);

#endif
