/*  =========================================================================
    process_program - a program whose actor does in its process what it is told

    Place: tests/live; process_test runs it as the process of a child, and as a
    program with a child of its own. PROCESS_MODE in the environment makes it a
    program that is none of ours: "mute" says nothing, "stranger" speaks another
    version of the protocol.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <troupe.h>
#include <zmq.h>

#include "core/packet/control.h"

extern char **environ;

//  --- What it does

static void s_list_descriptors (char *text, size_t size)
{
    DIR *folder = opendir ("/proc/self/fd");
    for (struct dirent *file = readdir (folder); file; file = readdir (folder)) {
        char path [300], target [128] = "";
        snprintf (path, sizeof path, "/proc/self/fd/%s", file->d_name);
        bool listed = *file->d_name != '.' && readlink (path, target, sizeof target - 1) > 0;
        size_t length = strlen (text);
        if (listed && strncmp (target, "socket:", 7) && strncmp (target, "anon_inode:", 11) && strcmp (target, "/proc"))
            snprintf (text + length, size - length, "%s=%s ", file->d_name, target);
    }
    closedir (folder);
}

//  Handlers do not survive the beginning of a program; ignoring does.
static void s_list_signals (char *text, size_t size)
{
    for (int number = 1; number < 32; number++) {
        struct sigaction action;
        size_t length = strlen (text);
        if (sigaction (number, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
            snprintf (text + length, size - length, "%s ", sigabbrev_np (number));
    }
}

static void s_list_environment (char *text, size_t size)
{
    size_t count = 0;
    while (environ [count])
        count++;
    snprintf (text, size, "%zu %s", count, getenv ("PROCESS_MARK") ? getenv ("PROCESS_MARK") : "-");
}

static int s_recurse (volatile char *above, int64_t depth)
{
    volatile char here [4096];
    here [0] = *above;
    return depth ? s_recurse (here, depth - 1) + here [0] : 0;
}

//  Without what sanitizers do about it.
static void s_end_process (const char *how)
{
    signal (SIGSEGV, SIG_DFL);
    if (strcmp (how, "segv") == 0)
        *(volatile int *) (uintptr_t) 64 = 1;
    else if (strcmp (how, "overflow") == 0)
        s_recurse ((char [1]) { 0 }, INT64_MAX);
    else if (strcmp (how, "abort") == 0)
        abort ();
    else if (strncmp (how, "exit ", 5) == 0)
        exit (atoi (how + 5));
    else if (strncmp (how, "_exit ", 6) == 0)
        _exit (atoi (how + 6));
    else if (strcmp (how, "kill") == 0)
        kill (getpid (), SIGKILL);
}

static int s_obey (troupe_actor_t *self, const char *what, char *text, size_t size)
{
    s_end_process (what);
    *text = 0;
    if (strcmp (what, "fail") == 0)
        return troupe_fail (self, 5, "told to");
    while (strcmp (what, "hang") == 0)
        pause ();
    if (strcmp (what, "descriptors") == 0)
        s_list_descriptors (text, size);
    if (strcmp (what, "signals") == 0)
        s_list_signals (text, size);
    if (strcmp (what, "environment") == 0)
        s_list_environment (text, size);
    if (strcmp (what, "life") == 0)
        snprintf (text, size, "%ld %u %s", (long) getpid (), (unsigned) troupe_incarnation (self),
                  troupe_option (self, "mark", "-"));
    return 0;
}

static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    (void) state;
    char text [2048];
    int result = s_obey (self, troupe_message_text (message), text, sizeof text);
    return result ? result : (int) troupe_reply (self, message, text, strlen (text));
}

static int s_later (troupe_actor_t *self, void *state, void *context)
{
    (void) state;
    char text [2048];
    return s_obey (self, context, text, sizeof text);
}

//  As a program with a child of its own it is read from outside.
static void s_print (const char *line)
{
    if (getenv ("PROCESS_WHAT"))
        printf ("%s\n", line);
    fflush (stdout);
}

//  The args say what to do at once, or behind "later " as soon as it has started; what that says is printed.
static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    char what [64], text [2048];
    snprintf (what, sizeof what, "%.*s", (int) args_size, args_size ? (const char *) args : "");
    *state_p = strdup (what);
    if (strncmp (what, "later ", 6) == 0) {
        troupe_after (self, 0, s_later, (char *) *state_p + 6);
        return 0;
    }
    int result = s_obey (self, what, text, sizeof text);
    s_print (text);
    return result;
}

static int s_drain (troupe_actor_t *self, void *state)
{
    s_print ("draining");
    if (!state || !strstr (state, "stubborn"))
        troupe_exit (self);
    return 0;
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    free (state);
}

//  --- Programs that are none of ours

static int s_be_a_stranger (const char *endpoint)
{
    uint8_t word [TROUPE_CONTROL_MAX];
    troupe_control_t control = { .kind = TROUPE_CONTROL_BIRTH, .incarnation = 99 };
    void *socket = zmq_socket (zmq_ctx_new (), ZMQ_PAIR);
    zmq_connect (socket, endpoint);
    zmq_send (socket, word, troupe_control_write (word, &control, NULL), 0);
    pause ();
    return 0;
}

static int s_ready (troupe_t *troupe)
{
    (void) troupe;
    printf ("ready\n");
    fflush (stdout);
    return 0;
}

int main (int argc, char **argv)
{
    static const troupe_behavior_t puppet = {
        .name = "puppet", .start = s_start, .receive = s_receive, .drain = s_drain, .stop = s_stop,
    };
    const char *mode = getenv ("PROCESS_MODE"), *what = getenv ("PROCESS_WHAT");
    const troupe_child_t children [] = {
        { .id = "puppet", .behavior = &puppet, .endpoint = "ipc://puppet", .args = what,
          .args_size = what ? strlen (what) : 0 }, { 0 }
    };
    const troupe_app_t app = { .name = "process_program", .children = children, .ready = s_ready };
    while (mode && strcmp (mode, "mute") == 0)
        pause ();
    if (mode && strcmp (mode, "stranger") == 0)
        return s_be_a_stranger (argc > 2 ? argv [2] : "");
    return troupe_main (&app, argc, argv);
}
