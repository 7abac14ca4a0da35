/*  =========================================================================
    place_test - what an endpoint says about where a child runs

    Place: tests/unit, of runtime/live/children/place.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <string.h>

#include <criterion/criterion.h>

#include "live/children/offspring.h"

static const troupe_behavior_t s_behavior = { .name = "b" };

//  "KIND NAME", or the error.
static const char *s_place (const char *endpoint)
{
    static char text [TROUPE_NAME_MAX + 16];
    char name [TROUPE_NAME_MAX + 1] = "";
    const troupe_offspring_kind_t *kind = NULL;
    troupe_child_t spec = { .id = "id", .behavior = &s_behavior, .endpoint = endpoint };
    troupe_error_t error = troupe_offspring_place (&spec, &kind, name);
    const char *what = kind == &troupe_offspring_thread ? "thread" : kind == &troupe_offspring_process ? "process"
                                                                                                     : "elsewhere";
    snprintf (text, sizeof text, "%s %s", what, name);
    return error ? troupe_error_name (error) : text;
}

//  Only the endpoint says where an actor runs.
Test (place, is_what_the_endpoint_says)
{
    static const char *const cases [] [2] = {
        { "", "thread " },
        { "inproc://users", "thread users" },
        { "ipc://users", "process users" },
        { "ipc:///run/users", "process id" },
        { "tcp://10.0.0.7:5560", "elsewhere id" },
        { "tcp://[2001:db8::1]:5560", "elsewhere id" },
        { "tcp://billing.example:80", "elsewhere id" },
        { "tcp://0.0.0.0:6001", "thread id" },
        { "tcp://*:6001", "thread id" },
        { "tcp://*:*", "thread id" },
        { "tcp://[::]:0", "thread id" },
    };
    cr_expect_str_eq (s_place (NULL), "thread id");
    for (size_t index = 0; index < sizeof cases / sizeof cases [0]; index++)
        cr_expect_str_eq (s_place (cases [index] [0]), cases [index] [1], "%s: %s", cases [index] [0],
                          s_place (cases [index] [0]));
}

//  A typing error is found when the child is spawned, not when somebody waits for it.
Test (place, that_cannot_be_is_refused)
{
    static const char *const cases [] = {
        "users", "udp://127.0.0.1:1", "ipc://", "ipc://@users", "tcp://", "tcp://host", "tcp://:80", "tcp://host:",
        "tcp://host:0", "tcp://host:*", "tcp://host:65536", "tcp://host:80x", "tcp://host:-1", "tcp://*:65536",
        "tcp://ho st:80", "tcp://:::80", "tcp://host:80;host:81",
    };
    char path [300] = "ipc:///";
    for (size_t index = 0; index < sizeof cases / sizeof cases [0]; index++)
        cr_expect_str_eq (s_place (cases [index]), "TROUPE_EINVAL", "%s", cases [index]);
    memset (path + 7, 'x', 110);
    cr_expect_str_eq (s_place (path), "TROUPE_EINVAL", "longer than a socket's path may be");
}
