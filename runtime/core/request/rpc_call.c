/*  =========================================================================
    core/request/rpc_call.c - asking a service, wherever it is

    Place: runtime/core; implements troupe/rpc_call.h. A call whose callback
    gets a response instead of a reply. The entry of the call in the cell holds
    that callback, so that nothing of it outlives the incarnation.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <troupe/rpc_call.h>

#include "core/cell/cell_parts.h"

#include <stdlib.h>

#define S_LARGE 4096u
#define S_SMALL 1024u

bool troupe_method_is_idempotent (troupe_text_t method)
{
    static const char *const methods [] = { "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE" };
    for (size_t index = 0; index < sizeof methods / sizeof methods [0]; index++)
        if (troupe_text_is (method, methods [index]))
            return true;
    return false;
}

//  --- The end of a call

//  Its problem has a status at least.
static int s_end_badly (troupe_actor_t *self, void *state, troupe_outcome_t outcome, int status, const char *why,
                        void *context)
{
    troupe_response_fn *on_response = self->on_response;
    troupe_response_view_t view = { .status = status };
    troupe_response_t *problem = troupe_response_new ();
    if (problem) {
        troupe_response_problem (problem, status, "%s", why);
        troupe_bytes_t bytes = troupe_response_encoded (problem);
        if (!bytes.data || troupe_response_decode (bytes.data, bytes.size, &view))
            view = (troupe_response_view_t) { .status = status };
    }
    int result = on_response (self, state, outcome, &view, context);
    troupe_response_destroy (&problem);
    return result;
}

static int s_on_reply (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                       void *context)
{
    troupe_response_view_t view;
    if (outcome == TROUPE_CALL_FAILED)
        return s_end_badly (self, state, outcome, 500, troupe_message_text (reply), context);
    if (outcome != TROUPE_CALL_OK)
        return s_end_badly (self, state, outcome, troupe_status_of_outcome (outcome), troupe_outcome_name (outcome),
                            context);
    if (troupe_response_decode (troupe_message_data (reply), troupe_message_size (reply), &view))
        return s_end_badly (self, state, TROUPE_CALL_FAILED, 502, "the answer is no response", context);
    return self->on_response (self, state, outcome, &view, context);
}

//  --- The beginning

static void s_release (void *data, void *hint)
{
    (void) hint;
    free (data);
}

static troupe_error_t s_send_copy (troupe_ref_t *ref, const void *data, size_t size, bool idempotent,
                                   int64_t timeout_ms, void *context, troupe_call_t *call_p)
{
    return idempotent
        ? troupe_call_idempotent (ref, TROUPE_TAG_REQUEST, data, size, timeout_ms, s_on_reply, context, call_p)
        : troupe_call (ref, TROUPE_TAG_REQUEST, data, size, timeout_ms, s_on_reply, context, call_p);
}

//  A large request that is made once is handed over, all others are copied. Frees 'data' regardless of success.
static troupe_error_t s_send (troupe_ref_t *ref, void *data, size_t size, bool idempotent, int64_t timeout_ms,
                              void *context, troupe_call_t *call_p)
{
    troupe_message_t *message = NULL;
    if (size >= S_LARGE && !idempotent)
        message = troupe_message_wrap (TROUPE_TAG_REQUEST, data, size, s_release, NULL);
    if (message) {
        troupe_error_t refused = troupe_call_message (ref, &message, timeout_ms, s_on_reply, context, call_p);
        troupe_message_destroy (&message);
        return refused;
    }
    troupe_error_t error = s_send_copy (ref, data, size, idempotent, timeout_ms, context, call_p);
    free (data);
    return error;
}

//  Encodes it, a small one without memory of its own, and sends it.
static troupe_error_t s_send_parts (troupe_ref_t *ref, const troupe_request_parts_t *parts, size_t size,
                                    int64_t timeout_ms, void *context, troupe_call_t *call_p)
{
    uint8_t room [S_SMALL];
    const bool small = size <= sizeof room, idempotent = troupe_method_is_idempotent (parts->method);
    void *data = small ? room : malloc (size);
    if (!data)
        return TROUPE_ENOMEM;
    troupe_error_t error = troupe_request_encode (parts, data, size, &size);
    if (small)
        return error ? error : s_send_copy (ref, data, size, idempotent, timeout_ms, context, call_p);
    if (!error)
        return s_send (ref, data, size, idempotent, timeout_ms, context, call_p);
    free (data);
    return error;
}

troupe_error_t troupe_rpc_call_parts (troupe_actor_t *self, const char *service, const troupe_request_parts_t *parts,
                                      int64_t timeout_ms, troupe_response_fn *on_response, void *context,
                                      troupe_call_t *call_p)
{
    troupe_ref_t *ref = service && on_response ? troupe_ref (self, service) : NULL;
    if (!ref)
        return TROUPE_EINVAL;
    size_t size = troupe_request_size (parts);
    if (size == 0)
        return TROUPE_ETOOBIG;
    troupe_call_t call = 0;
    troupe_error_t error = s_send_parts (ref, parts, size, timeout_ms, context, &call);
    if (error)
        return error;
    troupe_pending_find (self, call)->on_response = on_response;
    if (call_p)
        *call_p = call;
    return TROUPE_OK;
}

troupe_error_t troupe_rpc_call (troupe_actor_t *self, const char *service, const char *method, const char *path,
                                troupe_bytes_t body, int64_t timeout_ms, troupe_response_fn *on_response,
                                void *context, troupe_call_t *call_p)
{
    if (!method || !path)
        return TROUPE_EINVAL;
    size_t path_size = strcspn (path, "?");
    troupe_request_parts_t parts = { .method = troupe_text (method), .path = { path, path_size }, .body = body };
    if (path [path_size])
        parts.query = troupe_text (path + path_size + 1);
    return troupe_rpc_call_parts (self, service, &parts, timeout_ms, on_response, context, call_p);
}
