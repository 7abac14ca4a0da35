/*  =========================================================================
    live/live.h - the live half of a cell

    Place: runtime/live.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_LIVE_H_INCLUDED
#define TROUPE_LIVE_LIVE_H_INCLUDED

#include "core/cell.h"
#include "live/poller.h"

//  What the streams of a live cell share: see live/stream.h.
typedef struct troupe_live_streams troupe_live_streams_t;

//  Where the cell keeps it; null until its first stream.
troupe_live_streams_t **troupe_live_streams (troupe_actor_t *cell);

//  What the cell's thread waits with.
troupe_poller_t *troupe_live_poller (troupe_actor_t *cell);

#endif
