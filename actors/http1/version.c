/*  =========================================================================
    version.c - HTTP/1.0 or HTTP/1.1

    Place: actors/http1/. See version.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "version.h"
#include "scan.h"

#include <string.h>

//  "HTTP/" DIGIT "." DIGIT, in capitals. HTTP/0.x never had a version: 400.
troupe_http_fault_t troupe_http_version_parse (troupe_http_head_t *head, const uint8_t *at, const uint8_t *end)
{
    if (end - at != 8 || memcmp (at, "HTTP/", 5) != 0 || at [6] != '.')
        return TROUPE_HTTP_BAD_VERSION;
    if (!troupe_http_is (at [5], TROUPE_HTTP_DIGIT) || !troupe_http_is (at [7], TROUPE_HTTP_DIGIT) || at [5] == '0')
        return TROUPE_HTTP_BAD_VERSION;
    if (at [5] != '1' || at [7] > '1')
        return TROUPE_HTTP_UNSUPPORTED_VERSION;
    head->minor = (uint8_t) (at [7] - '0');
    head->keep_alive = head->minor == 1;
    return TROUPE_HTTP_FINE;
}
