/*  =========================================================================
    timers_test.c - timers come out in order, once, and cancel for good

    Place: tests/unit, of runtime/core/base/timers.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <string.h>

#include <criterion/criterion.h>

#include "core/base/random.h"
#include "core/base/timers.h"

static int s_fn (troupe_actor_t *self, void *state, void *context)
{
    (void) self;
    (void) state;
    (void) context;
    return 0;
}

//  Contexts are letters here: what is taken at 'now', as a word.
static const char *s_take_all (troupe_timers_t *timers, int64_t now_us, char *word)
{
    troupe_timer_fn *fn = NULL;
    void *context = NULL;
    size_t size = 0;
    while (troupe_timers_take (timers, now_us, &fn, &context)) {
        cr_assert_eq (fn, s_fn);
        word [size++] = *(const char *) context;
    }
    word [size] = 0;
    return word;
}

static char s_letters [] = "abcdefghijklmnopqrstuvwxyz";

//  4,000 idle actors are to be cheap: one without timers holds nothing for them.
Test (timers, empty_set_holds_no_memory)
{
    troupe_timers_t timers = { 0 };
    troupe_timer_fn *fn;
    void *context;
    cr_assert_eq (troupe_timers_next_us (&timers), TROUPE_FOREVER);
    cr_assert_not (troupe_timers_take (&timers, TROUPE_FOREVER, &fn, &context));
    cr_assert_not (troupe_timers_cancel (&timers, 0));
    cr_assert_not (troupe_timers_cancel (&timers, UINT64_C (1) << 32));
    cr_assert_eq (timers.heap, NULL);
    troupe_timers_clear (&timers);
    cr_assert_eq (troupe_timers_count (&timers), 0);
}

//  The one thing that a timer promises: not before its time, and then at once.
Test (timers, earliest_first_and_only_what_is_due)
{
    troupe_timers_t timers = { 0 };
    char word [32];
    troupe_timers_add (&timers, 30, 0, s_fn, &s_letters [2]);
    troupe_timers_add (&timers, 10, 0, s_fn, &s_letters [0]);
    troupe_timers_add (&timers, 20, 0, s_fn, &s_letters [1]);
    cr_assert_eq (troupe_timers_next_us (&timers), 10);
    cr_assert_str_eq (s_take_all (&timers, 9, word), "");
    cr_assert_str_eq (s_take_all (&timers, 20, word), "ab");
    cr_assert_eq (troupe_timers_next_us (&timers), 30);
    cr_assert_eq (troupe_timers_count (&timers), 1);
    troupe_timers_clear (&timers);
}

//  The public promise: timers that are due together run in the order in which they were set.
Test (timers, due_together_come_out_as_they_were_set)
{
    troupe_timers_t timers = { 0 };
    char word [32];
    for (int index = 0; index < 26; index++)
        troupe_timers_add (&timers, 5, 0, s_fn, &s_letters [index]);
    cr_assert_str_eq (s_take_all (&timers, 5, word), s_letters);
    troupe_timers_clear (&timers);
}

//  A callback that runs after its cancel would find its context freed.
Test (timers, cancelled_ones_do_not_come_out)
{
    troupe_timers_t timers = { 0 };
    char word [32];
    uint64_t ids [5];
    for (int index = 0; index < 5; index++)
        ids [index] = troupe_timers_add (&timers, index, 0, s_fn, &s_letters [index]);
    cr_assert (troupe_timers_cancel (&timers, ids [0]));
    cr_assert (troupe_timers_cancel (&timers, ids [3]));
    cr_assert_not (troupe_timers_cancel (&timers, ids [3]));
    cr_assert_str_eq (s_take_all (&timers, 100, word), "bce");
    cr_assert_not (troupe_timers_cancel (&timers, ids [1]), "it has run");
    troupe_timers_clear (&timers);
}

//  A handle kept too long must not take back somebody else's timer, in this incarnation or the next.
Test (timers, old_ids_stay_dead_when_slots_are_used_again)
{
    troupe_timers_t timers = { 0 };
    uint64_t old = troupe_timers_add (&timers, 1, 0, s_fn, NULL);
    cr_assert (troupe_timers_cancel (&timers, old));
    uint64_t new = troupe_timers_add (&timers, 1, 0, s_fn, NULL);
    cr_assert_neq (new, old);
    cr_assert_eq ((uint32_t) new, (uint32_t) old, "the slot is used again");
    cr_assert_not (troupe_timers_cancel (&timers, old));
    troupe_timers_clear (&timers);
    cr_assert_neq (troupe_timers_add (&timers, 1, 0, s_fn, NULL), new);
    cr_assert_not (troupe_timers_cancel (&timers, new));
    troupe_timers_clear (&timers);
}

//  Beats do not drift, however late they are taken.
Test (timers, interval_keeps_its_beat_and_skips_what_was_missed)
{
    troupe_timers_t timers = { 0 };
    char word [32];
    uint64_t id = troupe_timers_add (&timers, 100, 100, s_fn, &s_letters [0]);
    cr_assert_str_eq (s_take_all (&timers, 130, word), "a");
    cr_assert_eq (troupe_timers_next_us (&timers), 200);
    cr_assert_str_eq (s_take_all (&timers, 555, word), "a");
    cr_assert_eq (troupe_timers_next_us (&timers), 600);
    cr_assert_str_eq (s_take_all (&timers, 600, word), "a");
    cr_assert_eq (troupe_timers_next_us (&timers), 700);
    cr_assert (troupe_timers_cancel (&timers, id));
    cr_assert_eq (troupe_timers_count (&timers), 0);
    troupe_timers_clear (&timers);
}

//  The longest times there are must not wrap round into the past.
Test (timers, the_end_of_time_is_far)
{
    troupe_timers_t timers = { 0 };
    char word [32];
    troupe_timers_add (&timers, TROUPE_FOREVER - 1, INT64_MAX, s_fn, &s_letters [0]);
    troupe_timers_add (&timers, INT64_MIN, INT64_MAX, s_fn, &s_letters [1]);
    cr_assert_str_eq (s_take_all (&timers, INT64_MIN, word), "b");
    cr_assert_eq (troupe_timers_next_us (&timers), -1);
    cr_assert_str_eq (s_take_all (&timers, TROUPE_FOREVER - 1, word), "ba");
    cr_assert_eq (troupe_timers_next_us (&timers), TROUPE_FOREVER);
    troupe_timers_clear (&timers);
}

//  --------------------------------------------------------------------------
//  Against a list that is searched from front to back

#define S_MODEL_MAX 200

typedef struct {
    uint64_t id;
    int64_t due_us;
    size_t tag;
} s_model_timer_t;

typedef struct {
    s_model_timer_t timers [S_MODEL_MAX];
    size_t count;
} s_model_t;

static s_model_timer_t s_model_remove (s_model_t *model, size_t index)
{
    s_model_timer_t timer = model->timers [index];
    model->count--;
    memmove (&model->timers [index], &model->timers [index + 1], (model->count - index) * sizeof timer);
    return timer;
}

static size_t s_model_earliest (const s_model_t *model)
{
    size_t earliest = 0;
    for (size_t index = 1; index < model->count; index++)
        if (model->timers [index].due_us < model->timers [earliest].due_us)
            earliest = index;
    return earliest;
}

static void s_model_take (s_model_t *model, troupe_timers_t *timers, int64_t now_us)
{
    troupe_timer_fn *fn;
    void *context;
    while (model->count && model->timers [s_model_earliest (model)].due_us <= now_us) {
        s_model_timer_t expected = s_model_remove (model, s_model_earliest (model));
        cr_assert (troupe_timers_take (timers, now_us, &fn, &context));
        cr_assert_eq ((size_t) context, expected.tag);
    }
    cr_assert_not (troupe_timers_take (timers, now_us, &fn, &context));
}

//  By chance, or always one of three delays, as the deadlines of calls are.
static int64_t s_delay_us (troupe_random_state_t *random, bool few)
{
    static const int64_t delays [] = { 5, 20, 39 };
    return few ? delays [troupe_random_limit (random, 3)] : (int64_t) troupe_random_limit (random, 40);
}

static void s_model_run (uint64_t seed, bool few)
{
    troupe_timers_t timers = { 0 };
    s_model_t model = { .count = 0 };
    troupe_random_state_t random;
    troupe_random_seed (&random, seed);
    int64_t now_us = 0;
    for (size_t step = 1; step < 3000; step++) {
        uint64_t choice = troupe_random_limit (&random, 10);
        if (choice < 6 && model.count < S_MODEL_MAX) {
            int64_t due_us = now_us + s_delay_us (&random, few);
            uint64_t id = troupe_timers_add (&timers, due_us, 0, s_fn, (void *) step);
            model.timers [model.count++] = (s_model_timer_t) { .id = id, .due_us = due_us, .tag = step };
        }
        else if (choice < 8 && model.count)
            cr_assert (troupe_timers_cancel (&timers,
                s_model_remove (&model, troupe_random_limit (&random, model.count)).id), "seed %lu", seed);
        else
            s_model_take (&model, &timers, ++now_us);
        cr_assert_eq (troupe_timers_count (&timers), model.count);
        cr_assert_eq (troupe_timers_next_us (&timers),
                      model.count ? model.timers [s_model_earliest (&model)].due_us : TROUPE_FOREVER);
    }
    troupe_timers_clear (&timers);
}

//  Adding, cancelling and taking in any order: lanes and heap together and a plain list agree at every step.
Test (timers, agree_with_a_plain_list)
{
    for (uint64_t seed = 1; seed <= 5; seed++) {
        s_model_run (seed, false);
        s_model_run (seed, true);
    }
}
