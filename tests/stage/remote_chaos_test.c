/*  =========================================================================
    remote_chaos_test.c - calls between processes, whatever the network and the processes do

    Place: tests/stage, of runtime/core/cell/cell_remote.c. Every message says which one it is: so is seen whether each
    call ends exactly once, with its own answer, and whether a receiver gets what one sender sends in
    its order, and nothing twice that may not be.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include <troupe.h>

#define S_WORKERS 3
#define S_SENT_MAX 20000
#define S_LIVES_MAX 1000
#define S_TIMEOUT_MS 300

//  One message, which its payload is the number of.
typedef struct {
    unsigned life;                  //  Of its sender
    unsigned worker;
    bool call, twice;
    unsigned arrived, ended;
} s_sent_t;

static s_sent_t s_sent [S_SENT_MAX];
static uint32_t s_sent_count;
static uint32_t s_last [S_LIVES_MAX][S_WORKERS];    //  What may be done once comes in its order
static bool s_over [S_LIVES_MAX];
static unsigned s_lives;
static bool s_busy;
static uint64_t s_seed;
static troupe_stage_t *s_stage;

//  --- Senders

typedef struct {
    unsigned life;
} s_sender_t;

static int s_on_reply (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                       void *context)
{
    (void) self;
    s_sent_t *sent = context;
    uint32_t number = (uint32_t) (sent - s_sent), answered = 0;
    cr_assert_eq (++sent->ended, 1, "call %u has ended twice", number);
    cr_assert_eq (sent->life, ((s_sender_t *) state)->life, "an answer to the dead");
    if (outcome != TROUPE_CALL_OK)
        return 0;
    cr_assert_eq (troupe_message_size (reply), sizeof answered);
    memcpy (&answered, troupe_message_data (reply), sizeof answered);
    cr_assert_eq (answered, number, "call %u got the answer to %u", number, answered);
    return 0;
}

static int s_on_beat (troupe_actor_t *self, void *state, void *context)
{
    (void) context;
    s_sender_t *sender = state;
    char name [16];
    for (uint64_t times = s_busy ? troupe_random_below (self, 4) : 0; times && s_sent_count < S_SENT_MAX; times--) {
        uint32_t number = s_sent_count++;
        s_sent_t *sent = &s_sent [number];
        uint64_t kind = troupe_random_below (self, 3);
        *sent = (s_sent_t) { .life = sender->life, .call = kind > 0, .twice = kind > 1,
                             .worker = (unsigned) troupe_random_below (self, S_WORKERS) };
        snprintf (name, sizeof name, "w%u", sent->worker);
        troupe_ref_t *ref = troupe_ref (self, name);
        troupe_error_t error = kind == 0 ? troupe_cast (ref, 0, &number, sizeof number)
            : (kind > 1 ? troupe_call_idempotent : troupe_call) (ref, 1, &number, sizeof number, S_TIMEOUT_MS,
                                                                 s_on_reply, sent, NULL);
        if (error)
            sent->ended = 1;
    }
    return 0;
}

static int s_sender_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    s_sender_t *sender = malloc (sizeof *sender);
    cr_assert_lt (s_lives, S_LIVES_MAX);
    sender->life = s_lives++;
    s_over [sender->life] = false;
    *state_p = sender;
    troupe_every (self, 3, s_on_beat, NULL);
    return 0;
}

static void s_sender_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    s_over [((s_sender_t *) state)->life] = true;
    free (state);
}

static const troupe_behavior_t s_sender = { .name = "sender", .start = s_sender_start, .stop = s_sender_stop };

//  --- Workers

//  Who is answered later: freed by the cell when its worker ends before that, as its timer is.
typedef struct {
    troupe_caller_t *caller;
    uint32_t number;
} s_waiting_t;

static s_waiting_t s_waiting [S_SENT_MAX];
static size_t s_waiting_count;

static int s_answer_later (troupe_actor_t *self, void *state, void *context)
{
    (void) self;
    (void) state;
    s_waiting_t *waiting = context;
    troupe_answer (&waiting->caller, &waiting->number, sizeof waiting->number);
    return 0;
}

static void s_check_order (const s_sent_t *sent, uint32_t number)
{
    uint32_t *last = &s_last [sent->life][sent->worker];
    cr_assert_leq (sent->arrived, sent->twice ? 2 : 1, "message %u has arrived %u times", number, sent->arrived);
    if (sent->twice)
        return;
    cr_assert_gt (number + 1, *last, "seed %u: message %u has come after %u\n%s",
                  (unsigned) s_seed, number, *last - 1, troupe_stage_trace (s_stage));
    *last = number + 1;
}

static int s_worker_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    uint32_t number = 0;
    cr_assert_eq (troupe_message_size (message), sizeof number);
    memcpy (&number, troupe_message_data (message), sizeof number);
    cr_assert_lt (number, s_sent_count);
    s_sent [number].arrived++;
    s_check_order (&s_sent [number], number);
    if (troupe_random_below (self, 3) || !troupe_message_is_call (message))
        return (int) troupe_reply (self, message, &number, sizeof number);
    if (troupe_random_below (self, 10) == 0)
        return troupe_fail (self, 1, "had enough");
    cr_assert_lt (s_waiting_count, S_SENT_MAX);
    s_waiting_t *waiting = &s_waiting [s_waiting_count++];
    *waiting = (s_waiting_t) { .caller = troupe_defer (self, message), .number = number };
    troupe_after (self, (int64_t) troupe_random_below (self, 40), s_answer_later, waiting);
    return 0;
}

static const troupe_behavior_t s_worker = { .name = "worker", .receive = s_worker_receive };

//  --- The stage

static uint64_t s_number;

static uint64_t s_random (uint64_t limit)
{
    s_number = s_number * UINT64_C (6364136223846793005) + UINT64_C (1442695040888963407);
    return (s_number >> 33) % limit;
}

static void s_make_trouble (troupe_stage_t *stage)
{
    static const char *const names [] = { "w0", "w1", "w2", "s0", "s1", "s2" };
    const char *name = names [s_random (6)];
    uint64_t what = s_random (8);
    if (what < 5)
        troupe_stage_cut_off (stage, name, what < 2);
    else if (what < 6 && troupe_stage_incarnation (stage, name))
        troupe_stage_crash (stage, name, 9);
    troupe_stage_delay (stage, NULL, s_random (2) ? "w0" : "s0", (int64_t) s_random (20));
}

static void s_check (troupe_stage_t *stage, uint64_t seed)
{
    for (uint32_t number = 0; number < s_sent_count; number++) {
        const s_sent_t *sent = &s_sent [number];
        cr_assert (!sent->call || sent->ended || s_over [sent->life], "seed %lu: call %u has not ended\n%s",
                   (unsigned long) seed, number, troupe_stage_trace (stage));
    }
}

static void s_run (uint64_t seed)
{
    static const troupe_child_t children [] = {
        { .id = "w0", .behavior = &s_worker, .mailbox = { .limit_messages = 5 } },
        { .id = "w1", .behavior = &s_worker, .mailbox = { .limit_messages = 3 } },
        { .id = "w2", .behavior = &s_worker },
        { .id = "s0", .behavior = &s_sender }, { .id = "s1", .behavior = &s_sender },
        { .id = "s2", .behavior = &s_sender }, { .id = NULL } };
    static const troupe_supervisor_t spec = { .children = children, .intensity = 100000 };
    troupe_stage_t *stage = troupe_stage_new (seed);
    troupe_child_t root = { .id = "root", .supervisor = &spec };
    s_number = s_seed = seed;
    s_stage = stage;
    s_sent_count = s_lives = 0;
    s_waiting_count = 0;
    memset (s_last, 0, sizeof s_last);
    s_busy = true;
    cr_assert_eq (troupe_stage_spawn_child (stage, &root), TROUPE_OK);
    for (int round = 0; round < 60; round++) {
        s_make_trouble (stage);
        troupe_stage_advance (stage, (int64_t) s_random (30));
    }
    s_busy = false;
    for (int index = 0; index < S_WORKERS; index++) {
        char name [16];
        snprintf (name, sizeof name, "w%d", index);
        troupe_stage_cut_off (stage, name, false);
    }
    troupe_stage_advance (stage, 4 * S_TIMEOUT_MS);
    s_check (stage, seed);
    cr_assert_gt (s_sent_count, 100);
    troupe_stage_destroy (&stage);
}

//  Each call ends once, with its own answer; nothing comes out of order, and nothing twice that may not.
Test (remote_chaos, promises_hold_whatever_breaks)
{
    for (uint64_t seed = 1; seed <= 60; seed++)
        s_run (seed);
}
