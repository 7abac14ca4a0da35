/*  =========================================================================
    streamed_way.c - a client, the door, an upstream and its server, on a stage

    Place: tests/stage. See streamed_way.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "streamed_way.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

static const troupe_upstream_t s_upstream = { .upstream = "http://" WAY_SERVER, .prefix = "/legacy" };
static const troupe_behavior_t s_legacy = TROUPE_UPSTREAM ("legacy", &s_upstream);

static const troupe_route_t s_routes [] = {
    { .method = "GET", .pattern = "/legacy/*path", .service = "legacy", .streamed = true, .idempotent = true },
    { .method = "POST", .pattern = "/legacy/*path", .service = "legacy", .streamed = true },
    { .method = "PUT", .pattern = "/legacy/*path", .service = "legacy", .streamed = true, .idempotent = true },
    { .method = "POST", .pattern = "/probe", .service = "probe", .streamed = true },
    { 0 }
};

static const troupe_http_t s_door = { .listen = WAY_DOOR, .routes = s_routes };
static const troupe_behavior_t s_http = TROUPE_HTTP ("http", &s_door);

//  A supervisor, so that what fails comes back.
static const troupe_child_t s_children [] = {
    { .id = "legacy", .behavior = &s_legacy }, { .id = "http", .behavior = &s_http }, { 0 }
};
static const troupe_supervisor_t s_supervisor = { .intensity = 1000, .period_ms = 1000, .children = s_children };
static const troupe_child_t s_root = { .id = "root", .supervisor = &s_supervisor };

bool way_begin (way_t *way, uint64_t seed, const char *settings)
{
    char copy [512], path [128];
    way->stage = troupe_stage_new (seed);
    snprintf (copy, sizeof copy, "%s", settings ? settings : "");
    for (char *setting = strtok (copy, " "); setting; setting = strtok (NULL, " ")) {
        char *equals = strchr (setting, '=');
        snprintf (path, sizeof path, "children/%.*s", (int) (equals - setting), setting);
        troupe_stage_config (way->stage, path, equals + 1);
    }
    troupe_stage_listen (way->stage, WAY_SERVER);
    const bool started = troupe_stage_spawn_child (way->stage, &s_root) == TROUPE_OK;
    troupe_stage_run (way->stage);
    return started;
}

way_t way_open (uint64_t seed, const char *settings)
{
    way_t way;
    cr_assert (way_begin (&way, seed, settings));
    return way;
}

void way_close (way_t *way)
{
    troupe_stage_destroy (&way->stage);
}

troupe_stage_peer_t *way_client (const way_t *way, const char *text)
{
    troupe_stage_peer_t *peer = troupe_stage_connect (way->stage, WAY_DOOR);
    cr_assert_not_null (peer);
    way_says (way, peer, text);
    return peer;
}

troupe_stage_peer_t *way_server (const way_t *way)
{
    troupe_stage_run (way->stage);
    troupe_stage_peer_t *peer = troupe_stage_accept (way->stage, WAY_SERVER);
    troupe_stage_run (way->stage);
    return peer;
}

void way_says_bytes (const way_t *way, troupe_stage_peer_t *peer, const char *text, size_t size, size_t chunk)
{
    troupe_stage_peer_send (peer, text, size, chunk);
    troupe_stage_run (way->stage);
}

void way_says (const way_t *way, troupe_stage_peer_t *peer, const char *text)
{
    way_says_bytes (way, peer, text, strlen (text), 0);
}

const char *way_heard (const way_t *way, troupe_stage_peer_t *peer)
{
    static char text [16384];
    troupe_stage_run (way->stage);
    snprintf (text, sizeof text, "%s", troupe_stage_peer_received (peer, NULL));
    char *date = strstr (text, "Date: ");
    if (date) {
        const char *behind = strstr (date, "\r\n") + 2;
        memmove (date, behind, strlen (behind) + 1);
    }
    return text;
}

size_t way_counted (const way_t *way, troupe_stage_peer_t *peer, char byte)
{
    size_t size;
    troupe_stage_run (way->stage);
    const char *data = troupe_stage_peer_received (peer, &size);
    for (size_t index = 0; index < size; index++)
        cr_assert_eq (data [index], byte, "at %zu of %zu: %.60s", index, size, data + index);
    return size;
}

long way_counter (const way_t *way, const char *actor, const char *name)
{
    const uint16_t tag = strcmp (actor, "http") == 0 ? TROUPE_HTTP_STATS : TROUPE_UPSTREAM_STATS;
    troupe_message_t *reply = NULL;
    char pattern [64], text [2048];
    troupe_stage_call_bytes (way->stage, actor, tag, NULL, 0, 1000, &reply);
    snprintf (pattern, sizeof pattern, "\n%s ", name);
    snprintf (text, sizeof text, "\n%s", troupe_message_text (reply));
    troupe_message_destroy (&reply);
    const char *at = strstr (text, pattern);
    return at ? strtol (at + strlen (pattern), NULL, 10) : -1;
}

void way_is_over (const way_t *way)
{
    cr_assert_eq (way_counter (way, "http", "in_flight"), 0);
    cr_assert_eq (way_counter (way, "legacy", "in_flight"), 0);
}

void way_is_idle (const way_t *way)
{
    way_is_over (way);
    cr_assert_eq (troupe_stage_dead_letters (way->stage, TROUPE_DEAD_LATE_REPLY), 0);
    cr_assert_eq (troupe_stage_dead_letters (way->stage, TROUPE_DEAD_NO_CALLER), 0);
}
