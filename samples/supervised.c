/*  =========================================================================
    supervised.c - an actor that fails, and is restarted

    Place: samples/. Two actors share cake. One of them is asked to share it
    among nobody, and fails: its caller is told, its state is gone, and its
    supervisor starts it anew. The other one notices nothing.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <troupe.h>

#define S_PIECES 60

typedef struct sharer {
    int served;
} sharer_t;

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    *state_p = calloc (1, sizeof (sharer_t));
    return *state_p ? 0 : troupe_fail_error (self, TROUPE_ENOMEM, "the sharer");
}

//  Returning a failure is all that an actor does about one: the rest is its supervisor's business.
static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    sharer_t *sharer = state;
    long guests = strtol (troupe_message_text (message), NULL, 10);
    if (guests < 1)
        return troupe_fail (self, 1, "nobody can share a cake among %ld", guests);
    sharer->served++;
    troupe_replyf (self, message, "%ld pieces each; served %d, in life %u", S_PIECES / guests, sharer->served,
                   (unsigned) troupe_incarnation (self));
    return 0;
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    free (state);
}

static const troupe_behavior_t s_sharer = {
    .name = "sharer", .start = s_start, .receive = s_receive, .stop = s_stop,
};

//  Both of them under the root supervisor, which restarts only the one that failed.
static const troupe_child_t s_children [] = {
    { .id = "ada", .behavior = &s_sharer },
    { .id = "ben", .behavior = &s_sharer },
    { .id = NULL }
};

static void s_ask (troupe_t *troupe, const char *who, const char *guests)
{
    troupe_message_t *reply = NULL;
    troupe_outcome_t outcome = troupe_call_wait (troupe, who, 0, guests, strlen (guests), 2000, &reply);
    printf ("%s, share %d among %s: %s", who, S_PIECES, guests, troupe_outcome_name (outcome));
    if (reply && troupe_message_size (reply))
        printf (", %s", troupe_message_text (reply));
    printf ("\n");
    fflush (stdout);
    troupe_message_destroy (&reply);
}

static int s_ready (troupe_t *troupe)
{
    s_ask (troupe, "ada", "3");
    s_ask (troupe, "ben", "4");
    s_ask (troupe, "ada", "5");
    s_ask (troupe, "ada", "0");     //  Its first life ends here
    s_ask (troupe, "ada", "6");     //  The same address, a new life: it has forgotten whom it had served
    s_ask (troupe, "ben", "2");     //  He has not
    return -1;
}

int main (int argc, char **argv)
{
    static const troupe_app_t app = {
        .name = "supervised", .summary = "An actor that fails, and is restarted", .children = s_children,
        .ready = s_ready,
    };
    return troupe_main (&app, argc, argv);
}
