/*  =========================================================================
    comings.c - actors, names, monitors, timers and watches come and go, under TSan

    Place: tests/thread. Parents spawn and stop children as fast as they can,
    while others call them by name, monitor them and hear of dead letters;
    timers and watched descriptors run meanwhile. Exits 0 when all went as it
    should.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <troupe.h>

#define DEADLINE_MS 60000
#define PARENTS 3
#define GENERATIONS 100u
#define CALLERS 2

#define CHECK(condition) \
    do { if (!(condition)) { fprintf (stderr, "line %d: %s\n", __LINE__, #condition); exit (1); } } while (0)

static int s_echo (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    return (int) troupe_reply (self, message, "here", 4);
}

static const troupe_behavior_t s_child = { .name = "child", .receive = s_echo };

static void s_free_state (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    free (state);
}

//  --- Parents: one child after the other, all of one name

typedef struct {
    troupe_caller_t *asker;
    unsigned generations, started, timers, readable;
    int pipe [2];
    troupe_watch_t *watch;
} s_parent_t;

static int s_spawn (troupe_actor_t *self, s_parent_t *mine);

static int s_on_child (troupe_actor_t *self, void *state, troupe_link_t *link, const troupe_child_event_t *event,
                       void *context)
{
    (void) context;
    s_parent_t *mine = state;
    mine->started += event->kind == TROUPE_CHILD_STARTED;
    if (event->kind == TROUPE_CHILD_STARTED || event->kind == TROUPE_CHILD_ENDED)
        troupe_link_stop (link, TROUPE_SHUTDOWN_DEFAULT);
    return event->kind == TROUPE_CHILD_GONE ? s_spawn (self, mine) : 0;
}

static int s_spawn (troupe_actor_t *self, s_parent_t *mine)
{
    char id [32];
    if (mine->generations++ == GENERATIONS)
        return (int) troupe_answerf (&mine->asker, "%u", mine->started);
    snprintf (id, sizeof id, "child-of-%s", troupe_name (self));
    troupe_child_t spec = { .id = id, .behavior = &s_child };
    troupe_link_t *link;
    return (int) troupe_spawn (self, &spec, s_on_child, NULL, &link);
}

static int s_on_timer (troupe_actor_t *self, void *state, void *context)
{
    (void) self;
    (void) context;
    s_parent_t *mine = state;
    mine->timers++;
    return write (mine->pipe [1], "t", 1) == 1 ? 0 : 1;
}

static int s_on_readable (troupe_actor_t *self, void *state, int descriptor, unsigned events, void *context)
{
    (void) self;
    (void) events;
    (void) context;
    char byte;
    s_parent_t *mine = state;
    mine->readable++;
    return read (descriptor, &byte, 1) == 1 ? 0 : 1;
}

static int s_parent_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    s_parent_t *mine = calloc (1, sizeof *mine);
    CHECK (mine && pipe (mine->pipe) == 0);
    *state_p = mine;
    CHECK (troupe_every (self, 1, s_on_timer, NULL));
    return (int) troupe_watch (self, mine->pipe [0], TROUPE_WATCH_READABLE, s_on_readable, NULL, &mine->watch);
}

static int s_parent_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    s_parent_t *mine = state;
    mine->generations = mine->started = 0;
    mine->asker = troupe_defer (self, message);
    return s_spawn (self, mine);
}

static void s_parent_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    s_parent_t *mine = state;
    troupe_unwatch (&mine->watch);
    close (mine->pipe [0]);
    close (mine->pipe [1]);
    s_free_state (self, state, reason);
}

static const troupe_behavior_t s_parent = { .name = "parent", .start = s_parent_start, .receive = s_parent_receive,
                                            .stop = s_parent_stop };

//  --- Callers: call, cast to and monitor whoever has the name, on and on

typedef struct {
    uint64_t calls, downs, letters;
} s_caller_t;

static int s_poke (troupe_actor_t *self, void *state, void *context);

static int s_on_down (troupe_actor_t *self, void *state, troupe_ref_t *ref, const troupe_reason_t *reason,
                      void *context)
{
    (void) self;
    (void) ref;
    (void) reason;
    (void) context;
    ((s_caller_t *) state)->downs++;
    return 0;
}

static int s_on_answer (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                        void *context)
{
    (void) reply;
    (void) context;
    ((s_caller_t *) state)->calls++;
    CHECK (outcome == TROUPE_CALL_OK || outcome == TROUPE_CALL_DOWN || outcome == TROUPE_CALL_NO_SUCH_ACTOR);
    return troupe_after (self, 1, s_poke, NULL) ? 0 : 1;
}

static int s_poke (troupe_actor_t *self, void *state, void *context)
{
    (void) state;
    (void) context;
    char name [40];
    snprintf (name, sizeof name, "child-of-parent-%u", (unsigned) troupe_random_below (self, PARENTS) + 1);
    troupe_ref_t *ref = troupe_ref (self, name);
    CHECK (ref);
    CHECK (troupe_monitor (ref, s_on_down, NULL, NULL) == TROUPE_OK);
    troupe_cast (ref, 0, "x", 1);
    return (int) troupe_call (ref, 0, "x", 1, TROUPE_FOREVER, s_on_answer, NULL, NULL);
}

static int s_on_letter (troupe_actor_t *self, void *state, const troupe_dead_letter_t *letter, void *context)
{
    (void) self;
    (void) context;
    ((s_caller_t *) state)->letters += letter->count;
    return 0;
}

static int s_caller_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    *state_p = calloc (1, sizeof (s_caller_t));
    CHECK (*state_p);
    CHECK (troupe_dead_letters (self, s_on_letter, NULL) == TROUPE_OK);
    return troupe_after (self, 0, s_poke, NULL) ? 0 : 1;
}

static int s_caller_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    s_caller_t *mine = state;
    return (int) troupe_replyf (self, message, "%s", mine->calls && mine->downs ? "busy" : "idle");
}

static const troupe_behavior_t s_caller = { .name = "caller", .start = s_caller_start, .receive = s_caller_receive,
                                            .stop = s_free_state };

static const troupe_child_t s_children [] = {
    { .id = "parent", .behavior = &s_parent, .instances = PARENTS },
    { .id = "caller", .behavior = &s_caller, .instances = CALLERS }, { .id = NULL } };
static const troupe_supervisor_t s_root = { .children = s_children, .intensity = 1000 };

//  --- The program's own thread

static int s_on_done (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                      void *context)
{
    (void) self;
    (void) state;
    CHECK (outcome == TROUPE_CALL_OK);
    CHECK (atoi (troupe_message_text (reply)) == (int) GENERATIONS);
    ++*(int *) context;
    return 0;
}

int main (void)
{
    int done = 0;
    char name [16];
    troupe_options_t options = { .log_level = TROUPE_LOG_ERROR };
    troupe_t *troupe = troupe_new (&options, NULL);
    CHECK (troupe);
    CHECK (troupe_start (troupe, &s_root, DEADLINE_MS) == TROUPE_OK);
    for (int parent = 1; parent <= PARENTS; parent++) {
        snprintf (name, sizeof name, "parent-%d", parent);
        CHECK (troupe_call (troupe_ref (troupe_guest (troupe), name), 0, "", 0, DEADLINE_MS, s_on_done, &done, NULL)
               == TROUPE_OK);
    }
    while (done < PARENTS)
        CHECK (troupe_run (troupe, DEADLINE_MS) == TROUPE_OK);
    puts ("children of one name come and go, each of them started");
    troupe_message_t *reply = NULL;
    CHECK (troupe_call_wait (troupe, "caller-1", 0, "", 0, DEADLINE_MS, &reply) == TROUPE_CALL_OK);
    CHECK (strcmp (troupe_message_text (reply), "busy") == 0);
    troupe_message_destroy (&reply);
    puts ("while others call and monitor whoever has the name");
    CHECK (troupe_stop (troupe, DEADLINE_MS) == TROUPE_OK);
    troupe_destroy (&troupe);
    puts ("and all of it ends in the midst of that");
    return 0;
}
