/*  =========================================================================
    port_name_test.c - hosts that are known by names, which lead elsewhere later

    Place: tests/live, of runtime/live/port/port_line.c and port_address.c. The
    system's resolver is the test's: a name means what the test says, or
    nothing.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "live/port/port.h"
#include "troupe_world.h"

#define S_NAME "moving.troupe"

static const char *s_meaning;       //  Null: none
static unsigned s_asked;

int __real_getaddrinfo (const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **found);
int __wrap_getaddrinfo (const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **found);

int __wrap_getaddrinfo (const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    bool ours = host && strcmp (host, S_NAME) == 0 && !(hints->ai_flags & AI_NUMERICHOST);
    s_asked += ours;
    if (ours && !s_meaning)
        return EAI_AGAIN;
    return __real_getaddrinfo (ours ? s_meaning : host, service, hints, found);
}

//  A troupe with an actor that listens at 127.0.0.2, and its endpoint by name.
static troupe_t *s_listener (char *endpoint, size_t size)
{
    const troupe_child_t children [] = { { .id = "a", .behavior = &world_doer, .listen = "tcp://127.0.0.2:*" },
                                         { .id = NULL } };
    troupe_t *troupe = world_with (children);
    troupe_message_t *reply = NULL;
    cr_assert_eq (troupe_call_wait (troupe, "a", TROUPE_TAG_ENDPOINT, NULL, 0, WORLD_MS, &reply), TROUPE_OK);
    snprintf (endpoint, size, "tcp://" S_NAME "%s", strrchr (troupe_message_text (reply), ':'));
    troupe_message_destroy (&reply);
    return troupe;
}

//  A name is changed when its host is lost already, and the way to the new one is found all the same.
Test (port_name, that_leads_elsewhere_later_is_followed, .timeout = 60)
{
    char endpoint [128];
    troupe_t *there = s_listener (endpoint, sizeof endpoint), *here = world_new ();
    s_meaning = "127.0.0.3";
    world_call (here, endpoint, world_echo, 1, "waits", WORLD_MS);
    troupe_flush (troupe_guest (here));
    s_meaning = "127.0.0.2";
    cr_assert_str_eq (world_notes (here, 1), "OK:waits 1");
    world_end (here);
    world_end (there);
}

//  A resolver that does not answer takes what was known from nobody, and is not asked with every attempt.
Test (port_name, that_means_nothing_for_a_while_keeps_its_meaning)
{
    troupe_endpoint_way_t way = { .named = false };
    char why [128] = "";
    cr_assert_eq (troupe_endpoint_find ("tcp://" S_NAME ":1", &way, why, sizeof why), TROUPE_EADDR);
    s_meaning = "127.0.0.2";
    cr_assert_eq (troupe_endpoint_find ("tcp://" S_NAME ":1", &way, why, sizeof why), TROUPE_OK);
    cr_assert_str_eq (way.resolved, "tcp://127.0.0.2:1");
    cr_assert (way.named);
    s_meaning = NULL;
    cr_assert_eq (troupe_endpoint_find ("tcp://" S_NAME ":1", &way, why, sizeof why), TROUPE_OK);
    cr_assert_eq (s_asked, 2);
    way.due_us = 0;
    cr_assert_eq (troupe_endpoint_find ("tcp://" S_NAME ":1", &way, why, sizeof why), TROUPE_OK);
    cr_assert_eq (s_asked, 3);
    cr_assert_str_eq (way.resolved, "tcp://127.0.0.2:1");
}
