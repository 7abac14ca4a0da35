/*  =========================================================================
    stage/stage.c - the life of a stage and of those whom the test spawns

    Place: runtime/stage. The guest is a cell without a behavior, the parent of
    whatever the test spawns; ending the stage is ending the guest, whose cell
    stops its children as any other would.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "stage/world.h"

#include "core/packet/control.h"

#include <stdlib.h>

//  So long, in virtual time, an end may take.
#define S_END_WITHIN_US INT64_C (600000000)

static uint64_t s_seed (uint64_t seed)
{
    const char *text = getenv ("TROUPE_STAGE_SEED");
    return text && *text ? strtoull (text, NULL, 0) : seed;
}

troupe_stage_t *troupe_stage_new (uint64_t seed)
{
    static const troupe_child_t guest = { .id = "guest", .endpoint = "" };
    troupe_stage_t *stage = troupe_stage_memory (sizeof *stage);
    stage->seed = s_seed (seed);
    troupe_random_seed (&stage->order, stage->seed);
    troupe_random_seed (&stage->seeds, ~stage->seed);
    stage->guest = troupe_stage_player_new (stage, &guest, NULL);
    if (!stage->guest)
        troupe_stage_die (stage, "out of memory for the guest");
    troupe_cell_refresh (&stage->guest->cell);
    troupe_cell_start (&stage->guest->cell);
    return stage;
}

//  --- Ending

//  From now on nothing is made to go wrong, and who has hung goes on.
static void s_relent (troupe_stage_t *stage)
{
    troupe_stage_faults_free (stage);
    troupe_stage_remote_heal (stage);
    for (troupe_stage_player_t *player = stage->players; player; player = player->next) {
        troupe_stage_player_hang (player, false);
        player->full = false;
        troupe_stage_ways_fill (player);
    }
}

static bool s_is_over (const troupe_stage_player_t *player)
{
    return player->gone || player->cell.cell_state == TROUPE_CELL_FINAL;
}

//  The last one that is alive: children come after their parents.
static const troupe_stage_player_t *s_last_alive (const troupe_stage_t *stage)
{
    const troupe_stage_player_t *alive = NULL;
    for (const troupe_stage_player_t *player = stage->players; player; player = player->next)
        if (!s_is_over (player))
            alive = player;
    return alive;
}

static void s_end (troupe_stage_t *stage)
{
    int64_t until_us = stage->now_us + S_END_WITHIN_US;
    troupe_cell_refresh (&stage->guest->cell);
    troupe_cell_shut_down (&stage->guest->cell);
    while (s_last_alive (stage))
        if (!troupe_stage_proceed (stage, until_us))
            troupe_stage_die (stage, "%s does not end", s_last_alive (stage)->label);
}

static void s_free (troupe_stage_t *stage)
{
    while (stage->settings) {
        troupe_stage_setting_t *setting = stage->settings;
        stage->settings = setting->next;
        free (setting->path);
        free (setting->value);
        free (setting);
    }
    troupe_stage_text_clear (&stage->trace);
    troupe_stage_text_clear (&stage->log);
    troupe_stage_text_clear (&stage->answer);
    free (stage);
}

static void s_free_players (troupe_stage_t *stage)
{
    while (stage->players) {
        troupe_stage_player_t *player = stage->players;
        stage->players = player->next;
        troupe_stage_player_free (player);
    }
    stage->guest = NULL;
}

void troupe_stage_destroy (troupe_stage_t **stage_p)
{
    troupe_stage_t *stage = *stage_p;
    if (!stage)
        return;
    troupe_stage_run (stage);
    troupe_stage_check_calls (stage);
    s_relent (stage);
    s_end (stage);
    troupe_stage_check_leaks (stage);
    s_free_players (stage);
    troupe_stage_ways_free (stage);
    if (stage->blocks)
        troupe_stage_die (stage, "%zu payloads are left behind", stage->blocks);
    troupe_stage_probes_free (stage);
    troupe_stage_streams_free (stage);
    troupe_stage_watches_free (stage);
    troupe_stage_zmqs_free (stage);
    troupe_stage_faults_free (stage);
    s_free (stage);
    *stage_p = NULL;
}

//  --- Spawning and stopping

static bool s_start_is_decided (const troupe_stage_player_t *player)
{
    return (player->started && !player->name_taken) || player->gone;
}

//  Runs until 'done', or until nothing is left to happen.
static void s_await (troupe_stage_t *stage, const troupe_stage_player_t *player,
                     bool (*done) (const troupe_stage_player_t *player), const char *what)
{
    int64_t until_us = stage->now_us + S_END_WITHIN_US;
    while (!done (player))
        if (!troupe_stage_proceed (stage, until_us))
            troupe_stage_die (stage, "%s does not %s", player->label, what);
}

static troupe_error_t s_start_error (const troupe_stage_player_t *player)
{
    if (player->name_taken)
        return TROUPE_EADDRINUSE;
    return player->started ? TROUPE_OK : TROUPE_EFAILED;
}

troupe_error_t troupe_stage_spawn_child (troupe_stage_t *stage, const troupe_child_t *spec)
{
    troupe_link_t *link = NULL;
    troupe_cell_refresh (&stage->guest->cell);
    troupe_error_t error = troupe_spawn (&stage->guest->cell, spec, NULL, NULL, &link);
    if (error)
        return error;
    const troupe_stage_player_t *player = link->host;
    s_await (stage, player, s_start_is_decided, "start");
    return s_start_error (player);
}

troupe_error_t troupe_stage_spawn (troupe_stage_t *stage, const troupe_behavior_t *behavior, const char *text)
{
    troupe_child_t spec = { .id = behavior->name, .behavior = behavior, .args = text,
                            .args_size = text ? strlen (text) : 0 };
    return troupe_stage_spawn_child (stage, &spec);
}

static bool s_is_gone (const troupe_stage_player_t *player)
{
    return player->gone || player->abandoned;
}

//  'stopping' is the incarnation that was asked to end.
static bool s_has_ended (const troupe_stage_player_t *player)
{
    return s_is_gone (player) || player->ended >= player->stopping;
}

//  As its parent would; the parent is told, and decides what follows.
static void s_ask_to_halt (troupe_stage_player_t *player)
{
    uint8_t word [TROUPE_CONTROL_MAX];
    troupe_control_t control = { .kind = TROUPE_CONTROL_STOP, .flag = TROUPE_CONTROL_HALT };
    troupe_stage_item_t *item = troupe_stage_item_new (TROUPE_STAGE_WORD);
    item->block = troupe_stage_block (player->stage, word, troupe_control_write (word, &control, NULL));
    troupe_stage_lane_add (&player->down, item);
}

troupe_error_t troupe_stage_stop (troupe_stage_t *stage, const char *name)
{
    troupe_stage_player_t *player = troupe_stage_find (stage, name);
    if (!player || s_is_over (player) || player == stage->guest)
        return TROUPE_ENOENT;
    bool own = player->parent == stage->guest && player->up.link;
    player->stopping = player->cell.incarnation;
    troupe_cell_refresh (&stage->guest->cell);
    if (own)
        troupe_link_stop (player->up.link, TROUPE_SHUTDOWN_DEFAULT);
    else
        s_ask_to_halt (player);
    s_await (stage, player, own ? s_is_gone : s_has_ended, "end");
    return TROUPE_OK;
}

//  --- What is known of an actor

void troupe_stage_config (troupe_stage_t *stage, const char *path, const char *value)
{
    troupe_stage_setting_t *setting = troupe_stage_memory (sizeof *setting);
    setting->path = troupe_stage_string (path);
    setting->value = troupe_stage_string (value);
    setting->next = stage->settings;
    stage->settings = setting;
}

uint32_t troupe_stage_incarnation (troupe_stage_t *stage, const char *name)
{
    const troupe_stage_player_t *player = troupe_stage_find (stage, name);
    if (!player || s_is_over (player) || player->cell.cell_state == TROUPE_CELL_ENDED)
        return 0;
    return player->cell.incarnation;
}

const troupe_reason_t *troupe_stage_reason (troupe_stage_t *stage, const char *name)
{
    const troupe_stage_player_t *player = troupe_stage_find (stage, name);
    return player ? player->reason : NULL;
}

size_t troupe_stage_mailbox_size (troupe_stage_t *stage, const char *name)
{
    const troupe_stage_player_t *player = troupe_stage_find (stage, name);
    troupe_cell_flush (&stage->guest->cell);
    if (!player || player->gone)
        return 0;
    size_t count = player->cell.mail.count;
    for (const troupe_stage_lane_t *lane = player->lanes; lane; lane = lane->next)
        for (const troupe_stage_item_t *item = lane->first; lane->way && !lane->backward && item; item = item->next)
            count += troupe_stage_is_message (item);
    return count;
}

uint64_t troupe_stage_dead_letters (troupe_stage_t *stage, troupe_dead_reason_t reason)
{
    return reason < TROUPE_DEAD_REASONS ? stage->dead_letters [reason] : 0;
}
