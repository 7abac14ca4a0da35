/*  =========================================================================
    world.h - what a fact is written with: the same words at every level

    Place: tests/conformance. The test is the guest: it speaks to actors, and
    what it learns are notes. World_... functions are all that differs
    between the levels: world_stage.c and world_live.c have one each. Everything
    is waited for as an event, for at most WORLD_MS; Criterion runs each fact in
    a process of its own.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_TESTS_WORLD_H_INCLUDED
#define TROUPE_TESTS_WORLD_H_INCLUDED

#include <criterion/criterion.h>

#include "differences.h"
#include "plan.h"
#include "subject.h"

#define WORLD_MS 20000

//  What the configuration has, in the programs of both sides.
#define WORLD_PATH "conformance/colour"
#define WORLD_OPTION_PATH "children/subject/colour"
#define WORLD_VALUE "green"

//  --- The world, by level

extern const level_t world_level;

//  Makes it and starts everybody / ends everybody, which must succeed.
void world_make (const plan_t *plan);
void world_unmake (void);
//  The test among the actors.
troupe_actor_t *world_guest (void);
//  Lets something happen. False when nothing did for WORLD_MS.
bool world_turn (void);
//  Lets the subject hang in a handler, and returns once it does; what is sent now waits. Then lets it go on.
void world_hold (void);
void world_release (void);
//  The same, when it has been given up meanwhile, and returns once nothing of it is left.
void world_bury (void);
//  Ends the subject's process by a signal; it is there again, in its next life, in a while.
void world_crash (int signal_number);
//  Cuts the subject off from the network, or heals that.
void world_cut_off (bool cut_off);
//  Where "near" can be reached by the subject.
const char *world_near (void);
//  Everything that has been logged.
const char *world_log (void);

//  --- Facts

typedef struct fact {
    const char *name;
    void (*check) (void);
} fact_t;

/*  Fact (monitor, failure_is_told_once) { ... } is a test at every level, within a world made to a plan of defaults.
    FactOf has one of its own: FactOf (monitor, end_is_told, { .restart = TROUPE_TEMPORARY }).                   */
#define FactOf(group, title, ...)                                                                           \
    static void group##_##title (void);                                                                     \
    static const fact_t group##_##title##_fact                                                              \
        __attribute__ ((section ("conformance"), used)) = { #group "/" #title, group##_##title };           \
    Test (conformance_##group, title)                                                                       \
    {                                                                                                       \
        fact_run (&group##_##title##_fact, &(plan_t) __VA_ARGS__);                                          \
    }                                                                                                       \
    static void group##_##title (void)
#define Fact(group, title) FactOf (group, title, { .intensity = 0 })

void fact_run (const fact_t *fact, const plan_t *plan);

//  What the present fact expects: 'usual', unless the table of differences has something else for this level.
const char *usually (const char *usual);

//  --- Words of a fact

//  Calls, waits, and gives "OUTCOME TEXT". Lives until the next.
const char *ask (const char *address, uint16_t tag, const char *text);
const char *ask_for (const char *address, uint16_t tag, const char *text, int64_t timeout_ms);

//  Lets the helper call somebody who lives with the subject: as ask.
const char *ask_there (const char *address, unsigned tag, const char *text);

//  Calls; the end is a note, "OUTCOME:TEXT".
troupe_call_t call (const char *address, uint16_t tag, const char *text, int64_t timeout_ms);

//  The same for work that may be done twice.
void call_idempotent (const char *address, uint16_t tag, const char *text, int64_t timeout_ms);

//  Casts, which must succeed; and numbers to the subject, from 'first' to 'last', each when there is room for it.
void tell (const char *address, uint16_t tag, const char *text);
void tell_numbers (uint32_t first, uint32_t last, size_t size);

//  Gives what has been sent the time to get there, when nobody there can say that it has.
void settle (void);

//  Monitors the actor; its end is a note, "down:KIND", for FAILED and CRASHED "down:KIND:CODE".
troupe_monitor_t watch (const char *address);

//  Sends what has been said so far, now.
void send_now (void);

//  Waits until there are so many notes and takes them all, with blanks between. told (0) are those that there are.
const char *told (size_t count);
void note (const char *format, ...) __attribute__ ((__format__ (__printf__, 1, 2)));

//  Lets the world go on until it is so, for at most WORLD_MS.
void await (bool (*is_so) (void));

//  Asks until the subject answers with that, as it comes back to life.
void await_answer (const char *address, uint16_t tag, const char *text, const char *answer);

#define expect(text, got) cr_assert_str_eq ((got), (text))

#endif
