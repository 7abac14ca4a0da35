/*  =========================================================================
    differences.c - the one table of what may differ between the places

    Place: tests/conformance; see differences.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <string.h>

#include "differences.h"

#define S_CRASH "the crash of a thread is that of its program: who may crash is to be a process"
#define S_HANGS "a thread that hangs there keeps its connections, and whoever calls it has a deadline for that"

const difference_t differences [] = {
    //  What a thread cannot.
    { "restart/calls_that_a_crash_took_are_down", LEVEL_THREAD, NULL, S_CRASH },
    { "restart/after_a_crash_it_is_there_again", LEVEL_THREAD, NULL, S_CRASH },
    { "restart/idempotent_calls_outlive_a_crash", LEVEL_THREAD, NULL, S_CRASH },
    { "monitor/crash_is_told_with_its_signal", LEVEL_THREAD, NULL, S_CRASH },
    { "family/one_for_all_restarts_all_after_a_crash", LEVEL_THREAD, NULL, S_CRASH },
    { "monitor/lost_connection_is_unreachable", LEVEL_THREAD, NULL, "there is no connection that could be lost" },
    { "cancel/lost_connection_is_told", LEVEL_THREAD, NULL, "there is no connection that could be lost" },
    { "monitor/hanging_process_is_wedged", LEVEL_STAGE | LEVEL_THREAD | LEVEL_REMOTE, NULL,
      "a thread cannot be ended from outside: it is reported" },

    //  What another program does for itself, or nobody can know about it.
    { "restart/after_a_crash_it_is_there_again", LEVEL_REMOTE, "OK life 1",
      "whoever starts that program again counts its lives anew" },
    { "monitor/crash_is_told_with_its_signal", LEVEL_REMOTE, "down:UNREACHABLE",
      "its whole program has crashed: nobody is left there who could say why" },
    { "family/one_for_all_restarts_all_after_a_crash", LEVEL_REMOTE, NULL,
      "its supervisor has crashed with it" },
    { "call/after_the_end_nobody_is_there", LEVEL_REMOTE, "TIMEOUT",
      "that nobody listens at an address does not mean that nobody will: calls wait within their deadlines" },
    { "reach/has_the_same_clock", LEVEL_REMOTE, NULL, "each machine's monotonic clock begins with its own start" },

    { "deadline/waiting_uses_it_up", LEVEL_REMOTE, NULL,
      "two machines' clocks cannot be compared: it counts from when a message is read, and its caller cancels it" },
    { "monitor/being_given_up_is_told", LEVEL_REMOTE, NULL, S_HANGS },
    { "stop/brutal_kill_ends_what_hangs", LEVEL_REMOTE, NULL, S_HANGS },

    //  What memory of one's own allows.
    { "payload/larger_than_the_bound", LEVEL_PROCESS | LEVEL_REMOTE, "TROUPE_ETOOBIG",
      "what comes from another process is bounded before there is memory for it" },
    { NULL, 0, NULL, NULL }
};

const difference_t *difference_for (const char *fact, level_t level)
{
    for (const difference_t *row = differences; row->fact; row++)
        if (strcmp (row->fact, fact) == 0 && (row->levels & (unsigned) level))
            return row;
    return NULL;
}

const char *level_name (level_t level)
{
    switch (level) {
        case LEVEL_STAGE:   return "stage";
        case LEVEL_THREAD:  return "thread";
        case LEVEL_PROCESS: return "process";
        case LEVEL_REMOTE:  return "remote";
    }
    return "";
}
