/*  =========================================================================
    pool/announcer.c - tells a pool in another program that a worker is ready

    Place: actors/pool, on the public interface. It holds nothing but the
    endpoint that the worker named last: asked for anew at every beat, so that
    restarts and moves of the worker need no care of their own. At most one
    READY is under way: while the pool is not there, nothing piles up.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <troupe/pool.h>
#include <troupe/timer.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "endpoint.h"

//  How long a READY may wait for a pool that is not there, and a DISCONNECT for its answer.
#define S_READY_MS (5 * TROUPE_POOL_ANNOUNCE_MS)
#define S_DISCONNECT_MS 2000

typedef struct s_announcer {
    troupe_actor_t *self;
    troupe_ref_t *pool, *worker;
    const char *address;                    //  What to say instead of where the worker listens; null: that
    char endpoint [TROUPE_ENDPOINT_ROOM];   //  What is announced; "": nothing is
    char complaint [TROUPE_REASON_TEXT_MAX + 1];    //  Of the pool, logged already; "": it is content
    bool started;
    bool asking, announcing;                //  An answer is awaited
    bool announced;                         //  The pool may know the endpoint
} s_announcer_t;

//  --- To the pool

//  What goes wrong is told when it begins and when it changes, not at every beat.
static void s_complain (s_announcer_t *self, const char *complaint)
{
    if (!*self->endpoint || strncmp (self->complaint, complaint, sizeof self->complaint - 1) == 0)
        return;
    snprintf (self->complaint, sizeof self->complaint, "%s", complaint);
    if (*complaint)
        troupe_log (self->self, TROUPE_LOG_WARNING, "%s does not take %s: %s", troupe_ref_address (self->pool),
                    self->endpoint, complaint);
    else
        troupe_log (self->self, TROUPE_LOG_INFO, "%s takes %s", troupe_ref_address (self->pool), self->endpoint);
}

static int s_on_announced (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                           void *context)
{
    (void) self;
    (void) context;
    s_announcer_t *announcer = state;
    announcer->announcing = false;
    if (outcome == TROUPE_CALL_OK)
        s_complain (announcer, "");
    else
        s_complain (announcer, outcome == TROUPE_CALL_FAILED ? troupe_message_text (reply)
                                                             : troupe_outcome_name (outcome));
    return 0;
}

static void s_announce (s_announcer_t *self)
{
    if (self->announcing || !*self->endpoint)
        return;
    self->announced = true;
    self->announcing = !troupe_call (self->pool, TROUPE_POOL_READY, self->endpoint, strlen (self->endpoint), S_READY_MS,
                                     s_on_announced, NULL, NULL);
}

//  It is not there any more, or somewhere else: what the pool cannot be told now it finds out by itself.
static void s_withdraw (s_announcer_t *self)
{
    if (*self->endpoint && self->announced)
        troupe_cast (self->pool, TROUPE_POOL_DISCONNECT, self->endpoint, strlen (self->endpoint));
    self->announced = false;
    *self->endpoint = 0;
}

//  --- To the worker

static int s_take_endpoint (s_announcer_t *self, const char *bound)
{
    char endpoint [TROUPE_ENDPOINT_ROOM];
    const char *worker = troupe_ref_address (self->worker);
    if (!*bound)
        return troupe_fail (self->self, TROUPE_EADDR, "%s listens nowhere that other programs reach", worker);
    if (!self->address && troupe_endpoint_is_wildcard (bound))
        return troupe_fail (self->self, TROUPE_EADDR, "%s listens at %s, which is no address for others: set the "
                            "option 'address' to the one that is", worker, bound);
    if (!troupe_endpoint_complete (self->address ? self->address : bound, bound, endpoint, sizeof endpoint)
        || !troupe_endpoint_is_good (endpoint))
        return troupe_fail (self->self, TROUPE_EADDR, "%s is no address for others", self->address ? self->address
                                                                                                   : bound);
    if (strcmp (endpoint, self->endpoint) != 0) {
        s_withdraw (self);
        strcpy (self->endpoint, endpoint);
    }
    s_announce (self);
    return 0;
}

//  One that is late is busy, and stays announced; one that is not there is not.
static int s_on_endpoint (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                          void *context)
{
    (void) context;
    s_announcer_t *announcer = state;
    int result = 0;
    announcer->asking = false;
    if (troupe_is_draining (self))
        return 0;
    if (outcome == TROUPE_CALL_OK)
        result = s_take_endpoint (announcer, troupe_message_text (reply));
    else if (outcome == TROUPE_CALL_DOWN || outcome == TROUPE_CALL_NO_SUCH_ACTOR)
        s_withdraw (announcer);
    else
        s_announce (announcer);
    if (result == 0 && !announcer->started)
        troupe_started (self);
    announcer->started = true;
    return result;
}

static int s_ask (s_announcer_t *self)
{
    if (self->asking)
        return 0;
    troupe_error_t error = troupe_call (self->worker, TROUPE_TAG_ENDPOINT, NULL, 0, TROUPE_POOL_ANNOUNCE_MS,
                                        s_on_endpoint, NULL, NULL);
    self->asking = error == TROUPE_OK;
    return error && !self->started ? troupe_fail_error (self->self, error, troupe_ref_address (self->worker)) : 0;
}

static int s_on_beat (troupe_actor_t *self, void *state, void *context)
{
    (void) context;
    return troupe_is_draining (self) ? 0 : s_ask (state);
}

//  --- Begin and end

static int s_prepare (troupe_actor_t *self, s_announcer_t *announcer)
{
    const troupe_announcer_t *spec = troupe_behavior (self)->constant;
    const char *pool = troupe_option (self, "pool", spec->pool);
    const char *worker = troupe_option (self, "worker", spec->worker);
    if (!pool || !worker)
        return troupe_fail_error (self, TROUPE_EINVAL, pool ? "an announcer without a worker"
                                                            : "an announcer without a pool");
    announcer->self = self;
    announcer->address = troupe_option (self, "address", spec->address);
    announcer->pool = troupe_ref (self, pool);
    announcer->worker = troupe_ref (self, worker);
    if (!announcer->pool || !announcer->worker)
        return troupe_fail_error (self, TROUPE_EINVAL, announcer->pool ? worker : pool);
    if (!troupe_every (self, TROUPE_POOL_ANNOUNCE_MS, s_on_beat, NULL))
        return troupe_fail_error (self, TROUPE_ENOMEM, "the announcer");
    return 0;
}

int troupe_announcer_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    s_announcer_t *announcer = calloc (1, sizeof *announcer);
    if (!announcer)
        return troupe_fail_error (self, TROUPE_ENOMEM, "the announcer");
    *state_p = announcer;
    strcpy (announcer->complaint, "it has not been asked");
    int result = s_prepare (self, announcer);
    if (result)
        return result;
    troupe_start_later (self);
    return s_ask (announcer);
}

static int s_on_disconnected (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                              void *context)
{
    (void) state;
    (void) outcome;
    (void) reply;
    (void) context;
    troupe_exit (self);
    return 0;
}

int troupe_announcer_drain (troupe_actor_t *self, void *state)
{
    s_announcer_t *announcer = state;
    if (!*announcer->endpoint || !announcer->announced
        || troupe_call (announcer->pool, TROUPE_POOL_DISCONNECT, announcer->endpoint, strlen (announcer->endpoint),
                        S_DISCONNECT_MS, s_on_disconnected, NULL, NULL))
        troupe_exit (self);
    return 0;
}

void troupe_announcer_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    free (state);
}
