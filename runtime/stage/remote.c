/*  =========================================================================
    stage/remote.c - actors in other processes, and on other machines

    Place: runtime/stage. A way that begins or ends at such a player has a
    connection, which is lost when the player is cut off or crashes and made anew
    afterwards, with a new number: who sent on an old one is a stranger. Both
    ends are told by items in the way's lanes.

    A crash takes the inside of a player's cell away and leaves one that waits
    for its parent's word, as the host of a child process does.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "stage/world.h"

#include "core/packet/control.h"

#include <troupe/address.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define S_FIRST_MAILBOX_PORT 52000u

static void s_reason (troupe_reason_t *reason, const troupe_stage_player_t *player, const char *text)
{
    troupe_reason_set (reason, TROUPE_REASON_UNREACHABLE, 0, player->label, 0, text, NULL);
}

//  --- Connections

static bool s_may_connect (const troupe_stage_way_t *way)
{
    return !way->from->cut_off && !way->to->cut_off && !way->to->crashed && !way->to->gone;
}

static void s_connect (troupe_stage_way_t *way)
{
    if (!way->ref || !way->remote || way->connected || !s_may_connect (way))
        return;
    way->connected = true;
    way->connection++;
    troupe_stage_way_tell (way, TROUPE_STAGE_CONNECTED, NULL);
}

//  Takes the messages out of a lane that have not arrived.
static void s_lose_records (troupe_stage_lane_t *lane)
{
    troupe_stage_lane_t others = *lane;
    lane->first = lane->last = NULL;
    lane->count = 0;
    for (troupe_stage_item_t *item; (item = troupe_stage_lane_take (&others)); )
        if (item->kind == TROUPE_STAGE_RECORD)
            troupe_stage_item_free (item);
        else
            troupe_stage_lane_add (lane, item);
}

static void s_tell_peer_lost (troupe_stage_way_t *way)
{
    troupe_stage_item_t *item = troupe_stage_item_new (TROUPE_STAGE_PEER_LOST);
    item->size = way->connection;
    troupe_stage_lane_add (&way->forward, item);
}

//  What had not arrived is lost with the connection; answers only when the network is to blame.
static void s_break (troupe_stage_way_t *way, const troupe_reason_t *reason, bool answers_too)
{
    if (!way->ref || !way->connected)
        return;
    way->connected = false;
    s_lose_records (&way->forward);
    if (answers_too)
        s_lose_records (&way->backward);
    s_tell_peer_lost (way);
    troupe_stage_way_tell (way, TROUPE_STAGE_BROKEN, reason);
}

void troupe_stage_remote_open (troupe_stage_way_t *way)
{
    troupe_reason_t reason;
    s_connect (way);
    if (way->connected)
        return;
    s_reason (&reason, way->to, "no connection can be made");
    troupe_stage_way_tell (way, TROUPE_STAGE_BROKEN, &reason);
}

void troupe_stage_remote_close (troupe_stage_way_t *way)
{
    if (way->connected || way->from->muted)
        s_tell_peer_lost (way);
    way->connected = false;
}

void troupe_stage_remote_deliver (troupe_stage_lane_t *lane, const troupe_stage_item_t *item)
{
    troupe_stage_way_t *way = lane->way;
    troupe_stage_player_t *to = lane->to;
    char who [TROUPE_STAGE_WHO_MAX], why [256];
    troupe_stage_who (to, who, sizeof who);
    if (item->kind == TROUPE_STAGE_PEER_LOST) {
        troupe_cell_peer_lost (&to->cell, way->number | (uint64_t) item->size << 32);
        return;
    }
    if (!way->ref)
        return;
    if (item->kind == TROUPE_STAGE_BROKEN) {
        troupe_stage_note (to->stage, "%s has lost %s: %s", who, way->to->label,
                           troupe_reason_print (item->reason, why, sizeof why));
        troupe_cell_ref_broken (&to->cell, way->ref, item->reason);
        return;
    }
    if (!way->connected || item->size != way->connection)
        return;
    way->known = way->connection;
    troupe_stage_note (to->stage, "%s reaches %s", who, way->to->label);
    troupe_cell_ref_connected (&to->cell, way->ref);
}

//  --- All ways of a player

static bool s_leads (const troupe_stage_way_t *way, const troupe_stage_player_t *player)
{
    return way->ref && (way->to == player || way->from == player);
}

static void s_connect_all (troupe_stage_player_t *player)
{
    for (size_t index = 0; index < player->stage->way_count; index++)
        if (s_leads (player->stage->ways [index], player))
            s_connect (player->stage->ways [index]);
}

static void s_break_all (troupe_stage_player_t *player, const troupe_reason_t *reason, bool answers_too)
{
    for (size_t index = 0; index < player->stage->way_count; index++)
        if (s_leads (player->stage->ways [index], player))
            s_break (player->stage->ways [index], reason, answers_too);
}

//  Refs that were used before know nothing of another process: they lose the actor, and find it anew.
static void s_make_remote (troupe_stage_player_t *player, const troupe_reason_t *reason)
{
    troupe_stage_t *stage = player->stage;
    for (size_t index = 0; index < stage->way_count && !player->remote; index++) {
        troupe_stage_way_t *way = stage->ways [index];
        if (!s_leads (way, player) || way->remote)
            continue;
        s_lose_records (&way->forward);
        s_tell_peer_lost (way);
        troupe_stage_way_tell (way, TROUPE_STAGE_LOST, reason);
    }
    player->remote = true;
}

void troupe_stage_remote_started (troupe_stage_player_t *player)
{
    player->crashed = false;
    if (player->remote)
        s_connect_all (player);
}

//  Who had no connection when it ended has not heard of that.
void troupe_stage_remote_gone (troupe_stage_player_t *player, const troupe_reason_t *reason)
{
    troupe_stage_t *stage = player->stage;
    for (size_t index = 0; index < stage->way_count; index++) {
        troupe_stage_way_t *way = stage->ways [index];
        if (way->to == player && way->ref && way->remote && !way->connected && !way->from->cut_off && !player->cut_off)
            troupe_stage_way_tell (way, TROUPE_STAGE_LOST, reason);
    }
}

//  --- Cutting off

static void s_heal (troupe_stage_player_t *player)
{
    troupe_reason_t reason;
    s_reason (&reason, player, "it has ended meanwhile");
    player->cut_off = false;
    if (player->gone)
        troupe_stage_remote_gone (player, player->reason ? player->reason : &reason);
    else
        s_connect_all (player);
}

void troupe_stage_cut_off (troupe_stage_t *stage, const char *name, bool cut_off)
{
    troupe_stage_player_t *player = troupe_stage_find (stage, name);
    if (!player)
        troupe_stage_die (stage, "there is nobody called %s to cut off", name ? name : "(null)");
    troupe_reason_t reason;
    s_reason (&reason, player, "the connection is lost");
    troupe_cell_flush (&stage->guest->cell);
    s_make_remote (player, &reason);
    troupe_stage_note (stage, "fault: %s %s", player->label, cut_off ? "is cut off" : "can be reached");
    if (cut_off) {
        player->cut_off = true;
        s_break_all (player, &reason, true);
    }
    else
        s_heal (player);
}

void troupe_stage_remote_heal (troupe_stage_t *stage)
{
    for (troupe_stage_player_t *player = stage->players; player; player = player->next)
        if (player->cut_off)
            s_heal (player);
}

//  --- Crashes

//  "SIGSEGV", in 'text', which is also the result.
static char *s_signal_name (int number, char *text, size_t size)
{
    const char *name = sigabbrev_np (number);
    if (name)
        snprintf (text, size, "SIG%s", name);
    else
        snprintf (text, size, "signal %d", number);
    return text;
}

//  The children of a process that has ended have ended with it, and nobody is told.
static void s_perish (troupe_stage_player_t *player, const troupe_reason_t *reason)
{
    for (troupe_stage_player_t *child = player->stage->players; child; child = child->next)
        if (child->parent == player && !child->gone)
            s_perish (child, reason);
    troupe_stage_note (player->stage, "%s gone", player->label);
    player->muted = true;
    troupe_stage_ways_lost (player, reason);
    troupe_cell_crash (&player->cell);
    troupe_stage_lane_close (&player->up);
    player->up.link = NULL;
    troupe_stage_player_empty (player);
}

//  What is left is as after ENDED; its parent, which is still there, decides.
static void s_make_anew (troupe_stage_player_t *player, const troupe_reason_t *reason, uint32_t incarnation)
{
    troupe_actor_t *cell = &player->cell;
    size_t *kept = cell->kept;
    troupe_log_level_t level = cell->log_level;
    uint64_t seed = troupe_random_next (&player->stage->seeds);
    *cell = (troupe_actor_t) { 0 };
    if (troupe_cell_init (cell, &troupe_stage_host, player, &player->up.link->spec, seed, true))
        troupe_stage_die (player->stage, "out of memory for the next incarnation of %s", player->label);
    cell->kept = kept;
    cell->log_level = level;
    cell->cell_state = TROUPE_CELL_ENDED;
    cell->incarnation = incarnation;
    cell->reason = *reason;
    troupe_cell_refresh (cell);
}

//  A first start that has not happened does not happen.
static void s_forget_start (troupe_stage_player_t *player)
{
    troupe_stage_lane_t others = player->down;
    player->down.first = player->down.last = NULL;
    player->down.count = 0;
    for (troupe_stage_item_t *item; (item = troupe_stage_lane_take (&others)); )
        if (item->kind == TROUPE_STAGE_START)
            troupe_stage_item_free (item);
        else
            troupe_stage_lane_add (&player->down, item);
}

static void s_add_word (troupe_stage_player_t *player, troupe_control_kind_t kind, const troupe_reason_t *reason)
{
    uint8_t word [TROUPE_CONTROL_MAX];
    troupe_control_t control = { .kind = kind, .incarnation = player->cell.incarnation };
    size_t size = troupe_control_write (word, &control, reason);
    if (kind == TROUPE_CONTROL_ENDED)
        troupe_stage_host.tell_parent (&player->cell, word, size);
    else
        troupe_cell_parent_says (&player->cell, word, size);
}

void troupe_stage_remote_crash (troupe_stage_player_t *player, int signal_number)
{
    troupe_actor_t *cell = &player->cell;
    bool told = cell->cell_state == TROUPE_CELL_ENDED, released = cell->release_asked;
    uint32_t incarnation = cell->incarnation ? cell->incarnation : 1;
    troupe_reason_t reason;
    char signal_name [32];
    troupe_reason_set (&reason, TROUPE_REASON_CRASHED, signal_number, player->label, incarnation,
                       s_signal_name (signal_number, signal_name, sizeof signal_name), NULL);
    player->crash_signal = 0;
    player->muted = player->crashed = true;
    player->more = false;
    troupe_stage_player_hang (player, false);
    for (troupe_stage_player_t *child = player->stage->players; child; child = child->next)
        if (child->parent == player && !child->gone)
            s_perish (child, &reason);
    s_make_remote (player, &reason);
    s_break_all (player, &reason, false);
    troupe_cell_crash (cell);
    s_forget_start (player);
    player->subscribed = false;
    s_make_anew (player, &reason, incarnation);
    player->muted = false;
    if (!told)
        s_add_word (player, TROUPE_CONTROL_ENDED, &reason);
    if (released)
        s_add_word (player, TROUPE_CONTROL_STOP, NULL);
}

void troupe_stage_crash (troupe_stage_t *stage, const char *name, int signal_number)
{
    troupe_stage_player_t *player = troupe_stage_find (stage, name);
    bool there = player && !player->gone && player->up.link && player->cell.cell_state != TROUPE_CELL_FINAL;
    if (!there)
        troupe_stage_die (stage, "there is nobody called %s to crash", name ? name : "(null)");
    char who [TROUPE_STAGE_WHO_MAX], signal_name [32];
    troupe_cell_flush (&stage->guest->cell);
    troupe_stage_note (stage, "fault: %s crashes with %s", troupe_stage_who (player, who, sizeof who),
                       s_signal_name (signal_number, signal_name, sizeof signal_name));
    if (!player->busy) {
        troupe_stage_remote_crash (player, signal_number);
        return;
    }
    player->muted = true;
    player->crash_signal = signal_number;
}

//  --- Listening

bool troupe_stage_listens_at (const troupe_stage_player_t *player, const char *endpoint)
{
    const char *listens = player->listens;
    troupe_address_t bound, wanted;
    if (!listens || strcmp (listens, endpoint) == 0)
        return listens;
    return troupe_address_of_endpoint (listens, &bound) && bound.wildcard
           && troupe_address_of_endpoint (endpoint, &wanted) && wanted.port == bound.port;
}

//  Null when it is malformed.
static char *s_resolve (troupe_stage_t *stage, const char *endpoint)
{
    troupe_address_t address;
    char text [TROUPE_HOST_MAX + 32];
    bool path = strncmp (endpoint, "ipc://", 6) == 0 && endpoint [6];
    if (!troupe_address_of_endpoint (endpoint, &address))
        return path ? troupe_stage_string (endpoint) : NULL;
    if (address.port > 0)
        return troupe_stage_string (endpoint);
    snprintf (text, sizeof text, address.ipv6 ? "tcp://[%.*s]:%u" : "tcp://%.*s:%u", (int) address.host.size,
              address.host.data, S_FIRST_MAILBOX_PORT + stage->mailbox_ports++);
    return troupe_stage_string (text);
}

troupe_error_t troupe_stage_listen_mailbox (troupe_actor_t *cell, char *why, size_t why_size)
{
    troupe_stage_player_t *player = troupe_stage_player (cell);
    if (!player->listen || cell->endpoint)
        return TROUPE_OK;
    char *listens = player->listens ? NULL : s_resolve (player->stage, player->listen);
    if (!player->listens && !listens) {
        snprintf (why, why_size, "%s is no endpoint to listen at", player->listen);
        return TROUPE_EINVAL;
    }
    if (listens) {
        const troupe_stage_player_t *other = troupe_stage_find_named (player->stage, listens);
        player->listens = listens;
        if (other && other != player) {
            snprintf (why, why_size, "%s is in use", listens);
            free (player->listens);
            player->listens = NULL;
            return TROUPE_EADDRINUSE;
        }
    }
    cell->endpoint = strdup (player->listens);
    return cell->endpoint ? TROUPE_OK : TROUPE_ENOMEM;
}
