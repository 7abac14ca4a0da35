/*  =========================================================================
    settings.c - what the configuration changes of a child's spec

    Place: actors/supervisor, private. children/ID/KEY holds for a child, and
    for all instances of one; children/ID-N/KEY for one instance alone. The
    keys are instances, endpoint, listen, wedged_ms and wedged. What makes no
    sense is an error in words: nothing is started on a guess.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <troupe/address.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

#define S_INSTANCES_MAX 100000ul
#define S_WEDGED_MAX_MS 1000000000000ll

//  The child whose settings are read, and where to say what is wrong.
typedef struct {
    troupe_actor_t *self;
    troupe_supervisor_child_t *child;
    unsigned long number, instances;
    char *why;
    size_t why_size;
} s_reading_t;

char *troupe_supervisor_numbered (const char *text, unsigned long number)
{
    size_t size = strlen (text) + 24;
    char *numbered = malloc (size);
    if (numbered && number)
        snprintf (numbered, size, "%s-%lu", text, number);
    else if (numbered)
        snprintf (numbered, size, "%s", text);
    return numbered;
}

static const char *s_config (troupe_actor_t *self, const char *id, const char *key)
{
    char path [256];
    int size = snprintf (path, sizeof path, "children/%s/%s", id, key);
    return size < (int) sizeof path ? troupe_config (self, path, NULL) : NULL;
}

//  The instance's own value, or that of all of them. The spec still has the id that they share.
static const char *s_setting (const s_reading_t *reading, const char *key, bool *own_p)
{
    const char *own = reading->number ? s_config (reading->self, reading->child->id, key) : NULL;
    *own_p = own;
    return own ? own : s_config (reading->self, reading->child->spec.id, key);
}

static troupe_error_t s_complain (const s_reading_t *reading, const char *key, const char *text, const char *wanted)
{
    snprintf (reading->why, reading->why_size, "children/%s/%s: \"%s\" is %s", reading->child->spec.id, key, text,
              wanted);
    return TROUPE_EINVAL;
}

//  --------------------------------------------------------------------------
//  Places

static bool s_begins (const char *text, const char *with)
{
    return strncmp (text, with, strlen (with)) == 0;
}

//  A thread here listens there, rather than somebody else.
static bool s_is_wildcard (const char *endpoint)
{
    troupe_address_t address;
    return troupe_address_of_endpoint (endpoint, &address) && address.wildcard;
}

static bool s_has_fixed_port (const char *endpoint)
{
    troupe_address_t address;
    return troupe_address_of_endpoint (endpoint, &address) && address.port > 0;
}

//  Instances share what a place says but for its name, which is numbered; a port cannot be, and is nobody's to share.
static troupe_error_t s_place (const s_reading_t *reading, const char *key, const char *text, bool own, bool listens,
                               char **place_p)
{
    bool named = s_begins (text, "inproc://") || s_begins (text, "ipc://");
    if (reading->instances > 1 && !own && listens && s_has_fixed_port (text)) {
        snprintf (reading->why, reading->why_size,
                  "children/%s/%s: %lu instances cannot share %s; port 0 takes a free one", reading->child->spec.id,
                  key, reading->instances, text);
        return TROUPE_EINVAL;
    }
    *place_p = troupe_supervisor_numbered (text, own || !named ? 0 : reading->number);
    return *place_p ? TROUPE_OK : TROUPE_ENOMEM;
}

static troupe_error_t s_set_endpoint (const s_reading_t *reading)
{
    troupe_supervisor_child_t *child = reading->child;
    bool own, runs = child->spec.behavior || child->spec.supervisor;
    const char *text = s_setting (reading, "endpoint", &own);
    if (!text)
        text = child->spec.endpoint;
    bool elsewhere = text && s_begins (text, "tcp://") && !s_is_wildcard (text);
    if (!runs && !elsewhere) {
        snprintf (reading->why, reading->why_size, "%s has no behavior, and %s%s is not tcp://HOST:PORT",
                  child->spec.id, text ? "its endpoint " : "without an endpoint it", text ? text : "");
        return TROUPE_EINVAL;
    }
    if (!text)
        return TROUPE_OK;
    troupe_error_t error = s_place (reading, "endpoint", text, own, s_is_wildcard (text), &child->endpoint);
    child->spec.endpoint = child->endpoint;
    return error;
}

//  A behavior may have a "listen" of its own, as the HTTP door has: without a scheme it is not the mailbox's, unless
//  the spec says that the mailbox listens.
static troupe_error_t s_set_listen (const s_reading_t *reading)
{
    troupe_supervisor_child_t *child = reading->child;
    bool own;
    const char *text = s_setting (reading, "listen", &own);
    if (text && !child->spec.listen && !strstr (text, "://"))
        text = NULL;
    else if (text && *text && !s_begins (text, "tcp://") && !s_begins (text, "ipc:///"))
        return s_complain (reading, "listen", text, "neither tcp://ADDRESS:PORT nor ipc:///PATH");
    if (!text)
        text = child->spec.listen;
    child->spec.listen = NULL;
    if (!text || !*text)
        return TROUPE_OK;
    troupe_error_t error = s_place (reading, "listen", text, own, true, &child->listen);
    child->spec.listen = child->listen;
    return error;
}

//  --------------------------------------------------------------------------
//  Hanging

static bool s_read_number (const char *text, long long least, long long most, long long *number)
{
    char *end = NULL;
    if (text [0] < '0' || text [0] > '9' || strlen (text) > 18)
        return false;
    *number = strtoll (text, &end, 10);
    return !*end && *number >= least && *number <= most;
}

static troupe_error_t s_set_wedged_ms (const s_reading_t *reading)
{
    bool own;
    long long wedged_ms = 0;
    const char *text = s_setting (reading, "wedged_ms", &own);
    if (!text)
        return TROUPE_OK;
    if (strcmp (text, "never") == 0)
        reading->child->spec.wedged_ms = TROUPE_FOREVER;
    else if (s_read_number (text, 1, S_WEDGED_MAX_MS, &wedged_ms))
        reading->child->spec.wedged_ms = wedged_ms;
    else
        return s_complain (reading, "wedged_ms", text, "neither a whole number of milliseconds nor \"never\"");
    return TROUPE_OK;
}

static troupe_error_t s_set_wedged (const s_reading_t *reading)
{
    bool own;
    const char *text = s_setting (reading, "wedged", &own);
    if (!text)
        return TROUPE_OK;
    if (strcmp (text, "report") != 0 && strcmp (text, "exit") != 0)
        return s_complain (reading, "wedged", text, "neither \"report\" nor \"exit\"");
    reading->child->spec.wedged = *text == 'e' ? TROUPE_WEDGED_EXIT : TROUPE_WEDGED_REPORT;
    return TROUPE_OK;
}

//  --------------------------------------------------------------------------
//  All of them

troupe_error_t troupe_supervisor_configure (troupe_actor_t *self, troupe_supervisor_child_t *child,
                                            unsigned long number, unsigned long instances, char *why, size_t why_size)
{
    s_reading_t reading = { .self = self, .child = child, .number = number, .instances = instances, .why = why,
                            .why_size = why_size };
    troupe_error_t error = s_set_endpoint (&reading);
    if (!error)
        error = s_set_listen (&reading);
    if (!error)
        error = s_set_wedged_ms (&reading);
    if (!error)
        error = s_set_wedged (&reading);
    return error;
}

unsigned long troupe_supervisor_instances (troupe_actor_t *self, const troupe_child_t *spec, int *result)
{
    const char *text = s_config (self, spec->id, "instances");
    long long instances = 0;
    if (!text)
        return spec->instances ? spec->instances : 1;
    if (s_read_number (text, 1, (long long) S_INSTANCES_MAX, &instances))
        return (unsigned long) instances;
    *result = troupe_fail (self, TROUPE_EINVAL, "children/%s/instances: \"%s\" is no whole number from 1 to %lu",
                           spec->id, text, S_INSTANCES_MAX);
    return 0;
}
