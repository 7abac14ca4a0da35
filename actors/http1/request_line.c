/*  =========================================================================
    request_line.c - METHOD SP TARGET SP VERSION

    Place: actors/http1/. See request_line.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "request_line.h"
#include "scan.h"
#include "target.h"
#include "version.h"

#include <string.h>

troupe_http_fault_t troupe_http_request_line_parse (troupe_http_head_t *head, const uint8_t *at, const uint8_t *end)
{
    const uint8_t *method_end = troupe_http_skip (at, end, TROUPE_HTTP_TOKEN);
    if (method_end == at || method_end == end || *method_end != ' ')
        return TROUPE_HTTP_BAD_METHOD;
    head->method = (troupe_bytes_t) { at, (size_t) (method_end - at) };
    const uint8_t *target = method_end + 1;
    const uint8_t *target_end = memchr (target, ' ', (size_t) (end - target));
    if (target_end == NULL || target_end == target)
        return TROUPE_HTTP_BAD_REQUEST_LINE;
    head->target = (troupe_bytes_t) { target, (size_t) (target_end - target) };
    const troupe_http_fault_t fault = troupe_http_version_parse (head, target_end + 1, end);
    if (fault != TROUPE_HTTP_FINE)
        return fault;
    if (head->method.size == 7 && memcmp (at, "CONNECT", 7) == 0)
        return TROUPE_HTTP_CONNECT_REFUSED;
    return troupe_http_target_parse (head);
}
