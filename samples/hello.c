/*  =========================================================================
    hello.c - one actor, one call

    Place: samples/. The smallest program there is: a behavior, the list of
    children, and a call from outside that prints the answer.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>

#include <troupe.h>

typedef struct greeter {
    int count;
} greeter_t;

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    *state_p = calloc (1, sizeof (greeter_t));
    return *state_p ? 0 : troupe_fail_error (self, TROUPE_ENOMEM, "the greeter");
}

static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    greeter_t *greeter = state;
    greeter->count++;
    troupe_replyf (self, message, "hello %s, caller %d", troupe_message_text (message), greeter->count);
    return 0;
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    free (state);
}

static const troupe_behavior_t s_greeter = {
    .name = "greeter", .start = s_start, .receive = s_receive, .stop = s_stop,
};

static const troupe_child_t s_children [] = {
    { .id = "greeter", .behavior = &s_greeter },
    { .id = NULL }
};

//  Runs in main once the greeter has started: below 0 is to end well.
static int s_ready (troupe_t *troupe)
{
    troupe_message_t *reply = NULL;
    troupe_outcome_t outcome = troupe_call_wait (troupe, "greeter", 0, "Ada", 3, 1000, &reply);
    printf ("%s\n", outcome == TROUPE_CALL_OK ? troupe_message_text (reply) : troupe_outcome_name (outcome));
    troupe_message_destroy (&reply);
    return outcome == TROUPE_CALL_OK ? -1 : 1;
}

int main (int argc, char **argv)
{
    static const troupe_app_t app = {
        .name = "hello", .summary = "One actor, one call", .children = s_children, .ready = s_ready,
    };
    return troupe_main (&app, argc, argv);
}
