/*  =========================================================================
    stage/schedule.c - who takes the next turn, and when the clock moves

    Place: runtime/stage. Among the players that have something to do at the
    present time one is chosen by the seed, then one of the things that it could
    do: control words first, as in the live runtime; then mail and answers
    of any way, timers, streams, watched descriptors. The clock stands still while
    anybody has anything to do.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "stage/world.h"

#include <inttypes.h>

static bool s_lane_ready (const troupe_stage_lane_t *lane)
{
    if (!lane->first || lane->first->due_us > lane->to->stage->now_us)
        return false;
    bool mail = lane->way && !lane->backward;
    return !mail || troupe_cell_takes_mail (&lane->to->cell);
}

static size_t s_ready_lanes (const troupe_stage_player_t *player, bool control)
{
    size_t count = 0;
    for (const troupe_stage_lane_t *lane = player->lanes; lane; lane = lane->next)
        count += lane->control == control && s_lane_ready (lane);
    return count;
}

static bool s_cell_ready (const troupe_stage_player_t *player)
{
    return player->more || troupe_cell_next_us (&player->cell) <= player->stage->now_us;
}

static bool s_may_act (const troupe_stage_player_t *player)
{
    return !player->gone && !player->hung && !player->busy && player->cell.cell_state != TROUPE_CELL_FINAL;
}

//  How many things it could do now, if no control word goes before them.
static size_t s_choices (troupe_stage_player_t *player)
{
    return s_ready_lanes (player, false) + s_cell_ready (player)
           + troupe_stage_streams_ready (player) + troupe_stage_watches_ready (player)
           + troupe_stage_zmqs_ready (player);
}

static bool s_is_ready (troupe_stage_player_t *player)
{
    return s_may_act (player) && (s_ready_lanes (player, true) || s_choices (player));
}

static troupe_stage_lane_t *s_ready_lane (troupe_stage_player_t *player, bool control, size_t which)
{
    troupe_stage_lane_t *lane = player->lanes;
    while (lane && !(lane->control == control && s_lane_ready (lane) && which-- == 0))
        lane = lane->next;
    return lane;
}

//  Does one of s_choices: lanes, then timers, streams, watches and ZeroMQ sockets, in this order.
static void s_act (troupe_stage_player_t *player, size_t which)
{
    size_t lanes = s_ready_lanes (player, false);
    if (which < lanes) {
        troupe_stage_lane_deliver (s_ready_lane (player, false, which));
        return;
    }
    which -= lanes;
    size_t own = s_cell_ready (player);
    if (which < own)
        return;
    which -= own;
    size_t streams = troupe_stage_streams_ready (player);
    if (which < streams) {
        troupe_stage_streams_turn (player, which);
        return;
    }
    which -= streams;
    size_t watches = troupe_stage_watches_ready (player);
    if (which < watches)
        troupe_stage_watches_turn (player, which);
    else
        troupe_stage_zmqs_turn (player, which - watches);
}

static void s_turn (troupe_stage_player_t *player)
{
    troupe_random_state_t *order = &player->stage->order;
    player->busy = true;
    troupe_stage_fault_enter (player);
    troupe_cell_refresh (&player->cell);
    size_t words = s_ready_lanes (player, true);
    if (words)
        troupe_stage_lane_deliver (s_ready_lane (player, true, troupe_random_limit (order, words)));
    else
        s_act (player, troupe_random_limit (order, s_choices (player)));
    player->more = player->cell.cell_state != TROUPE_CELL_FINAL && troupe_cell_turn (&player->cell, 1);
    troupe_stage_fault_leave (player);
    player->busy = false;
    if (player->crash_signal)
        troupe_stage_remote_crash (player, player->crash_signal);
}

//  What the guest has sent from outside leaves now.
static void s_flush_guest (troupe_stage_t *stage)
{
    if (stage->guest && !stage->guest->busy)
        troupe_cell_flush (&stage->guest->cell);
}

bool troupe_stage_step (troupe_stage_t *stage)
{
    s_flush_guest (stage);
    size_t ready = 0;
    for (troupe_stage_player_t *player = stage->players; player; player = player->next)
        ready += s_is_ready (player);
    if (ready == 0)
        return false;
    size_t which = troupe_random_limit (&stage->order, ready);
    troupe_stage_player_t *player = stage->players;
    while (!(s_is_ready (player) && which-- == 0))
        player = player->next;
    if (++stage->turns > TROUPE_STAGE_TURNS_MAX)
        troupe_stage_die (stage, "%s is still busy after %u turns without the clock moving", player->label,
                          TROUPE_STAGE_TURNS_MAX);
    s_turn (player);
    return true;
}

size_t troupe_stage_run (troupe_stage_t *stage)
{
    size_t turns = 0;
    while (troupe_stage_step (stage))
        turns++;
    return turns;
}

//  --- The clock

static int64_t s_earlier (int64_t best_us, int64_t due_us, int64_t now_us)
{
    return due_us > now_us && due_us < best_us ? due_us : best_us;
}

int64_t troupe_stage_next_us (troupe_stage_t *stage)
{
    int64_t best_us = TROUPE_FOREVER;
    for (troupe_stage_player_t *player = stage->players; player; player = player->next) {
        if (!s_may_act (player))
            continue;
        best_us = s_earlier (best_us, troupe_cell_next_us (&player->cell), stage->now_us);
        for (troupe_stage_lane_t *lane = player->lanes; lane; lane = lane->next)
            if (lane->first)
                best_us = s_earlier (best_us, lane->first->due_us, stage->now_us);
    }
    return best_us;
}

void troupe_stage_move_clock (troupe_stage_t *stage, int64_t now_us)
{
    if (now_us <= stage->now_us)
        return;
    stage->now_us = now_us;
    stage->turns = 0;
    if (stage->guest)
        troupe_cell_refresh (&stage->guest->cell);
}

bool troupe_stage_proceed (troupe_stage_t *stage, int64_t until_us)
{
    if (troupe_stage_step (stage))
        return true;
    int64_t next_us = troupe_stage_next_us (stage);
    if (next_us == TROUPE_FOREVER || next_us > until_us)
        return false;
    troupe_stage_move_clock (stage, next_us);
    return true;
}

void troupe_stage_advance (troupe_stage_t *stage, int64_t ms)
{
    int64_t until_us = stage->now_us + (ms > 0 ? ms * 1000 : 0);
    while (troupe_stage_proceed (stage, until_us))
        ;
    troupe_stage_move_clock (stage, until_us);
}

int64_t troupe_stage_now_ms (const troupe_stage_t *stage)
{
    return stage->now_us / 1000;
}
