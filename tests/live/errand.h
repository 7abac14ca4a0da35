/*  =========================================================================
    errand.h - an actor that is told by text what to do, wherever it runs

    Place: tests/live. Function pointers mean nothing in another process, so a
    message is a line of words, and so is the answer:

        echo TEXT | life | size...              TEXT | PID INCARNATION | the size of the message
        call NAME TEXT | try MS NAME TEXT       the outcome of a call of its own, and its answer
        large SIZE NAME                         the same with a payload of that size
        cast NAME TEXT                          the error; there TEXT becomes a note
        monitor NAME | notes COUNT              why it went down | its notes, once there are so many
        register NAME | unregister NAME | find NAME | list PREFIX
        watch PREFIX                            every change is a note: +NAME or -NAME
        never | hold FOLDER | hang | fail       no answer | not until FIFO "release" gives a byte | no end | a failure
        segv | exit CODE                        the end of its process

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_TESTS_ERRAND_H_INCLUDED
#define TROUPE_TESTS_ERRAND_H_INCLUDED

#include <troupe.h>

//  No call waits longer.
#define ERRAND_MS 20000

extern const troupe_behavior_t errand_behavior;

//  Everything that family_program can run: "here", a thread, "one" and "two", processes, and "group", a supervisor in a
//  process with the threads "worker-1" and "worker-2", the process "deep" and "crew", whose children come at run time.
extern const troupe_child_t errand_family [];
//  And "pair", a supervisor without children at first.
extern const troupe_child_t errand_group [];    //  "here" and "group"
extern const troupe_supervisor_t errand_pair;

#endif
