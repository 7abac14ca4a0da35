/*  =========================================================================
    framing.h - where a message ends, and what becomes of its connection

    Place: actors/http1/. Pure. What Host, Content-Length, Transfer-Encoding,
    Connection and Expect decide. Every doubt is a fault: request smuggling
    lives on doubts. Sources: RFC 9112 6 and 9.3, RFC 9110 7.2, 8.6, 10.1.1.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_HTTP_FRAMING_H_INCLUDED
#define TROUPE_HTTP_FRAMING_H_INCLUDED

#include "head.h"

/*  Notes one field in 'head', and in 'seen', which is 0 before the first. Plain fields are nothing to it. Its verdict
    rests on 'seen' and the field alone, not on 'head', which other heads may have used since the last field.      */
troupe_http_fault_t troupe_http_framing_note (troupe_http_head_t *head, uint16_t *seen,
                                              const troupe_http_field_t *field);

//  Decides, once all fields have been noted.
troupe_http_fault_t troupe_http_framing_decide (troupe_http_head_t *head, uint16_t seen,
                                                const troupe_http_limits_t *limits);

//  The same for a response. 'head_only': the request was HEAD, and no body follows whatever the head says.
troupe_http_fault_t troupe_http_framing_decide_response (troupe_http_head_t *head, uint16_t seen, bool head_only,
                                                         const troupe_http_limits_t *limits);

//  Whether Connection has named fields that end at this hop, and whether this one names that field (RFC 9110 7.6.1).
bool troupe_http_framing_has_named (uint16_t seen);
bool troupe_http_framing_names (troupe_bytes_t connection, troupe_bytes_t name);

//  Takes Connection itself and what it names out of the fields, but for Host; returns how many are left.
size_t troupe_http_fields_of_hop_remove (troupe_header_t *fields, size_t count);

#endif
