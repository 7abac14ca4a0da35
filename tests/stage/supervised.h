/*  =========================================================================
    supervised.h - children to be supervised, and the story of their lives

    Place: tests/stage. The story is "+a" for a start and "-a" for a stop, in
    the order in which they happened.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_SUPERVISED_H_INCLUDED
#define TROUPE_SUPERVISED_H_INCLUDED

#include <troupe/stage.h>

/*  Does what it is told: "fail", "exit", "name" (answers its name), "note" (counts), "args" (answers its args).   */
extern const troupe_behavior_t supervised_worker;

//  The same, but it takes 500 ms when it is asked to end, or until it is told "exit".
extern const troupe_behavior_t supervised_lingerer;

//  What has happened since the last call, as "+a +b -b".
const char *supervised_story (void);

//  How many times "note" was handled since the last call of this.
unsigned supervised_notes (void);

//  A stage with a supervisor called "root" for that spec; everything has started. Forgets the story.
troupe_stage_t *supervised_stage (uint64_t seed, const troupe_supervisor_t *spec);

//  Tells an actor something, and runs until all is quiet.
void supervised_tell (troupe_stage_t *stage, const char *name, const char *text);

//  Asks the supervisor "root", and answers as troupe_stage_call does: "[FAILED] why" for a failure.
const char *supervised_ask (troupe_stage_t *stage, uint16_t tag, const char *text);

#endif
