/*  =========================================================================
    words.c - why a child could not be spawned

    Place: actors/supervisor, private. An error has no room to say which
    endpoint it means, and what would have been right.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <string.h>

#include "state.h"

//  sun_path of unix(7), without its null.
#define S_PATH_MAX 107

static void s_explain_place (const char *endpoint, char *text, size_t size)
{
    if (strncmp (endpoint, "ipc://@", 7) == 0)
        snprintf (text, size, "%s would be open to every local user: ipc://NAME or ipc:///PATH", endpoint);
    else if (strncmp (endpoint, "ipc://", 6) == 0 && strlen (endpoint + 6) > S_PATH_MAX)
        snprintf (text, size, "%.60s...: the path has more than %d bytes", endpoint, S_PATH_MAX);
    else
        snprintf (text, size, "%.60s is neither inproc://NAME, ipc://NAME, ipc:///PATH nor tcp://HOST:PORT",
                  *endpoint ? endpoint : "\"\"");
}

void troupe_supervisor_explain (const troupe_child_t *spec, troupe_error_t error, char *text, size_t size)
{
    const char *endpoint = spec->endpoint ? spec->endpoint : "";
    switch (error) {
        case TROUPE_EINVAL:
            if (!*spec->id)
                snprintf (text, size, "it has no id");
            else if (spec->endpoint)
                s_explain_place (endpoint, text, size);
            else
                snprintf (text, size, "its id is no name: %s", spec->id);
            break;
        case TROUPE_ENOTSUP:
            snprintf (text, size, "%s is a process, and the program has not said what to run for one", endpoint);
            break;
        default:
            snprintf (text, size, "%s%s%s", endpoint, *endpoint ? ": " : "", troupe_error_text (error));
            break;
    }
}
