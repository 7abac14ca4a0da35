/*  =========================================================================
    stage/guest.c - calls and casts from the test itself

    Place: runtime/stage. The guest's callbacks run within the functions that
    run the stage, as everybody's do.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "stage/world.h"

#include <stdlib.h>

#define S_TEXT_TIMEOUT_MS 5000

//  A call that the test waits for.
typedef struct s_call {
    bool ended;
    troupe_outcome_t outcome;
    troupe_message_t *reply;
} s_call_t;

troupe_actor_t *troupe_stage_guest (troupe_stage_t *stage)
{
    troupe_cell_refresh (&stage->guest->cell);
    return &stage->guest->cell;
}

//  The reply outlives the stage: it is a message of its own, and no payload of the stage's.
static int s_on_reply (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                       void *context)
{
    (void) self;
    (void) state;
    s_call_t *call = context;
    call->ended = true;
    call->outcome = outcome;
    if (reply)
        call->reply = troupe_message_new (reply->tag, reply->data, reply->size);
    return 0;
}

static troupe_ref_t *s_ref (troupe_stage_t *stage, const char *address)
{
    troupe_ref_t *ref = troupe_ref (troupe_stage_guest (stage), address);
    if (!ref)
        troupe_stage_die (stage, "'%s' is no address of an actor", address ? address : "(null)");
    return ref;
}

troupe_outcome_t troupe_stage_call_bytes (troupe_stage_t *stage, const char *address, uint16_t tag, const void *data,
                                          size_t size, int64_t timeout_ms, troupe_message_t **reply_p)
{
    s_call_t call = { .ended = false };
    troupe_error_t error = troupe_call (s_ref (stage, address), tag, data, size, timeout_ms, s_on_reply, &call, NULL);
    if (error)
        troupe_stage_die (stage, "a call to %s cannot be begun: %s", address, troupe_error_text (error));
    while (!call.ended)
        if (!troupe_stage_proceed (stage, TROUPE_FOREVER))
            troupe_stage_die (stage, "the guest's call to %s waits for ever: nothing is left to happen", address);
    if (reply_p)
        *reply_p = call.reply;
    else
        troupe_message_destroy (&call.reply);
    return call.outcome;
}

const char *troupe_stage_call (troupe_stage_t *stage, const char *address, const char *text)
{
    troupe_message_t *reply = NULL;
    troupe_outcome_t outcome = troupe_stage_call_bytes (stage, address, 0, text, strlen (text), S_TEXT_TIMEOUT_MS,
                                                        &reply);
    troupe_stage_text_clear (&stage->answer);
    if (outcome != TROUPE_CALL_OK)
        troupe_stage_text_add (&stage->answer, "[%s]", troupe_outcome_name (outcome));
    if (outcome != TROUPE_CALL_OK && troupe_message_size (reply))
        troupe_stage_text_add (&stage->answer, " ");
    troupe_stage_text_bytes (&stage->answer, troupe_message_data (reply), troupe_message_size (reply));
    troupe_message_destroy (&reply);
    return stage->answer.data;
}

troupe_error_t troupe_stage_cast (troupe_stage_t *stage, const char *address, uint16_t tag, const void *data,
                                  size_t size)
{
    troupe_ref_t *ref = troupe_ref (troupe_stage_guest (stage), address);
    return ref ? troupe_cast (ref, tag, data, size) : TROUPE_EINVAL;
}
