/*  =========================================================================
    field.h - one header or trailer line

    Place: actors/http1/. Pure. Source: RFC 9112 5, strictly: no whitespace
    before the colon, no folding, no control characters.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_HTTP_FIELD_H_INCLUDED
#define TROUPE_HTTP_FIELD_H_INCLUDED

#include "head.h"

//  Splits a line, without its CR LF and not empty, into name and value, and says what kind of field it is.
troupe_http_fault_t troupe_http_field_parse (troupe_http_field_t *field, const uint8_t *at, const uint8_t *end);

//  What kind of field a name is of, whatever the case of its letters.
troupe_http_field_kind_t troupe_http_field_kind (troupe_bytes_t name);

//  Whether a name is Content_Length or Transfer_Encoding: the same as with a hyphen to a server that maps both to one
//  variable, and sent by nobody honest.
bool troupe_http_field_is_disguised (troupe_bytes_t name);

#endif
