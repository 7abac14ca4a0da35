/*  =========================================================================
    process_test - children that are processes: how they live

    Place: tests/live, of runtime/live/children/process.c, hosted.c and program.c. What
    the actor of process_program does is told by its args, or by a call.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "process_world.h"

//  A sanitizer keeps what was freed for a while.
#ifdef __SANITIZE_ADDRESS__
#define PROCESS_GROWTH_KIB 65536
#else
#define PROCESS_GROWTH_KIB 2048
#endif

//  --- Life

//  A child is a child, wherever it runs.
Test (process, starts_and_stops_like_a_thread, .timeout = 30)
{
    troupe_t *troupe = process_new (PROCESS_PROGRAM);
    troupe_link_t *link = process_spawn (troupe, "", 0);
    cr_expect_str_eq (world_notes (troupe, 1), "STARTED#1");
    troupe_link_stop (link, TROUPE_SHUTDOWN_DEFAULT);
    cr_expect_str_eq (world_notes (troupe, 2), "ENDED#1:SHUTDOWN:0: GONE#1:SHUTDOWN:0:");
    process_end (troupe);
}

//  What the operator sees, and what a supervisor decides by.
Test (process, ends_with_how_it_ended, .timeout = 60)
{
    static const char *const cases [] [2] = {
        { "segv", "CRASHED:11:SIGSEGV" },
        { "overflow", "CRASHED:11:SIGSEGV" },
        { "abort", "CRASHED:6:SIGABRT" },
        { "exit 3", "CRASHED:0:exit status 3" },
        { "exit 0", "CRASHED:0:exit status 0" },
        { "_exit 7", "CRASHED:0:exit status 7" },
        { "kill", "CRASHED:9:SIGKILL, from outside or for want of memory" },
    };
    troupe_t *troupe = process_new (PROCESS_PROGRAM);
    for (size_t index = 0; index < sizeof cases / sizeof cases [0]; index++) {
        char expected [256];
        troupe_link_t *link = process_spawn (troupe, "", 0);
        cr_expect_str_eq (world_notes (troupe, 1), "STARTED#1");
        cr_expect_str_eq (process_ask (troupe, cases [index] [0]), "DOWN");
        snprintf (expected, sizeof expected, "ENDED#1:%s", cases [index] [1]);
        cr_expect_str_eq (world_notes (troupe, 1), expected);
        troupe_link_stop (link, TROUPE_SHUTDOWN_DEFAULT);
        snprintf (expected, sizeof expected, "GONE#1:%s", cases [index] [1]);
        cr_expect_str_eq (world_notes (troupe, 1), expected);
    }
    process_end (troupe);
}

//  What happens in start is a start that failed, if only by a signal.
Test (process, that_dies_in_its_start_has_not_started, .timeout = 30)
{
    troupe_t *troupe = process_new (PROCESS_PROGRAM);
    process_spawn (troupe, "fail", 0);
    cr_expect_str_eq (world_notes (troupe, 1), "ENDED#1:START_FAILED:5:told to");
    process_stop_all (troupe, 1);
    process_spawn (troupe, "segv", 0);
    cr_expect_str_eq (world_notes (troupe, 1), "ENDED#1:CRASHED:11:SIGSEGV");
    process_stop_all (troupe, 1);
    process_end (troupe);
}

//  A failure needs no new process; a crash does. Either is the next incarnation.
Test (process, is_the_same_after_a_failure_and_another_after_a_crash, .timeout = 30)
{
    long first, second, third;
    unsigned incarnation;
    troupe_t *troupe = process_new (PROCESS_PROGRAM);
    process_spawn (troupe, "", 2);
    world_notes (troupe, 1);
    cr_assert_eq (sscanf (process_ask (troupe, "life"), "OK %ld %u", &first, &incarnation), 2);
    cr_expect_eq (incarnation, 1);
    cr_expect_str_eq (process_ask (troupe, "fail"), "FAILED told to");
    cr_expect_str_eq (world_notes (troupe, 2), "ENDED#1:FAILED:5:told to STARTED#2");
    cr_assert_eq (sscanf (process_ask (troupe, "life"), "OK %ld %u", &second, &incarnation), 2);
    cr_expect_eq (incarnation, 2);
    cr_expect_str_eq (process_ask (troupe, "segv"), "DOWN");
    cr_expect_str_eq (world_notes (troupe, 2), "ENDED#2:CRASHED:11:SIGSEGV STARTED#3");
    cr_assert_eq (sscanf (process_ask (troupe, "life"), "OK %ld %u", &third, &incarnation), 2);
    cr_expect_eq (incarnation, 3);
    cr_expect (first == second && second != third && first != (long) getpid ());
    process_stop_all (troupe, 2);
    process_end (troupe);
}

//  --- Ends

//  A process has no choice.
Test (process, that_hangs_is_killed_at_once_by_a_brutal_end, .timeout = 30)
{
    troupe_t *troupe = process_new (PROCESS_PROGRAM);
    troupe_link_t *link = process_spawn (troupe, "later hang", 0);
    world_notes (troupe, 1);
    troupe_link_stop (link, TROUPE_SHUTDOWN_BRUTAL_KILL);
    cr_expect_str_eq (world_notes (troupe, 2), "ENDED#1:KILLED:0:brutal_kill GONE#1:KILLED:0:brutal_kill");
    process_end (troupe);
}

//  Nobody is given up who can be killed.
Test (process, that_does_not_stop_in_time_is_killed, .timeout = 30)
{
    troupe_t *troupe = process_new (PROCESS_PROGRAM);
    troupe_link_t *link = process_spawn (troupe, "stubborn", 0);
    world_notes (troupe, 1);
    troupe_link_stop (link, 50);
    const char *notes = world_notes (troupe, 3);
    cr_expect_eq (strncmp (notes, "WEDGED#1:WEDGED:0:it was seen in no callback; its process ", 58), 0, "%s", notes);
    cr_expect_not_null (strstr (notes, " ENDED#1:KILLED:0:it did not stop in time GONE#1:KILLED:0:it did not"), "%s",
                        notes);
    process_end (troupe);
}

//  Whoever reads the log has to know what to look for.
Test (process, that_does_not_stop_is_told_with_what_it_hangs_in, .timeout = 30)
{
    troupe_t *troupe = process_new (PROCESS_PROGRAM);
    troupe_link_t *link = process_spawn (troupe, "", 0);
    world_notes (troupe, 1);
    troupe_ref_t *ref = troupe_ref (troupe_guest (troupe), "puppet");
    cr_assert_eq (troupe_call (ref, 0, "hang", 4, WORLD_MS, world_on_reply, NULL, NULL), TROUPE_OK);
    troupe_flush (troupe_guest (troupe));
    cr_assert_str_eq (process_ask_for (troupe, "life", 100), "TIMEOUT");
    troupe_link_stop (link, 1000);
    const char *notes = world_notes (troupe, 4);
    cr_expect_eq (strncmp (notes, "WEDGED#1:WEDGED:0:it has been handling tag 0 from guest for ", 60), 0, "%s", notes);
    cr_expect_not_null (strstr (notes, " ms; its process "), "%s", notes);
    cr_expect_not_null (strstr (notes, " ENDED#1:KILLED:0:it did not stop in time"), "%s", notes);
    process_end (troupe);
}

//  A start that was a success stays one, however soon the process is lost.
Test (process, that_crashes_as_soon_as_it_has_started_has_started, .timeout = 60)
{
    troupe_t *troupe = process_new (PROCESS_PROGRAM);
    process_spawn (troupe, "later segv", 20);
    for (unsigned life = 1; life <= 21; life++) {
        char expected [96];
        snprintf (expected, sizeof expected, "STARTED#%u ENDED#%u:CRASHED:11:SIGSEGV", life, life);
        cr_expect_str_eq (world_notes (troupe, 2), expected);
    }
    process_stop_all (troupe, 1);
    process_end (troupe);
}

//  It may be stopped before its program has said anything.
Test (process, can_be_stopped_before_it_runs, .timeout = 30)
{
    troupe_t *troupe = process_new (PROCESS_PROGRAM);
    troupe_link_t *link = process_spawn (troupe, "", 0);
    troupe_link_stop (link, TROUPE_SHUTDOWN_DEFAULT);
    cr_expect_str_eq (world_notes (troupe, 2), "ENDED#1:SHUTDOWN:0: GONE#1:SHUTDOWN:0:");
    process_end (troupe);
}

//  Siblings that are restarted together keep their mailboxes, whatever ends them.
Test (process, that_is_halted_can_be_restarted, .timeout = 30)
{
    troupe_t *troupe = process_new (PROCESS_PROGRAM);
    troupe_link_t *link = process_spawn (troupe, "", 2);
    world_notes (troupe, 1);
    troupe_link_halt (link, TROUPE_SHUTDOWN_DEFAULT);
    cr_expect_str_eq (world_notes (troupe, 2), "ENDED#1:SHUTDOWN:0: STARTED#2");
    troupe_link_halt (link, TROUPE_SHUTDOWN_BRUTAL_KILL);
    cr_expect_str_eq (world_notes (troupe, 2), "ENDED#2:KILLED:0:brutal_kill STARTED#3");
    process_stop_all (troupe, 2);
    process_end (troupe);
}

//  A process that hangs is noticed by itself, and ended: that is what it is one for.
Test (process, that_hangs_is_wedged_and_killed, .timeout = 30)
{
    troupe_t *troupe = process_new (PROCESS_PROGRAM);
    process_spawn_wedged (troupe, "later hang", 80);
    world_notes (troupe, 1);
    const char *notes = world_notes (troupe, 2);
    cr_expect_eq (strncmp (notes, "WEDGED#1:WEDGED:0:puppet has been in a timer callback for ", 58), 0, "%s", notes);
    cr_expect_not_null (strstr (notes, "ENDED#1:WEDGED:0:puppet has been in a timer callback for "), "%s", notes);
    process_stop_all (troupe, 1);
    process_end (troupe);
}

//  The descriptors of this process once the way there is open: between two connections it is a socket less.
static size_t s_settled_descriptors (troupe_t *troupe)
{
    cr_assert_eq (strncmp (process_ask (troupe, "life"), "OK ", 3), 0);
    return world_count ("fd");
}

//  What a crash loop costs over a night.
Test (process, two_hundred_restarts_leave_nothing_behind, .timeout = 120)
{
    troupe_t *troupe = process_new (PROCESS_PROGRAM);
    process_spawn (troupe, "", 220);
    process_crash_often (troupe, 20);
    size_t descriptors = s_settled_descriptors (troupe);
    long before = process_memory_kib ();
    process_crash_often (troupe, 200);
    s_settled_descriptors (troupe);
    world_await_at_most ("fd", descriptors);
    cr_expect_lt (process_memory_kib (), before + PROCESS_GROWTH_KIB);
    cr_expect_eq (process_children (), 1);
    process_stop_all (troupe, 2);
    process_end (troupe);
}
