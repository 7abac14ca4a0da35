/*  =========================================================================
    bodies.c - the streamed requests of an actor, and what comes for them

    Place: actors/body; see parts.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "message.h"
#include "parts.h"

#include <stdlib.h>

#define IDLE_DEFAULT_MS 60000

static const char s_unknown [] = "there is no such body";

//  --- The table

static troupe_body_t **s_place (troupe_bodies_t *bodies, uint64_t id)
{
    troupe_body_t **place = &bodies->buckets [id % TROUPE_BODY_BUCKETS];
    while (*place && (*place)->id != id)
        place = &(*place)->next;
    return place;
}

static troupe_body_t *s_find (troupe_bodies_t *bodies, const troupe_message_t *message)
{
    if (troupe_message_size (message) < TROUPE_BODY_ID_SIZE)
        return NULL;
    return *s_place (bodies, troupe_body_load (troupe_message_data (message)));
}

//  Whether a callback has left it alive.
static bool s_lives (troupe_bodies_t *bodies, const troupe_body_t *body, uint64_t id)
{
    return *s_place (bodies, id) == body && body->phase != TROUPE_BODY_OVER;
}

static void s_destroy (troupe_body_t *self)
{
    troupe_cancel (self->bodies->self, self->timer);
    for (unsigned index = 0; index < self->held_count; index++)
        troupe_message_destroy (&self->held [index].message);
    free (self);
}

void troupe_body_free (troupe_body_t *self)
{
    *s_place (self->bodies, self->id) = self->next;
    s_destroy (self);
}

troupe_bodies_t *troupe_bodies_new (troupe_actor_t *self, int64_t idle_ms)
{
    troupe_bodies_t *bodies = calloc (1, sizeof *bodies);
    if (bodies == NULL)
        return NULL;
    bodies->self = self;
    bodies->idle_ms = idle_ms > 0 ? idle_ms : IDLE_DEFAULT_MS;
    return bodies;
}

void troupe_bodies_destroy (troupe_bodies_t **bodies_p)
{
    troupe_bodies_t *bodies = *bodies_p;
    *bodies_p = NULL;
    for (unsigned bucket = 0; bodies && bucket < TROUPE_BODY_BUCKETS; bucket++)
        while (bodies->buckets [bucket]) {
            troupe_body_t *body = bodies->buckets [bucket];
            bodies->buckets [bucket] = body->next;
            s_destroy (body);
        }
    free (bodies);
}

//  --- Its end by others

//  The service hears of it unless it is done with it.
static int s_gone (troupe_body_t *self, void *state)
{
    troupe_bodies_t *bodies = self->bodies;
    const uint64_t id = self->id;
    troupe_body_event_t event = { .kind = TROUPE_BODY_GONE };
    int result = 0;
    if (self->phase != TROUPE_BODY_OVER)
        result = self->on_event (bodies->self, state, self, &event, self->context);
    if (*s_place (bodies, id) == self) {
        troupe_body_fail_all (self, "nobody wants it any more");
        troupe_body_free (self);
    }
    return result;
}

static int s_on_cancelled (troupe_actor_t *actor, void *state, troupe_caller_t *caller, void *context)
{
    (void) actor;
    (void) caller;
    return s_gone (context, state);
}

//  Takes a caller over; who gives up one call, or is lost, gives up all of it. Null when memory is out.
static troupe_caller_t *s_defer (troupe_body_t *self, troupe_message_t *message)
{
    troupe_caller_t *caller = troupe_defer (self->bodies->self, message);
    if (caller && troupe_caller_on_cancel (caller, s_on_cancelled, self) == TROUPE_OK)
        return caller;
    if (caller)
        troupe_answer_failure (&caller, "out of memory");
    return NULL;
}

//  Whether it is the service's turn to do something, for somebody who still waits.
static bool s_is_awaited (const troupe_body_t *self)
{
    const int64_t now_us = troupe_now_us (self->bodies->self);
    if (self->asker_count)
        return troupe_caller_deadline_us (self->askers [0]) > now_us;
    if (self->held_count)
        return troupe_caller_deadline_us (self->held [0].caller) > now_us;
    return self->phase == TROUPE_BODY_OPEN && self->complete && troupe_caller_deadline_us (self->caller) > now_us;
}

static int s_on_timer (troupe_actor_t *actor, void *state, void *context);

static bool s_set_timer (troupe_body_t *self, int64_t delay_ms)
{
    self->timer = troupe_after (self->bodies->self, delay_ms, s_on_timer, self);
    return self->timer != 0;
}

//  It is not moved with every message: it looks when it fires.
static int s_on_timer (troupe_actor_t *actor, void *state, void *context)
{
    troupe_body_t *self = context;
    const int64_t idle_ms = self->bodies->idle_ms;
    const int64_t passed_ms = troupe_now_ms (actor) - self->heard_ms;
    self->timer = 0;
    if (s_is_awaited (self) && s_set_timer (self, idle_ms))
        return 0;
    if (passed_ms < idle_ms && s_set_timer (self, idle_ms - passed_ms))
        return 0;
    return s_gone (self, state);
}

//  --- Its beginning

static troupe_body_t *s_new (troupe_bodies_t *bodies, uint64_t id, uint64_t left)
{
    troupe_body_t *self = calloc (1, sizeof *self);
    if (self == NULL)
        return NULL;
    self->bodies = bodies;
    self->id = id;
    self->left = left;
    self->complete = left == 0;
    self->heard_ms = troupe_now_ms (bodies->self);
    if (s_set_timer (self, bodies->idle_ms))
        return self;
    free (self);
    return NULL;
}

troupe_error_t troupe_body_open (troupe_bodies_t *bodies, troupe_message_t *message, troupe_body_fn *on_event,
                                 void *context, troupe_body_t **body_p)
{
    troupe_request_t request;
    uint64_t length;
    if (troupe_message_tag (message) != TROUPE_TAG_REQUEST_STREAM || s_find (bodies, message) != NULL
        || troupe_body_request (message, &request, &length) != TROUPE_OK)
        return TROUPE_EPROTO;
    const uint64_t id = troupe_body_load (troupe_message_data (message));
    troupe_body_t *self = s_new (bodies, id, request.body.size == length ? 0 : length);
    if (self == NULL)
        return TROUPE_ENOMEM;
    self->caller = s_defer (self, message);
    if (self->caller == NULL) {
        s_destroy (self);
        return TROUPE_ENOMEM;
    }
    self->on_event = on_event;
    self->context = context;
    *s_place (bodies, id) = self;
    *body_p = self;
    return TROUPE_OK;
}

//  --- Pieces of the request

//  True, with *taken_p, when the body still lives; *result_p is what the callback has returned.
static bool s_deliver (troupe_body_t *self, void *state, const troupe_message_t *message, bool *taken_p, int *result_p)
{
    troupe_bodies_t *bodies = self->bodies;
    const uint64_t id = self->id;
    const bool last = troupe_message_tag (message) == TROUPE_TAG_BODY_LAST;
    const uint8_t *data = troupe_message_data (message);
    troupe_body_event_t event = {
        .kind = TROUPE_BODY_BYTES, .data = data + TROUPE_BODY_ID_SIZE, .last = last, .taken = true,
        .size = troupe_message_size (message) - TROUPE_BODY_ID_SIZE,
    };
    self->delivering = true;
    *result_p = self->on_event (bodies->self, state, self, &event, self->context);
    *taken_p = event.taken;
    if (!s_lives (bodies, self, id))
        return false;
    self->delivering = false;
    self->paused = !event.taken;
    return true;
}

static void s_hold (troupe_body_t *self, troupe_message_t *message)
{
    troupe_caller_t *caller = s_defer (self, message);
    troupe_message_t *kept = caller ? troupe_message_keep (message) : NULL;
    if (kept)
        self->held [self->held_count++] = (troupe_body_held_t) { kept, caller };
    else if (caller)
        troupe_answer_failure (&caller, "out of memory");
}

//  Whether as much has come as was said, and no more.
static bool s_count (troupe_body_t *self, const troupe_message_t *message)
{
    const uint64_t size = troupe_message_size (message) - TROUPE_BODY_ID_SIZE;
    const bool last = troupe_message_tag (message) == TROUPE_TAG_BODY_LAST;
    if (self->complete || self->held_count == TROUPE_BODY_PIECES)
        return false;
    self->complete = last;
    if (self->left == TROUPE_BODY_UNKNOWN)
        return true;
    if (size > self->left || (last && size < self->left))
        return false;
    self->left -= size;
    return true;
}

static int s_receive_piece (troupe_bodies_t *bodies, void *state, troupe_message_t *message)
{
    troupe_body_t *self = s_find (bodies, message);
    bool taken = true;
    int result = 0;
    if (self == NULL || self->phase == TROUPE_BODY_OVER) {
        troupe_reply_failure (bodies->self, message, "%s", s_unknown);
        return 0;
    }
    self->heard_ms = troupe_now_ms (bodies->self);
    if (!s_count (self, message)) {
        troupe_reply_failure (bodies->self, message, "the body is not what was said");
        return s_gone (self, state);
    }
    if (self->paused) {
        s_hold (self, message);
        return 0;
    }
    if (s_deliver (self, state, message, &taken, &result) && !taken)
        s_hold (self, message);
    else
        troupe_reply (bodies->self, message, NULL, 0);
    return result;
}

static void s_shift (troupe_body_t *self)
{
    troupe_answer (&self->held [0].caller, NULL, 0);
    troupe_message_destroy (&self->held [0].message);
    self->held_count--;
    for (unsigned index = 0; index < self->held_count; index++)
        self->held [index] = self->held [index + 1];
}

int troupe_body_resume (troupe_body_t *self, void *state)
{
    bool taken = true;
    int result = 0;
    self->paused = false;
    while (self->held_count && taken && result == 0 && !self->delivering) {
        if (!s_deliver (self, state, self->held [0].message, &taken, &result))
            return result;
        if (taken)
            s_shift (self);
    }
    return result;
}

//  --- Who asks for pieces of the answer

//  The service is done with it.
static void s_tell_end (troupe_body_t *self, troupe_message_t *message)
{
    troupe_message_t *last = self->failed ? NULL : troupe_message_new (TROUPE_TAG_BODY_LAST, NULL, 0);
    if (last == NULL || troupe_reply_message (self->bodies->self, message, &last) != TROUPE_OK)
        troupe_reply_failure (self->bodies->self, message, "the rest will not come");
    troupe_message_destroy (&last);
    troupe_body_free (self);
}

static int s_receive_next (troupe_bodies_t *bodies, void *state, troupe_message_t *message)
{
    troupe_body_t *self = s_find (bodies, message);
    troupe_body_event_t event = { .kind = TROUPE_BODY_WANTED };
    if (self && self->phase == TROUPE_BODY_OVER) {
        s_tell_end (self, message);
        return 0;
    }
    if (self == NULL || self->phase == TROUPE_BODY_OPEN || self->asker_count == TROUPE_BODY_PIECES) {
        troupe_reply_failure (bodies->self, message, "%s", self ? "that is too early" : s_unknown);
        return 0;
    }
    self->heard_ms = troupe_now_ms (bodies->self);
    troupe_caller_t *asker = s_defer (self, message);
    if (asker == NULL)
        return s_gone (self, state);
    self->askers [self->asker_count++] = asker;
    return self->on_event (bodies->self, state, self, &event, self->context);
}

//  --- All of it

bool troupe_body_is_event (const troupe_message_t *message)
{
    const uint16_t tag = troupe_message_tag (message);
    return tag >= TROUPE_TAG_BODY_PIECE && tag <= TROUPE_TAG_BODY_DROP;
}

int troupe_bodies_receive (troupe_bodies_t *bodies, void *state, troupe_message_t *message)
{
    const uint16_t tag = troupe_message_tag (message);
    if (tag == TROUPE_TAG_BODY_PIECE || tag == TROUPE_TAG_BODY_LAST)
        return s_receive_piece (bodies, state, message);
    if (tag == TROUPE_TAG_BODY_NEXT)
        return s_receive_next (bodies, state, message);
    troupe_body_t *self = s_find (bodies, message);
    if (self == NULL)
        return 0;
    self->heard_ms = troupe_now_ms (bodies->self);
    return tag == TROUPE_TAG_BODY_DROP ? s_gone (self, state) : 0;
}
