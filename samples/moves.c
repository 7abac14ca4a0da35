/*  =========================================================================
    moves.c - one actor in three places, and nobody can tell

    Place: samples/. A till adds up what it is told. It runs as a thread here,
    as a process, and in another program (this one again, started with
    --listen) behind a port. The same calls get the same answers.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <troupe.h>

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args;
    (void) args_size;
    *state_p = calloc (1, sizeof (long));
    return *state_p ? 0 : troupe_fail_error (self, TROUPE_ENOMEM, "the till");
}

static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    const char *text = troupe_message_text (message);
    long *total = state;
    if (strcmp (text, "pid") == 0)
        return (int) troupe_replyf (self, message, "%ld", (long) getpid ());
    if (strcmp (text, "crash") == 0)    //  What is not set is null
        return *troupe_config (self, "nowhere", NULL);
    if (strcmp (text, "close") == 0)
        troupe_exit (self);
    else if (strncmp (text, "add ", 4) == 0)
        *total += strtol (text + 4, NULL, 10);
    else
        return troupe_fail (self, 1, "nobody can %s", text);
    return (int) troupe_replyf (self, message, "%ld", *total);
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    free (state);
}

static const troupe_behavior_t s_till = { .name = "till", .start = s_start, .receive = s_receive, .stop = s_stop };

//  The endpoint says where, and nothing else does.
static const troupe_child_t s_children [] = {
    { .id = "thread", .behavior = &s_till, .endpoint = "inproc://thread" },
    { .id = "process", .behavior = &s_till, .endpoint = "ipc://process" },
    { .id = NULL }
};

//  The other program: it ends when its till is closed.
static const troupe_child_t s_elsewhere [] = {
    { .id = "till", .behavior = &s_till, .listen = "tcp://127.0.0.1:0", .restart = TROUPE_TRANSIENT,
      .significant = true },
    { .id = NULL }
};

//  Calls, and writes the outcome into 'text': "OK 5".
static const char *s_call (troupe_t *troupe, const char *address, uint16_t tag, const char *what, char *text,
                           size_t size)
{
    troupe_message_t *reply = NULL;
    troupe_outcome_t outcome = troupe_call_wait (troupe, address, tag, what, strlen (what), 10000, &reply);
    snprintf (text, size, "%s %s", troupe_outcome_name (outcome), troupe_message_text (reply));
    troupe_message_destroy (&reply);
    return text;
}

//  Starts this program again, and writes where its till is into 'address'.
static FILE *s_start_elsewhere (char *address, int size)
{
    char command [600] = "exec ";
    if (readlink ("/proc/self/exe", command + 5, 512) <= 0)
        return NULL;
    strcat (command, " --listen tcp://127.0.0.1:0 --log error");
    FILE *program = popen (command, "r");
    if (program && fgets (address, size, program))
        address [strcspn (address, "\n")] = 0;
    return program;
}

//  A row of the table: a call, and what each place answers. Returns whether they all say the same.
static bool s_row (troupe_t *troupe, const char *const places [3], const char *what)
{
    char answers [3] [128];
    for (size_t place = 0; place < 3; place++)
        s_call (troupe, places [place], 0, what, answers [place], sizeof answers [place]);
    printf ("%-8s%-26s%-26s%s\n", what, answers [0], answers [1], answers [2]);
    return strcmp (answers [0], answers [1]) == 0 && strcmp (answers [0], answers [2]) == 0;
}

//  Runs in main once the first two are there.
static int s_ready (troupe_t *troupe)
{
    static const char *const calls [] = { "add 5", "add 7", "fly", "add 1", NULL };
    char address [256] = "", text [128];
    FILE *program = s_start_elsewhere (address, sizeof address);
    const char *const places [3] = { "thread", "process", address };
    bool same = *address != 0;
    printf ("%-8s%-26s%-26s%s\n", "call", "thread", "process", "another program");
    for (const char *const *call = calls; *call; call++)
        same &= s_row (troupe, places, *call);
    printf ("%s\n", same ? "the three are the same" : "the three differ");
    s_row (troupe, places, "pid");
    printf ("%-34s%s\n", "crash", s_call (troupe, "process", 0, "crash", text, sizeof text));
    s_row (troupe, places, "pid");
    //  Whoever does not close is not waited for
    const bool closes = strncmp (s_call (troupe, address, 0, "close", text, sizeof text), "OK", 2) == 0;
    return program && closes && pclose (program) == 0 && same ? -1 : 1;
}

static int s_ready_elsewhere (troupe_t *troupe)
{
    char text [256];
    if (strncmp (s_call (troupe, "till", TROUPE_TAG_ENDPOINT, "", text, sizeof text), "OK ", 3) != 0)
        return 1;
    printf ("%s\n", text + 3);
    fflush (stdout);
    return 0;
}

static const troupe_app_option_t s_options [] = {
    { .name = "listen", .value = "ENDPOINT", .paths = "children/till/listen", .help = "Be the other program, there" },
    { .name = NULL }
};

int main (int argc, char **argv)
{
    static const troupe_app_t here = {
        .name = "moves", .summary = "One actor in three places", .children = s_children, .options = s_options,
        .intensity = 10, .ready = s_ready,
    }, elsewhere = {
        .name = "moves", .summary = "One actor in three places", .children = s_elsewhere, .options = s_options,
        .intensity = 10, .auto_shutdown = TROUPE_AUTO_SHUTDOWN_ANY, .ready = s_ready_elsewhere,
    };
    bool listens = argc > 1 && strcmp (argv [1], "--listen") == 0;
    if (listens)
        prctl (PR_SET_PDEATHSIG, SIGTERM);      //  It does not outlive who has started it, however that ends
    return troupe_main (listens ? &elsewhere : &here, argc, argv);
}
