/*  =========================================================================
    live/directory/directory_names.c - an actor's names, processes and exports

    Place: runtime/live, above directory.c: what is asked of the directory, and
    what the directory asks of an actor. An export goes from it to whoever has
    registered the mailbox, from there on the control lane to the actor whose
    mailbox it is, and from that one back to the directory.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/packet/control.h"
#include "live/directory/directory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

//  --- Names

//  A word about this actor's own mailbox.
static troupe_names_word_t s_word (const troupe_live_t *live, troupe_names_kind_t kind, const char *name)
{
    troupe_names_word_t word = { .kind = kind, .limits = live->cell.limits };
    const char *listens = live->cell.endpoint;
    snprintf (word.name, sizeof word.name, "%s", name);
    snprintf (word.endpoint, sizeof word.endpoint, "%s/mail", live->path);
    if (listens && strncmp (listens, "ipc://", 6) == 0)
        snprintf (word.reach, sizeof word.reach, "%s", listens);
    return word;
}

troupe_error_t troupe_directory_name_register (troupe_actor_t *cell, const char *name)
{
    troupe_live_t *live = troupe_live (cell);
    troupe_names_word_t answer, word = s_word (live, TROUPE_NAMES_ALIAS, name);
    return live->mailbox ? troupe_directory_ask (live, &word, &answer) : TROUPE_ESTATE;
}

//  The answer is waited for: who hears of the end of this incarnation may take the name.
troupe_error_t troupe_directory_name_unregister (troupe_actor_t *cell, const char *name)
{
    troupe_live_t *live = troupe_live (cell);
    troupe_names_word_t answer, word = s_word (live, TROUPE_NAMES_UNALIAS, name);
    return troupe_directory_ask (live, &word, &answer);
}

troupe_error_t troupe_directory_name_find (troupe_actor_t *cell, const char *name, char *endpoint, size_t size)
{
    troupe_live_t *live = troupe_live (cell);
    troupe_names_word_t answer, word = { .kind = TROUPE_NAMES_LOOK };
    snprintf (word.name, sizeof word.name, "%s", name);
    troupe_error_t error = troupe_directory_ask (live, &word, &answer);
    if (!error && size)
        snprintf (endpoint, size, "%s", answer.endpoint);
    return error;
}

troupe_error_t troupe_directory_name_list (troupe_actor_t *cell, const char *prefix, troupe_name_fn *on_name,
                                           void *context)
{
    troupe_names_word_t word = { .kind = TROUPE_NAMES_LIST };
    troupe_kept_word_t *list = NULL;
    snprintf (word.name, sizeof word.name, "%s", prefix);
    troupe_error_t error = troupe_directory_ask_list (troupe_live (cell), &word, &list);
    while (list) {
        troupe_kept_word_t *kept = list;
        list = kept->next;
        on_name (cell, cell->state, TROUPE_NAME_ADDED, kept->word.name, kept->word.endpoint, context);
        free (kept);
    }
    return error;
}

troupe_error_t troupe_directory_name_watch (troupe_actor_t *cell, const char *prefix, uint64_t number)
{
    troupe_names_word_t answer, word = { .kind = TROUPE_NAMES_WATCH, .watch = number };
    snprintf (word.name, sizeof word.name, "%s", prefix);
    return troupe_directory_ask (troupe_live (cell), &word, &answer);
}

void troupe_directory_name_unwatch (troupe_actor_t *cell, uint64_t number)
{
    troupe_names_word_t word = { .kind = TROUPE_NAMES_UNWATCH, .watch = number };
    troupe_directory_tell (troupe_live (cell), &word);
}

//  --- Processes

troupe_error_t troupe_directory_private (troupe_live_t *live, troupe_names_word_t *answer)
{
    troupe_names_word_t word = { .kind = TROUPE_NAMES_PRIVATE };
    return troupe_directory_ask (live, &word, answer);
}

static void s_tell_of_process (troupe_live_t *live, troupe_names_kind_t kind, const char *process)
{
    troupe_names_word_t word = { .kind = kind };
    snprintf (word.name, sizeof word.name, "%s", process);
    troupe_directory_tell (live, &word);
}

void troupe_directory_process_born (troupe_live_t *live, const char *process)
{
    s_tell_of_process (live, TROUPE_NAMES_PROCESS_BORN, process);
}

void troupe_directory_process_gone (troupe_live_t *live, const char *process)
{
    s_tell_of_process (live, TROUPE_NAMES_PROCESS_GONE, process);
}

void troupe_directory_down (troupe_live_t *live, const char *endpoint, uint32_t incarnation,
                            const troupe_reason_t *reason)
{
    troupe_names_word_t word = { .kind = TROUPE_NAMES_DOWN, .incarnation = incarnation, .reason = *reason };
    word.reason.cause = NULL;
    snprintf (word.endpoint, sizeof word.endpoint, "%s", endpoint);
    troupe_directory_tell (live, &word);
}

//  --- Exports

static void s_tell_exported (troupe_live_t *live, const char *endpoint, const char *reach, troupe_error_t error)
{
    troupe_names_word_t word = { .kind = TROUPE_NAMES_EXPORTED, .error = error };
    snprintf (word.endpoint, sizeof word.endpoint, "%s", endpoint);
    snprintf (word.reach, sizeof word.reach, "%s", reach);
    troupe_directory_tell (live, &word);
}

static void s_bind (troupe_live_t *live, const char *reach)
{
    troupe_names_word_t self = s_word (live, TROUPE_NAMES_EXPORTED, "");
    char why [256] = "";
    troupe_error_t error = troupe_port_bind (live, reach, NULL, 0, why, sizeof why);
    s_tell_exported (live, self.endpoint, reach, error);
}

void troupe_directory_bind (troupe_live_t *live, const uint8_t *data, size_t size)
{
    char reach [TROUPE_ENDPOINT_MAX + 1];
    size_t length = size > TROUPE_CONTROL_HEAD ? size - TROUPE_CONTROL_HEAD : 0;
    if (!length || length > TROUPE_ENDPOINT_MAX)
        return;
    memcpy (reach, data + TROUPE_CONTROL_HEAD, length);
    reach [length] = 0;
    s_bind (live, reach);
}

static void s_tell_child (troupe_live_t *live, troupe_link_t *link, const char *reach)
{
    uint8_t word [TROUPE_CONTROL_MAX];
    troupe_control_t control = { .kind = TROUPE_CONTROL_BIND };
    size_t head = troupe_control_write (word, &control, NULL), length = strlen (reach);
    memcpy (word + head, reach, length);    //  NOLINT(bugprone-not-null-terminated-result): its size goes with it
    troupe_offspring_tell (&live->cell, link, word, head + length);
}

static troupe_link_t *s_child_at (troupe_live_t *live, const char *endpoint)
{
    troupe_mailbox_options_t limits;
    troupe_link_t *link = live->cell.first_link;
    while (link && !(link->host && strcmp (troupe_offspring_mailbox (link, &limits), endpoint) == 0))
        link = link->next;
    return link;
}

void troupe_directory_export (troupe_live_t *live, const troupe_names_word_t *word)
{
    troupe_names_word_t self = s_word (live, TROUPE_NAMES_EXPORTED, "");
    troupe_link_t *link = s_child_at (live, word->endpoint);
    if (link)
        s_tell_child (live, link, word->reach);
    else if (strcmp (self.endpoint, word->endpoint) == 0)
        s_bind (live, word->reach);
    else
        s_tell_exported (live, word->endpoint, word->reach, TROUPE_ENOENT);
}
