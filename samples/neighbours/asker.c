/*  =========================================================================
    neighbours/asker.c - asks the pool, and counts who has answered

    Place: samples/neighbours; see neighbours.h. It knows nobody but the pool.
    What a node that is lost had taken is asked once more.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "neighbours.h"

#define S_NAMES 100
#define S_IN_FLIGHT 8
#define S_EVERY_MS 50
#define S_ANSWER_MS 5000

typedef struct asker {
    troupe_ref_t *pool;
    int64_t count, answered, in_flight, last_ms;
    struct { char name [NEIGHBOURS_NAME_SIZE]; int64_t answers; } names [S_NAMES];
} asker_t;

static void s_count (asker_t *asker, const char *name)
{
    size_t place = 0;
    while (place < S_NAMES - 1 && *asker->names [place].name && strcmp (asker->names [place].name, name) != 0)
        place++;
    snprintf (asker->names [place].name, sizeof asker->names [place].name, "%s", name);
    asker->names [place].answers++;
}

static int s_on_answer (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                        void *context)
{
    (void) context;
    asker_t *asker = state;
    asker->in_flight--;
    if (outcome != TROUPE_CALL_OK)
        return 0;
    asker->last_ms = troupe_now_ms (self);
    s_count (asker, troupe_message_text (reply));
    printf ("%-8s%s\n", "answer", troupe_message_text (reply));
    if (++asker->answered == asker->count)
        troupe_exit (self);
    return 0;
}

static int s_ask (troupe_actor_t *self, void *state, void *context)
{
    (void) context;
    asker_t *asker = state;
    const int64_t patience_s = troupe_option_number (self, "patience", 30, 1, 1000000);
    if (troupe_now_ms (self) - asker->last_ms > 1000 * patience_s)
        return troupe_fail (self, 1, "nobody answers; %lld questions are left",
                            (long long) (asker->count - asker->answered));
    if (asker->in_flight < S_IN_FLIGHT && asker->answered + asker->in_flight < asker->count
        && !troupe_call (asker->pool, 0, "who?", 4, S_ANSWER_MS, s_on_answer, NULL, NULL))
        asker->in_flight++;
    return 0;
}

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args, (void) args_size;
    asker_t *asker = *state_p = calloc (1, sizeof *asker);
    if (!asker || !(asker->pool = troupe_ref (self, "pool")))
        return troupe_fail_error (self, TROUPE_ENOMEM, "the asker");
    asker->count = troupe_option_number (self, "count", 0, 0, 1000000000);
    asker->last_ms = troupe_now_ms (self);
    return !asker->count || troupe_every (self, S_EVERY_MS, s_ask, NULL) ? 0 : TROUPE_ENOMEM;
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self, (void) reason;
    const asker_t *asker = state;
    for (size_t place = 0; asker && place < S_NAMES && *asker->names [place].name; place++)
        printf ("%-8s%s answered %lld of %lld\n", "sum", asker->names [place].name,
                (long long) asker->names [place].answers, (long long) asker->answered);
    free (state);
}

const troupe_behavior_t neighbours_asker = { .name = "asker", .start = s_start, .stop = s_stop };
