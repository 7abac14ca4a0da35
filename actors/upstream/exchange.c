/*  =========================================================================
    exchange.c - requests, from their arrival to their answer

    Place: actors/upstream; see parts.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "parts.h"

#include <stdio.h>
#include <stdlib.h>

//  --- The queue

static void s_enqueue (troupe_upstream_exchange_t *self, bool in_front)
{
    troupe_upstream_actor_t *upstream = self->upstream;
    self->ahead = in_front ? NULL : upstream->queue_last;
    self->behind = in_front ? upstream->queue_first : NULL;
    *(self->ahead ? &self->ahead->behind : &upstream->queue_first) = self;
    *(self->behind ? &self->behind->ahead : &upstream->queue_last) = self;
    upstream->queue_size++;
}

static void s_dequeue (troupe_upstream_exchange_t *self)
{
    troupe_upstream_actor_t *upstream = self->upstream;
    *(self->ahead ? &self->ahead->behind : &upstream->queue_first) = self->behind;
    *(self->behind ? &self->behind->ahead : &upstream->queue_last) = self->ahead;
    self->ahead = self->behind = NULL;
    upstream->queue_size--;
}

static bool s_is_queued (const troupe_upstream_exchange_t *self)
{
    return self->ahead != NULL || self->behind != NULL || self->upstream->queue_first == self;
}

//  --- The end

static void s_free (troupe_upstream_exchange_t *self)
{
    troupe_upstream_actor_t *upstream = self->upstream;
    if (s_is_queued (self))
        s_dequeue (self);
    if (self->next)
        self->next->previous = self->previous;
    if (self->previous)
        self->previous->next = self->next;
    else
        upstream->exchanges = self->next;
    upstream->exchange_count--;
    troupe_cancel (upstream->self, self->timer);
    free (self->bytes);
    free (self);
}

void troupe_upstream_free_exchanges (troupe_upstream_actor_t *self)
{
    while (self->exchanges)
        //  NOLINTNEXTLINE(clang-analyzer-unix.Malloc): what is freed has left the list, which clang does not follow
        s_free (self->exchanges);
}

void troupe_upstream_exit_when_done (troupe_upstream_actor_t *self)
{
    if (self->draining && self->exchange_count == 0)
        troupe_exit (self->self);
}

void troupe_upstream_finish (troupe_upstream_exchange_t *self)
{
    troupe_upstream_actor_t *upstream = self->upstream;
    s_free (self);
    troupe_upstream_exit_when_done (upstream);
}

void troupe_upstream_forget (troupe_upstream_exchange_t *self)
{
    if (self->connection)
        troupe_upstream_drop (self->connection);
    if (self->caller)
        troupe_answer_failure (&self->caller, "it has been given up");
    self->upstream->counters.given_up++;
    troupe_upstream_finish (self);
}

//  Half an answer cannot be taken back: then it fails.
void troupe_upstream_answer (troupe_upstream_exchange_t *self, troupe_response_t *response)
{
    if (self->begun)
        troupe_body_fail (&self->body, "the server's answer has ended too early");
    else if (self->body)
        troupe_body_reply (&self->body, response);
    else
        troupe_service_answer (&self->caller, response);
    troupe_upstream_finish (self);
}

static troupe_response_t *s_problem (troupe_upstream_actor_t *upstream, int status, const char *detail)
{
    troupe_response_t *response = upstream->response;
    char seconds [16];
    troupe_response_reset (response);
    if (detail)
        troupe_response_problem (response, status, "%s", detail);
    else
        troupe_response_problem (response, status, NULL);
    snprintf (seconds, sizeof seconds, "%u", upstream->options.retry_after_s);
    if (status == 503)
        troupe_response_header (response, "Retry-After", seconds);
    return response;
}

void troupe_upstream_answer_problem (troupe_upstream_exchange_t *self, int status, const char *detail)
{
    troupe_upstream_answer (self, s_problem (self->upstream, status, detail));
}

//  --- A connection for each

//  The next server that has not been tried for it: one that is not paused, if there is any. The count of servers when
//  all have been tried.
static unsigned s_choose_server (troupe_upstream_actor_t *upstream, uint32_t tried)
{
    const int64_t now_ms = troupe_now_ms (upstream->self);
    unsigned chosen = upstream->server_count;
    for (unsigned step = 0; step < upstream->server_count; step++) {
        const unsigned server = (upstream->next_server + step) % upstream->server_count;
        const bool paused = now_ms < upstream->servers [server].paused_until_ms;
        if (tried & (UINT32_C (1) << server))
            continue;
        if (!paused || chosen == upstream->server_count)
            chosen = server;
        if (!paused)
            break;
    }
    upstream->next_server = chosen + 1;
    return chosen;
}

//  A new connection; true when it is begun, or when none can be and that has been answered.
static bool s_connect (troupe_upstream_exchange_t *self)
{
    troupe_upstream_actor_t *upstream = self->upstream;
    if (upstream->connection_count >= upstream->options.connection_limit)
        return false;
    s_dequeue (self);
    const unsigned server = s_choose_server (upstream, self->tried);
    if (server == upstream->server_count) {
        upstream->counters.unreachable++;
        troupe_upstream_answer_problem (self, 503, "No server can be reached.");
        return true;
    }
    const troupe_error_t error = troupe_upstream_open (upstream, server, self);
    if (error)
        troupe_upstream_unreachable (self, server);
    return true;
}

//  False when it has to wait.
static bool s_place (troupe_upstream_exchange_t *self)
{
    troupe_upstream_connection_t *idle = troupe_upstream_idle (self->upstream);
    if (idle == NULL || self->fresh) {
        if (s_connect (self))
            return true;
        if (idle)
            troupe_upstream_drop (idle);        //  Its room is for a fresh one, when it is gone
        return false;
    }
    s_dequeue (self);
    troupe_upstream_send (idle, self);
    return true;
}

void troupe_upstream_dispatch (troupe_upstream_actor_t *self)
{
    while (self->queue_first && s_place (self->queue_first))
        ;
}

void troupe_upstream_unreachable (troupe_upstream_exchange_t *self, unsigned server)
{
    troupe_upstream_actor_t *upstream = self->upstream;
    const int64_t now_ms = troupe_now_ms (upstream->self);
    if (now_ms >= upstream->servers [server].paused_until_ms)
        troupe_log (upstream->self, TROUPE_LOG_WARNING, "cannot reach %s", upstream->servers [server].address.text);
    upstream->servers [server].paused_until_ms = now_ms + upstream->options.server_pause_ms;
    self->tried |= UINT32_C (1) << server;
    s_enqueue (self, true);
}

void troupe_upstream_unheard (troupe_upstream_exchange_t *self, bool reused)
{
    if (!reused || !self->idempotent || self->fresh || self->sent) {
        self->upstream->counters.cut_short++;
        troupe_upstream_answer_problem (self, 502, "The server ended the connection without an answer.");
        return;
    }
    self->upstream->counters.resent++;
    self->fresh = true;
    s_enqueue (self, true);
}

//  --- The beginning

static int s_on_deadline (troupe_actor_t *actor, void *state, void *context);

static int64_t s_timeout_ms (const troupe_upstream_exchange_t *self)
{
    const int64_t ours_ms = self->upstream->options.response_timeout_ms;
    if (self->deadline_us == TROUPE_FOREVER)
        return ours_ms;
    const int64_t left_ms = (self->deadline_us - troupe_now_us (self->upstream->self)) / 1000;
    return left_ms < ours_ms ? (left_ms > 0 ? left_ms : 0) : ours_ms;
}

//  False when memory is out.
static bool s_set_timer (troupe_upstream_exchange_t *self)
{
    troupe_cancel (self->upstream->self, self->timer);
    self->timer = troupe_after (self->upstream->self, s_timeout_ms (self), s_on_deadline, self);
    return self->timer != 0;
}

//  The caller has stopped waiting, or waits no longer than it may: nobody needs the answer any more. But while a
//  request still comes, it is its sender who decides how long that may take.
static int s_on_deadline (troupe_actor_t *actor, void *state, void *context)
{
    (void) actor;
    troupe_upstream_exchange_t *self = context;
    self->timer = 0;
    if (!self->complete && self->deadline_us == TROUPE_FOREVER && s_set_timer (self))
        return 0;
    if (self->connection)
        troupe_upstream_drop (self->connection);
    self->upstream->counters.late++;
    troupe_upstream_answer_problem (self, 504, "The server did not answer in time.");
    troupe_upstream_dispatch (state);
    return 0;
}

//  Without memory for another timer the one that runs is good enough.
void troupe_upstream_request_over (troupe_upstream_exchange_t *self)
{
    self->complete = true;
    if (!self->begun)
        s_set_timer (self);
}

static troupe_upstream_exchange_t *s_new (troupe_upstream_actor_t *upstream, const troupe_request_t *request,
                                          uint64_t length, char *bytes, size_t size)
{
    troupe_upstream_exchange_t *self = calloc (1, sizeof *self);
    if (self == NULL)
        return NULL;
    self->upstream = upstream;
    self->bytes = bytes;
    self->size = size;
    self->head_only = troupe_text_is (request->method, "HEAD");
    self->idempotent = troupe_method_is_idempotent (request->method);
    self->deadline_us = request->deadline_us;
    self->complete = request->body.size == length;
    self->chunked = length == TROUPE_BODY_UNKNOWN;
    self->next = upstream->exchanges;
    if (self->next)
        self->next->previous = self;
    upstream->exchanges = self;
    upstream->exchange_count++;
    return self;
}

static int s_on_cancelled (troupe_actor_t *actor, void *state, troupe_caller_t *caller, void *context)
{
    (void) actor;
    (void) caller;
    troupe_upstream_forget (context);
    troupe_upstream_dispatch (state);
    return 0;
}

//  False when memory is out. Where it is out for knowing that the caller has gone, its time is over some time.
static bool s_take_over (troupe_upstream_exchange_t *self, troupe_message_t *message)
{
    troupe_upstream_actor_t *upstream = self->upstream;
    if (troupe_message_tag (message) == TROUPE_TAG_REQUEST)
        self->caller = troupe_defer (upstream->self, message);
    else if (troupe_body_open (upstream->bodies, message, troupe_upstream_on_body, self, &self->body) != TROUPE_OK)
        return false;
    if (self->caller)
        troupe_caller_on_cancel (self->caller, s_on_cancelled, self);
    return self->body || self->caller;
}

//  From here on it has a caller and a time.
static void s_begin (troupe_upstream_exchange_t *self, troupe_message_t *message)
{
    troupe_upstream_actor_t *upstream = self->upstream;
    if (!s_take_over (self, message)) {
        s_free (self);
        return;
    }
    if (!s_set_timer (self)) {
        troupe_upstream_answer_problem (self, 503, "There is no memory for the request.");
        return;
    }
    s_enqueue (self, false);
    troupe_upstream_dispatch (upstream);
}

//  The status that answers it instead, or 0.
static int s_write (troupe_upstream_actor_t *upstream, const troupe_request_t *request, uint64_t length,
                    troupe_message_t *message)
{
    size_t size = 0;
    if (upstream->server_count == 0)
        return 404;
    if (upstream->draining || upstream->queue_size >= upstream->options.queue_limit)
        return 503;
    char *bytes = malloc (troupe_upstream_forward_room (&upstream->way, request));
    const int status = bytes ? troupe_upstream_forward_write (&upstream->way, request, length, bytes, &size) : 503;
    troupe_upstream_exchange_t *self = status ? NULL : s_new (upstream, request, length, bytes, size);
    if (self == NULL) {
        free (bytes);
        return status ? status : 503;
    }
    s_begin (self, message);
    return 0;
}

void troupe_upstream_accept (troupe_upstream_actor_t *self, troupe_message_t *message)
{
    troupe_request_t request;
    uint64_t length;
    int status = 400;
    self->counters.requests++;
    if (troupe_body_request (message, &request, &length) == TROUPE_OK)
        status = s_write (self, &request, length, message);
    if (status == 0)
        return;
    self->counters.refused++;
    troupe_service_reply (self->self, message, s_problem (self, status, status == 503 ? "There is too much to do."
                                                                                       : NULL));
}
