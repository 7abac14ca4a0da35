/*  =========================================================================
    status_line.c - VERSION SP STATUS SP REASON

    Place: actors/http1/. See status_line.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "status_line.h"
#include "scan.h"
#include "version.h"

#define VERSION_SIZE 8
//  "HTTP/1.1 200 ", which a reason may follow.
#define LEAST_SIZE 13

troupe_http_fault_t troupe_http_status_line_parse (troupe_http_head_t *head, const uint8_t *at, const uint8_t *end)
{
    if (end - at < LEAST_SIZE || at [VERSION_SIZE] != ' ')
        return TROUPE_HTTP_BAD_STATUS_LINE;
    const troupe_http_fault_t fault = troupe_http_version_parse (head, at, at + VERSION_SIZE);
    if (fault != TROUPE_HTTP_FINE)
        return fault;
    const uint8_t *digits = at + VERSION_SIZE + 1;
    const uint8_t *reason = digits + 4;
    if (troupe_http_skip (digits, digits + 3, TROUPE_HTTP_DIGIT) != digits + 3 || digits [3] != ' ')
        return TROUPE_HTTP_BAD_STATUS_LINE;
    if (digits [0] < '1' || digits [0] > '5' || troupe_http_skip_value (reason, end) != end)
        return TROUPE_HTTP_BAD_STATUS_LINE;
    head->status = (uint16_t) ((digits [0] - '0') * 100 + (digits [1] - '0') * 10 + (digits [2] - '0'));
    return TROUPE_HTTP_FINE;
}
