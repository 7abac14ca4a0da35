/*  =========================================================================
    subject_reach.c - what the subject sees of the world, and what it says to others in it

    Place: tests/conformance; see subject.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "subject.h"

//  --- What it sees

int subject_left (troupe_actor_t *self, subject_t *subject, troupe_message_t *message)
{
    (void) subject;
    int64_t deadline_us = troupe_message_deadline_us (message);
    if (deadline_us == TROUPE_FOREVER)
        return (int) troupe_replyf (self, message, "for ever");
    return (int) troupe_replyf (self, message, "%" PRId64, (deadline_us - troupe_now_us (self)) / 1000);
}

int subject_life (troupe_actor_t *self, subject_t *subject, troupe_message_t *message)
{
    (void) subject;
    return (int) troupe_replyf (self, message, "life %u", (unsigned) troupe_incarnation (self));
}

int subject_config (troupe_actor_t *self, subject_t *subject, troupe_message_t *message)
{
    (void) subject;
    return (int) troupe_replyf (self, message, "%s", troupe_config (self, troupe_message_text (message), "unset"));
}

int subject_option (troupe_actor_t *self, subject_t *subject, troupe_message_t *message)
{
    (void) subject;
    return (int) troupe_replyf (self, message, "%s", troupe_option (self, troupe_message_text (message), "unset"));
}

int subject_args (troupe_actor_t *self, subject_t *subject, troupe_message_t *message)
{
    return (int) troupe_reply (self, message, subject->args, subject->args_size);
}

int subject_name (troupe_actor_t *self, subject_t *subject, troupe_message_t *message)
{
    (void) subject;
    return (int) troupe_replyf (self, message, "%s of %s", troupe_name (self), troupe_behavior (self)->name);
}

int subject_clock (troupe_actor_t *self, subject_t *subject, troupe_message_t *message)
{
    (void) subject;
    return (int) troupe_replyf (self, message, "%" PRId64, troupe_now_ms (self));
}

int subject_log (troupe_actor_t *self, subject_t *subject, troupe_message_t *message)
{
    (void) subject;
    troupe_log (self, TROUPE_LOG_WARNING, "%s", troupe_message_text (message));
    return (int) troupe_replyf (self, message, "logged");
}

int subject_process (troupe_actor_t *self, subject_t *subject, troupe_message_t *message)
{
    (void) subject;
    return (int) troupe_replyf (self, message, "%ld", (long) getpid ());
}

//  --- What it says to others

//  Who is asked by another actor to delegate to it is the end of the way: the address is its own name.
int subject_delegate (troupe_actor_t *self, subject_t *subject, troupe_message_t *message)
{
    (void) subject;
    const char *address = troupe_message_text (message);
    if (strcmp (address, troupe_name (self)) == 0 || strcmp (troupe_message_sender (message), "guest") != 0)
        return (int) troupe_replyf (self, message, "%s for %s", troupe_name (self), troupe_message_sender (message));
    troupe_ref_t *ref = troupe_ref (self, address);
    return ref ? (int) troupe_delegate (self, message, ref) : troupe_fail (self, 94, "no ref to %s", address);
}

//  To the address in the message, if that is another one.
static bool s_passes_on (troupe_actor_t *self, troupe_message_t *message)
{
    const char *address = troupe_message_text (message);
    troupe_ref_t *ref = *address && strcmp (address, troupe_name (self)) != 0 ? troupe_ref (self, address) : NULL;
    return ref && troupe_delegate (self, message, ref) == TROUPE_OK;
}

static int s_on_given_up (troupe_actor_t *self, void *state, troupe_caller_t *caller, void *context)
{
    subject_t *subject = state;
    if (context != subject || !troupe_caller_is_cancelled (caller))
        return troupe_fail (self, 92, "somebody is said to have given up who has not");
    subject->given_up++;
    troupe_answerf (&caller, "to nobody");
    return 0;
}

int subject_follow (troupe_actor_t *self, subject_t *subject, troupe_message_t *message)
{
    if (s_passes_on (self, message))
        return 0;
    troupe_caller_t *caller = troupe_defer (self, message);
    troupe_error_t error = troupe_caller_on_cancel (caller, s_on_given_up, subject);
    if (error || troupe_caller_is_cancelled (caller))
        return troupe_fail (self, 91, "cannot be followed: %s", troupe_error_name (error));
    subject->followed++;
    return 0;
}

int subject_given_up (troupe_actor_t *self, subject_t *subject, troupe_message_t *message)
{
    return (int) troupe_replyf (self, message, "%u of %u", subject->given_up, subject->followed);
}

int subject_mark (troupe_actor_t *self, subject_t *subject, troupe_message_t *message)
{
    (void) subject;
    if (s_passes_on (self, message))
        return 0;
    return (int) troupe_replyf (self, message, troupe_message_is_idempotent (message) ? "idempotent" : "once");
}

static int s_on_reply (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                       void *context)
{
    (void) self;
    (void) state;
    troupe_caller_t *caller = context;
    const char *text = troupe_message_text (reply);
    troupe_answerf (&caller, "%s%s%s", troupe_outcome_name (outcome), *text ? " " : "", text);
    return 0;
}

int subject_call (troupe_actor_t *self, subject_t *subject, troupe_message_t *message)
{
    char address [128];
    unsigned tag, timeout_ms;
    int at = 0;
    (void) subject;
    const char *text = troupe_message_text (message);
    if (sscanf (text, "%127s %u %u %n", address, &tag, &timeout_ms, &at) < 3)
        return troupe_fail (self, 93, "not to be called: %s", text);
    troupe_ref_t *ref = troupe_ref (self, address);
    if (!ref)
        return (int) troupe_reply_failure (self, message, "no ref to %s", address);
    troupe_caller_t *caller = troupe_defer (self, message);
    const char *payload = text + at;
    troupe_error_t error = troupe_call (ref, (uint16_t) tag, payload, strlen (payload), timeout_ms, s_on_reply, caller,
                                        NULL);
    if (error)
        troupe_answer_failure (&caller, "%s", troupe_error_name (error));
    return 0;
}

int subject_cast (troupe_actor_t *self, subject_t *subject, troupe_message_t *message)
{
    char address [128];
    unsigned tag;
    int at = 0;
    (void) subject;
    const char *text = troupe_message_text (message);
    if (sscanf (text, "%127s %u %n", address, &tag, &at) < 2)
        return troupe_fail (self, 93, "not to be cast: %s", text);
    troupe_ref_t *ref = troupe_ref (self, address);
    troupe_error_t error = ref ? troupe_cast (ref, (uint16_t) tag, text + at, strlen (text + at)) : TROUPE_EINVAL;
    return (int) troupe_replyf (self, message, "%s", troupe_error_name (error));
}

int subject_send (troupe_actor_t *self, subject_t *subject, troupe_message_t *message)
{
    char address [128], answer [256] = "", payload [1024] = { 0 };
    unsigned count, size;
    (void) subject;
    if (sscanf (troupe_message_text (message), "%127s %u %u", address, &count, &size) < 3 || size > sizeof payload)
        return troupe_fail (self, 93, "not to be sent: %s", troupe_message_text (message));
    for (uint32_t number = 1; number <= count; number++) {
        memcpy (payload, &number, sizeof number);
        troupe_error_t error = troupe_cast (troupe_ref (self, address), SUBJECT_NUMBER, payload, size);
        size_t used = strlen (answer);
        if (error)
            snprintf (answer + used, sizeof answer - used, "%s%" PRIu32 ":%s", used ? " " : "", number,
                      troupe_error_name (error));
    }
    return (int) troupe_replyf (self, message, "%s", *answer ? answer : "ok");
}

static int s_on_down (troupe_actor_t *self, void *state, troupe_ref_t *ref, const troupe_reason_t *reason,
                      void *context)
{
    subject_t *subject = state;
    (void) self;
    (void) ref;
    (void) context;
    size_t used = strlen (subject->down);
    snprintf (subject->down + used, sizeof subject->down - used, "%sdown:%s", used ? " " : "",
              troupe_reason_kind_name (reason->kind));
    return 0;
}

int subject_down (troupe_actor_t *self, subject_t *subject, troupe_message_t *message)
{
    (void) subject;
    troupe_ref_t *ref = troupe_ref (self, troupe_message_text (message));
    troupe_error_t error = ref ? troupe_monitor (ref, s_on_down, NULL, NULL) : TROUPE_EINVAL;
    return (int) troupe_replyf (self, message, "%s", troupe_error_name (error));
}
