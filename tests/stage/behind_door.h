/*  =========================================================================
    behind_door.h - what tests of every door need: settings, a probe, counters

    Place: tests/stage, for http_door.c and rpc_door.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TESTS_STAGE_BEHIND_DOOR_H_INCLUDED
#define TESTS_STAGE_BEHIND_DOOR_H_INCLUDED

#include <troupe/stage.h>

//  Configures that child: "KEY=VALUE", separated by blanks; may be null.
void behind_door_set (troupe_stage_t *stage, const char *child, const char *settings);

//  Runs until all is quiet, and takes the probe's next request, which must be there.
void behind_door_await (troupe_stage_t *stage, troupe_probe_t *probe);

//  The same, and answers it with 200 and that text.
void behind_door_answer (troupe_stage_t *stage, troupe_probe_t *probe, const char *text);

//  A counter that the door gives when it is asked with that tag; -1 when it has none of that name.
long behind_door_counter (troupe_stage_t *stage, const char *door, uint16_t tag, const char *name);

#endif
