/*  =========================================================================
    messages.c - many actors call, cast, delegate and fail at once, under TSan

    Place: tests/thread. A ring of actors in which each calls the next, casts
    to all, hands on what it is told to, and now and then fails and is
    restarted. Small and large payloads, which change hands without copying.
    Exits 0 when all went as it should.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <troupe.h>

#define DEADLINE_MS 60000
#define ACTORS 8u
#define ROUNDS 200u
#define LARGE (64u * 1024u)

#define CHECK(condition) \
    do { if (!(condition)) { fprintf (stderr, "line %d: %s\n", __LINE__, #condition); exit (1); } } while (0)

enum { GO = 1, ECHO, HAND_ON, CAST, FAIL };

typedef struct {
    troupe_caller_t *asker;
    uint64_t outcomes [TROUPE_CALL_CANCELLED + 1];
    uint64_t ended, wrong, seen;
} s_state_t;

//  --- The work of one: so many calls to the next in the ring, one after the other

static int s_next (troupe_actor_t *self, s_state_t *mine);

static const char *s_neighbour (troupe_actor_t *self, char *name, unsigned distance)
{
    unsigned index = 0;
    sscanf (troupe_name (self), "ring-%u", &index);
    snprintf (name, 16, "ring-%u", (index + distance - 1) % ACTORS + 1);
    return name;
}

static int s_on_answer (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                        void *context)
{
    s_state_t *mine = state;
    size_t size = (size_t) (uintptr_t) context;
    const uint8_t *data = troupe_message_data (reply);
    mine->outcomes [outcome]++;
    if (outcome == TROUPE_CALL_OK)
        mine->wrong += troupe_message_size (reply) != size || data [0] != (uint8_t) size || data [size - 1] != 0x5A;
    mine->ended++;
    return s_next (self, mine);
}

static troupe_message_t *s_payload (uint16_t tag, size_t size)
{
    uint8_t *data = malloc (size);
    CHECK (data);
    memset (data, 0x5A, size);
    data [0] = (uint8_t) size;
    troupe_message_t *message = troupe_message_new (tag, data, size);
    free (data);
    CHECK (message);
    return message;
}

static int s_next (troupe_actor_t *self, s_state_t *mine)
{
    char name [16];
    if (mine->ended == ROUNDS)
        return mine->asker ? (int) troupe_answerf (&mine->asker, "%s", mine->wrong ? "wrong" : "right") : 0;
    size_t size = mine->ended % 4 == 3 ? LARGE : 16 + mine->ended;
    troupe_message_t *message = s_payload (mine->ended % 3 ? ECHO : HAND_ON, size);
    troupe_ref_t *ref = troupe_ref (self, s_neighbour (self, name, 1));
    CHECK (troupe_call_message (ref, &message, DEADLINE_MS, s_on_answer, (void *) (uintptr_t) size, NULL) == TROUPE_OK);
    for (unsigned distance = 1; distance < ACTORS; distance++)
        troupe_cast (troupe_ref (self, s_neighbour (self, name, distance)), CAST, "cast", 4);
    return 0;
}

static int s_echo (troupe_actor_t *self, troupe_message_t *message)
{
    troupe_message_t *back = troupe_message_keep (message);
    CHECK (back);
    return (int) troupe_reply_message (self, message, &back);
}

static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    s_state_t *mine = state;
    switch (troupe_message_tag (message)) {
    case GO:
        mine->asker = troupe_defer (self, message);
        return s_next (self, mine);
    case ECHO:
        return s_echo (self, message);
    case HAND_ON:
        return (int) troupe_delegate (self, message, troupe_ref (self, "echo"));
    case CAST:
        mine->seen++;
        return 0;
    case FAIL:
        return troupe_fail (self, 3, "told to");
    default:
        return 0;
    }
}

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) self;
    (void) args;
    (void) args_size;
    *state_p = calloc (1, sizeof (s_state_t));
    return *state_p ? 0 : 1;
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    free (state);
}

static int s_echo_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    return troupe_message_tag (message) == FAIL ? troupe_fail (self, 3, "told to") : s_echo (self, message);
}

static const troupe_behavior_t s_actor = { .name = "ring", .start = s_start, .receive = s_receive, .stop = s_stop };
static const troupe_behavior_t s_echoing = { .name = "echo", .receive = s_echo_receive };
static const troupe_child_t s_children [] = {
    { .id = "echo", .behavior = &s_echoing }, { .id = "ring", .behavior = &s_actor, .instances = ACTORS },
    { .id = NULL } };
static const troupe_supervisor_t s_root = { .children = s_children, .intensity = 100000 };

//  --- The program's own thread

typedef struct {
    unsigned right, others, wrong;
} s_tally_t;

static int s_on_done (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                      void *context)
{
    (void) self;
    (void) state;
    s_tally_t *tally = context;
    if (outcome != TROUPE_CALL_OK)
        tally->others++;
    else if (strcmp (troupe_message_text (reply), "right") == 0)
        tally->right++;
    else
        tally->wrong++;
    return 0;
}

static s_tally_t s_go_all (troupe_t *troupe, unsigned failures)
{
    char name [16];
    s_tally_t tally = { 0 };
    for (unsigned actor = 1; actor <= ACTORS; actor++) {
        snprintf (name, sizeof name, "ring-%u", actor);
        CHECK (troupe_call (troupe_ref (troupe_guest (troupe), name), GO, "", 0, TROUPE_FOREVER, s_on_done, &tally,
                            NULL) == TROUPE_OK);
    }
    for (unsigned failure = 0; failure < failures; failure++)
        CHECK (troupe_call_wait (troupe, "echo", FAIL, "", 0, DEADLINE_MS, NULL) == TROUPE_CALL_FAILED);
    while (tally.right + tally.wrong + tally.others < ACTORS)
        CHECK (troupe_run (troupe, DEADLINE_MS) == TROUPE_OK);
    return tally;
}

int main (void)
{
    troupe_options_t options = { .log_level = TROUPE_LOG_ERROR };
    troupe_t *troupe = troupe_new (&options, NULL);
    CHECK (troupe);
    CHECK (troupe_start (troupe, &s_root, DEADLINE_MS) == TROUPE_OK);
    s_tally_t tally = s_go_all (troupe, 0);
    CHECK (tally.right == ACTORS);
    puts ("calls, casts and delegated calls among all end with their own answers");
    tally = s_go_all (troupe, 20);
    CHECK (tally.wrong == 0 && tally.right == ACTORS);
    puts ("and so they do while the one they all depend on fails");
    CHECK (troupe_stop (troupe, DEADLINE_MS) == TROUPE_OK);
    troupe_destroy (&troupe);
    puts ("and the end finds nobody waiting");
    return 0;
}
