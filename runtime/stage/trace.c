/*  =========================================================================
    stage/trace.c - what happened, in words

    Place: runtime/stage. One line an event, "12 users#1 <- guest: GET call
    16", with nothing in it that differs between two runs of one seed.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "stage/world.h"

#include "core/packet/control.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

const char *troupe_stage_trace (troupe_stage_t *stage)
{
    return stage->trace.data ? stage->trace.data : "";
}

void troupe_stage_trace_clear (troupe_stage_t *stage)
{
    troupe_stage_text_clear (&stage->trace);
}

const char *troupe_stage_log (troupe_stage_t *stage)
{
    return stage->log.data ? stage->log.data : "";
}

void troupe_stage_die (troupe_stage_t *stage, const char *format, ...)
{
    troupe_stage_text_t line = { 0 };
    va_list arguments;
    va_start (arguments, format);
    troupe_stage_text_addv (&line, format, arguments);
    va_end (arguments);
    fprintf (stderr, "troupe stage: %s; replay with TROUPE_STAGE_SEED=%" PRIu64 "\n%s", line.data ? line.data : "",
             stage->seed, troupe_stage_trace (stage));
    fflush (stderr);
    abort ();
}

void troupe_stage_note (troupe_stage_t *stage, const char *format, ...)
{
    troupe_stage_text_add (&stage->trace, "%" PRId64 " ", stage->now_us / 1000);
    va_list arguments;
    va_start (arguments, format);
    troupe_stage_text_addv (&stage->trace, format, arguments);
    va_end (arguments);
    troupe_stage_text_bytes (&stage->trace, "\n", 1);
}

char *troupe_stage_who (const troupe_stage_player_t *player, char *text, size_t size)
{
    snprintf (text, size, "%s#%" PRIu32, player->label, player->cell.incarnation);
    return text;
}

bool troupe_stage_is_message (const troupe_stage_item_t *item)
{
    return item->kind == TROUPE_STAGE_RECORD
           && (item->record_kind == TROUPE_RECORD_CAST || item->record_kind == TROUPE_RECORD_CALL
               || item->record_kind == TROUPE_RECORD_REPLY);
}

//  The names of tags are those of the actor that has the mailbox.
char *troupe_stage_what (const troupe_stage_lane_t *lane, const troupe_stage_item_t *item, char *text, size_t size)
{
    char tag [64];
    if (item->record_kind == TROUPE_RECORD_REPLY) {
        unsigned outcome = item->flags & TROUPE_RECORD_OUTCOME;
        snprintf (text, size, "reply %s %zu", troupe_outcome_name ((troupe_outcome_t) outcome), item->size);
        return text;
    }
    const char *kind = item->record_kind == TROUPE_RECORD_CALL ? "call" : "cast";
    snprintf (text, size, "%s %s %zu", troupe_cell_tag_name (lane->to->behavior, item->tag, tag, sizeof tag), kind,
              item->size);
    return text;
}

void troupe_stage_note_item (const troupe_stage_lane_t *lane, const troupe_stage_item_t *item)
{
    if (!troupe_stage_is_message (item))
        return;
    char who [TROUPE_STAGE_WHO_MAX], what [128];
    const troupe_stage_player_t *sender = lane->backward ? lane->way->to : lane->way->from;
    troupe_stage_note (lane->to->stage, "%s <- %s: %s", troupe_stage_who (lane->to, who, sizeof who), sender->label,
                       troupe_stage_what (lane, item, what, sizeof what));
}

static void s_keep_reason (troupe_stage_player_t *player, const troupe_control_t *control)
{
    if (!control->reason)
        return;
    troupe_reason_destroy (&player->reason);
    player->reason = troupe_reason_decode (control->reason, control->reason_size);
}

void troupe_stage_note_word (troupe_stage_player_t *player, const void *data, size_t size)
{
    troupe_control_t control;
    if (!troupe_control_read (data, size, &control))
        return;
    char text [512];
    s_keep_reason (player, &control);
    if (control.kind == TROUPE_CONTROL_STARTED) {
        player->started = control.incarnation;
        troupe_stage_remote_started (player);
    }
    if (control.kind == TROUPE_CONTROL_ENDED)
        player->ended = control.incarnation;
    if (control.kind == TROUPE_CONTROL_STARTED)
        troupe_stage_note (player->stage, "%s#%" PRIu32 " started", player->label, control.incarnation);
    else if (control.kind == TROUPE_CONTROL_ENDED && player->reason)
        troupe_stage_note (player->stage, "%s#%" PRIu32 " ended: %s", player->label, control.incarnation,
                           troupe_reason_print (player->reason, text, sizeof text));
    else if (control.kind == TROUPE_CONTROL_GONE)
        troupe_stage_note (player->stage, "%s gone", player->label);
}

void troupe_stage_log_line (troupe_actor_t *cell, troupe_log_level_t level, const char *text)
{
    static const char *const names [] = { "DEBUG", "INFO", "WARNING", "ERROR" };
    troupe_stage_player_t *player = troupe_stage_player (cell);
    char who [TROUPE_STAGE_WHO_MAX], tag [64];
    troupe_stage_text_t *log = &player->stage->log;
    troupe_stage_text_add (log, "%s %s: %s", names [level], troupe_stage_who (player, who, sizeof who), text);
    if (cell->current) {
        const char *sender = troupe_message_sender (cell->current);
        troupe_stage_text_add (log, " (handling %s from %s)",
                               troupe_cell_tag_name (player->behavior, cell->current->tag, tag, sizeof tag),
                               *sender ? sender : "somebody");
    }
    troupe_stage_text_bytes (log, "\n", 1);
}
