/*  =========================================================================
    greeter.c - a user's program in C: an actor, tested on the stage, then live

    Place: tests/install builds it against the installed library.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <troupe.h>

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args, (void) args_size;
    *state_p = calloc (1, sizeof (int));
    return *state_p ? 0 : troupe_fail (self, 1, "out of memory");
}

static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    int *count = state;
    ++*count;
    return troupe_replyf (self, message, "hello %s, caller %d", troupe_message_text (message), *count);
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self, (void) reason;
    free (state);
}

static const troupe_behavior_t s_greeter = {
    .name = "greeter", .start = s_start, .receive = s_receive, .stop = s_stop,
};

//  The same behavior on the stage: one thread, virtual time.
static int s_on_stage (void)
{
    troupe_stage_t *stage = troupe_stage_new (7);
    troupe_stage_spawn (stage, &s_greeter, NULL);
    int wrong = strcmp (troupe_stage_call (stage, "greeter", "Ada"), "hello Ada, caller 1") != 0;
    troupe_stage_destroy (&stage);
    return wrong;
}

//  And on a thread of its own.
static int s_live (void)
{
    static const troupe_child_t children [] = { { .id = "greeter", .behavior = &s_greeter }, { .id = NULL } };
    static const troupe_supervisor_t root = { .children = children };
    troupe_t *troupe = troupe_new (NULL, NULL);
    troupe_message_t *reply = NULL;
    int wrong = !troupe || troupe_start (troupe, &root, 5000) != TROUPE_OK
             || troupe_call_wait (troupe, "greeter", 0, "Bob", 3, 5000, &reply) != TROUPE_CALL_OK
             || strcmp (troupe_message_text (reply), "hello Bob, caller 1") != 0;
    troupe_message_destroy (&reply);
    troupe_destroy (&troupe);
    return wrong;
}

int main (void)
{
    if (s_on_stage () || s_live ())
        return EXIT_FAILURE;
    puts ("greeted on the stage and live");
    return EXIT_SUCCESS;
}
