/*  =========================================================================
    restart_test.c - the window of restarts, the pace of them, and their types

    Place: tests/unit, of runtime/core/supervision/restart.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>

#include "core/base/random.h"
#include "core/base/reason.h"
#include "core/supervision/restart.h"

//  --------------------------------------------------------------------------
//  How often

//  OTP's default: one restart in five seconds is bad luck, a second one is a fault that restarting does not cure.
Test (restart_window, default_bears_one_in_five_seconds)
{
    troupe_restart_window_t window;
    troupe_restart_window_init (&window, 0, 0);
    cr_assert (troupe_restart_window_add (&window, 1000));
    cr_assert_not (troupe_restart_window_add (&window, 6000));
    cr_assert (troupe_restart_window_add (&window, 6001));
    troupe_restart_window_clear (&window);
}

//  The window slides: it is not a bucket that empties every period.
Test (restart_window, slides)
{
    troupe_restart_window_t window;
    troupe_restart_window_init (&window, 3, 100);
    cr_assert (troupe_restart_window_add (&window, 0));
    cr_assert (troupe_restart_window_add (&window, 90));
    cr_assert (troupe_restart_window_add (&window, 99));
    cr_assert_not (troupe_restart_window_add (&window, 100));
    cr_assert (troupe_restart_window_add (&window, 101));
    cr_assert_not (troupe_restart_window_add (&window, 190));
    cr_assert (troupe_restart_window_add (&window, 191));
    troupe_restart_window_clear (&window);
}

//  0 means the default, so there is a number for none.
Test (restart_window, intensity_none_bears_nothing)
{
    troupe_restart_window_t window;
    troupe_restart_window_init (&window, TROUPE_INTENSITY_NONE, 0);
    cr_assert_not (troupe_restart_window_add (&window, 0));
    troupe_restart_window_clear (&window);
}

//  A gateway bears hundreds of failing handlers a second; memory grows with what happened, not with what is allowed.
Test (restart_window, large_limits_cost_only_what_is_used)
{
    troupe_restart_window_t window;
    troupe_restart_window_init (&window, 1000000, 10);
    for (int64_t now_ms = 0; now_ms < 10000; now_ms++)
        cr_assert (troupe_restart_window_add (&window, now_ms));
    cr_assert_leq (window.capacity, 16);
    troupe_restart_window_clear (&window);
    cr_assert_eq (window.times_ms, NULL);
    troupe_restart_window_clear (&window);
}

//  Against a list of all that ever happened.
Test (restart_window, agrees_with_counting_everything)
{
    troupe_random_state_t random;
    troupe_random_seed (&random, 5);
    troupe_restart_window_t window;
    troupe_restart_window_init (&window, 7, 50);
    static int64_t borne [2000];
    size_t count = 0;
    int64_t now_ms = 0;
    for (int step = 0; step < 2000; step++) {
        now_ms += (int64_t) troupe_random_limit (&random, 14);
        size_t within = 0;
        for (size_t index = 0; index < count; index++)
            within += now_ms - borne [index] <= 50;
        cr_assert_eq (troupe_restart_window_add (&window, now_ms), within < 7, "step %d", step);
        if (within < 7)
            borne [count++] = now_ms;
    }
    troupe_restart_window_clear (&window);
}

//  --------------------------------------------------------------------------
//  How long

//  OTP has no backoff: without one nothing is waited for.
Test (restart_pace, without_backoff_is_at_once)
{
    troupe_restart_pace_t pace = { 0 };
    troupe_backoff_t none = { 0 };
    for (int failure = 0; failure < 5; failure++)
        cr_assert_eq (troupe_restart_pace_next_ms (&pace, &none, 0, UINT64_MAX), 0);
}

//  Doubles from min to max, and stays there.
Test (restart_pace, doubles_up_to_its_limit)
{
    troupe_restart_pace_t pace = { 0 };
    troupe_backoff_t backoff = { .min_ms = 100, .max_ms = 1000 };
    static const int64_t expected [] = { 100, 200, 400, 800, 1000, 1000 };
    for (int failure = 0; failure < 6; failure++)
        cr_assert_eq (troupe_restart_pace_next_ms (&pace, &backoff, 0, 0), expected [failure]);
}

//  The factor is the spec's to choose.
Test (restart_pace, grows_by_its_factor)
{
    troupe_restart_pace_t pace = { 0 };
    troupe_backoff_t backoff = { .min_ms = 10, .max_ms = 100000, .factor = 3 };
    static const int64_t expected [] = { 10, 30, 90, 270 };
    for (int failure = 0; failure < 4; failure++)
        cr_assert_eq (troupe_restart_pace_next_ms (&pace, &backoff, 0, 0), expected [failure]);
}

//  Without a limit an hour is one; thousands of failures must not overflow anything.
Test (restart_pace, never_waits_more_than_an_hour_by_default)
{
    troupe_restart_pace_t pace = { 0 };
    troupe_backoff_t backoff = { .min_ms = 1000 };
    int64_t delay_ms = 0;
    for (int failure = 0; failure < 20000; failure++)
        delay_ms = troupe_restart_pace_next_ms (&pace, &backoff, 0, 0);
    cr_assert_eq (delay_ms, 3600000);
    troupe_backoff_t endless = { .min_ms = INT64_MAX, .max_ms = INT64_MAX, .factor = 1e300 };
    cr_assert_gt (troupe_restart_pace_next_ms (&pace, &endless, 0, 0), 0);
}

//  A child that fails once a day is not to wait for the failures of last week.
Test (restart_pace, begins_again_after_a_quiet_time)
{
    troupe_restart_pace_t pace = { 0 };
    troupe_backoff_t backoff = { .min_ms = 100, .max_ms = 1000, .reset_ms = 5000 };
    cr_assert_eq (troupe_restart_pace_next_ms (&pace, &backoff, 0, 0), 100);
    cr_assert_eq (troupe_restart_pace_next_ms (&pace, &backoff, 100 + 4999, 0), 200);
    cr_assert_eq (troupe_restart_pace_next_ms (&pace, &backoff, 5099 + 200 + 5000, 0), 100);
}

//  The default quiet time is ten times max; waiting for the restart itself is not quiet time.
Test (restart_pace, quiet_time_begins_with_the_restart)
{
    troupe_restart_pace_t pace = { 0 };
    troupe_backoff_t backoff = { .min_ms = 100, .max_ms = 100 };
    troupe_restart_pace_next_ms (&pace, &backoff, 0, 0);
    troupe_restart_pace_next_ms (&pace, &backoff, 100 + 999, 0);
    cr_assert_eq (pace.failures, 2);
    troupe_restart_pace_next_ms (&pace, &backoff, 1099 + 100 + 1000, 0);
    cr_assert_eq (pace.failures, 1);
}

//  Jitter spreads a herd of restarts; it only ever shortens, and by no more than it says.
Test (restart_pace, jitter_shortens_within_its_bounds)
{
    troupe_random_state_t random;
    troupe_random_seed (&random, 3);
    troupe_backoff_t backoff = { .min_ms = 1000, .max_ms = 1000, .jitter = 0.25 };
    int64_t least = INT64_MAX, most = 0;
    for (int failure = 0; failure < 1000; failure++) {
        troupe_restart_pace_t pace = { 0 };
        int64_t delay_ms = troupe_restart_pace_next_ms (&pace, &backoff, 0, troupe_random_next (&random));
        least = delay_ms < least ? delay_ms : least;
        most = delay_ms > most ? delay_ms : most;
    }
    cr_assert (least >= 750 && least < 760, "%ld", (long) least);
    cr_assert (most <= 1000 && most > 990, "%ld", (long) most);
}

//  Specs are written by hand: what makes no sense must still be a delay.
Test (restart_pace, jitter_out_of_range_is_cut)
{
    troupe_restart_pace_t pace = { 0 };
    troupe_backoff_t wild = { .min_ms = 1000, .max_ms = 1000, .jitter = 7 };
    cr_assert_geq (troupe_restart_pace_next_ms (&pace, &wild, 0, UINT64_MAX), 0);
    wild.jitter = -1;
    cr_assert_eq (troupe_restart_pace_next_ms (&pace, &wild, 0, UINT64_MAX), 1000);
}

//  --------------------------------------------------------------------------
//  Whether

//  OTP's table of types and ends.
Test (restart_type, decides_by_how_the_child_ended)
{
    for (int kind = TROUPE_REASON_NORMAL; kind <= TROUPE_REASON_NO_SUCH_ACTOR; kind++) {
        troupe_reason_t reason;
        troupe_reason_set (&reason, (troupe_reason_kind_t) kind, 0, "a", 1, "", NULL);
        cr_assert (troupe_restart_wanted (TROUPE_PERMANENT, &reason));
        cr_assert_eq (troupe_restart_wanted (TROUPE_TRANSIENT, &reason), kind > TROUPE_REASON_SHUTDOWN);
        cr_assert_not (troupe_restart_wanted (TROUPE_TEMPORARY, &reason));
    }
}
