/*  =========================================================================
    stage/faults.c - what is made to go wrong

    Place: runtime/stage. A fault waits until what it is about happens for the
    nth time, strikes once and is gone; each is one line in the trace. Handlers
    fail without a change to anybody's code: while a fault waits for a
    player, a copy of its behavior stands in whose callbacks count.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "stage/world.h"

#include <inttypes.h>
#include <stdlib.h>

typedef enum { S_FAIL_MESSAGE, S_DROP, S_DELAY, S_FAIL_START, S_FAIL_SPAWN } s_fault_kind_t;

struct troupe_stage_fault {
    troupe_stage_fault_t *next;
    s_fault_kind_t kind;
    char *from, *to;                //  Null: anybody
    unsigned nth;
    int64_t delay_us;
    troupe_error_t error;
};

static troupe_stage_fault_t *s_new (troupe_stage_t *stage, s_fault_kind_t kind, const char *from, const char *to,
                                    unsigned nth)
{
    troupe_stage_fault_t *fault = troupe_stage_memory (sizeof *fault);
    fault->kind = kind;
    fault->from = from ? troupe_stage_string (from) : NULL;
    fault->to = to ? troupe_stage_string (to) : NULL;
    fault->nth = nth ? nth : 1;
    troupe_stage_fault_t **place = &stage->faults;
    while (*place)
        place = &(*place)->next;
    *place = fault;
    return fault;
}

static void s_remove (troupe_stage_t *stage, troupe_stage_fault_t *fault)
{
    troupe_stage_fault_t **place = &stage->faults;
    while (*place != fault)
        place = &(*place)->next;
    *place = fault->next;
    free (fault->from);
    free (fault->to);
    free (fault);
}

static bool s_matches (const troupe_stage_fault_t *fault, s_fault_kind_t kind, const troupe_stage_player_t *from,
                       const troupe_stage_player_t *to)
{
    return fault->kind == kind && (!from || troupe_stage_player_is (from, fault->from))
           && (!to || troupe_stage_player_is (to, fault->to));
}

//  Counts for all faults of that kind; true when one strikes, which is then gone. *error_p is what it was made with.
static bool s_strikes (troupe_stage_t *stage, s_fault_kind_t kind, const troupe_stage_player_t *from,
                       const troupe_stage_player_t *to, troupe_error_t *error_p)
{
    bool strikes = false;
    for (troupe_stage_fault_t *fault = stage->faults, *next; fault; fault = next) {
        next = fault->next;
        if (!s_matches (fault, kind, from, to) || --fault->nth)
            continue;
        strikes = true;
        if (error_p)
            *error_p = fault->error;
        s_remove (stage, fault);
    }
    return strikes;
}

//  --- Making them

void troupe_stage_fail_message (troupe_stage_t *stage, const char *to, unsigned nth)
{
    s_new (stage, S_FAIL_MESSAGE, NULL, to, nth);
}

void troupe_stage_drop_message (troupe_stage_t *stage, const char *from, const char *to, unsigned nth)
{
    s_new (stage, S_DROP, from, to, nth);
}

void troupe_stage_fail_start (troupe_stage_t *stage, const char *name, unsigned nth)
{
    s_new (stage, S_FAIL_START, NULL, name, nth);
}

void troupe_stage_fail_spawn (troupe_stage_t *stage, unsigned nth, troupe_error_t error)
{
    s_new (stage, S_FAIL_SPAWN, NULL, NULL, nth)->error = error;
}

static bool s_same (const char *left, const char *right)
{
    return left == right || (left && right && strcmp (left, right) == 0);
}

void troupe_stage_delay (troupe_stage_t *stage, const char *from, const char *to, int64_t delay_ms)
{
    for (troupe_stage_fault_t *fault = stage->faults, *next; fault; fault = next) {
        next = fault->next;
        if (fault->kind == S_DELAY && s_same (fault->from, from) && s_same (fault->to, to))
            s_remove (stage, fault);
    }
    if (delay_ms > 0)
        s_new (stage, S_DELAY, from, to, 1)->delay_us = delay_ms * 1000;
    troupe_stage_note (stage, "fault: from %s to %s takes %" PRId64 " ms", from ? from : "anybody",
                       to ? to : "anybody", delay_ms > 0 ? delay_ms : 0);
}

void troupe_stage_fill_mailbox (troupe_stage_t *stage, const char *to, bool full)
{
    for (troupe_stage_player_t *player = stage->players; player; player = player->next) {
        if (player->gone || !troupe_stage_player_is (player, to))
            continue;
        player->full = full;
        troupe_stage_ways_fill (player);
        troupe_stage_note (stage, "fault: the mailbox of %s %s", player->label, full ? "is full" : "has room again");
    }
}

void troupe_stage_hang (troupe_stage_t *stage, const char *name, bool hung)
{
    for (troupe_stage_player_t *player = stage->players; player; player = player->next) {
        bool other = name ? !troupe_stage_player_is (player, name) : player == stage->guest;
        if (player->gone || other || player->hung == hung)
            continue;
        troupe_stage_note (stage, "fault: %s %s", player->label, hung ? "hangs" : "goes on");
        troupe_stage_player_hang (player, hung);
    }
}

//  --- Striking

bool troupe_stage_fault_send (troupe_stage_lane_t *lane, troupe_stage_item_t *item)
{
    troupe_stage_t *stage = lane->to->stage;
    const troupe_stage_player_t *from = lane->backward ? lane->way->to : lane->way->from;
    for (troupe_stage_fault_t *fault = stage->faults; fault; fault = fault->next)
        if (s_matches (fault, S_DELAY, from, lane->to) && item->due_us < stage->now_us + fault->delay_us)
            item->due_us = stage->now_us + fault->delay_us;
    if (!troupe_stage_is_message (item) || !s_strikes (stage, S_DROP, from, lane->to, NULL))
        return false;
    char what [128];
    troupe_stage_note (stage, "fault: lost %s <- %s: %s", lane->to->label, from->label,
                       troupe_stage_what (lane, item, what, sizeof what));
    return true;
}

troupe_error_t troupe_stage_fault_spawn (troupe_stage_t *stage, const char *id)
{
    troupe_error_t error = TROUPE_OK;
    if (s_strikes (stage, S_FAIL_SPAWN, NULL, NULL, &error))
        troupe_stage_note (stage, "fault: spawn of %s returns %s", id, troupe_error_name (error));
    return error;
}

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    troupe_stage_player_t *player = troupe_stage_player (self);
    if (s_strikes (player->stage, S_FAIL_START, NULL, player, NULL)) {
        troupe_stage_note (player->stage, "fault: %s#%" PRIu32 " fails to start", player->label, self->incarnation);
        return troupe_fail (self, 1, "made to fail by the stage");
    }
    return player->behavior->start ? player->behavior->start (self, state_p, args, args_size) : 0;
}

static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    troupe_stage_player_t *player = troupe_stage_player (self);
    if (s_strikes (player->stage, S_FAIL_MESSAGE, NULL, player, NULL)) {
        troupe_stage_note (player->stage, "fault: %s#%" PRIu32 " fails", player->label, self->incarnation);
        return troupe_fail (self, 1, "made to fail by the stage");
    }
    return player->behavior->receive (self, state, message);
}

static bool s_waits_for (const troupe_stage_player_t *player)
{
    for (const troupe_stage_fault_t *fault = player->stage->faults; fault; fault = fault->next)
        if (s_matches (fault, S_FAIL_MESSAGE, NULL, player) || s_matches (fault, S_FAIL_START, NULL, player))
            return true;
    return false;
}

void troupe_stage_fault_enter (troupe_stage_player_t *player)
{
    if (!player->behavior || !s_waits_for (player))
        return;
    player->faulty = *player->behavior;
    player->faulty.start = s_start;
    if (player->behavior->receive)
        player->faulty.receive = s_receive;
    player->cell.behavior = &player->faulty;
}

void troupe_stage_fault_leave (troupe_stage_player_t *player)
{
    player->cell.behavior = player->behavior;
}

void troupe_stage_faults_free (troupe_stage_t *stage)
{
    while (stage->faults)
        s_remove (stage, stage->faults);
}
