/*  =========================================================================
    process_lost_test - a process that has died, and when its callers know it

    Place: tests/live, of runtime/live/port/port_line.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "core/base/reason.h"
#include "live/actor/dealer.h"
#include "process_world.h"

//  The guest's ref that leads out of the process.
static troupe_dealer_t *s_dealer (troupe_live_t *live)
{
    for (troupe_ref_t *ref = live->cell.refs; ref; ref = ref->next) {
        troupe_dealer_t *dealer = ref->host;
        if (dealer && dealer->line)
            return dealer;
    }
    cr_assert_fail ("no ref leads out of the process");
    return NULL;
}

static void s_await (void *socket)
{
    struct pollfd ready = { .fd = troupe_socket_descriptor (socket), .events = POLLIN };
    while (!troupe_socket_readable (socket))
        cr_assert_eq (poll (&ready, 1, WORLD_MS), 1);
}

//  The directory and the connection tell of a death in any order, and in one turn: whoever waits for an answer was once
//  told a second later then.
Test (process_lost, is_known_at_once_when_the_connection_goes_after_the_word, .timeout = 30)
{
    troupe_t *troupe = process_new (PROCESS_PROGRAM);
    process_spawn (troupe, "", 0);
    cr_expect_str_eq (world_notes (troupe, 1), "STARTED#1");
    const char *life = process_ask (troupe, "life");
    cr_assert_eq (strncmp (life, "OK ", 3), 0, "%s", life);

    troupe_live_t *live = troupe_live (troupe_guest (troupe));
    troupe_dealer_t *dealer = s_dealer (live);
    cr_assert_eq (troupe_monitor (dealer->ref, world_on_down, NULL, NULL), TROUPE_OK);
    cr_assert_eq (kill ((pid_t) strtol (life + 3, NULL, 10), SIGKILL), 0);
    s_await (troupe_line_pair (dealer));

    troupe_reason_t reason;
    troupe_reason_set (&reason, TROUPE_REASON_CRASHED, SIGKILL, "puppet", 1, "SIGKILL", NULL);
    troupe_dealers_down (live, dealer->endpoint, 1, &reason);
    troupe_socket_monitor_t *monitor = (troupe_socket_monitor_t *) dealer->line;
    monitor->ready (monitor);
    cr_expect_null (dealer->socket);
    cr_expect_leq (troupe_cell_next_us (&live->cell), troupe_live_now_us (&live->cell));

    cr_expect_not_null (strstr (world_notes (troupe, 2), "down:CRASHED"));
    process_stop_all (troupe, 1);
    process_end (troupe);
}
