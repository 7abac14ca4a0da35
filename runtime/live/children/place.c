/*  =========================================================================
    live/children/place.c - what an endpoint says about where a child runs

    Place: runtime/live, beside offspring.c; pure.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/children/offspring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define S_INPROC "inproc://"
#define S_IPC "ipc://"
#define S_TCP "tcp://"
//  sun_path of unix(7), with its null.
#define S_PATH_MAX 107

//  What stands behind the scheme, or null when it is another one.
static const char *s_after (const char *endpoint, const char *scheme)
{
    size_t size = strlen (scheme);
    return strncmp (endpoint, scheme, size) == 0 ? endpoint + size : NULL;
}

static troupe_error_t s_name (const char *text, char *name)
{
    return snprintf (name, TROUPE_NAME_MAX + 1, "%s", text) <= TROUPE_NAME_MAX ? TROUPE_OK : TROUPE_EINVAL;
}

//  The port, behind the last colon: a number, or for those who listen also "*", or 0.
static bool s_has_port (const char *address, bool listens)
{
    const char *colon = strrchr (address, ':');
    if (!colon || colon == address)
        return false;
    if (listens && strcmp (colon, ":*") == 0)
        return true;
    char *end = NULL;
    unsigned long port = colon [1] >= '0' && colon [1] <= '9' ? strtoul (colon + 1, &end, 10) : UINT32_MAX;
    return end && !*end && port <= UINT16_MAX && (port || listens);
}

bool troupe_offspring_listens (const char *endpoint)
{
    static const char *const wildcards [] = { "*:", "0.0.0.0:", "[::]:", ":::" };
    const char *address = s_after (endpoint, S_TCP);
    for (size_t index = 0; address && index < sizeof wildcards / sizeof wildcards [0]; index++)
        if (s_after (address, wildcards [index]))
            return true;
    return false;
}

static troupe_error_t s_place_ipc (const troupe_child_t *spec, const char *path, char *name)
{
    if (!*path || *path == '@' || strlen (path) > S_PATH_MAX)
        return TROUPE_EINVAL;
    return s_name (strchr (path, '/') ? spec->id : path, name);
}

static troupe_error_t s_place_tcp (const troupe_child_t *spec, bool listens, char *name)
{
    if (!s_has_port (spec->endpoint + sizeof S_TCP - 1, listens) || strlen (spec->endpoint) > TROUPE_ENDPOINT_MAX
        || (listens && !spec->behavior))
        return TROUPE_EINVAL;
    return s_name (spec->id, name);
}

troupe_error_t troupe_offspring_place (const troupe_child_t *spec, const troupe_offspring_kind_t **kind_p, char *name)
{
    const char *endpoint = spec->endpoint ? spec->endpoint : "";
    const char *inproc = s_after (endpoint, S_INPROC), *ipc = s_after (endpoint, S_IPC);
    *kind_p = ipc ? &troupe_offspring_process : &troupe_offspring_thread;
    if (!*endpoint)
        return s_name (spec->endpoint ? "" : spec->id, name);
    if (inproc)
        return s_name (inproc, name);
    if (ipc)
        return s_place_ipc (spec, ipc, name);
    if (!s_after (endpoint, S_TCP))
        return TROUPE_EINVAL;
    bool listens = troupe_offspring_listens (endpoint);
    if (!listens)
        *kind_p = &troupe_offspring_elsewhere;
    return s_place_tcp (spec, listens, name);
}
