/*  =========================================================================
    live/children/hosted.h - what a program may be asked to host, by name

    Place: runtime/live, under hosted.c; pure.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_HOSTED_H_INCLUDED
#define TROUPE_LIVE_HOSTED_H_INCLUDED

#include <troupe/supervisor.h>

/*  The behavior of that name: of the child 'id' if that runs one so called, else of the first in the tree of children
    that does, else the one in 'behaviors' (ended by null). All may be null. Null: there is none.           */
const troupe_behavior_t *troupe_hosted_behavior (const troupe_child_t *children,
                                                 const troupe_behavior_t *const *behaviors, const char *id,
                                                 const char *name);

//  What the child 'id' supervises, anywhere in the tree; null: there is none, or it is no supervisor.
const troupe_supervisor_t *troupe_hosted_supervisor (const troupe_child_t *children, const char *id);

#endif
