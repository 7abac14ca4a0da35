/*  =========================================================================
    route_memory_test.c - routers and responses when memory runs out

    Place: tests/unit, of runtime/core/request/route_compile.c and response.c. The
    first, second, third ... allocation fails, until a scenario passes without
    one; each time what was promised still holds, and nothing leaks.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include <troupe/route.h>

#include "scarce.h"

static void s_compile (void)
{
    static const troupe_route_t table [] = {
        { .method = "GET", .pattern = "/a/b/c/d/e/f/g/h" }, { .method = "GET", .pattern = "/i/j/k/l/m/n/o/p" },
        { .method = "POST", .pattern = "/:q/*rest" }, { .method = NULL }
    };
    troupe_router_t *router = NULL;
    troupe_error_t error = troupe_router_new (table, &router, NULL, 0);
    cr_assert_eq (error, scarce_failed () ? TROUPE_ENOMEM : TROUPE_OK);
    cr_assert_eq (router == NULL, scarce_failed ());
    troupe_router_destroy (&router);
}

//  A table that cannot be compiled for want of memory leaves nothing behind.
Test (route_memory, router_is_whole_or_not_there)
{
    scarce_sweep (s_compile);
}

static void s_build (void)
{
    static char large [2000];
    memset (large, 'x', sizeof large - 1);
    troupe_response_t *response = troupe_response_new ();
    if (!response) {
        cr_assert (scarce_failed ());
        return;
    }
    troupe_response_text (response, 200, "Hello");
    troupe_response_header (response, "X-Large", large);
    troupe_response_bodyf (response, "%s and %s", large, large);
    cr_assert_eq (troupe_response_encoded (response).data == NULL, scarce_failed (), "no half answer leaves");
    troupe_response_reset (response);
    scarce_end ();
    cr_assert_eq (troupe_response_text (response, 200, "again"), TROUPE_OK);
    cr_assert_not_null (troupe_response_encoded (response).data);
    troupe_response_destroy (&response);
}

//  A response that lost a part on the way is known to have, whether its handler looked or not.
Test (route_memory, incomplete_response_is_remembered)
{
    scarce_sweep (s_build);
}
