/*  =========================================================================
    live/children/place.c - what an endpoint says about where a child runs

    Place: runtime/live, beside offspring.c; pure.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/children/offspring.h"

#include <troupe/address.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define S_INPROC "inproc://"
#define S_IPC "ipc://"
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

bool troupe_offspring_listens (const char *endpoint)
{
    troupe_address_t address;
    return troupe_address_of_endpoint (endpoint, &address) && address.wildcard;
}

static troupe_error_t s_place_ipc (const troupe_child_t *spec, const char *path, char *name)
{
    if (!*path || *path == '@' || strlen (path) > S_PATH_MAX)
        return TROUPE_EINVAL;
    return s_name (strchr (path, '/') ? spec->id : path, name);
}

//  Who listens may leave the port open.
static troupe_error_t s_place_tcp (const troupe_child_t *spec, const troupe_address_t *address, char *name)
{
    if (strlen (spec->endpoint) > TROUPE_ENDPOINT_MAX || (address->wildcard ? !spec->behavior : address->port <= 0))
        return TROUPE_EINVAL;
    return s_name (spec->id, name);
}

troupe_error_t troupe_offspring_place (const troupe_child_t *spec, const troupe_offspring_kind_t **kind_p, char *name)
{
    const char *endpoint = spec->endpoint ? spec->endpoint : "";
    troupe_address_t address;
    const char *inproc = s_after (endpoint, S_INPROC), *ipc = s_after (endpoint, S_IPC);
    *kind_p = ipc ? &troupe_offspring_process : &troupe_offspring_thread;
    if (!*endpoint)
        return s_name (spec->endpoint ? "" : spec->id, name);
    if (inproc)
        return s_name (inproc, name);
    if (ipc)
        return s_place_ipc (spec, ipc, name);
    if (!troupe_address_of_endpoint (endpoint, &address))
        return TROUPE_EINVAL;
    if (!address.wildcard)
        *kind_p = &troupe_offspring_elsewhere;
    return s_place_tcp (spec, &address, name);
}
