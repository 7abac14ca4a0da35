/*  =========================================================================
    connection.c - the life of a connection, and its time

    Place: actors/http; see ingress.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "ingress.h"

#include <stdlib.h>

//  A few connections more than the limit are taken, to be told why they are not.
#define REFUSED_AT_ONCE 64

//  A peer that has so much of our output to read yet gets no further request begun.
#define CHOKED_AT_BYTES (256u * 1024u)

//  --- Birth and death

static troupe_http_connection_t *s_new (troupe_http_ingress_t *ingress, troupe_stream_t *stream)
{
    troupe_http_connection_t *self = calloc (1, sizeof *self);
    if (self == NULL)
        return NULL;
    self->ingress = ingress;
    self->stream = stream;
    troupe_http_parser_start (&self->parser, &ingress->limits, ingress->scratch);
    self->next = ingress->first;
    if (self->next)
        self->next->previous = self;
    ingress->first = self;
    ingress->connections++;
    return self;
}

static void s_free (troupe_http_connection_t *self)
{
    troupe_http_ingress_t *ingress = self->ingress;
    if (self->next)
        self->next->previous = self->previous;
    if (self->previous)
        self->previous->next = self->next;
    else
        ingress->first = self->next;
    ingress->connections--;
    troupe_cancel (ingress->self, self->timer);
    troupe_http_drop_request (self);
    free (self);
}

bool troupe_http_free_when_done (troupe_http_connection_t *self)
{
    troupe_http_ingress_t *ingress = self->ingress;
    if (self->stream != NULL || self->calling)
        return false;
    s_free (self);
    troupe_http_exit_when_done (ingress);
    return true;
}

void troupe_http_free_all (troupe_http_ingress_t *ingress)
{
    while (ingress->first)
        //  NOLINTNEXTLINE(clang-analyzer-unix.Malloc): what is freed has left the list, which clang does not follow
        s_free (ingress->first);
}

void troupe_http_exit_when_done (troupe_http_ingress_t *ingress)
{
    if (ingress->door.draining && ingress->first == NULL)
        troupe_exit (ingress->self);
}

//  --- Time

static int s_on_timer (troupe_actor_t *actor, void *state, void *context);

static void s_start_timer (troupe_http_connection_t *self)
{
    troupe_actor_t *actor = self->ingress->self;
    const int64_t now_ms = troupe_now_ms (actor);
    troupe_cancel (actor, self->timer);
    self->timer_ms = self->deadline_ms;
    self->timer = troupe_after (actor, self->deadline_ms > now_ms ? self->deadline_ms - now_ms : 0, s_on_timer, self);
    if (self->timer == 0)
        troupe_http_abort (self);       //  Out of memory: without a timer it could stay for ever
}

void troupe_http_set_deadline (troupe_http_connection_t *self, int64_t deadline_ms)
{
    self->deadline_ms = deadline_ms;
    if (deadline_ms != TROUPE_FOREVER && (self->timer == 0 || deadline_ms < self->timer_ms))
        s_start_timer (self);
}

bool troupe_http_peer_reads (troupe_http_connection_t *self)
{
    const size_t queued = troupe_stream_queued (self->stream);
    const bool reads = queued > 0 && queued < self->queued;
    self->queued = queued;
    return reads;
}

//  Our side is over: a peer that goes on reading gets its time anew.
static void s_ending_timeout (troupe_http_connection_t *self)
{
    const troupe_http_options_t *options = &self->ingress->options;
    if (self->stream == NULL)
        return;
    if (!troupe_http_peer_reads (self)) {
        troupe_http_abort (self);
        return;
    }
    self->since_ms = troupe_now_ms (self->ingress->self);
    troupe_http_set_deadline (self, self->since_ms + options->linger_timeout_ms);
}

static int s_on_timer (troupe_actor_t *actor, void *state, void *context)
{
    (void) state;
    troupe_http_connection_t *self = context;
    self->timer = 0;
    if (self->deadline_ms == TROUPE_FOREVER)
        return 0;
    if (self->deadline_ms > troupe_now_ms (actor))
        s_start_timer (self);
    else if (self->phase >= TROUPE_HTTP_LINGERING)
        s_ending_timeout (self);
    else if (self->phase == TROUPE_HTTP_CALLING)
        troupe_http_exchange_timeout (self);
    else
        troupe_http_receive_timeout (self);
    return 0;
}

//  --- Reading

void troupe_http_pause (troupe_http_connection_t *self)
{
    self->paused = true;
    troupe_stream_pause (self->stream);
}

void troupe_http_read_on (troupe_http_connection_t *self)
{
    if (self->phase != TROUPE_HTTP_RECEIVING || self->choked)
        return;
    if (self->paused) {
        self->paused = false;
        troupe_stream_resume (self->stream);
    }
    if (self->peer_ended && !self->leftover)
        troupe_http_close (self);
}

void troupe_http_go_on (troupe_http_connection_t *self)
{
    const troupe_http_options_t *options = &self->ingress->options;
    self->phase = TROUPE_HTTP_RECEIVING;
    self->part = TROUPE_HTTP_NO_PART;
    self->answered = self->complete = self->head_only = self->continue_owed = false;
    self->minor = 1;
    troupe_http_parser_limit (&self->parser, &self->ingress->streamed_limits);
    self->queued = troupe_stream_queued (self->stream);
    troupe_http_set_deadline (self, troupe_now_ms (self->ingress->self) + options->idle_timeout_ms);
    if (self->queued > CHOKED_AT_BYTES) {
        self->choked = true;
        troupe_http_pause (self);
        troupe_stream_notify_drained (self->stream);
    }
}

//  --- Ending

void troupe_http_abort (troupe_http_connection_t *self)
{
    self->phase = TROUPE_HTTP_CLOSING;
    self->deadline_ms = TROUPE_FOREVER;
    if (self->stream)
        troupe_stream_abort (self->stream);
}

void troupe_http_close (troupe_http_connection_t *self)
{
    const troupe_http_options_t *options = &self->ingress->options;
    if (self->phase >= TROUPE_HTTP_LINGERING)
        return;
    if (self->exchange) {
        troupe_http_abort (self);       //  Nothing half done may look whole
        return;
    }
    self->phase = TROUPE_HTTP_CLOSING;
    self->queued = troupe_stream_queued (self->stream);
    troupe_http_set_deadline (self, troupe_now_ms (self->ingress->self) + options->linger_timeout_ms);
    troupe_stream_close (self->stream);
}

static void s_linger_on (troupe_http_connection_t *self)
{
    const troupe_http_options_t *options = &self->ingress->options;
    const int64_t step_ms = troupe_now_ms (self->ingress->self) + options->linger_read_timeout_ms;
    const int64_t last_ms = self->since_ms + options->linger_timeout_ms;
    troupe_http_set_deadline (self, step_ms < last_ms ? step_ms : last_ms);
}

void troupe_http_linger (troupe_http_connection_t *self)
{
    if (self->phase >= TROUPE_HTTP_LINGERING)
        return;
    self->phase = TROUPE_HTTP_LINGERING;
    self->since_ms = troupe_now_ms (self->ingress->self);
    self->queued = troupe_stream_queued (self->stream);
    troupe_stream_end (self->stream);
    if (self->paused)
        troupe_stream_resume (self->stream);
    self->paused = self->choked = false;
    s_linger_on (self);
}

//  One in the midst of a request may finish it.
void troupe_http_close_idle (troupe_http_ingress_t *ingress)
{
    for (troupe_http_connection_t *self = ingress->first; self; self = self->next)
        if (self->phase == TROUPE_HTTP_RECEIVING && self->part == TROUPE_HTTP_NO_PART && !self->leftover)
            troupe_http_close (self);
}

//  --- Events

static void s_accepted (troupe_http_ingress_t *ingress, troupe_stream_t *stream)
{
    const size_t limit = ingress->options.connection_limit;
    troupe_http_connection_t *self = ingress->connections < limit + REFUSED_AT_ONCE ? s_new (ingress, stream) : NULL;
    troupe_stream_set_context (stream, self);
    ingress->counters.connections++;
    ingress->counters.refused_connections += ingress->connections > limit || self == NULL;
    if (self == NULL)
        troupe_stream_abort (stream);
    else if (ingress->connections > limit)
        troupe_http_answer_unavailable (self, "There are too many connections.");
    else
        troupe_http_go_on (self);
}

static void s_bytes (troupe_http_connection_t *self, troupe_stream_event_t *event)
{
    event->consumed = event->size;
    if (self->phase == TROUPE_HTTP_LINGERING)
        s_linger_on (self);
    if (self->phase >= TROUPE_HTTP_LINGERING)
        return;
    event->consumed = troupe_http_take_in (self, event->data, event->size);
    self->leftover = event->consumed < event->size;
    const bool full = self->phase == TROUPE_HTTP_RECEIVING && troupe_http_exchange_is_full (self);
    const bool waits = (self->phase == TROUPE_HTTP_CALLING || full) && self->leftover;
    if (waits && !self->paused)
        troupe_http_pause (self);
    if (self->peer_ended && self->phase == TROUPE_HTTP_RECEIVING && !self->paused)
        troupe_http_close (self);
}

static void s_end (troupe_http_connection_t *self)
{
    self->peer_ended = true;
    if (self->phase == TROUPE_HTTP_RECEIVING && !(self->paused && self->leftover))
        troupe_http_close (self);
}

static void s_closed (troupe_http_connection_t *self)
{
    self->stream = NULL;
    self->phase = TROUPE_HTTP_CLOSING;
    self->deadline_ms = TROUPE_FOREVER;
    if (self->calling)
        troupe_http_cancel_call (self);
    troupe_http_free_when_done (self);
}

static void s_event (troupe_http_connection_t *self, troupe_stream_event_t *event)
{
    switch (event->kind) {
    case TROUPE_STREAM_BYTES:
        s_bytes (self, event);
        break;
    case TROUPE_STREAM_END:
        s_end (self);
        break;
    case TROUPE_STREAM_DRAINED:
        self->choked = false;
        troupe_http_exchange_drained (self);
        troupe_http_read_on (self);
        break;
    case TROUPE_STREAM_CLOSED:
        s_closed (self);
        break;
    case TROUPE_STREAM_ACCEPTED:
    case TROUPE_STREAM_CONNECTED:
    case TROUPE_STREAM_WRITABLE:
        break;
    }
}

int troupe_http_on_stream (troupe_actor_t *self, void *state, troupe_stream_t *stream,
                           troupe_stream_event_t *event, void *context)
{
    (void) self;
    if (event->kind == TROUPE_STREAM_ACCEPTED)
        s_accepted (state, stream);
    else if (context)
        s_event (context, event);
    return 0;
}
