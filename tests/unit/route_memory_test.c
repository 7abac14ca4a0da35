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

void *__real_malloc (size_t size);
void *__real_calloc (size_t count, size_t size);
void *__real_realloc (void *memory, size_t size);
char *__real_strdup (const char *text);
void *__wrap_malloc (size_t size);
void *__wrap_calloc (size_t count, size_t size);
void *__wrap_realloc (void *memory, size_t size);
char *__wrap_strdup (const char *text);

static unsigned s_fails_in;         //  The allocation that fails; 0: none
static bool s_failed;

static bool s_fails (void)
{
    if (s_fails_in == 0 || --s_fails_in > 0)
        return false;
    s_failed = true;
    return true;
}

void *__wrap_malloc (size_t size)
{
    return s_fails () ? NULL : __real_malloc (size);
}

void *__wrap_calloc (size_t count, size_t size)
{
    return s_fails () ? NULL : __real_calloc (count, size);
}

void *__wrap_realloc (void *memory, size_t size)
{
    return s_fails () ? NULL : __real_realloc (memory, size);
}

char *__wrap_strdup (const char *text)
{
    return s_fails () ? NULL : __real_strdup (text);
}

//  Runs the scenario with its nth allocation failing, for every n that it gets to.
static void s_sweep (void (*scenario) (void))
{
    unsigned nth = 0;
    do {
        s_failed = false;
        s_fails_in = ++nth;
        scenario ();
        s_fails_in = 0;
    } while (s_failed);
    cr_assert_gt (nth, 1, "the scenario allocates nothing");
}

static void s_compile (void)
{
    static const troupe_route_t table [] = {
        { .method = "GET", .pattern = "/a/b/c/d/e/f/g/h" }, { .method = "GET", .pattern = "/i/j/k/l/m/n/o/p" },
        { .method = "POST", .pattern = "/:q/*rest" }, { .method = NULL }
    };
    troupe_router_t *router = NULL;
    troupe_error_t error = troupe_router_new (table, &router, NULL, 0);
    cr_assert_eq (error, s_failed ? TROUPE_ENOMEM : TROUPE_OK);
    cr_assert_eq (router == NULL, s_failed);
    troupe_router_destroy (&router);
}

//  A table that cannot be compiled for want of memory leaves nothing behind.
Test (route_memory, router_is_whole_or_not_there)
{
    s_sweep (s_compile);
}

static void s_build (void)
{
    static char large [2000];
    memset (large, 'x', sizeof large - 1);
    troupe_response_t *response = troupe_response_new ();
    if (!response) {
        cr_assert (s_failed);
        return;
    }
    troupe_response_text (response, 200, "Hello");
    troupe_response_header (response, "X-Large", large);
    troupe_response_bodyf (response, "%s and %s", large, large);
    cr_assert_eq (troupe_response_encoded (response).data == NULL, s_failed, "no half answer leaves");
    troupe_response_reset (response);
    s_fails_in = 0;
    cr_assert_eq (troupe_response_text (response, 200, "again"), TROUPE_OK);
    cr_assert_not_null (troupe_response_encoded (response).data);
    troupe_response_destroy (&response);
}

//  A response that lost a part on the way is known to have, whether its handler looked or not.
Test (route_memory, incomplete_response_is_remembered)
{
    s_sweep (s_build);
}
