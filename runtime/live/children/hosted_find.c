/*  =========================================================================
    live/children/hosted_find.c - what a program may be asked to host, by name

    Place: runtime/live, under hosted.c; see hosted.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/children/hosted.h"

#include <string.h>

//  A tree that is deeper contains itself.
#define S_DEPTH_MOST 32

static bool s_is_called (const troupe_behavior_t *behavior, const char *name)
{
    return behavior && behavior->name && strcmp (behavior->name, name) == 0;
}

//  Whether a child of that id is the spec's: itself, or an instance or dynamic child with a number behind it, which is
//  looked for when there is no spec of just that id.
typedef bool (s_match_fn) (const char *spec_id, const char *id);

static bool s_is (const char *spec_id, const char *id)
{
    return strcmp (spec_id, id) == 0;
}

static bool s_is_numbered (const char *spec_id, const char *id)
{
    size_t size = strlen (spec_id);
    if (strncmp (spec_id, id, size) != 0 || id [size] != '-')
        return false;
    const char *number = id + size + 1;
    return *number && !number [strspn (number, "0123456789")];
}

static bool s_is_any (const char *spec_id, const char *id)
{
    return spec_id && id;
}

static const troupe_behavior_t *s_find (const troupe_child_t *children, s_match_fn *match, const char *id,
                                        const char *name, int depth)
{
    for (const troupe_child_t *child = children; child && child->id && depth; child++) {
        if (s_is_called (child->behavior, name) && match (child->id, id))
            return child->behavior;
        const troupe_behavior_t *found =
            child->supervisor ? s_find (child->supervisor->children, match, id, name, depth - 1) : NULL;
        if (found)
            return found;
    }
    return NULL;
}

const troupe_behavior_t *troupe_hosted_behavior (const troupe_child_t *children,
                                                 const troupe_behavior_t *const *behaviors, const char *id,
                                                 const char *name)
{
    static s_match_fn *const matches [] = { s_is, s_is_numbered, s_is_any };
    const troupe_behavior_t *found = NULL;
    for (size_t index = 0; !found && index < sizeof matches / sizeof matches [0]; index++)
        found = s_find (children, matches [index], id, name, S_DEPTH_MOST);
    for (; !found && behaviors && *behaviors; behaviors++)
        if (s_is_called (*behaviors, name))
            found = *behaviors;
    return found;
}

static const troupe_supervisor_t *s_supervisor (const troupe_child_t *children, s_match_fn *match, const char *id,
                                                int depth)
{
    for (const troupe_child_t *child = children; child && child->id && depth; child++) {
        if (!child->supervisor)
            continue;
        if (match (child->id, id))
            return child->supervisor;
        const troupe_supervisor_t *found = s_supervisor (child->supervisor->children, match, id, depth - 1);
        if (found)
            return found;
    }
    return NULL;
}

const troupe_supervisor_t *troupe_hosted_supervisor (const troupe_child_t *children, const char *id)
{
    const troupe_supervisor_t *found = s_supervisor (children, s_is, id, S_DEPTH_MOST);
    return found ? found : s_supervisor (children, s_is_numbered, id, S_DEPTH_MOST);
}
