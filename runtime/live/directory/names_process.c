/*  =========================================================================
    live/directory/names_process.c - processes that come and go

    Place: runtime/live, inside the directory (names_parts.h). A process ends
    with the one that started it; only that end is told here.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/directory/names_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

//  One that cannot be remembered for want of memory is only missed if its parent's process dies before it.
void troupe_names_on_process_born (troupe_names_t *self, const troupe_names_letter_t *letter)
{
    troupe_names_process_t *process = calloc (1, sizeof *process);
    if (!process)
        return;
    process->parent = troupe_hash_text (letter->word.process);
    snprintf (process->name, sizeof process->name, "%.*s", TROUPE_PROCESS_MAX, letter->word.name);
    process->next = self->processes;
    self->processes = process;
}

static void s_gone (troupe_names_t *self, const char *name)
{
    uint64_t hash = troupe_hash_text (name);
    troupe_names_watches_without (self, hash);
    troupe_names_letters_without (self, hash);
    troupe_names_table_without (self, name);
}

//  Takes one out that is called so, or was started by 'parent'; null when there is none.
static troupe_names_process_t *s_take (troupe_names_t *self, const char *name, uint64_t parent)
{
    troupe_names_process_t **link = &self->processes;
    while (*link && !(name ? strcmp ((*link)->name, name) == 0 : (*link)->parent == parent))
        link = &(*link)->next;
    troupe_names_process_t *process = *link;
    if (process)
        *link = process->next;
    return process;
}

//  Those who are gone and whose own processes are still to be looked for: a list.
void troupe_names_on_process_gone (troupe_names_t *self, const troupe_names_letter_t *letter)
{
    free (s_take (self, letter->word.name, 0));
    troupe_names_process_t *gone = NULL;
    char name [TROUPE_NAME_MAX + 1];
    //  NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): an array is never null
    strcpy (name, letter->word.name);
    for (;;) {
        s_gone (self, name);
        uint64_t parent = troupe_hash_text (name);
        for (troupe_names_process_t *child; (child = s_take (self, NULL, parent)); gone = child)
            child->next = gone;
        if (!gone)
            return;
        troupe_names_process_t *next = gone;
        gone = next->next;
        strcpy (name, next->name);
        free (next);
    }
}

void troupe_names_processes_clear (troupe_names_t *self)
{
    while (self->processes) {
        troupe_names_process_t *process = self->processes;
        self->processes = process->next;
        free (process);
    }
}
