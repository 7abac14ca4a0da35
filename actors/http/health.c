/*  =========================================================================
    health.c - whether the program lives, and whether it can be given work

    Place: actors/http; see ingress.h. Answered by the ingress itself, so that
    busy workers do not make it look dead.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "ingress.h"

//  Null when it is ready, else why not.
static const char *s_not_ready (const troupe_http_ingress_t *ingress)
{
    troupe_balancer_stats_t stats;
    if (ingress->draining)
        return "It is ending.";
    if (ingress->balancer == NULL)
        return NULL;
    troupe_balancer_stats (ingress->balancer, &stats);
    return stats.workers_up ? NULL : "No worker is up.";
}

static void s_answer_method (troupe_http_connection_t *self, int status)
{
    troupe_response_t *response = self->ingress->response;
    troupe_response_reset (response);
    if (status == 405)
        troupe_response_problem (response, status, NULL);
    else
        troupe_response_status (response, status);
    troupe_response_header (response, "Allow", "GET, HEAD, OPTIONS");
    troupe_http_answer_response (self);
}

static void s_answer_state (troupe_http_connection_t *self, const char *text, const char *wrong)
{
    if (wrong) {
        troupe_http_answer_unavailable (self, wrong);
        return;
    }
    troupe_response_t *response = self->ingress->response;
    troupe_response_reset (response);
    troupe_response_text (response, 200, text);
    troupe_response_header (response, "Cache-Control", "no-store");
    troupe_http_answer_response (self);
}

static bool s_is (troupe_bytes_t path, const char *other)
{
    const troupe_text_t text = { path.data, path.size };
    return other != NULL && troupe_text_is (text, other);
}

bool troupe_http_answer_health (troupe_http_connection_t *self, const troupe_http_head_t *head)
{
    const bool live = s_is (head->path, self->ingress->live_path);
    const bool ready = !live && s_is (head->path, self->ingress->ready_path);
    const troupe_text_t method = { head->method.data, head->method.size };
    if (!live && !ready)
        return false;
    if (troupe_text_is (method, "OPTIONS"))
        s_answer_method (self, 204);
    else if (!troupe_text_is (method, "GET") && !self->head_only)
        s_answer_method (self, 405);
    else
        s_answer_state (self, live ? "live" : "ready", live ? NULL : s_not_ready (self->ingress));
    return true;
}
