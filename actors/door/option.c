/*  =========================================================================
    option.c - the options of a door

    Place: actors/door; see door.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "door.h"

static int64_t s_get (const void *options, const troupe_door_option_t *option)
{
    const void *member = (const char *) options + option->offset;
    return option->size == 4 ? (int64_t) *(const uint32_t *) member : *(const int64_t *) member;
}

static void s_set (void *options, const troupe_door_option_t *option, int64_t value)
{
    void *member = (char *) options + option->offset;
    if (option->size == 4)
        *(uint32_t *) member = (uint32_t) value;
    else
        *(int64_t *) member = value;
}

void troupe_door_options_read (troupe_actor_t *self, const troupe_door_option_t *table, size_t count,
                               const void *given, void *options)
{
    for (size_t index = 0; index < count; index++) {
        const troupe_door_option_t *option = &table [index];
        const int64_t value = s_get (given, option);
        const int64_t fallback = value ? value : option->fallback;
        s_set (options, option, troupe_option_number (self, option->name, fallback, option->least, option->most));
    }
}
