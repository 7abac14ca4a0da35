/*  =========================================================================
    http_wire_memory_test.c - a connection's HTTP when memory runs out

    Place: tests/unit, of actors/http/wire.c. The first, second, third ...
    allocation fails, until a scenario passes without one; each time the peer
    is told, once, and nothing leaks.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include <troupe/http_wire.h>

#include "scarce.h"

static const char s_input [] = "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                               "5\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: t\r\n\r\n";

static void s_take (void)
{
    char text [512];
    size_t size, refused = 0, whole = 0;
    const troupe_response_view_t response = { .status = 503 };
    troupe_http_wire_t *wire = troupe_http_wire_new (NULL);
    if (wire == NULL) {
        cr_assert (scarce_failed ());
        return;
    }
    for (size_t at = 0; at < sizeof s_input - 1; at++) {
        troupe_http_wire_event_t event;
        troupe_http_wire_take (wire, s_input + at, 1, &event);
        cr_assert_eq (event.consumed, 1);
        refused += event.kind == TROUPE_HTTP_WIRE_REFUSED;
        cr_assert (event.kind != TROUPE_HTTP_WIRE_REFUSED || event.status == 503);
        whole += event.kind == TROUPE_HTTP_WIRE_REQUEST;
    }
    cr_assert_eq (refused, scarce_failed ());
    cr_assert_eq (whole, !scarce_failed ());
    cr_assert_eq (troupe_http_wire_answer (wire, &response, false, 0, text, sizeof text, &size), TROUPE_OK);
    cr_assert_eq (troupe_http_wire_is_over (wire), scarce_failed ());
    troupe_http_wire_destroy (&wire);
}

//  Whatever is not there when memory is out, an answer is.
Test (http_wire_memory, a_request_that_cannot_be_kept_is_refused_with_503)
{
    scarce_sweep (s_take);
}
