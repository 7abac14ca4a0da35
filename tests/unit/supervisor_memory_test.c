/*  =========================================================================
    supervisor_memory_test.c - the supervisor when memory runs out

    Place: tests/unit, of actors/supervisor. The public functions that a
    supervisor calls are played here, so that only its own allocations fail:
    the first, the second, the third ... Each time it either does what it was
    asked to or says that it cannot, and nothing leaks (this runs under ASan).

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include <troupe/supervisor.h>
#include <troupe/timer.h>

#include "scarce.h"

//  --------------------------------------------------------------------------
//  The world, as far as a supervisor sees it: links are numbers, events are told by the tests

#define S_LINKS 100

struct troupe_link {
    troupe_child_fn *on_event;
    void *context;
    bool alive;
};

struct troupe_message {
    uint16_t tag;
    const char *text;
};

static struct troupe_link s_links [S_LINKS];
static size_t s_link_count;
static bool s_started, s_exited, s_refused;

troupe_error_t troupe_spawn (troupe_actor_t *self, const troupe_child_t *spec, troupe_child_fn *on_event,
                             void *context, troupe_link_t **link_p)
{
    (void) self;
    cr_assert_lt (s_link_count, S_LINKS);
    cr_assert_not_null (spec->id);
    s_links [s_link_count] = (struct troupe_link) { .on_event = on_event, .context = context, .alive = true };
    *link_p = &s_links [s_link_count++];
    return TROUPE_OK;
}

void troupe_link_restart (troupe_link_t *link)
{
    (void) link;
}

void troupe_link_halt (troupe_link_t *link, int64_t shutdown_ms)
{
    (void) link;
    (void) shutdown_ms;
}

void troupe_link_stop (troupe_link_t *link, int64_t shutdown_ms)
{
    (void) shutdown_ms;
    link->alive = false;
}

int troupe_fail (troupe_actor_t *self, int code, const char *format, ...)
{
    (void) self;
    (void) format;
    return code;
}

int troupe_fail_error (troupe_actor_t *self, troupe_error_t error, const char *what)
{
    (void) self;
    (void) what;
    return (int) error;
}

int troupe_fail_because (troupe_actor_t *self, troupe_reason_kind_t kind, const troupe_reason_t *cause,
                         const char *format, ...)
{
    (void) self;
    (void) kind;
    (void) cause;
    (void) format;
    return -1;
}

troupe_timer_t troupe_after (troupe_actor_t *self, int64_t delay_ms, troupe_timer_fn *on_timer, void *context)
{
    (void) self;
    (void) delay_ms;
    (void) on_timer;
    (void) context;
    return 1;
}

bool troupe_cancel (troupe_actor_t *self, troupe_timer_t timer)
{
    (void) self;
    return timer != 0;
}

int64_t troupe_now_ms (const troupe_actor_t *self)
{
    (void) self;
    return 0;
}

uint64_t troupe_random (troupe_actor_t *self)
{
    (void) self;
    return 0;
}

void troupe_log (troupe_actor_t *self, troupe_log_level_t level, const char *format, ...)
{
    (void) self;
    (void) level;
    (void) format;
}

bool troupe_log_enabled (const troupe_actor_t *self, troupe_log_level_t level)
{
    (void) self;
    (void) level;
    return false;
}

const char *troupe_config (troupe_actor_t *self, const char *path, const char *fallback)
{
    (void) self;
    return strstr (path, "endpoint") ? "inproc://elsewhere" : fallback;
}

void troupe_start_later (troupe_actor_t *self)
{
    (void) self;
}

void troupe_started (troupe_actor_t *self)
{
    (void) self;
    s_started = true;
}

void troupe_exit (troupe_actor_t *self)
{
    (void) self;
    s_exited = true;
}

bool troupe_is_draining (const troupe_actor_t *self)
{
    (void) self;
    return true;
}

uint16_t troupe_message_tag (const troupe_message_t *message)
{
    return message->tag;
}

const void *troupe_message_data (const troupe_message_t *message)
{
    return message->text;
}

size_t troupe_message_size (const troupe_message_t *message)
{
    return strlen (message->text);
}

const char *troupe_message_text (const troupe_message_t *message)
{
    return message->text;
}

troupe_error_t troupe_reply (troupe_actor_t *self, troupe_message_t *message, const void *data, size_t size)
{
    (void) self;
    (void) message;
    cr_assert_eq (memchr (data, 0, size), NULL);
    return TROUPE_OK;
}

troupe_error_t troupe_reply_failure (troupe_actor_t *self, troupe_message_t *message, const char *format, ...)
{
    (void) self;
    (void) message;
    (void) format;
    s_refused = true;
    return TROUPE_OK;
}

troupe_caller_t *troupe_defer (troupe_actor_t *self, troupe_message_t *message)
{
    (void) self;
    (void) message;
    return NULL;
}

troupe_error_t troupe_answerf (troupe_caller_t **caller_p, const char *format, ...)
{
    (void) caller_p;
    (void) format;
    return TROUPE_ESTATE;
}

troupe_error_t troupe_answer_failure (troupe_caller_t **caller_p, const char *format, ...)
{
    (void) caller_p;
    (void) format;
    return TROUPE_ESTATE;
}

//  --------------------------------------------------------------------------
//  Scenarios

static int s_tell (void *state, size_t link, troupe_child_event_kind_t kind)
{
    static const troupe_reason_t reason = { .kind = TROUPE_REASON_FAILED };
    troupe_child_event_t event = { .kind = kind, .incarnation = 1 };
    if (kind != TROUPE_CHILD_STARTED)
        event.reason = &reason;
    return s_links [link].on_event (NULL, state, &s_links [link], &event, s_links [link].context);
}

static int s_start (const troupe_supervisor_t *spec, void **state_p)
{
    s_link_count = 0;
    s_started = s_exited = s_refused = false;
    return troupe_supervisor_behavior.start (NULL, state_p, &spec, sizeof spec);
}

static void s_stop (void *state)
{
    troupe_reason_t reason = { .kind = TROUPE_REASON_SHUTDOWN };
    if (state)
        troupe_supervisor_behavior.stop (NULL, state, &reason);
}

static void s_supervise_many (void)
{
    static const troupe_behavior_t behavior = { .name = "worker" };
    static const troupe_child_t children [] = {
        { .id = "a", .behavior = &behavior, .instances = 40 }, { .id = "b", .behavior = &behavior }, { .id = NULL } };
    static const troupe_supervisor_t spec = { .children = children, .intensity = 9 };
    void *state = NULL;
    int result = s_start (&spec, &state);
    cr_assert_eq (result, scarce_failed () ? TROUPE_ENOMEM : 0);
    if (result == 0) {
        for (size_t link = 0; link < s_link_count; link++)
            cr_assert_eq (s_tell (state, link, TROUPE_CHILD_STARTED), 0);
        cr_assert (s_started && s_link_count == 41);
        for (int failure = 0; failure < 6; failure++) {
            cr_assert_eq (s_tell (state, 3, TROUPE_CHILD_ENDED), 0);
            cr_assert_eq (s_tell (state, 3, TROUPE_CHILD_STARTED), 0);
        }
        cr_assert_eq (troupe_supervisor_behavior.drain (NULL, state), 0);
        for (size_t link = s_link_count; link-- > 0; )
            cr_assert_eq (s_tell (state, link, TROUPE_CHILD_GONE), 0);
        cr_assert (s_exited);
    }
    s_stop (state);
}

//  Children that cannot be remembered cannot be started: the start fails, and says why.
Test (supervisor_memory, start_succeeds_or_fails_whole)
{
    scarce_sweep (s_supervise_many);
}

static void s_add_children (void)
{
    static const troupe_behavior_t behavior = { .name = "worker" };
    static const troupe_child_t children [] = { { .id = "a", .behavior = &behavior }, { .id = NULL } };
    static const troupe_supervisor_t spec = { .strategy = TROUPE_SIMPLE_ONE_FOR_ONE, .children = children };
    troupe_message_t start = { .tag = TROUPE_SUPERVISOR_START_CHILD, .text = "args" };
    troupe_message_t list = { .tag = TROUPE_SUPERVISOR_LIST, .text = "" };
    void *state = NULL;
    size_t refused = 0;
    cr_assert_eq (s_start (&spec, &state), scarce_failed () ? TROUPE_ENOMEM : 0);
    for (int child = 0; state && child < 20; child++) {
        s_refused = false;
        cr_assert_eq (troupe_supervisor_behavior.receive (NULL, state, &start), 0);
        refused += s_refused;
    }
    if (state) {
        cr_assert_eq (s_link_count + refused, 20);
        cr_assert_leq (refused, 1);
        cr_assert_eq (troupe_supervisor_behavior.receive (NULL, state, &list), 0);
    }
    s_stop (state);
}

//  A request that needs more than there is gets refused; the children that run know nothing of it.
Test (supervisor_memory, requests_are_served_or_refused)
{
    scarce_sweep (s_add_children);
}
