/*  =========================================================================
    tcp_server.c - a server of a simple protocol on the stage, played by the test

    Place: tests/stage. See tcp_server.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "tcp_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#define CALL_MS 600000

static const troupe_tcp_t s_spec = { .servers = STORE_ADDRESS };
static const troupe_behavior_t s_store = TROUPE_TCP ("store", &s_spec);

troupe_stage_t *store_open (uint64_t seed, const char *settings)
{
    troupe_stage_t *stage = troupe_stage_new (seed);
    char copy [256], path [128];
    snprintf (copy, sizeof copy, "%s", settings ? settings : "");
    for (char *setting = strtok (copy, ";"); setting; setting = strtok (NULL, ";")) {
        char *equals = strchr (setting, '=');
        snprintf (path, sizeof path, "children/store/%.*s", (int) (equals - setting), setting);
        troupe_stage_config (stage, path, equals + 1);
    }
    troupe_stage_listen (stage, STORE_ADDRESS);
    cr_assert_eq (troupe_stage_spawn (stage, &s_store, NULL), TROUPE_OK);
    return stage;
}

void store_close (troupe_stage_t *stage)
{
    troupe_stage_run (stage);
    cr_assert_str_eq (doer_notes (), "");
    troupe_stage_destroy (&stage);
}

//  --- The guest

troupe_call_t store_call (troupe_stage_t *stage, const char *text)
{
    troupe_call_t call = 0;
    troupe_ref_t *ref = troupe_ref (troupe_stage_guest (stage), "store");
    cr_assert_eq (troupe_call (ref, 7, text, strlen (text), CALL_MS, doer_on_reply, NULL, &call), TROUPE_OK);
    troupe_stage_run (stage);
    return call;
}

void store_call_idempotent (troupe_stage_t *stage, const char *text)
{
    troupe_ref_t *ref = troupe_ref (troupe_stage_guest (stage), "store");
    cr_assert_eq (troupe_call_idempotent (ref, 7, text, strlen (text), CALL_MS, doer_on_reply, NULL, NULL), TROUPE_OK);
    troupe_stage_run (stage);
}

//  --- The server

troupe_stage_peer_t *store_accept (troupe_stage_t *stage)
{
    troupe_stage_run (stage);
    troupe_stage_peer_t *peer = troupe_stage_accept (stage, STORE_ADDRESS);
    cr_assert_not_null (peer, "nobody has connected");
    troupe_stage_run (stage);
    return peer;
}

const char *store_got (troupe_stage_t *stage, troupe_stage_peer_t *peer)
{
    troupe_stage_run (stage);
    return troupe_stage_peer_received (peer, NULL);
}

void store_says (troupe_stage_t *stage, troupe_stage_peer_t *peer, const char *text)
{
    troupe_stage_peer_send (peer, text, strlen (text), 0);
    troupe_stage_run (stage);
}

void store_ends (troupe_stage_t *stage, troupe_stage_peer_t *peer)
{
    troupe_stage_peer_end (peer);
    troupe_stage_run (stage);
}

troupe_stage_peer_t *store_warm (troupe_stage_t *stage)
{
    store_call (stage, "warm");
    troupe_stage_peer_t *peer = store_accept (stage);
    cr_assert_str_eq (store_got (stage, peer), "warm\n");
    store_says (stage, peer, "up\n");
    cr_assert_str_eq (doer_notes (), "OK:up");
    return peer;
}

long store_counter (troupe_stage_t *stage, const char *name)
{
    troupe_message_t *reply = NULL;
    char pattern [64];
    troupe_stage_call_bytes (stage, "store", TROUPE_TCP_STATS, NULL, 0, 1000, &reply);
    snprintf (pattern, sizeof pattern, "\n%s ", name);
    const char *text = troupe_message_text (reply);
    const char *at = strncmp (text, pattern + 1, strlen (pattern + 1)) == 0 ? text - 1 : strstr (text, pattern);
    long value = at ? strtol (at + strlen (pattern), NULL, 10) : -1;
    troupe_message_destroy (&reply);
    return value;
}
