/*  =========================================================================
    processes.c - threads, processes and another troupe call each other, under TSan

    Place: tests/thread. The program hosts its children's processes itself, so
    that both halves of them are looked at. Two troupes of it reach each other
    over TCP only; one child's process ends again and again. Exits 0 when all
    went as it should.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../live/errand.h"

#define DEADLINE_MS 120000
#define ROUNDS 12

#define CHECK(condition) \
    do { if (!(condition)) { fprintf (stderr, "line %d: %s\n", __LINE__, #condition); exit (1); } } while (0)

static const troupe_child_t s_children [] = {
    { .id = "here", .behavior = &errand_behavior },
    { .id = "one", .behavior = &errand_behavior, .endpoint = "ipc://one" },
    { .id = "two", .behavior = &errand_behavior, .endpoint = "ipc://two" },
    { .id = "there", .behavior = &errand_behavior, .listen = "tcp://127.0.0.1:0" },
    { .id = NULL },
};

//  How many calls are out.
static int s_on_answer (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                        void *context)
{
    (void) self;
    (void) state;
    CHECK (outcome == TROUPE_CALL_OK);
    CHECK (strcmp (troupe_message_text (reply), "OK OK round") == 0);
    --*(unsigned *) context;
    return 0;
}

static void s_call (troupe_t *troupe, const char *name, const char *what, unsigned *out)
{
    CHECK (troupe_call (troupe_ref (troupe_guest (troupe), name), 0, what, strlen (what), DEADLINE_MS, s_on_answer, out,
                        NULL) == TROUPE_OK);
    ++*out;
}

static void s_until_none (troupe_t *troupe, const unsigned *out)
{
    troupe_flush (troupe_guest (troupe));
    while (*out)
        CHECK (troupe_run (troupe, DEADLINE_MS) != TROUPE_ETIMEOUT);
}

//  Everybody through somebody to somebody else, all at once.
static void s_round (troupe_t *troupe, troupe_t *other)
{
    unsigned out = 0, far = 0;
    s_call (troupe, "one", "call two call here echo round", &out);
    s_call (troupe, "two", "call one call there echo round", &out);
    s_call (troupe, "here", "call one call two echo round", &out);
    s_call (troupe, "there", "call here call one echo round", &out);
    s_call (troupe, "two", "call two call one echo round", &out);
    troupe_flush (troupe_guest (troupe));
    s_call (other, "there", "call one call here echo round", &far);
    s_until_none (other, &far);
    s_until_none (troupe, &out);
}

static troupe_outcome_t s_ask (troupe_t *troupe, const char *name, uint16_t tag, const char *what, char *answer,
                               size_t size)
{
    troupe_message_t *reply = NULL;
    troupe_outcome_t outcome = troupe_call_wait (troupe, name, tag, what, strlen (what), DEADLINE_MS, &reply);
    snprintf (answer, size, "%s", troupe_message_text (reply));
    troupe_message_destroy (&reply);
    return outcome;
}

static troupe_t *s_begin (const troupe_child_t *children)
{
    static const troupe_options_t options = { .log_level = TROUPE_LOG_ERROR, .program = "/proc/self/exe" };
    troupe_supervisor_t root = { .children = children, .intensity = 1000 };
    troupe_t *troupe = troupe_new (&options, NULL);
    CHECK (troupe);
    CHECK (troupe_start (troupe, &root, DEADLINE_MS) == TROUPE_OK);
    return troupe;
}

int main (int argc, char **argv)
{
    int status;
    char endpoint [128], answer [64];
    if (troupe_hosted (argc, argv, s_children, NULL, &status))
        return status;
    troupe_t *troupe = s_begin (s_children);
    CHECK (s_ask (troupe, "there", TROUPE_TAG_ENDPOINT, "", endpoint, sizeof endpoint) == TROUPE_CALL_OK);
    const troupe_child_t others [] = { { .id = "there", .endpoint = endpoint }, { .id = NULL } };
    troupe_t *other = s_begin (others);
    for (int round = 1; round <= ROUNDS; round++) {
        s_round (troupe, other);
        if (round % 4 == 0)
            CHECK (s_ask (troupe, "two", 0, "exit 3", answer, sizeof answer) == TROUPE_CALL_DOWN);
    }
    puts ("threads, processes and another troupe call each other, and a process that ends is back");
    CHECK (s_ask (other, "there", 0, "large 1000000 two", answer, sizeof answer) == TROUPE_CALL_OK);
    CHECK (strcmp (answer, "OK 1000000") == 0);
    puts ("a large payload gets through");
    CHECK (troupe_stop (other, DEADLINE_MS) == TROUPE_OK);
    troupe_destroy (&other);
    CHECK (troupe_stop (troupe, DEADLINE_MS) == TROUPE_OK);
    troupe_destroy (&troupe);
    puts ("and all of it ends");
    return 0;
}
