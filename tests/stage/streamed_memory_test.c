/*  =========================================================================
    streamed_memory_test.c - bodies in pieces without memory

    Place: tests/stage, of actors/http, actors/upstream and actors/body. The nth
    allocation fails (scarce.h), for n from 1 until the story needs no more.
    Each time what looks whole is whole, nothing is left behind, and the next
    request is answered.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <string.h>

#include <criterion/criterion.h>

#include "scarce.h"
#include "streamed_way.h"

#define GET "GET /legacy/x HTTP/1.1\r\nHost: a\r\n\r\n"
#define POST "POST /legacy/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
#define ANSWER "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nAB\r\n"

//  Something longer than what a message holds in itself.
static char s_large [70000];

static void s_must_be_whole (const char *heard, const char *first, const char *second)
{
    if (strstr (heard, "0\r\n\r\n") && strstr (heard, first))
        cr_assert (strstr (strstr (heard, first), second), "half of it looks whole: %.200s", heard);
}

static void s_say (const way_t *way, troupe_stage_peer_t *peer, const char *text)
{
    if (peer)
        way_says (way, peer, text);
}

//  Both ways at once, then a large answer that the client does not read.
static void s_use (const way_t *way)
{
    troupe_stage_peer_t *client = troupe_stage_connect (way->stage, WAY_DOOR);
    s_say (way, client, POST);
    troupe_stage_peer_t *server = way_server (way);
    s_say (way, server, ANSWER);
    s_say (way, client, "2\r\nde\r\n0\r\n\r\n");
    s_say (way, server, "2\r\nCD\r\n0\r\n\r\n");
    if (client)
        s_must_be_whole (way_heard (way, client), "AB", "CD");
    if (server)
        s_must_be_whole (way_heard (way, server), "abc", "de");
    s_say (way, client, GET);
    s_say (way, server, "HTTP/1.1 200 OK\r\nContent-Length: 700000\r\n\r\n");
    for (int piece = 0; piece < 5 && server && client; piece++) {
        troupe_stage_peer_block (client, piece == 3);
        way_says_bytes (way, server, s_large, sizeof s_large, 16000);
    }
    if (client)
        troupe_stage_peer_abort (client);
    troupe_stage_advance (way->stage, 1000);
    if (server)
        troupe_stage_peer_abort (server);
    troupe_stage_advance (way->stage, 200000);
}

//  Memory is there again.
static void s_recover (const way_t *way)
{
    if (troupe_stage_incarnation (way->stage, "http") == 0 || troupe_stage_incarnation (way->stage, "legacy") == 0)
        return;
    way_is_over (way);
    while (troupe_stage_accept (way->stage, WAY_SERVER))
        ;
    troupe_stage_peer_t *client = way_client (way, GET);
    troupe_stage_peer_t *server = way_server (way);
    cr_assert_not_null (server);
    way_says (way, server, ANSWER "0\r\n\r\n");
    cr_assert_eq (strncmp (way_heard (way, client), "HTTP/1.1 200 ", 13), 0);
    way_is_over (way);
}

static bool s_story (size_t nth)
{
    way_t way;
    scarce_begin (nth);
    const bool started = way_begin (&way, 1, NULL);
    if (started)
        s_use (&way);
    const bool failed = scarce_end ();
    if (started)
        s_recover (&way);
    way_close (&way);
    return failed;
}

//  What cannot be had ends one exchange, visibly, and nothing else.
Test (streamed_memory, every_allocation_may_fail)
{
    size_t nth = 1;
    while (s_story (nth))
        nth++;
    cr_assert_gt (nth, 100);
}
