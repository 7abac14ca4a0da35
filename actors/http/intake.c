/*  =========================================================================
    intake.c - bytes in: from the stream through the parser

    Place: actors/http; see ingress.h. Takes no time calls and no timers while
    whole requests come in; only one that has begun and not ended sets a
    deadline.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "ingress.h"

//  How often the rate of a body is looked at.
#define RATE_WINDOW_MS 5000

static void s_refused (troupe_http_connection_t *self, troupe_http_fault_t fault)
{
    const unsigned status = troupe_http_fault_status (fault);
    if (troupe_log_enabled (self->ingress->self, TROUPE_LOG_DEBUG))
        troupe_log (self->ingress->self, TROUPE_LOG_DEBUG, "refuses a request of %s with %u: %s",
                    troupe_stream_peer (self->stream), status, troupe_http_fault_text (fault));
    self->keep_alive = false;
    if (self->answered)
        troupe_http_linger (self);
    else
        troupe_http_answer_problem (self, (int) status, troupe_http_fault_text (fault));
}

static void s_head (troupe_http_connection_t *self, const troupe_http_head_t *head, troupe_bytes_t rest)
{
    self->part = TROUPE_HTTP_BODY_PART;
    self->since_ms = self->window_ms = troupe_now_ms (self->ingress->self);
    self->window_bytes = 0;
    troupe_http_begin_request (self, head, rest);
}

static void s_body (troupe_http_connection_t *self, troupe_bytes_t piece)
{
    self->continue_owed = false;
    self->window_bytes += piece.size;
    if (self->body == TROUPE_HTTP_BODY_STREAMED)
        troupe_http_exchange_add (self, piece);
    else
        troupe_http_add_body (self, piece);
}

static void s_end (troupe_http_connection_t *self)
{
    self->complete = true;
    self->continue_owed = false;
    if (self->answered)
        troupe_http_go_on (self);
    else if (self->body == TROUPE_HTTP_BODY_STREAMED) {
        self->phase = TROUPE_HTTP_CALLING;
        troupe_http_set_deadline (self, TROUPE_FOREVER);
        troupe_http_exchange_flush (self, true);
        troupe_http_exchange_watch (self);
    }
    else
        troupe_http_call (self);
}

//  One that is streamed may take as long as it keeps coming.
static int64_t s_body_deadline_ms (const troupe_http_connection_t *self)
{
    const int64_t last_ms = self->since_ms + self->ingress->options.body_timeout_ms;
    const int64_t look_ms = self->window_ms + RATE_WINDOW_MS;
    return look_ms < last_ms || self->body == TROUPE_HTTP_BODY_STREAMED ? look_ms : last_ms;
}

//  The bytes are used up within a request, or between two.
static void s_more (troupe_http_connection_t *self)
{
    const int64_t now_ms = troupe_now_ms (self->ingress->self);
    if (self->part == TROUPE_HTTP_BODY_PART)
        troupe_http_set_deadline (self, s_body_deadline_ms (self));
    else if (self->part == TROUPE_HTTP_NO_PART && !troupe_http_parser_is_idle (&self->parser)) {
        self->part = TROUPE_HTTP_HEAD_PART;
        troupe_http_set_deadline (self, now_ms + self->ingress->options.header_timeout_ms);
    }
}

void troupe_http_await_body (troupe_http_connection_t *self)
{
    self->window_ms = troupe_now_ms (self->ingress->self);
    self->window_bytes = 0;
    troupe_http_set_deadline (self, s_body_deadline_ms (self));
    troupe_http_read_on (self);
}

//  A piece of a streamed body is what has come at once. While the service has to take some first, nothing is due.
static void s_pass_on (troupe_http_connection_t *self)
{
    if (self->phase != TROUPE_HTTP_RECEIVING || self->body != TROUPE_HTTP_BODY_STREAMED || self->exchange == NULL)
        return;
    troupe_http_exchange_flush (self, false);
    if (self->phase == TROUPE_HTTP_RECEIVING && troupe_http_exchange_is_full (self))
        troupe_http_set_deadline (self, TROUPE_FOREVER);
}

static size_t s_take_in (troupe_http_connection_t *self, const uint8_t *data, size_t size)
{
    size_t at = 0;
    troupe_http_event_t event = { .kind = TROUPE_HTTP_HEAD };
    while (self->phase == TROUPE_HTTP_RECEIVING && !self->choked && event.kind != TROUPE_HTTP_MORE) {
        troupe_http_parser_next (&self->parser, data + at, size - at, &event);
        at += event.consumed;
        const troupe_bytes_t rest = { data + at, size - at };
        switch (event.kind) {
        case TROUPE_HTTP_HEAD:
            s_head (self, event.head, rest);
            break;
        case TROUPE_HTTP_BODY:
            s_body (self, event.body);
            break;
        case TROUPE_HTTP_END:
            s_end (self);
            break;
        case TROUPE_HTTP_REFUSED:
            s_refused (self, event.fault);
            break;
        case TROUPE_HTTP_MORE:
            s_more (self);
            break;
        }
    }
    return at;
}

size_t troupe_http_take_in (troupe_http_connection_t *self, const uint8_t *data, size_t size)
{
    self->ingress->piece_size = 0;
    if (troupe_http_exchange_is_full (self))
        return 0;
    const size_t taken = s_take_in (self, data, size);
    s_pass_on (self);
    return self->phase >= TROUPE_HTTP_LINGERING ? size : taken;
}

//  --- Too slow

static void s_idle_timeout (troupe_http_connection_t *self)
{
    const troupe_http_options_t *options = &self->ingress->options;
    if (troupe_http_peer_reads (self))
        troupe_http_set_deadline (self, troupe_now_ms (self->ingress->self) + options->idle_timeout_ms);
    else if (troupe_stream_queued (self->stream) > 0)
        troupe_http_abort (self);
    else
        troupe_http_close (self);
}

static bool s_body_is_fast_enough (troupe_http_connection_t *self)
{
    const troupe_http_options_t *options = &self->ingress->options;
    const int64_t now_ms = troupe_now_ms (self->ingress->self);
    const uint64_t window_ms = (uint64_t) (now_ms - self->window_ms);
    const uint64_t least = options->body_rate_limit_bytes_per_s * window_ms / 1000;
    const bool late = self->body != TROUPE_HTTP_BODY_STREAMED && now_ms >= self->since_ms + options->body_timeout_ms;
    if (late || self->window_bytes < least)
        return false;
    self->window_ms = now_ms;
    self->window_bytes = 0;
    troupe_http_set_deadline (self, s_body_deadline_ms (self));
    return true;
}

void troupe_http_receive_timeout (troupe_http_connection_t *self)
{
    if (self->phase != TROUPE_HTTP_RECEIVING)
        return;
    if (self->part == TROUPE_HTTP_NO_PART) {
        s_idle_timeout (self);
        return;
    }
    if (self->part == TROUPE_HTTP_BODY_PART && s_body_is_fast_enough (self))
        return;
    self->keep_alive = false;
    const bool head = self->part == TROUPE_HTTP_HEAD_PART;
    if (self->answered && !head)
        troupe_http_linger (self);
    else
        troupe_http_answer_problem (self, 408, head ? "The header section did not come in time."
                                                    : "The body did not come in time.");
}
