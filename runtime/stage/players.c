/*  =========================================================================
    stage/players.c - the actors of a stage: spawning, names, control words

    Place: runtime/stage. A player is made by its parent's cell, through the
    host's table below, and lives until the stage ends: what is said of it
    then, its reason and its place in the trace, outlasts its cell.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "stage/streams.h"
#include "stage/zmq.h"

#include "core/packet/control.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define S_SCHEME "inproc://"

static const char *s_without_scheme (const char *address)
{
    size_t size = sizeof S_SCHEME - 1;
    return strncmp (address, S_SCHEME, size) == 0 ? address + size : address;
}

//  --- Names

bool troupe_stage_player_is (const troupe_stage_player_t *player, const char *name)
{
    if (!name)
        return true;
    name = s_without_scheme (name);
    return strcmp (player->label, name) == 0 || strcmp (player->name, name) == 0
           || (player->endpoint && strcmp (player->endpoint, name) == 0);
}

static bool s_has_address (const troupe_stage_player_t *player, const char *address)
{
    return player->named && (strcmp (player->name, address) == 0 || troupe_stage_listens_at (player, address)
                             || (player->endpoint && strcmp (player->endpoint, address) == 0));
}

troupe_stage_player_t *troupe_stage_find_named (troupe_stage_t *stage, const char *address)
{
    address = s_without_scheme (address);
    troupe_stage_player_t *player = stage->players;
    while (player && !s_has_address (player, address))
        player = player->next;
    return player ? player : troupe_stage_name_alias (stage, address);
}

troupe_stage_player_t *troupe_stage_find (troupe_stage_t *stage, const char *address)
{
    troupe_stage_player_t *found = address ? troupe_stage_find_named (stage, address) : NULL;
    if (found || !address)
        return found;
    for (troupe_stage_player_t *player = stage->players; player; player = player->next)
        if (troupe_stage_player_is (player, address))
            found = player;
    return found;
}

//  "" and null have their meaning in child.h; an endpoint elsewhere is a second name.
static void s_name (troupe_stage_player_t *player, const troupe_child_t *spec)
{
    const char *endpoint = spec->endpoint ? s_without_scheme (spec->endpoint) : spec->id;
    bool elsewhere = strstr (endpoint, "://");
    player->name = troupe_stage_string (elsewhere ? spec->id : endpoint);
    player->label = troupe_stage_string (*player->name ? player->name : spec->id);
    player->endpoint = elsewhere ? troupe_stage_string (endpoint) : NULL;
    bool open = elsewhere && (strncmp (endpoint, "tcp://", 6) == 0 || strncmp (endpoint, "ipc:///", 7) == 0);
    const char *listen = spec->listen ? spec->listen : open ? endpoint : NULL;
    player->listen = listen ? troupe_stage_string (listen) : NULL;
}

static troupe_error_t s_claim_name (troupe_stage_player_t *player)
{
    if (!*player->name)
        return TROUPE_OK;
    if (troupe_stage_find_named (player->stage, player->name)
        || (player->endpoint && troupe_stage_find_named (player->stage, player->endpoint)))
        return TROUPE_EADDRINUSE;
    troupe_stage_name_own (player, true);
    return TROUPE_OK;
}

//  --- Life

static void s_append (troupe_stage_t *stage, troupe_stage_player_t *player)
{
    if (stage->last_player)
        stage->last_player->next = player;
    else
        stage->players = player;
    stage->last_player = player;
}

static void s_free_names (troupe_stage_player_t *player)
{
    free (player->name);
    free (player->label);
    free (player->endpoint);
    free (player->listen);
    free (player->listens);
    free (player);
}

troupe_stage_player_t *troupe_stage_player_new (troupe_stage_t *stage, const troupe_child_t *spec,
                                                troupe_stage_player_t *parent)
{
    troupe_stage_player_t *player = troupe_stage_memory (sizeof *player);
    player->stage = stage;
    player->parent = parent;
    s_name (player, spec);
    uint64_t seed = troupe_random_next (&stage->seeds);
    if (troupe_cell_init (&player->cell, &troupe_stage_host, player, spec, seed, parent)) {
        s_free_names (player);
        return NULL;
    }
    player->behavior = player->cell.behavior;
    player->cell.kept = parent ? &player->kept : NULL;
    s_append (stage, player);
    troupe_stage_lane_open (&player->down, player, true);
    troupe_stage_lane_open (&player->letters, player, false);
    troupe_stage_lane_open (&player->changes, player, false);
    return player;
}

void troupe_stage_player_empty (troupe_stage_player_t *player)
{
    troupe_stage_names_leave (player);
    troupe_stage_names_forget (player);
    player->subscribed = false;
    player->gone = true;
    troupe_cell_clear (&player->cell);
    while (player->lanes)
        troupe_stage_lane_close (player->lanes);
}

void troupe_stage_player_free (troupe_stage_player_t *player)
{
    if (!player->gone)
        troupe_stage_player_empty (player);
    troupe_stage_lane_clear (&player->up);
    troupe_reason_destroy (&player->reason);
    s_free_names (player);
}

//  --- Parent and children

static troupe_error_t s_spawn (troupe_actor_t *cell, troupe_link_t *link)
{
    troupe_stage_player_t *parent = troupe_stage_player (cell);
    troupe_stage_t *stage = parent->stage;
    troupe_error_t error = troupe_stage_fault_spawn (stage, link->spec.id);
    if (error)
        return error;
    troupe_stage_player_t *player = troupe_stage_player_new (stage, &link->spec, parent);
    if (!player)
        return TROUPE_ENOMEM;
    link->host = player;
    player->up.link = link;
    troupe_stage_lane_open (&player->up, parent, true);
    troupe_stage_note (stage, "%s spawns %s", parent->label, player->label);
    troupe_stage_item_t *named = troupe_stage_item_new (TROUPE_STAGE_NAMED);
    named->error = s_claim_name (player);
    player->name_taken = named->error;
    troupe_stage_lane_add (&player->up, named);
    troupe_stage_lane_add (&player->down, troupe_stage_item_new (TROUPE_STAGE_START));
    return TROUPE_OK;
}

static void s_add_word (troupe_stage_lane_t *lane, const void *data, size_t size)
{
    troupe_stage_item_t *item = troupe_stage_item_new (TROUPE_STAGE_WORD);
    item->block = troupe_stage_block (lane->to->stage, data, size);
    troupe_stage_lane_add (lane, item);
}

//  A child that was given up ends when it can: nobody waits for it.
static void s_add_brutal_stop (troupe_stage_player_t *player)
{
    uint8_t word [TROUPE_CONTROL_MAX];
    troupe_control_t control = { .kind = TROUPE_CONTROL_STOP, .flag = TROUPE_CONTROL_BRUTAL };
    s_add_word (&player->down, word, troupe_control_write (word, &control, NULL));
}

//  A child that was given up speaks to nobody.
static void s_tell_parent (troupe_actor_t *cell, const void *data, size_t size)
{
    troupe_stage_player_t *player = troupe_stage_player (cell);
    if (player->muted)
        return;
    troupe_stage_note_word (player, data, size);
    if (player->up.attached)
        s_add_word (&player->up, data, size);
}

static void s_tell_child (troupe_actor_t *cell, troupe_link_t *link, const void *data, size_t size)
{
    (void) cell;
    troupe_stage_player_t *player = link->host;
    if (player && !player->gone)
        s_add_word (&player->down, data, size);
}

//  --- Hanging

static void s_watch_no_more (troupe_stage_player_t *player)
{
    if (player->wedged_timer && player->parent)
        troupe_timers_cancel (&player->parent->cell.system_timers, player->wedged_timer);
    player->wedged_timer = 0;
}

static int s_on_wedged (troupe_actor_t *cell, void *state, void *context)
{
    troupe_stage_player_t *player = context;
    troupe_link_t *link = player->up.link;
    char text [192];
    (void) state;
    player->wedged_timer = 0;
    snprintf (text, sizeof text, "%s has been hanging for %" PRId64 " ms", link->spec.id,
              (player->stage->now_us - player->hung_us) / 1000);
    if (link->spec.wedged == TROUPE_WEDGED_EXIT)
        troupe_stage_note (player->stage, "%s is wedged: the program would end", player->label);
    troupe_cell_child_wedged (cell, link, text);
    return 0;
}

void troupe_stage_player_hang (troupe_stage_player_t *player, bool hung)
{
    troupe_link_t *link = player->up.link;
    int64_t now_us = player->stage->now_us;
    s_watch_no_more (player);
    if (player->hung && !hung && link)
        troupe_cell_child_goes_on (&player->parent->cell, link, (now_us - player->hung_us) / 1000);
    player->hung = hung;
    player->hung_us = now_us;
    if (hung && link && troupe_link_wedged_ms (link) < (TROUPE_FOREVER - now_us) / 1000)
        player->wedged_timer = troupe_timers_add (&player->parent->cell.system_timers,
                                                  now_us + troupe_link_wedged_ms (link) * 1000, 0, s_on_wedged, player);
}

static void s_forget (troupe_actor_t *cell, troupe_link_t *link, bool abandoned)
{
    (void) cell;
    troupe_stage_player_t *player = link->host;
    link->host = NULL;
    if (!player)
        return;
    s_watch_no_more (player);
    troupe_stage_lane_close (&player->up);
    player->up.link = NULL;
    if (!abandoned) {
        troupe_stage_player_empty (player);
        troupe_stage_remote_gone (player, link->reason);
        return;
    }
    player->abandoned = true;
    troupe_stage_names_leave (player);
    troupe_stage_note (player->stage, "%s given up", player->label);
    s_add_brutal_stop (player);
    troupe_stage_ways_lost (player, link->reason);
}

static void s_describe (troupe_actor_t *cell, troupe_link_t *link, char *text, size_t size)
{
    (void) cell;
    const troupe_stage_player_t *player = link->host;
    if (player && player->hung)
        snprintf (text, size, "hanging since %" PRId64 " ms", (player->stage->now_us - player->hung_us) / 1000);
    else if (size)
        *text = 0;
}

//  --- The rest of the world

static int64_t s_now_us (troupe_actor_t *cell)
{
    return troupe_stage_player (cell)->stage->now_us;
}

static int64_t s_wall_ms (troupe_actor_t *cell)
{
    return TROUPE_STAGE_EPOCH_MS + s_now_us (cell) / 1000;
}

static const char *s_config (troupe_actor_t *cell, const char *path)
{
    for (const troupe_stage_setting_t *setting = troupe_stage_player (cell)->stage->settings; setting;
         setting = setting->next)
        if (strcmp (setting->path, path) == 0)
            return setting->value;
    return NULL;
}

static void s_dead_letter (troupe_actor_t *cell, const troupe_dead_letter_t *letter)
{
    troupe_stage_player_t *witness = troupe_stage_player (cell);
    troupe_stage_t *stage = witness->stage;
    if (witness->muted)
        return;
    stage->dead_letters [letter->reason] += letter->count;
    troupe_stage_note (stage, "dead letter %s: %" PRIu64 " from %s to %s", troupe_dead_reason_name (letter->reason),
                       letter->count, *letter->from ? letter->from : "nobody", *letter->to ? letter->to : "nobody");
    for (troupe_stage_player_t *player = stage->players; player; player = player->next) {
        if (!player->subscribed || cell->reads_letter)
            continue;
        troupe_stage_item_t *item = troupe_stage_item_new (TROUPE_STAGE_LETTER);
        item->letter = troupe_stage_memory (sizeof *letter);
        *item->letter = *letter;
        troupe_stage_lane_add (&player->letters, item);
    }
}

static troupe_error_t s_dead_letters (troupe_actor_t *cell)
{
    troupe_stage_player (cell)->subscribed = true;
    return TROUPE_OK;
}

const troupe_host_t troupe_stage_host = {
    .now_us = s_now_us,
    .wall_ms = s_wall_ms,
    .config = s_config,
    .log = troupe_stage_log_line,
    .ref_open = troupe_stage_ref_open,
    .ref_close = troupe_stage_ref_close,
    .ref_send = troupe_stage_ref_send,
    .ref_wait = troupe_stage_ref_wait,
    .listen_mailbox = troupe_stage_listen_mailbox,
    .peer_send = troupe_stage_peer_answer,
    .collect = troupe_stage_collect,
    .tell_parent = s_tell_parent,
    .tell_child = s_tell_child,
    .spawn = s_spawn,
    .forget = s_forget,
    .describe = s_describe,
    .listen = troupe_stage_stream_listen,
    .listener_accepts = troupe_stage_stream_accepts,
    .listener_close = troupe_stage_stream_unlisten,
    .connect = troupe_stage_stream_connect,
    .stream_send = troupe_stage_stream_send,
    .stream_peer = troupe_stage_stream_peer,
    .stream_reads = troupe_stage_stream_reads,
    .stream_end = troupe_stage_stream_end,
    .stream_close = troupe_stage_stream_close,
    .watch = troupe_stage_watch,
    .unwatch = troupe_stage_unwatch,
    .name_register = troupe_stage_name_register,
    .name_unregister = troupe_stage_name_unregister,
    .name_find = troupe_stage_name_find,
    .name_list = troupe_stage_name_list,
    .name_watch = troupe_stage_name_watch,
    .name_unwatch = troupe_stage_name_unwatch,
    .dead_letter = s_dead_letter,
    .dead_letters = s_dead_letters,
    .zmq_open = troupe_stage_zmq_open,
    .zmq_close = troupe_stage_zmq_close,
    .zmq_bind = troupe_stage_zmq_bind,
    .zmq_connect = troupe_stage_zmq_connect,
    .zmq_leave = troupe_stage_zmq_leave,
    .zmq_subscribe = troupe_stage_zmq_subscribe,
    .zmq_user = troupe_stage_zmq_who,
    .zmq_send = troupe_stage_zmq_send,
    .zmq_resume = troupe_stage_zmq_resume,
};
