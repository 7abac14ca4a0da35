/*  =========================================================================
    monkeys.c - actors that do anything at any time

    Place: tests/stage; see monkeys.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "monkeys.h"

#define S_ASKED_MAX 4000
#define S_LIVES_MAX 4000
#define S_TIMEOUT_MS 200
#define S_MONKEYS 5

//  A call or a monitor, whose end is counted.
typedef struct {
    size_t life;
    bool monitor;
    int ended;
} s_asked_t;

static s_asked_t s_asked [S_ASKED_MAX];
static size_t s_asked_count;
static bool s_over [S_LIVES_MAX];   //  Which incarnations, numbered from the start of the stage, have ended
static size_t s_life_count;
static unsigned s_children;
static unsigned s_lives;            //  Deaths that are still allowed
static bool s_wild;                 //  Not yet told to calm down

typedef struct {
    size_t life;
    troupe_caller_t *deferred [3];
    troupe_message_t *kept;
    troupe_call_t call;
    troupe_monitor_t monitor;
    troupe_link_t *link;
} s_monkey_t;

static int s_act (troupe_actor_t *self, s_monkey_t *monkey);
static int s_on_beat (troupe_actor_t *self, void *state, void *context);

static s_asked_t *s_ask (const s_monkey_t *monkey, bool monitor)
{
    if (s_asked_count == S_ASKED_MAX)
        return NULL;
    s_asked_t *asked = &s_asked [s_asked_count++];
    *asked = (s_asked_t) { .life = monkey->life, .monitor = monitor };
    return asked;
}

static troupe_ref_t *s_anybody (troupe_actor_t *self)
{
    char name [16];
    uint64_t which = troupe_random_below (self, S_MONKEYS + s_children + 2);
    if (which < S_MONKEYS)
        snprintf (name, sizeof name, "m%u", (unsigned) which);
    else
        snprintf (name, sizeof name, "c%u", (unsigned) which - S_MONKEYS);
    return troupe_ref (self, name);
}

static int s_on_reply (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                       void *context)
{
    s_asked_t *asked = context;
    cr_assert_eq (++asked->ended, 1, "a call of %s has ended twice", troupe_name (self));
    cr_assert_eq (asked->life, ((s_monkey_t *) state)->life, "an answer to the dead");
    cr_assert (reply || (outcome != TROUPE_CALL_OK && outcome != TROUPE_CALL_FAILED));
    return s_act (self, state);
}

static int s_on_down (troupe_actor_t *self, void *state, troupe_ref_t *ref, const troupe_reason_t *reason,
                      void *context)
{
    (void) ref;
    s_asked_t *asked = context;
    cr_assert_not_null (reason);
    cr_assert_eq (++asked->ended, 1, "a monitor of %s has fired twice", troupe_name (self));
    cr_assert_eq (asked->life, ((s_monkey_t *) state)->life, "news for the dead");
    return s_act (self, state);
}

static int s_on_child (troupe_actor_t *self, void *state, troupe_link_t *link, const troupe_child_event_t *event,
                       void *context)
{
    (void) context;
    s_monkey_t *monkey = state;
    if (event->kind == TROUPE_CHILD_ENDED && troupe_random_below (self, 2))
        troupe_link_restart (link);
    else if (event->kind == TROUPE_CHILD_ENDED)
        troupe_link_stop (link, TROUPE_SHUTDOWN_DEFAULT);
    else if (event->kind == TROUPE_CHILD_GONE && monkey->link == link)
        monkey->link = NULL;
    return 0;
}

//  --- What a monkey may do

static const troupe_behavior_t s_behavior;

static void s_call (troupe_actor_t *self, s_monkey_t *monkey)
{
    static char large [10000];
    size_t size = troupe_random_below (self, 8) ? troupe_random_below (self, 40) : sizeof large;
    int64_t timeout_ms = (int64_t) troupe_random_below (self, S_TIMEOUT_MS);
    troupe_ref_t *ref = s_anybody (self);
    s_asked_t *asked = ref ? s_ask (monkey, false) : NULL;
    bool twice = troupe_random_below (self, 4) == 0;
    if (asked && (twice ? troupe_call_idempotent : troupe_call) (ref, 1, large, size, timeout_ms, s_on_reply, asked,
                                                                 &monkey->call))
        asked->ended = 1;           //  It was not begun, and must not end
}

static void s_monitor (troupe_actor_t *self, s_monkey_t *monkey)
{
    troupe_ref_t *ref = s_anybody (self);
    s_asked_t *asked = ref ? s_ask (monkey, true) : NULL;
    if (asked && troupe_monitor (ref, s_on_down, asked, &monkey->monitor))
        asked->ended = 1;
}

static void s_cast_kept (troupe_actor_t *self, s_monkey_t *monkey)
{
    troupe_ref_t *ref = s_anybody (self);
    if (ref && monkey->kept)
        troupe_cast_message (ref, &monkey->kept);
    else if (ref)
        troupe_castf (ref, 2, "%d", 42);
}

static void s_answer (troupe_actor_t *self, s_monkey_t *monkey)
{
    troupe_caller_t **place = &monkey->deferred [troupe_random_below (self, 3)];
    if (*place)
        troupe_answerf (place, "later");
    cr_assert_null (*place);
}

static void s_spawn (troupe_actor_t *self, s_monkey_t *monkey)
{
    char id [16];
    if (s_children == 20 || monkey->link) {
        if (monkey->link)
            troupe_link_stop (monkey->link, troupe_random_below (self, 4) ? 50 : TROUPE_SHUTDOWN_BRUTAL_KILL);
        return;
    }
    //  Sometimes a name that is taken.
    snprintf (id, sizeof id, "c%u", troupe_random_below (self, 5) ? s_children++ : 0);
    troupe_child_t spec = { .id = id, .behavior = &s_behavior, .mailbox = { .limit_messages = 1,
                            .overflow = (troupe_overflow_t) troupe_random_below (self, 4), .block_ms = 20 } };
    troupe_spawn (self, &spec, s_on_child, NULL, &monkey->link);
}

//  One thing at random; returns what the callback shall return.
static int s_act_once (troupe_actor_t *self, s_monkey_t *monkey)
{
    switch (troupe_random_below (self, 16)) {
    case 0: case 1: s_call (self, monkey); break;
    case 2: s_cast_kept (self, monkey); break;
    case 3: s_answer (self, monkey); break;
    case 4: s_monitor (self, monkey); break;
    case 5: troupe_demonitor (self, monkey->monitor); break;
    case 6: troupe_call_cancel (self, monkey->call); break;
    case 7: troupe_after (self, (int64_t) troupe_random_below (self, 100), s_on_beat, NULL); break;
    case 8: s_spawn (self, monkey); break;
    case 9: troupe_flush (self); break;
    case 10:
        if (s_lives && troupe_random_below (self, 3) == 0) {
            s_lives--;
            return troupe_fail (self, 7, "chaos");
        }
        break;
    case 11:
        if (s_lives && troupe_random_below (self, 3) == 0) {
            s_lives--;
            troupe_exit (self);
        }
        break;
    default:
        break;
    }
    return 0;
}

static int s_act (troupe_actor_t *self, s_monkey_t *monkey)
{
    int result = 0;
    for (uint64_t times = s_wild ? 1 + troupe_random_below (self, 3) : 0; times && !result; times--)
        result = s_act_once (self, monkey);
    return result;
}

static int s_on_beat (troupe_actor_t *self, void *state, void *context)
{
    (void) context;
    return s_act (self, state);
}

//  --- The behavior

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    s_monkey_t *monkey = calloc (1, sizeof *monkey);
    if (!monkey)
        return troupe_fail_error (self, TROUPE_ENOMEM, "no monkey");
    cr_assert_lt (s_life_count, S_LIVES_MAX);
    monkey->life = s_life_count++;
    s_over [monkey->life] = false;
    *state_p = monkey;
    troupe_every (self, 5, s_on_beat, NULL);
    return s_act (self, monkey);
}

static void s_delegate (troupe_actor_t *self, troupe_message_t *message)
{
    troupe_ref_t *ref = s_anybody (self);
    if (ref)
        troupe_delegate (self, message, ref);
}

//  Who gives up is told of once, while it is still held, and is sometimes let go at once.
static int s_on_cancelled (troupe_actor_t *self, void *state, troupe_caller_t *caller, void *context)
{
    s_monkey_t *monkey = state;
    troupe_caller_t **place = context;
    cr_assert (*place == caller && place >= monkey->deferred && place < monkey->deferred + 3);
    cr_assert (troupe_caller_is_cancelled (caller));
    if (troupe_random_below (self, 2))
        troupe_answerf (place, "to nobody");
    return s_act (self, monkey);
}

static void s_defer (troupe_actor_t *self, troupe_caller_t **place, troupe_message_t *message)
{
    *place = troupe_defer (self, message);
    if (*place && troupe_random_below (self, 2))
        troupe_caller_on_cancel (*place, s_on_cancelled, place);
}

static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    s_monkey_t *monkey = state;
    troupe_caller_t **place = &monkey->deferred [troupe_random_below (self, 3)];
    if (!monkey->kept && troupe_random_below (self, 4) == 0)
        monkey->kept = troupe_message_keep (message);
    switch (troupe_random_below (self, 6)) {
    case 0: case 1:
        troupe_reply (self, message, troupe_message_data (message), troupe_message_size (message));
        break;
    case 2:
        if (!*place)
            s_defer (self, place, message);
        break;
    case 3:
        s_delegate (self, message);
        break;
    case 4:
        troupe_reply_failure (self, message, "no");
        break;
    default:
        break;
    }
    return s_act (self, monkey);
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    s_monkey_t *monkey = state;
    s_over [monkey->life] = true;
    troupe_message_destroy (&monkey->kept);
    free (monkey);
}

static const troupe_behavior_t s_behavior = {
    .name = "monkey", .start = s_start, .receive = s_receive, .stop = s_stop,
};

//  --- The stage

static void s_make_trouble (troupe_stage_t *stage, uint64_t seed)
{
    troupe_stage_drop_message (stage, NULL, NULL, (unsigned) (seed % 17 + 1));
    troupe_stage_fail_message (stage, NULL, (unsigned) (seed % 23 + 1));
    troupe_stage_delay (stage, "m1", "m2", (int64_t) (seed % 50));
    troupe_stage_fail_spawn (stage, (unsigned) (seed % 5 + 1), TROUPE_ETHREAD);
    if (seed % 3 == 0)
        troupe_stage_fill_mailbox (stage, "m3", true);
    if (seed % 4 == 0)
        troupe_stage_hang (stage, "m4", true);
}

//  The network fails and heals; with a longer story, processes crash too.
static void s_make_network_trouble (troupe_stage_t *stage, uint64_t seed, int round, bool crashes)
{
    char name [16];
    uint64_t which = (seed * 7 + (uint64_t) round * 13) % 64;
    snprintf (name, sizeof name, "m%u", (unsigned) (which % S_MONKEYS));
    if (which < 24)
        troupe_stage_cut_off (stage, name, which & 1);
    else if (which < 32 && crashes && troupe_stage_incarnation (stage, name))
        troupe_stage_crash (stage, name, 11);
}

static void s_check (troupe_stage_t *stage, uint64_t seed)
{
    for (size_t index = 0; index < s_asked_count; index++) {
        const s_asked_t *asked = &s_asked [index];
        bool open = !asked->monitor && !s_over [asked->life] && asked->ended == 0;
        cr_assert_not (open, "seed %lu: call %zu has not ended\n%s", (unsigned long) seed, index,
                       troupe_stage_trace (stage));
    }
}

void monkeys_run (uint64_t seed, int rounds)
{
    static const troupe_child_t children [] = {
        { .id = "m0", .behavior = &s_behavior }, { .id = "m1", .behavior = &s_behavior },
        { .id = "m2", .behavior = &s_behavior }, { .id = "m3", .behavior = &s_behavior },
        { .id = "m4", .behavior = &s_behavior }, { .id = NULL } };
    static const troupe_supervisor_t spec = { .children = children, .intensity = 1000 };
    troupe_stage_t *stage = troupe_stage_new (seed);
    troupe_child_t root = { .id = "root", .supervisor = &spec };
    s_asked_count = s_life_count = 0;
    s_children = 0;
    s_lives = 30;
    s_wild = true;
    if (troupe_stage_spawn_child (stage, &root) == TROUPE_OK) {
        s_make_trouble (stage, seed);
        for (int round = 0; round < rounds; round++) {
            char name [16];
            snprintf (name, sizeof name, "m%d", round % S_MONKEYS);
            troupe_stage_cast (stage, name, 1, "go", 2);
            if (seed % 2)
                s_make_network_trouble (stage, seed, round, rounds > 3);
            troupe_stage_advance (stage, 10);
        }
        for (int index = 0; seed % 2 && index < S_MONKEYS; index++) {
            char name [16];
            snprintf (name, sizeof name, "m%d", index);
            troupe_stage_cut_off (stage, name, false);
        }
        s_wild = false;
        troupe_stage_hang (stage, NULL, false);
        troupe_stage_fill_mailbox (stage, NULL, false);
        troupe_stage_advance (stage, 20 * S_TIMEOUT_MS);
        s_check (stage, seed);
    }
    troupe_stage_destroy (&stage);
}
