/*  =========================================================================
    live/children/process_birth.c - tells a child process what to run

    Place: runtime/live, under process.c; the form is core/packet/birth.h's.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/packet/birth.h"
#include "live/children/process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

troupe_error_t troupe_process_find_folder (troupe_live_t *parent, troupe_process_place_t *place)
{
    troupe_names_word_t answer;
    troupe_error_t error = troupe_directory_private (parent, &answer);
    if (!error && strlen (answer.name) > TROUPE_PRIVATE_MAX)
        error = TROUPE_ETOOBIG;
    if (error)
        return error;
    strcpy (place->folder, answer.name);
    strcpy (place->directory, answer.endpoint);
    return TROUPE_OK;
}

static const char *s_or_empty (const char *text)
{
    return text ? text : "";
}

//  A supervisor's args are an address: the process finds its own by the id.
static void s_fill (const troupe_offspring_t *offspring, const troupe_process_place_t *place, troupe_birth_t *birth)
{
    const troupe_link_t *link = offspring->link;
    const troupe_child_t *spec = &link->spec;
    const troupe_shared_t *shared = offspring->parent->shared;
    *birth = (troupe_birth_t) {
        .incarnation = link->incarnation, .supervisor = spec->supervisor != NULL, .polls = shared->polls,
        .log_level = shared->logger.level, .mailbox = spec->mailbox, .wedged_ms = troupe_link_wedged_ms (link),
        .stack_bytes = spec->stack_bytes, .id = spec->id,
        .behavior = spec->supervisor ? spec->id : s_or_empty (spec->behavior->name),
        .endpoint = offspring->endpoint, .directory = place->directory, .prefix = place->prefix,
        .args = spec->args, .args_size = spec->supervisor ? 0 : spec->args_size,
    };
}

static void s_free_settings (const char **settings, size_t count)
{
    while (count)
        free ((void *) (uintptr_t) settings [--count]);
    free (settings);
}

static const char **s_settings (const troupe_config_t *config, size_t *count_p)
{
    size_t count = troupe_config_size (config), made = 0;
    const char **settings = calloc (count + 1, sizeof *settings);
    for (; settings && made < count; made++) {
        const char *path = troupe_config_path (config, made);
        char *setting = NULL;
        if (asprintf (&setting, "%s=%s", path, troupe_config_get (config, path, "")) < 0) {
            s_free_settings (settings, made);
            return NULL;
        }
        settings [made] = setting;
    }
    *count_p = made;
    return settings;
}

bool troupe_process_give_birth (troupe_offspring_t *offspring, const troupe_process_place_t *place)
{
    troupe_birth_t birth;
    size_t size = 0;
    s_fill (offspring, place, &birth);
    birth.settings = s_settings (offspring->parent->shared->config, &birth.setting_count);
    if (!birth.settings)
        return false;
    uint8_t *word = troupe_birth_write (&birth, &size);
    bool sent = word && troupe_socket_send (offspring->control, word, size);
    free (word);
    s_free_settings (birth.settings, birth.setting_count);
    return sent;
}
