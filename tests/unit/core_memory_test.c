/*  =========================================================================
    core_memory_test.c - timers, reasons and decisions when memory runs out

    Place: tests/unit, of runtime/core. The first, second, third ... allocation
    fails, until a scenario passes without one; each time what was promised
    still holds, and nothing leaks (this runs under ASan too).

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdlib.h>

#include <criterion/criterion.h>

#include "core/base/reason.h"
#include "core/supervision/supervision.h"
#include "core/base/timers.h"
#include "scarce.h"

//  --------------------------------------------------------------------------

static int s_on_timer (troupe_actor_t *self, void *state, void *context)
{
    (void) self;
    (void) state;
    (void) context;
    return 0;
}

static void s_use_timers (void)
{
    troupe_timers_t timers = { 0 };
    uint64_t ids [40];
    size_t armed = 0;
    for (int index = 0; index < 40; index++) {
        ids [armed] = troupe_timers_add (&timers, 40 - index, 0, s_on_timer, NULL);
        armed += ids [armed] != 0;
    }
    cr_assert_eq (troupe_timers_count (&timers), armed);
    for (size_t index = 0; index < armed; index++)
        cr_assert (troupe_timers_cancel (&timers, ids [index]));
    troupe_timers_clear (&timers);
}

//  A timer that cannot be set is an error of its own; those that are set stay so.
Test (core_memory, timers_that_are_set_stay_set)
{
    scarce_sweep (s_use_timers);
}

static void s_copy_reason (void)
{
    troupe_reason_t cause, reason;
    uint8_t bytes [TROUPE_REASON_ENCODED_MAX];
    troupe_reason_set (&cause, TROUPE_REASON_FAILED, 5, "b", 1, "", NULL);
    troupe_reason_set (&reason, TROUPE_REASON_INTENSITY, 0, "a", 1, "", &cause);
    troupe_reason_t *copy = troupe_reason_copy (&reason);
    cr_assert_eq (copy == NULL, scarce_failed ());
    troupe_reason_destroy (&copy);
    size_t size = troupe_reason_encode (&reason, bytes, sizeof bytes);
    copy = troupe_reason_decode (bytes, size);
    cr_assert (copy || scarce_failed ());
    troupe_reason_destroy (&copy);
}

//  Half a chain would tell half the truth.
Test (core_memory, reasons_are_copied_whole_or_not)
{
    scarce_sweep (s_copy_reason);
}

static size_t s_take_all (troupe_supervision_t *self)
{
    troupe_supervision_action_t action;
    size_t count = 0;
    while (troupe_supervision_next (self, &action))
        count++;
    return count;
}

static void s_tell (troupe_supervision_t *self, troupe_supervision_event_kind_t kind, size_t child, int64_t now_ms)
{
    troupe_reason_t reason = { .kind = TROUPE_REASON_FAILED };
    troupe_supervision_event_t event = { .kind = kind, .child = child, .now_ms = now_ms, .reason = &reason };
    troupe_supervision_handle (self, &event);
    s_take_all (self);
}

static void s_supervise (void)
{
    static const troupe_child_t child = { .id = "a" };
    static const troupe_supervisor_t spec = { .intensity = 30 };
    troupe_supervision_t supervision;
    troupe_supervision_init (&supervision, &spec);
    size_t count = 0;
    while (count < 20 && troupe_supervision_add (&supervision, &child) != TROUPE_SUPERVISION_NO_CHILD)
        count++;
    s_tell (&supervision, TROUPE_SUPERVISION_BEGIN, 0, 0);
    for (size_t number = 0; number < count; number++)
        s_tell (&supervision, TROUPE_SUPERVISION_CHILD_STARTED, number, 0);
    for (int64_t now_ms = 0; count && now_ms < 60; now_ms++) {
        s_tell (&supervision, TROUPE_SUPERVISION_CHILD_ENDED, 0, now_ms);
        s_tell (&supervision, TROUPE_SUPERVISION_CHILD_STARTED, 0, now_ms);
    }
    cr_assert (count == 0 || scarce_failed () || troupe_supervision_is_ending (&supervision));
    s_tell (&supervision, TROUPE_SUPERVISION_END, 0, 60);
    for (size_t number = count; number-- > 0; )
        s_tell (&supervision, TROUPE_SUPERVISION_CHILD_GONE, number, 60);
    cr_assert_eq (supervision.operation, TROUPE_SUPERVISION_ENDED);
    troupe_supervision_clear (&supervision);
}

//  A supervisor without memory still restarts, counts as well as it can, and ends.
Test (core_memory, decisions_go_on_without_memory)
{
    scarce_sweep (s_supervise);
}
