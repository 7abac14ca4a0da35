/*  =========================================================================
    errand.c - an actor that is told by text what to do, wherever it runs

    Place: tests/live; see errand.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "errand.h"

enum { S_ASK = 0, S_NOTE = 1 };

typedef struct {
    char notes [4096];
    size_t noted;
    size_t wanted;              //  How many notes somebody waits for
    troupe_caller_t *waiting;
    troupe_caller_t *never [16];
    size_t nevers;
} s_errand_t;

//  --- Notes

static void s_tell_notes (s_errand_t *errand)
{
    if (!errand->waiting || errand->noted < errand->wanted)
        return;
    troupe_answerf (&errand->waiting, "%s", errand->notes);
    errand->noted = 0;
    *errand->notes = 0;
}

static void s_note (s_errand_t *errand, const char *mark, const char *text)
{
    size_t length = strlen (errand->notes);
    snprintf (errand->notes + length, sizeof errand->notes - length, "%s%s%s", length ? " " : "", mark, text);
    errand->noted++;
    s_tell_notes (errand);
}

static int s_await_notes (troupe_actor_t *self, s_errand_t *errand, troupe_message_t *message, const char *count)
{
    errand->wanted = strtoul (count, NULL, 10);
    errand->waiting = troupe_defer (self, message);
    s_tell_notes (errand);
    return 0;
}

//  --- Calls of its own

static int s_on_reply (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                       void *context)
{
    troupe_caller_t *caller = context;
    (void) self;
    (void) state;
    const char *text = troupe_message_text (reply);
    return (int) troupe_answerf (&caller, "%s%s%s", troupe_outcome_name (outcome), *text ? " " : "", text);
}

static int s_call (troupe_actor_t *self, troupe_message_t *message, const char *name, const void *data, size_t size,
                   int64_t timeout_ms)
{
    troupe_ref_t *ref = troupe_ref (self, name);
    troupe_caller_t *caller = troupe_defer (self, message);
    troupe_error_t error = troupe_call (ref, S_ASK, data, size, timeout_ms, s_on_reply, caller, NULL);
    if (error)
        troupe_answerf (&caller, "%s", troupe_error_name (error));
    return 0;
}

//  Cuts the first word off 'text'; the rest.
static char *s_cut (char *text)
{
    char *blank = strchr (text, ' ');
    if (!blank)
        return text + strlen (text);
    *blank = 0;
    return blank + 1;
}

static int s_call_large (troupe_actor_t *self, troupe_message_t *message, size_t size, const char *name)
{
    char *data = malloc (size);
    if (!data)
        return troupe_fail (self, 1, "no memory");
    memset (data, 's', size);
    memcpy (data, "size", 4);
    int result = s_call (self, message, name, data, size, ERRAND_MS);
    free (data);
    return result;
}

static int s_cast (troupe_actor_t *self, troupe_message_t *message, const char *name, const char *text)
{
    troupe_error_t error = troupe_cast (troupe_ref (self, name), S_NOTE, text, strlen (text));
    return (int) troupe_replyf (self, message, "%s", troupe_error_name (error));
}

static int s_on_down (troupe_actor_t *self, void *state, troupe_ref_t *ref, const troupe_reason_t *reason,
                      void *context)
{
    troupe_caller_t *caller = context;
    (void) self;
    (void) state;
    (void) ref;
    return (int) troupe_answerf (&caller, "%s:%d:%s", troupe_reason_kind_name (reason->kind), reason->code,
                                 reason->text);
}

static int s_monitor (troupe_actor_t *self, troupe_message_t *message, const char *name)
{
    troupe_caller_t *caller = troupe_defer (self, message);
    return (int) troupe_monitor (troupe_ref (self, name), s_on_down, caller, NULL);
}

//  --- Names

static int s_on_listed (troupe_actor_t *self, void *state, troupe_name_change_t change, const char *name,
                        const char *endpoint, void *context)
{
    char *text = context;
    size_t length = strlen (text);
    (void) self;
    (void) state;
    (void) change;
    (void) endpoint;
    snprintf (text + length, 1024 - length, "%s%s", length ? " " : "", name);
    return 0;
}

static int s_on_changed (troupe_actor_t *self, void *state, troupe_name_change_t change, const char *name,
                         const char *endpoint, void *context)
{
    (void) self;
    (void) endpoint;
    (void) context;
    s_note (state, change == TROUPE_NAME_ADDED ? "+" : "-", name);
    return 0;
}

//  False when 'what' has nothing to do with names.
static bool s_use_names (troupe_actor_t *self, const char *what, const char *name, char text [1024])
{
    troupe_error_t error = TROUPE_OK;
    *text = 0;
    if (strcmp (what, "register") == 0)
        error = troupe_name_register (self, name);
    else if (strcmp (what, "unregister") == 0)
        error = troupe_name_unregister (self, name);
    else if (strcmp (what, "find") == 0)
        error = troupe_name_find (self, name, text, 1024);
    else if (strcmp (what, "list") == 0)
        error = troupe_names_list (self, name, s_on_listed, text);
    else if (strcmp (what, "watch") == 0)
        error = troupe_names_watch (self, name, s_on_changed, NULL, NULL);
    else
        return false;
    if (error || !*text)
        snprintf (text, 1024, "%s", troupe_error_name (error));
    return true;
}

//  --- Ends, and none

//  Without what sanitizers do about it.
static void s_end_process (const char *what, const char *rest)
{
    volatile uintptr_t nowhere = 64;
    signal (SIGSEGV, SIG_DFL);
    if (strcmp (what, "segv") == 0)
        *(volatile int *) nowhere = 1;
    else if (strcmp (what, "exit") == 0)
        exit (atoi (rest));
    while (strcmp (what, "hang") == 0)
        pause ();
}

static int s_hold (troupe_actor_t *self, troupe_message_t *message, const char *folder)
{
    char path [128], byte = 'x';
    snprintf (path, sizeof path, "%s/within", folder);
    int within = open (path, O_RDWR | O_CLOEXEC);
    snprintf (path, sizeof path, "%s/release", folder);
    int release = open (path, O_RDWR | O_CLOEXEC);
    bool held = write (within, &byte, 1) == 1 && read (release, &byte, 1) == 1;
    close (within);
    close (release);
    return (int) troupe_replyf (self, message, "%s", held ? "held" : "not held");
}

static int s_never (troupe_actor_t *self, s_errand_t *errand, troupe_message_t *message)
{
    if (errand->nevers == sizeof errand->never / sizeof errand->never [0])
        return troupe_fail (self, 1, "too many wait");
    errand->never [errand->nevers++] = troupe_defer (self, message);
    return 0;
}

//  --- The actor

static int s_go (troupe_actor_t *self, s_errand_t *errand, troupe_message_t *message, const char *what, char *rest)
{
    char text [1024];
    if (strcmp (what, "call") == 0) {
        char *words = s_cut (rest);
        return s_call (self, message, rest, words, strlen (words), ERRAND_MS);
    }
    if (strcmp (what, "try") == 0) {
        char *name = s_cut (rest), *words = s_cut (name);
        return s_call (self, message, name, words, strlen (words), atoi (rest));
    }
    if (strcmp (what, "large") == 0) {
        char *name = s_cut (rest);
        return s_call_large (self, message, strtoul (rest, NULL, 10), name);
    }
    if (strcmp (what, "cast") == 0) {
        char *words = s_cut (rest);
        return s_cast (self, message, rest, words);
    }
    if (strcmp (what, "monitor") == 0)
        return s_monitor (self, message, rest);
    if (strcmp (what, "notes") == 0)
        return s_await_notes (self, errand, message, rest);
    if (s_use_names (self, what, rest, text))
        return (int) troupe_replyf (self, message, "%s", text);
    return troupe_reply_failure (self, message, "'%s' is no errand", what) ? 1 : 0;
}

static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    char what [512];
    if (troupe_message_tag (message) == S_NOTE) {
        s_note (state, "", troupe_message_text (message));
        return 0;
    }
    snprintf (what, sizeof what, "%s", troupe_message_text (message));
    char *rest = s_cut (what);
    s_end_process (what, rest);
    if (strncmp (what, "size", 4) == 0)
        return (int) troupe_replyf (self, message, "%zu", troupe_message_size (message));
    if (strcmp (what, "echo") == 0)
        return (int) troupe_replyf (self, message, "%s", rest);
    if (strcmp (what, "life") == 0)
        return (int) troupe_replyf (self, message, "%ld %u", (long) getpid (), (unsigned) troupe_incarnation (self));
    if (strcmp (what, "fail") == 0)
        return troupe_fail (self, 5, "told to");
    if (strcmp (what, "hold") == 0)
        return s_hold (self, message, rest);
    if (strcmp (what, "never") == 0)
        return s_never (self, state, message);
    return s_go (self, state, message, what, rest);
}

//  The args are a name that it takes at once, or nothing.
static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t size)
{
    char name [64];
    *state_p = calloc (1, sizeof (s_errand_t));
    if (!*state_p)
        return troupe_fail_error (self, TROUPE_ENOMEM, "errand");
    snprintf (name, sizeof name, "%.*s", (int) size, size ? (const char *) args : "");
    troupe_error_t error = *name ? troupe_name_register (self, name) : TROUPE_OK;
    return error ? troupe_fail_error (self, error, name) : 0;
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self;
    (void) reason;
    s_errand_t *errand = state;
    troupe_answer_failure (&errand->waiting, "it ends");
    for (size_t index = 0; index < errand->nevers; index++)
        troupe_answer_failure (&errand->never [index], "it ends");
    free (errand);
}

const troupe_behavior_t errand_behavior = {
    .name = "errand", .start = s_start, .receive = s_receive, .stop = s_stop,
};

//  --- Families

static const troupe_child_t s_member [] = { { .id = "member", .behavior = &errand_behavior }, { .id = NULL } };

static const troupe_supervisor_t s_crew = {
    .strategy = TROUPE_SIMPLE_ONE_FOR_ONE, .intensity = 1000, .children = s_member,
};

const troupe_supervisor_t errand_pair = {
    .strategy = TROUPE_SIMPLE_ONE_FOR_ONE, .intensity = 1000, .children = s_member,
};

static const troupe_child_t s_workers [] = {
    { .id = "worker", .behavior = &errand_behavior, .instances = 2 },
    { .id = "deep", .behavior = &errand_behavior, .endpoint = "ipc://deep" },
    { .id = "crew", .supervisor = &s_crew }, { .id = NULL },
};

static const troupe_supervisor_t s_group = { .intensity = 1000, .children = s_workers };

const troupe_child_t errand_group [] = {
    { .id = "here", .behavior = &errand_behavior },
    { .id = "group", .supervisor = &s_group, .endpoint = "ipc://group" }, { .id = NULL },
};

const troupe_child_t errand_family [] = {
    { .id = "here", .behavior = &errand_behavior },
    { .id = "one", .behavior = &errand_behavior, .endpoint = "ipc://one" },
    { .id = "two", .behavior = &errand_behavior, .endpoint = "ipc://two" },
    { .id = "group", .supervisor = &s_group, .endpoint = "ipc://group" },
    { .id = "pair", .supervisor = &errand_pair, .endpoint = "ipc://pair" }, { .id = NULL },
};
