/*  =========================================================================
    app_program - a program of one actor that ends in the way it is told to

    Place: tests/live; app_test runs it as a process of its own.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <czmq.h>

#include <troupe.h>

static int s_fail (troupe_actor_t *self, void *state, void *context)
{
    (void) state;
    (void) context;
    return troupe_fail (self, 5, "no table %s", "users");
}

static int s_exit (troupe_actor_t *self, void *state, void *context)
{
    (void) state;
    (void) context;
    troupe_exit (self);
    return 0;
}

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) state_p;
    (void) args;
    (void) args_size;
    const char *mode = troupe_option (self, "mode", "run");
    if (strcmp (mode, "fail-start") == 0)
        return troupe_fail (self, TROUPE_EADDRINUSE, "127.0.0.1:8080: address in use");
    if (strcmp (mode, "fail") == 0)
        troupe_after (self, 0, s_fail, NULL);
    if (strcmp (mode, "exit") == 0)
        troupe_after (self, 0, s_exit, NULL);
    return 0;
}

//  Never done, unless it may end.
static int s_drain (troupe_actor_t *self, void *state)
{
    (void) state;
    printf ("draining\n");
    fflush (stdout);
    if (strcmp (troupe_option (self, "mode", "run"), "drain-forever"))
        troupe_exit (self);
    return 0;
}

//  Who calls waits for ever.
static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    troupe_defer (self, message);
    return 0;
}

//  Hangs where nobody can end it, if it is told to.
static int s_hang (troupe_actor_t *self, void *state)
{
    (void) state;
    while (strcmp (troupe_option (self, "mode", "run"), "hang") == 0)
        pause ();
    troupe_exit (self);
    return 0;
}

//  A czmq actor function that answers everything, and then hangs unless it was told to end.
static void s_adopted (void *pipe, void *args)
{
    (void) args;
    zsock_signal (pipe, 0);
    char *command = zstr_recv (pipe);
    while (command && strcmp (command, "$TERM")) {
        zsock_signal (pipe, 0);
        pause ();
    }
    zstr_free (&command);
}

static int s_ready (troupe_t *troupe)
{
    troupe_actor_t *guest = troupe_guest (troupe);
    if (troupe_config (guest, "hang", NULL))
        troupe_call_wait (troupe, "adopted", 0, "HANG", 4, TROUPE_FOREVER, NULL);
    printf ("ready %s\n", troupe_config (guest, "children/actor/mode", "?"));
    fflush (stdout);
    if (troupe_config (guest, "wait", NULL))
        printf ("%s\n", troupe_outcome_name (troupe_call_wait (troupe, "actor", 1, NULL, 0, TROUPE_FOREVER, NULL)));
    return atoi (troupe_config (guest, "status", "0"));
}

int main (int argc, char **argv)
{
    static const troupe_behavior_t behavior = { .name = "actor", .start = s_start, .receive = s_receive,
                                                .drain = s_drain };
    static const troupe_behavior_t sleeper = { .name = "sleeper", .drain = s_hang };
    static const troupe_adopted_t adopted = { .function = s_adopted };
    static const troupe_behavior_t adopting = TROUPE_ADOPT ("adopted", &adopted);
    static const troupe_child_t inner [] = {
        { .id = "adopted", .behavior = &adopting },
        { .id = "sleeper", .behavior = &sleeper, .shutdown_ms = 50 },
        { .id = "actor", .behavior = &behavior, .significant = true, .restart = TROUPE_TRANSIENT,
          .shutdown_ms = TROUPE_SHUTDOWN_INFINITY },
        { 0 }
    };
    static const troupe_supervisor_t group = {
        .children = inner, .intensity = TROUPE_INTENSITY_NONE, .auto_shutdown = TROUPE_AUTO_SHUTDOWN_ANY,
    };
    static const troupe_child_t children [] = {
        { .id = "group", .supervisor = &group, .significant = true, .restart = TROUPE_TRANSIENT }, { 0 }
    };
    static const troupe_app_option_t options [] = {
        { .name = "mode", .value = "MODE", .paths = "children/actor/mode", .fallback = "run", .help = "How to end" },
        { .name = "status", .value = "N", .paths = "status", .help = "What ready returns", .least = -1, .most = 100 },
        { 0 }
    };
    static const troupe_app_t app = {
        .name = "program", .version = "3.2", .summary = "Ends as it is told to.", .children = children,
        .intensity = TROUPE_INTENSITY_NONE, .auto_shutdown = TROUPE_AUTO_SHUTDOWN_ANY,
        .options = options, .ready = s_ready,
    };
    return troupe_main (&app, argc, argv);
}
