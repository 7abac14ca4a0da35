/*  =========================================================================
    door.c - its beginning and end, and what it answers by itself

    Place: actors/door; see door.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "door.h"

#include <stdio.h>
#include <stdlib.h>

#define INSTANCES_MAX 100000

//  --- The beginning and the end

static unsigned s_instances (const troupe_door_t *self, const char *workers)
{
    char path [256];
    const int length = snprintf (path, sizeof path, "children/%s/instances", workers);
    int64_t instances = troupe_option_number (self->self, "instances", self->spec.instances, 0, INSTANCES_MAX);
    if (instances == 0 && length > 0 && (size_t) length < sizeof path)
        instances = strtol (troupe_config (self->self, path, "1"), NULL, 10);
    return instances > 0 && instances <= INSTANCES_MAX ? (unsigned) instances : 1;
}

static troupe_error_t s_find_workers (troupe_door_t *self)
{
    const char *workers = troupe_option (self->self, "workers", self->spec.workers);
    if (workers == NULL)
        return TROUPE_OK;
    self->balancer = troupe_balancer_new (self->self, &self->spec.balancer);
    if (self->balancer == NULL)
        return TROUPE_ENOMEM;
    return troupe_balancer_add_instances (self->balancer, workers, s_instances (self, workers));
}

//  Null, or what is wrong with a route that the router need not know.
static const char *s_find_fault (const troupe_route_t *routes)
{
    for (const troupe_route_t *route = routes; route->method; route++)
        if (route->streamed && route->service == NULL)
            return route->pattern;
    return NULL;
}

int troupe_door_open (troupe_door_t *self, troupe_actor_t *actor, const troupe_door_spec_t *spec)
{
    char complaint [128];
    self->self = actor;
    self->spec = *spec;
    self->spec.live_path = troupe_option (actor, "live_path", spec->live_path);
    self->spec.ready_path = troupe_option (actor, "ready_path", spec->ready_path);
    const char *fault = s_find_fault (spec->routes);
    if (fault)
        return troupe_fail (actor, TROUPE_EINVAL, "the table of routes: %s is streamed and names no service", fault);
    const troupe_error_t error = troupe_router_new (spec->routes, &self->router, complaint, sizeof complaint);
    if (error == TROUPE_EINVAL)
        return troupe_fail (actor, TROUPE_EINVAL, "the table of routes: %s", complaint);
    self->response = error ? NULL : troupe_response_new ();
    if (self->response == NULL)
        return troupe_fail_error (actor, TROUPE_ENOMEM, "the table of routes");
    const troupe_error_t workers = s_find_workers (self);
    return workers ? troupe_fail_error (actor, workers, "the workers") : 0;
}

void troupe_door_close (troupe_door_t *self)
{
    troupe_balancer_destroy (&self->balancer);
    troupe_router_destroy (&self->router);
    troupe_response_destroy (&self->response);
}

//  --- Problems

void troupe_door_problem (troupe_door_t *self, int status, const char *detail)
{
    troupe_response_reset (self->response);
    if (detail)
        troupe_response_problem (self->response, status, "%s", detail);
    else
        troupe_response_problem (self->response, status, NULL);
}

void troupe_door_unavailable (troupe_door_t *self, const char *detail)
{
    char seconds [16];
    snprintf (seconds, sizeof seconds, "%u", self->spec.retry_after_s);
    troupe_door_problem (self, 503, detail);
    troupe_response_header (self->response, "Retry-After", seconds);
}

void troupe_door_outcome (troupe_door_t *self, troupe_outcome_t outcome)
{
    switch (outcome) {
    case TROUPE_CALL_FAILED:
        troupe_door_problem (self, 500, "The handler failed.");
        break;
    case TROUPE_CALL_TIMEOUT:
        troupe_door_problem (self, 504, "The handler did not answer in time.");
        break;
    case TROUPE_CALL_FULL:
        troupe_door_unavailable (self, "There is too much to do.");
        break;
    default:
        troupe_door_unavailable (self, "Nobody is there to handle it.");
    }
}

void troupe_door_refused (troupe_door_t *self, troupe_error_t error)
{
    troupe_door_outcome (self, error == TROUPE_EFULL ? TROUPE_CALL_FULL : TROUPE_CALL_NO_SUCH_ACTOR);
}

//  --- Looking up

bool troupe_door_knows (const troupe_door_t *self, troupe_text_t method)
{
    static const char *const known [] = { "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE" };
    for (size_t index = 0; index < sizeof known / sizeof *known; index++)
        if (troupe_text_is (method, known [index]))
            return true;
    for (const troupe_route_t *route = self->spec.routes; route->method; route++)
        if (troupe_text_is (method, route->method))
            return true;
    return false;
}

static void s_allow (troupe_door_t *self, int status, const char *allow)
{
    troupe_response_reset (self->response);
    if (status == 405)
        troupe_response_problem (self->response, status, "Allowed here: %s.", allow);
    else
        troupe_response_status (self->response, status);
    troupe_response_header (self->response, "Allow", allow);
}

const troupe_route_t *troupe_door_find (troupe_door_t *self, troupe_text_t method, troupe_text_t path)
{
    troupe_route_match_t match;
    switch (troupe_router_match (self->router, method, path, &match)) {
    case TROUPE_ROUTE_FOUND:
        return match.route;
    case TROUPE_ROUTE_METHOD_NOT_ALLOWED:
        s_allow (self, 405, match.allow);
        break;
    case TROUPE_ROUTE_OPTIONS:
        s_allow (self, 204, match.allow);
        break;
    case TROUPE_ROUTE_BAD_PATH:
        troupe_door_problem (self, 400, "The path is malformed.");
        break;
    default:
        troupe_door_problem (self, 404, NULL);
    }
    return NULL;
}

//  --- Health: answered by the door itself, so that busy workers do not make it look dead

//  Null when it is ready, else why not.
static const char *s_not_ready (const troupe_door_t *self)
{
    troupe_balancer_stats_t stats;
    if (self->draining)
        return "It is ending.";
    if (self->balancer == NULL)
        return NULL;
    troupe_balancer_stats (self->balancer, &stats);
    return stats.workers_up ? NULL : "No worker is up.";
}

static void s_state (troupe_door_t *self, const char *text, const char *wrong)
{
    if (wrong) {
        troupe_door_unavailable (self, wrong);
        return;
    }
    troupe_response_reset (self->response);
    troupe_response_text (self->response, 200, text);
    troupe_response_header (self->response, "Cache-Control", "no-store");
}

bool troupe_door_health (troupe_door_t *self, troupe_text_t method, troupe_text_t path)
{
    static const char allow [] = "GET, HEAD, OPTIONS";
    const bool live = self->spec.live_path && troupe_text_is (path, self->spec.live_path);
    const bool ready = !live && self->spec.ready_path && troupe_text_is (path, self->spec.ready_path);
    if (!live && !ready)
        return false;
    if (troupe_text_is (method, "OPTIONS"))
        s_allow (self, 204, allow);
    else if (!troupe_text_is (method, "GET") && !troupe_text_is (method, "HEAD"))
        s_allow (self, 405, allow);
    else
        s_state (self, live ? "live" : "ready", live ? NULL : s_not_ready (self));
    return true;
}
