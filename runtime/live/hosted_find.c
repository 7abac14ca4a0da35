/*  =========================================================================
    live/hosted_find.c - what a program may be asked to host, by name

    Place: runtime/live, under hosted.c; see hosted.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/hosted.h"

#include <string.h>

//  A tree that is deeper contains itself.
#define S_DEPTH_MOST 32

static bool s_is_called (const troupe_behavior_t *behavior, const char *name)
{
    return behavior && behavior->name && strcmp (behavior->name, name) == 0;
}

//  With a null id that of any child will do.
static const troupe_behavior_t *s_find (const troupe_child_t *children, const char *id, const char *name, int depth)
{
    for (const troupe_child_t *child = children; child && child->id && depth; child++) {
        if (s_is_called (child->behavior, name) && (!id || strcmp (child->id, id) == 0))
            return child->behavior;
        const troupe_behavior_t *found =
            child->supervisor ? s_find (child->supervisor->children, id, name, depth - 1) : NULL;
        if (found)
            return found;
    }
    return NULL;
}

const troupe_behavior_t *troupe_hosted_behavior (const troupe_child_t *children,
                                                 const troupe_behavior_t *const *behaviors, const char *id,
                                                 const char *name)
{
    const troupe_behavior_t *found = s_find (children, id, name, S_DEPTH_MOST);
    if (!found)
        found = s_find (children, NULL, name, S_DEPTH_MOST);
    for (; !found && behaviors && *behaviors; behaviors++)
        if (s_is_called (*behaviors, name))
            found = *behaviors;
    return found;
}

static const troupe_supervisor_t *s_supervisor (const troupe_child_t *children, const char *id, int depth)
{
    for (const troupe_child_t *child = children; child && child->id && depth; child++) {
        if (!child->supervisor)
            continue;
        if (strcmp (child->id, id) == 0)
            return child->supervisor;
        const troupe_supervisor_t *found = s_supervisor (child->supervisor->children, id, depth - 1);
        if (found)
            return found;
    }
    return NULL;
}

const troupe_supervisor_t *troupe_hosted_supervisor (const troupe_child_t *children, const char *id)
{
    return s_supervisor (children, id, S_DEPTH_MOST);
}
