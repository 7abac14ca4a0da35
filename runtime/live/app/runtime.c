/*  =========================================================================
    live/app/runtime.c - a troupe: what all actors share, and the guest

    Place: runtime/live, at the top; implements troupe/runtime.h. The thread
    that makes the troupe is a guest: a cell without behavior and mailbox whose
    rounds are run by troupe_run and the functions that wait. The root
    supervisor is its child.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/actor/live.h"
#include "live/app/runtime.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define S_ROOT "root"
#define S_DESTROY_MS 10000

struct troupe {
    troupe_shared_t shared;
    troupe_names_t *names;
    troupe_live_t *guest;
    troupe_link_t *root;
    troupe_supervisor_t spec;           //  Of the root; lives as long as its supervisor
    troupe_reason_t *reason;            //  Why the root has ended
    int log_original;
    bool started, ended, interrupted, stopping, left_behind;
};

//  --- Making

static void s_make_prefix (troupe_shared_t *shared)
{
    uint64_t id = 0;
    if (getrandom (&id, sizeof id, GRND_NONBLOCK) != (ssize_t) sizeof id)
        id = (uint64_t) troupe_clock_us ();
    snprintf (shared->prefix, sizeof shared->prefix, "inproc://troupe-%016" PRIx64, id);
    snprintf (shared->names, sizeof shared->names, "%s/names", shared->prefix);
}

static void s_make_logger (troupe_t *self, const troupe_options_t *options)
{
    self->log_original = STDERR_FILENO;
    self->shared.logger = (troupe_logger_t) { .level = options->log_level, .log = options->log,
                                              .context = options->log_context, .descriptor = -1 };
    if (!options->log)
        self->shared.logger.descriptor = troupe_log_open (STDERR_FILENO);
}

//  Before there is an actor to do it.
static void s_log_error (const troupe_t *self, const char *text)
{
    struct timespec now;
    clock_gettime (CLOCK_REALTIME, &now);
    troupe_logger_t logger = self->shared.logger;
    troupe_log_record_t record = { .level = TROUPE_LOG_ERROR,
                                   .wall_clock_ms = (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000 };
    troupe_log_write (&logger, &record, text);
}

static troupe_error_t s_make_guest (troupe_t *self)
{
    static const troupe_child_t spec = { .id = "guest" };
    self->guest = troupe_live_new (&self->shared, &spec, self->shared.prefix, false);
    if (!self->guest)
        return TROUPE_ENOMEM;
    troupe_cell_start (&self->guest->cell);
    return TROUPE_OK;
}

static troupe_error_t s_make (troupe_t *self, const troupe_options_t *options, char *why, size_t why_size)
{
    s_make_prefix (&self->shared);
    s_make_logger (self, options);
    self->shared.polls = !options->no_polling && sysconf (_SC_NPROCESSORS_ONLN) > 1;
    troupe_error_t error = troupe_shared_open (&self->shared, options->config_file, options->settings,
                                               options->program, why, why_size);
    if (error)
        return error;
    self->names = troupe_names_new (self->shared.context, self->shared.names, &error);
    return self->names ? s_make_guest (self) : error;
}

static void s_free (troupe_t *self)
{
    troupe_live_destroy (&self->guest);
    troupe_names_destroy (&self->names);
    troupe_log_close (self->shared.logger.descriptor, self->log_original);
    troupe_shared_close (&self->shared);
    troupe_reason_destroy (&self->reason);
    free (self);
}

static troupe_t *s_new (const troupe_options_t *options, troupe_error_t *error_p, char *why, size_t why_size, bool log)
{
    static const troupe_options_t defaults = { .log_level = TROUPE_LOG_INFO };
    troupe_t *self = calloc (1, sizeof *self);
    troupe_error_t error = self ? s_make (self, options ? options : &defaults, why, why_size) : TROUPE_ENOMEM;
    if (!error)
        return self;
    if (self && log && *why)
        s_log_error (self, why);
    if (self)
        s_free (self);
    if (error_p)
        *error_p = error;
    return NULL;
}

troupe_t *troupe_new (const troupe_options_t *options, troupe_error_t *error_p)
{
    char why [512] = "";
    return s_new (options, error_p, why, sizeof why, true);
}

troupe_t *troupe_new_or_why (const troupe_options_t *options, troupe_error_t *error_p, char *why, size_t why_size)
{
    *why = 0;
    return s_new (options, error_p, why, why_size, false);
}

troupe_actor_t *troupe_guest (troupe_t *troupe)
{
    return &troupe->guest->cell;
}

//  --- The root

static int s_on_root (troupe_actor_t *cell, void *state, troupe_link_t *link, const troupe_child_event_t *event,
                      void *context)
{
    (void) cell;
    (void) state;
    troupe_t *self = context;
    if (event->kind == TROUPE_CHILD_STARTED)
        self->started = true;
    if (event->kind == TROUPE_CHILD_ENDED || event->kind == TROUPE_CHILD_GONE) {
        troupe_reason_t *copy = event->reason ? troupe_reason_copy (event->reason) : NULL;
        if (copy) {
            troupe_reason_destroy (&self->reason);
            self->reason = copy;
        }
    }
    if (event->kind == TROUPE_CHILD_ENDED)
        troupe_link_stop (link, TROUPE_SHUTDOWN_INFINITY);
    if (event->kind == TROUPE_CHILD_GONE) {
        self->root = NULL;
        self->ended = true;
    }
    return 0;
}

static int64_t s_until_us (int64_t timeout_ms)
{
    int64_t now_us = troupe_clock_us ();
    return timeout_ms >= (TROUPE_FOREVER - now_us) / 1000 ? TROUPE_FOREVER - 1 : now_us + timeout_ms * 1000;
}

//  A guest that has failed has no life left in which to be told anything: its children are gone, the root too.
static bool s_guest_lives (troupe_t *self)
{
    if (self->guest->cell.cell_state != TROUPE_CELL_FINAL)
        return true;
    self->root = NULL;
    self->ended = true;
    return false;
}

troupe_error_t troupe_start (troupe_t *troupe, const troupe_supervisor_t *root, int64_t timeout_ms)
{
    if (!s_guest_lives (troupe))
        return TROUPE_EDOWN;
    if (troupe->root || !root)
        return TROUPE_ESTATE;
    troupe->spec = *root;
    troupe->started = troupe->ended = troupe->stopping = false;
    troupe_reason_destroy (&troupe->reason);
    troupe_child_t spec = { .id = S_ROOT, .supervisor = &troupe->spec, .endpoint = "" };
    troupe_cell_refresh (&troupe->guest->cell);
    troupe_error_t error = troupe_spawn (&troupe->guest->cell, &spec, s_on_root, troupe, &troupe->root);
    int64_t until_us = s_until_us (timeout_ms);
    while (!error && s_guest_lives (troupe) && !troupe->started && !troupe->ended) {
        troupe_live_run (troupe->guest, until_us);
        if (!troupe->started && !troupe->ended && troupe_clock_us () >= until_us)
            error = TROUPE_ETIMEOUT;
    }
    if (!error && troupe->started)
        return TROUPE_OK;
    if (troupe->root)
        troupe_stop (troupe, S_DESTROY_MS);
    return error ? error : TROUPE_EFAILED;
}

troupe_error_t troupe_run (troupe_t *troupe, int64_t timeout_ms)
{
    bool ran = troupe_live_run (troupe->guest, s_until_us (timeout_ms));
    if (!s_guest_lives (troupe) || troupe->ended)
        return TROUPE_EDOWN;
    return ran ? TROUPE_OK : TROUPE_ETIMEOUT;
}

const troupe_reason_t *troupe_exit_reason (const troupe_t *troupe)
{
    return troupe->root ? NULL : troupe->reason;
}

//  --- Talking

typedef struct {
    bool done;
    troupe_outcome_t outcome;
    troupe_message_t *reply;
} s_answer_t;

static int s_on_answer (troupe_actor_t *cell, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                        void *context)
{
    (void) cell;
    (void) state;
    s_answer_t *answer = context;
    answer->done = true;
    answer->outcome = outcome;
    answer->reply = reply ? troupe_message_keep (reply) : NULL;
    return 0;
}

troupe_outcome_t troupe_call_wait (troupe_t *troupe, const char *address, uint16_t tag, const void *data, size_t size,
                                   int64_t timeout_ms, troupe_message_t **reply_p)
{
    s_answer_t answer = { .outcome = TROUPE_CALL_NO_SUCH_ACTOR };
    troupe_call_t call = 0;
    troupe_actor_t *guest = &troupe->guest->cell;
    if (reply_p)
        *reply_p = NULL;
    troupe_cell_refresh (guest);
    troupe_ref_t *ref = troupe_ref (guest, address);
    troupe_error_t error = ref ? troupe_call (ref, tag, data, size, timeout_ms, s_on_answer, &answer, &call)
                               : TROUPE_EINVAL;
    if (error == TROUPE_ENOMEM || error == TROUPE_EFILES)
        return TROUPE_CALL_FULL;
    if (error)
        return TROUPE_CALL_NO_SUCH_ACTOR;
    for (bool cancelled = false; !answer.done && s_guest_lives (troupe);) {
        if (troupe->interrupted && !cancelled)
            cancelled = troupe_call_cancel (guest, call);
        troupe_live_run (troupe->guest, TROUPE_FOREVER - 1);
    }
    if (!answer.done)
        answer.outcome = TROUPE_CALL_CANCELLED;
    if (reply_p)
        *reply_p = answer.reply;
    else
        troupe_message_destroy (&answer.reply);
    return answer.outcome;
}

void troupe_interrupt (troupe_t *troupe)
{
    troupe->interrupted = true;
}

troupe_error_t troupe_cast_now (troupe_t *troupe, const char *address, uint16_t tag, const void *data, size_t size)
{
    troupe_actor_t *guest = &troupe->guest->cell;
    troupe_cell_refresh (guest);
    troupe_ref_t *ref = troupe_ref (guest, address);
    troupe_error_t error = ref ? troupe_cast (ref, tag, data, size) : TROUPE_EINVAL;
    troupe_cell_flush (guest);
    return error;
}

//  --- The end

troupe_error_t troupe_stop (troupe_t *troupe, int64_t timeout_ms)
{
    troupe_cell_refresh (&troupe->guest->cell);
    if (troupe->root && !troupe->stopping)
        troupe_link_stop (troupe->root, timeout_ms > 0 ? timeout_ms : 1);
    troupe->stopping = true;
    while (troupe->root && s_guest_lives (troupe))
        troupe_live_run (troupe->guest, TROUPE_FOREVER - 1);
    //  Some may have come to their end meanwhile, and said so.
    while (troupe->guest->cell.abandoned && s_guest_lives (troupe)
           && troupe_live_run (troupe->guest, troupe_clock_us ()))
        continue;
    troupe->left_behind = troupe->guest->cell.abandoned > 0;
    return troupe->left_behind ? TROUPE_ETIMEOUT : TROUPE_OK;
}

//  Threads that hang still use what is shared: it is left to them, but for the directory, whose folder has to go.
void troupe_destroy (troupe_t **troupe_p)
{
    troupe_t *self = troupe_p ? *troupe_p : NULL;
    if (!self)
        return;
    *troupe_p = NULL;
    troupe_stop (self, S_DESTROY_MS);
    troupe_cell_shut_down (&self->guest->cell);
    while (self->guest->cell.cell_state != TROUPE_CELL_FINAL)
        troupe_live_run (self->guest, TROUPE_FOREVER - 1);
    if (self->left_behind) {
        troupe_names_destroy (&self->names);
        return;
    }
    s_free (self);
}
