/*  =========================================================================
    subject.c - the subject's life: how it answers, fails, hangs, remembers and ends

    Place: tests/conformance; see subject.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "subject.h"

//  --- Answers and failures

//  Sent back as it came, a large one without copying.
static int s_echo (troupe_actor_t *self, subject_t *subject, troupe_message_t *message)
{
    (void) subject;
    troupe_message_t *back = troupe_message_keep (message);
    if (!back)
        return troupe_fail_error (self, TROUPE_ENOMEM, "echo");
    troupe_error_t error = troupe_reply_message (self, message, &back);
    troupe_message_destroy (&back);
    return (int) error;
}

static int s_fail (troupe_actor_t *self, subject_t *subject, troupe_message_t *message)
{
    (void) subject;
    return troupe_fail (self, 5, "%s", troupe_message_text (message));
}

static int s_refuse (troupe_actor_t *self, subject_t *subject, troupe_message_t *message)
{
    (void) subject;
    return (int) troupe_reply_failure (self, message, "%s", troupe_message_text (message));
}

static int s_forget (troupe_actor_t *self, subject_t *subject, troupe_message_t *message)
{
    (void) self;
    (void) subject;
    (void) message;
    return 0;
}

static int s_exit (troupe_actor_t *self, subject_t *subject, troupe_message_t *message)
{
    (void) subject;
    (void) message;
    troupe_exit (self);
    return 0;
}

//  As a bug would, and not as whoever looks for bugs would have it: a sanitizer's handler is taken away.
static int s_crash (troupe_actor_t *self, subject_t *subject, troupe_message_t *message)
{
    static const struct rlimit none;
    (void) subject;
    int number = atoi (troupe_message_text (message));
    setrlimit (RLIMIT_CORE, &none);
    if (number == 0)
        _exit (3);
    sigset_t all;
    sigfillset (&all);
    pthread_sigmask (SIG_UNBLOCK, &all, NULL);
    signal (number, SIG_DFL);
    raise (number);
    return troupe_fail (self, 96, "signal %d does not end a process", number);
}

//  --- Hanging and waiting

static int s_open (const char *folder, const char *name, int flags)
{
    char path [256];
    snprintf (path, sizeof path, "%s/%s", folder, name);
    return open (path, flags | O_CLOEXEC);
}

static int s_hold (troupe_actor_t *self, subject_t *subject, troupe_message_t *message)
{
    (void) subject;
    char byte = 'x';
    int within = s_open (troupe_message_text (message), "within", O_WRONLY);
    int release = s_open (troupe_message_text (message), "release", O_RDONLY);
    bool done = within >= 0 && release >= 0 && write (within, &byte, 1) == 1 && read (release, &byte, 1) == 1;
    if (within >= 0)
        close (within);
    if (release >= 0)
        close (release);
    return done ? (int) troupe_replyf (self, message, "released") : troupe_fail (self, 98, "the gate is broken");
}

//  When it is draining the last one that was promised an answer ends it.
static int s_its_time (troupe_actor_t *self, void *state, void *context)
{
    subject_t *subject = state;
    troupe_caller_t *caller = context;
    troupe_answerf (&caller, troupe_is_draining (self) ? "later, while draining" : "later");
    subject->later--;
    if (troupe_is_draining (self) && subject->later == 0)
        troupe_exit (self);
    return 0;
}

static int s_later (troupe_actor_t *self, subject_t *subject, troupe_message_t *message)
{
    int64_t delay_ms = atoi (troupe_message_text (message));
    troupe_caller_t *caller = troupe_defer (self, message);
    if (!caller || !troupe_after (self, delay_ms, s_its_time, caller))
        return troupe_fail_error (self, TROUPE_ENOMEM, "later");
    subject->later++;
    return 0;
}

static int s_defer (troupe_actor_t *self, subject_t *subject, troupe_message_t *message)
{
    (void) subject;
    return troupe_defer (self, message) ? 0 : troupe_fail (self, 97, "there is nobody to put off");
}

//  --- Remembering

static int s_number (troupe_actor_t *self, subject_t *subject, troupe_message_t *message)
{
    uint32_t number = 0;
    if (troupe_message_size (message) < sizeof number)
        return troupe_fail (self, 99, "%zu bytes are no number", troupe_message_size (message));
    memcpy (&number, troupe_message_data (message), sizeof number);
    if (subject->count < SUBJECT_NUMBERS_KEPT)
        subject->first [subject->count] = number;
    if (subject->count && number != subject->last + 1 && !subject->broken)
        subject->broken = number;
    subject->count++;
    subject->last = number;
    return (int) troupe_replyf (self, message, "%" PRIu32, number);
}

static int s_numbers (troupe_actor_t *self, subject_t *subject, troupe_message_t *message)
{
    char text [256] = "";
    if (subject->count > SUBJECT_NUMBERS_KEPT && subject->broken)
        snprintf (text, sizeof text, "%" PRIu32 " of them, not in order at %" PRIu32, subject->count, subject->broken);
    else if (subject->count > SUBJECT_NUMBERS_KEPT)
        snprintf (text, sizeof text, "%" PRIu32 " .. %" PRIu32 " in order", subject->first [0], subject->last);
    else
        for (uint32_t index = 0; index < subject->count; index++) {
            size_t size = strlen (text);
            snprintf (text + size, sizeof text - size, "%s%" PRIu32, index ? " " : "", subject->first [index]);
        }
    const char *between = *text && *subject->down ? " " : "";
    int status = (int) troupe_replyf (self, message, "%s%s%s", *text || *subject->down ? text : "none", between,
                                      subject->down);
    subject->count = subject->broken = 0;
    subject->down [0] = 0;
    return status;
}

static int s_keep (troupe_actor_t *self, subject_t *subject, troupe_message_t *message)
{
    troupe_message_destroy (&subject->kept);
    subject->kept = troupe_message_keep (message);
    if (!subject->kept)
        return troupe_fail_error (self, TROUPE_ENOMEM, "keep");
    return (int) troupe_replyf (self, message, "kept");
}

static int s_kept (troupe_actor_t *self, subject_t *subject, troupe_message_t *message)
{
    if (!subject->kept)
        return (int) troupe_reply_failure (self, message, "nothing was kept");
    return (int) troupe_reply_message (self, message, &subject->kept);
}

//  --- The behavior

static subject_fn *const s_does [SUBJECT_LAST] = {
    [SUBJECT_ECHO] = s_echo, [SUBJECT_FAIL] = s_fail, [SUBJECT_REFUSE] = s_refuse, [SUBJECT_FORGET] = s_forget,
    [SUBJECT_EXIT] = s_exit, [SUBJECT_CRASH] = s_crash, [SUBJECT_HOLD] = s_hold, [SUBJECT_LATER] = s_later,
    [SUBJECT_DEFER] = s_defer, [SUBJECT_LEFT] = subject_left, [SUBJECT_LIFE] = subject_life,
    [SUBJECT_NUMBER] = s_number, [SUBJECT_NUMBERS] = s_numbers, [SUBJECT_DELEGATE] = subject_delegate,
    [SUBJECT_CALL] = subject_call, [SUBJECT_CAST] = subject_cast, [SUBJECT_SEND] = subject_send,
    [SUBJECT_KEEP] = s_keep, [SUBJECT_KEPT] = s_kept, [SUBJECT_CONFIG] = subject_config,
    [SUBJECT_OPTION] = subject_option, [SUBJECT_ARGS] = subject_args, [SUBJECT_NAME] = subject_name,
    [SUBJECT_CLOCK] = subject_clock, [SUBJECT_LOG] = subject_log, [SUBJECT_PROCESS] = subject_process,
    [SUBJECT_DOWN] = subject_down, [SUBJECT_FOLLOW] = subject_follow, [SUBJECT_GIVEN_UP] = subject_given_up,
    [SUBJECT_MARK] = subject_mark,
};

static const troupe_tag_t s_tags [] = {
    { SUBJECT_ECHO, "ECHO" }, { SUBJECT_FAIL, "FAIL" }, { SUBJECT_LOG, "LOG" }, { SUBJECT_HOLD, "HOLD" },
    { SUBJECT_NUMBER, "NUMBER" }, { 0, NULL }
};

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    if (args_size == 3 && memcmp (args, "bad", 3) == 0)
        return troupe_fail (self, 9, "bad args");
    subject_t *subject = calloc (1, sizeof *subject);
    if (!subject)
        return troupe_fail_error (self, TROUPE_ENOMEM, "the subject");
    *state_p = subject;
    subject->args_size = args_size < sizeof subject->args ? args_size : sizeof subject->args;
    if (args_size)
        memcpy (subject->args, args, subject->args_size);
    return 0;
}

static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    uint16_t tag = troupe_message_tag (message);
    subject_fn *does = tag < SUBJECT_LAST ? s_does [tag] : NULL;
    return does ? does (self, state, message) : troupe_fail (self, 95, "tag %u is nothing to do", (unsigned) tag);
}

static int s_drain (troupe_actor_t *self, void *state)
{
    subject_t *subject = state;
    if (subject->later == 0)
        troupe_exit (self);
    return 0;
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    subject_t *subject = state;
    (void) self;
    (void) reason;
    troupe_message_destroy (&subject->kept);
    free (subject);
}

const troupe_behavior_t subject_behavior = {
    .name = "subject", .start = s_start, .receive = s_receive, .drain = s_drain, .stop = s_stop, .tags = s_tags,
};
