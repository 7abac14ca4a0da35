/*  =========================================================================
    streamed_chaos_test.c - bodies in pieces, while everything goes wrong

    Place: tests/stage, of actors/http, actors/upstream and actors/body. Clients
    and servers by chance: how bodies are framed and cut, who stops reading,
    ends, vanishes or says nonsense, when time passes, and when an actor fails.
    Whatever happens, what one side gets is a beginning of what the other has
    sent, it looks whole only when it is, and nothing is left behind.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "streamed_way.h"

#define SEEDS 150
#define STEPS 250
#define CLIENTS 4
#define BODY_MAX 400000

//  So a connection brings one request, of which it can be said whose it is.
#define CLOSE "HTTP/1.1 200 OK\r\nConnection: close\r\n"

//  A message with a body of letters, and how much of it its sender has sent.
typedef struct sender {
    bool chunked, begun, over;
    size_t size, sent;
} sender_t;

//  All that has come of the other's.
typedef struct receiver {
    char *bytes;
    size_t size;
} receiver_t;

typedef struct client {
    troupe_stage_peer_t *peer, *server;     //  Null: not there, or not there any more
    unsigned number;
    bool served;                            //  A server has had its request
    sender_t request, answer;
    receiver_t heard, served_heard;
} client_t;

typedef struct chaos {
    way_t way;
    uint64_t random;
    unsigned number;                        //  Of the next client: it asks for /legacy/NUMBER
    client_t clients [CLIENTS];
    unsigned whole, cut, refused;
} chaos_t;

//  xorshift64: the test's own chances, so that a seed is a run.
static size_t s_below (chaos_t *self, size_t limit)
{
    self->random ^= self->random << 13;
    self->random ^= self->random >> 7;
    self->random ^= self->random << 17;
    return (size_t) (self->random % limit);
}

static char s_letter (size_t at)
{
    return (char) ('a' + at % 26);
}

//  --- Sending

static void s_say (troupe_stage_peer_t *peer, const char *text)
{
    troupe_stage_peer_send (peer, text, strlen (text), 0);
}

//  Some more of the body, and perhaps its end.
static void s_send_more (chaos_t *self, troupe_stage_peer_t *peer, sender_t *sender)
{
    static char bytes [70000];
    const size_t left = sender->size - sender->sent;
    const size_t wanted = 1 + s_below (self, s_below (self, 3) ? 300 : sizeof bytes);
    const size_t size = left < wanted ? left : wanted;
    char line [32];
    for (size_t index = 0; index < size; index++)
        bytes [index] = s_letter (sender->sent + index);
    snprintf (line, sizeof line, "%zx\r\n", size);
    if (sender->chunked && size)
        s_say (peer, line);
    troupe_stage_peer_send (peer, bytes, size, 1 + s_below (self, 20000));
    sender->sent += size;
    if (sender->chunked && size)
        s_say (peer, "\r\n");
    sender->over = sender->sent == sender->size && (!sender->chunked || s_below (self, 2));
    if (sender->over && sender->chunked)
        s_say (peer, "0\r\n\r\n");
}

static void s_prepare (chaos_t *self, sender_t *sender, bool empty)
{
    const size_t most = s_below (self, 4) ? 2000 : BODY_MAX;
    *sender = (sender_t) { .chunked = s_below (self, 2), .size = empty ? 0 : 1 + s_below (self, most) };
}

//  --- Clients

static void s_connect (chaos_t *self, client_t *client)
{
    char head [256], length [64];
    const bool get = s_below (self, 2);
    free (client->heard.bytes);
    memset (client, 0, sizeof *client);
    client->peer = troupe_stage_connect (self->way.stage, WAY_DOOR);
    if (client->peer == NULL)
        return;
    s_prepare (self, &client->request, get);
    client->request.over = get;
    snprintf (length, sizeof length, client->request.chunked ? "Transfer-Encoding: chunked\r\n"
              : "Content-Length: %zu\r\n", client->request.size);
    client->number = ++self->number;
    snprintf (head, sizeof head, "%s /legacy/%u HTTP/1.1\r\nHost: a\r\n%s\r\n", get ? "GET" : "POST",
              client->number, get ? "" : length);
    s_say (client->peer, head);
}

static void s_drive_client (chaos_t *self, client_t *client)
{
    troupe_stage_peer_block (client->peer, s_below (self, 4) == 0);
    if (s_below (self, 60) == 0) {
        troupe_stage_peer_abort (client->peer);
        client->peer = NULL;
    }
    else if (!client->request.over)
        s_send_more (self, client->peer, &client->request);
}

//  --- Servers

static client_t *s_find (chaos_t *self, unsigned number)
{
    for (size_t index = 0; index < CLIENTS; index++)
        if (self->clients [index].number == number && number > 0)
            return &self->clients [index];
    return NULL;
}

//  Whose request has come over a new connection; null when none has yet, or of somebody who is gone.
static void s_accept (chaos_t *self)
{
    size_t size;
    troupe_stage_peer_t *peer = troupe_stage_accept (self->way.stage, WAY_SERVER);
    if (peer == NULL)
        return;
    troupe_stage_run (self->way.stage);
    const char *head = troupe_stage_peer_received (peer, &size);
    const char *slash = strchr (head, '/');
    client_t *client = slash ? s_find (self, (unsigned) strtoul (slash + 1, NULL, 10)) : NULL;
    if (client == NULL || client->peer == NULL || client->served) {
        troupe_stage_peer_abort (peer);
        return;
    }
    client->server = peer;
    client->served = true;
    client->served_heard.bytes = malloc (size + 1);
    memcpy (client->served_heard.bytes, head, size + 1);
    client->served_heard.size = size;
}

static void s_begin_answer (chaos_t *self, client_t *client)
{
    char head [128];
    s_prepare (self, &client->answer, false);
    client->answer.begun = true;
    snprintf (head, sizeof head, client->answer.chunked ? CLOSE "Transfer-Encoding: chunked\r\n\r\n"
              : CLOSE "Content-Length: %zu\r\n\r\n", client->answer.size);
    s_say (client->server, head);
}

static void s_drive_server (chaos_t *self, client_t *client)
{
    troupe_stage_peer_block (client->server, s_below (self, 5) == 0);
    switch (s_below (self, 80)) {
    case 0:
        troupe_stage_peer_abort (client->server);
        client->server = NULL;
        break;
    case 1:
        troupe_stage_peer_end (client->server);
        client->server = NULL;
        break;
    case 2:
        s_say (client->server, client->answer.chunked ? "garbage\r\n" : "");
        break;
    default:
        if (!client->answer.begun)
            s_begin_answer (self, client);
        else if (!client->answer.over)
            s_send_more (self, client->server, &client->answer);
    }
}

//  --- Judging

static void s_hear (troupe_stage_peer_t *peer, receiver_t *receiver)
{
    size_t size;
    const char *bytes = peer ? troupe_stage_peer_received (peer, &size) : NULL;
    if (bytes == NULL)
        return;
    receiver->bytes = realloc (receiver->bytes, receiver->size + size + 1);
    memcpy (receiver->bytes + receiver->size, bytes, size + 1);
    receiver->size += size;
}

//  Takes what is there of a chunk; false when there is none.
static bool s_take_chunk (const char **at_p, const char *end, const char **data_p, size_t *size_p, bool *whole_p)
{
    const char *line = *at_p;
    const char *data = line < end ? strstr (line, "\r\n") : NULL;
    if (data == NULL)
        return false;
    const size_t size = strtoul (line, NULL, 16);
    data += 2;
    const size_t there = (size_t) (end - data);
    *data_p = data;
    *size_p = size < there ? size : there;
    *whole_p = size == 0 && there >= 2;
    *at_p = there >= size + 2 ? data + size + 2 : end;
    return true;
}

//  How much of a body has come, whose bytes must be the letters; and whether it looks whole.
static size_t s_measure (const receiver_t *receiver, bool *whole_p)
{
    const char *head_end = receiver->size ? strstr (receiver->bytes, "\r\n\r\n") : NULL;
    *whole_p = false;
    if (head_end == NULL)
        return 0;
    const char *at = head_end + 4, *end = receiver->bytes + receiver->size, *data = NULL;
    const char *length = strstr (receiver->bytes, "Content-Length: ");
    size_t sum = 0, size = 0;
    if (length && length < head_end) {
        *whole_p = (size_t) (end - at) == strtoul (length + 16, NULL, 10);
        for (; at < end; at++, sum++)
            cr_assert_eq (*at, s_letter (sum), "at %zu", sum);
        return sum;
    }
    while (!*whole_p && s_take_chunk (&at, end, &data, &size, whole_p))
        for (const char *stop = data + size; data < stop; data++, sum++)
            cr_assert_eq (*data, s_letter (sum), "at %zu", sum);
    return sum;
}

static void s_judge (chaos_t *self, client_t *client, unsigned seed)
{
    bool whole = false;
    const bool good = client->heard.size > 12 && strncmp (client->heard.bytes, "HTTP/1.1 200", 12) == 0;
    const size_t size = good ? s_measure (&client->heard, &whole) : 0;
    cr_assert_leq (size, client->answer.sent, "seed %u", seed);
    if (good && whole)
        cr_assert (client->answer.over && size == client->answer.size, "seed %u: half an answer looks whole", seed);
    self->whole += whole;
    self->cut += good && !whole;
    self->refused += client->heard.size && !good;
    if (client->served && client->request.size) {
        const size_t got = s_measure (&client->served_heard, &whole);
        cr_assert_leq (got, client->request.sent, "seed %u", seed);
        cr_assert (!whole || client->request.over || !client->request.chunked, "seed %u: half a request", seed);
    }
    free (client->heard.bytes);
    free (client->served_heard.bytes);
    memset (client, 0, sizeof *client);
}

//  Lets it end, whatever it is.
static void s_finish (chaos_t *self, client_t *client, unsigned seed)
{
    if (client->peer)
        troupe_stage_peer_block (client->peer, false);
    if (client->server) {
        troupe_stage_peer_block (client->server, false);
        troupe_stage_run (self->way.stage);
        s_hear (client->server, &client->served_heard);
        if (client->answer.over)
            troupe_stage_peer_end (client->server);
        else
            troupe_stage_peer_abort (client->server);
    }
    troupe_stage_run (self->way.stage);
    s_hear (client->peer, &client->heard);
    if (client->peer)
        troupe_stage_peer_abort (client->peer);
    troupe_stage_run (self->way.stage);
    s_judge (self, client, seed);
}

//  --- A run

static void s_step (chaos_t *self, unsigned seed)
{
    client_t *client = &self->clients [s_below (self, CLIENTS)];
    const size_t choice = s_below (self, 40);
    if (choice == 0)
        troupe_stage_advance (self->way.stage, (int64_t) s_below (self, 20000));
    else if (choice == 1 && s_below (self, 6) == 0)
        troupe_stage_fail_message (self->way.stage, s_below (self, 2) ? "legacy" : "http", 1);
    else if (choice == 2)
        s_finish (self, client, seed);
    else if (client->peer == NULL && !client->served)
        s_connect (self, client);
    else if (client->peer && s_below (self, 2))
        s_drive_client (self, client);
    else if (client->server)
        s_drive_server (self, client);
    else
        s_accept (self);
    s_hear (client->peer, &client->heard);
    s_hear (client->server, &client->served_heard);
    for (size_t turns = s_below (self, 30); turns > 0; turns--)
        troupe_stage_step (self->way.stage);
}

static void s_run (chaos_t *self, unsigned seed)
{
    self->random = seed * UINT64_C (0x9e3779b97f4a7c15) + 1;
    self->way = way_open (seed, "legacy/connection_limit=3 legacy/response_timeout_ms=30000 "
                          "legacy/idle_timeout_ms=300");
    for (unsigned step = 0; step < STEPS; step++)
        s_step (self, seed);
    for (size_t index = 0; index < CLIENTS; index++)
        s_finish (self, &self->clients [index], seed);
    for (troupe_stage_peer_t *peer; (peer = troupe_stage_accept (self->way.stage, WAY_SERVER)) != NULL; )
        troupe_stage_peer_abort (peer);
    troupe_stage_advance (self->way.stage, 200000);
    //  A failure that nobody has met yet meets the question.
    for (unsigned tries = 0; tries < STEPS && way_counter (&self->way, "http", "in_flight") < 0; tries++)
        ;
    for (unsigned tries = 0; tries < STEPS && way_counter (&self->way, "legacy", "in_flight") < 0; tries++)
        ;
    way_is_over (&self->way);
    cr_assert_eq (way_counter (&self->way, "http", "connections"), 0, "seed %u", seed);
    cr_assert_eq (way_counter (&self->way, "legacy", "connections"), 0, "seed %u", seed);
    way_close (&self->way);
}

Test (streamed_chaos, what_comes_is_what_was_sent_and_looks_whole_only_when_it_is)
{
    static chaos_t chaos;
    for (unsigned seed = 1; seed <= SEEDS; seed++)
        s_run (&chaos, seed);
    cr_assert_gt (chaos.whole, SEEDS, "hardly anything has worked: %u", chaos.whole);
    cr_assert_gt (chaos.cut, SEEDS / 10);
    cr_assert_gt (chaos.refused, SEEDS / 10);
}
