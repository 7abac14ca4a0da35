/*  =========================================================================
    egress_time.c - when an egress has to look again, and when it is done

    Place: actors/egress, on the fleet and under everything else of it; see
    egress_parts.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "egress_parts.h"

static int s_on_due (troupe_actor_t *self, void *state, void *context)
{
    (void) context;
    troupe_egress_state_t *egress = state;
    egress->due_timer = 0;
    egress->due_us = TROUPE_FOREVER;
    troupe_fleet_tick (egress->fleet, troupe_now_us (self));
    troupe_egress_settle (egress);
    return 0;
}

void troupe_egress_settle (troupe_egress_state_t *egress)
{
    int64_t due_us = troupe_fleet_due_us (egress->fleet);
    if (due_us < egress->due_us) {
        int64_t wait_us = due_us - troupe_now_us (egress->self);
        troupe_cancel (egress->self, egress->due_timer);
        egress->due_timer = troupe_after (egress->self, wait_us > 0 ? (wait_us + 999) / 1000 : 0, s_on_due, NULL);
        egress->due_us = egress->due_timer ? due_us : TROUPE_FOREVER;
    }
    if (troupe_is_draining (egress->self) && !egress->jobs)
        troupe_exit (egress->self);
}
