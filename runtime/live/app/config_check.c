/*  =========================================================================
    config_check - finds configuration of children that do not exist

    Place: runtime/live, a part of config. What a misspelt name says would
    otherwise be ignored without a word.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/app/config.h"

#include <stdio.h>
#include <string.h>

#include <troupe/supervisor.h>

static bool s_is_number (const char *text, size_t size)
{
    for (size_t at = 0; at < size; at++)
        if (text [at] < '0' || text [at] > '9')
            return false;
    return size > 0 && *text != '0';
}

//  Whether the name is the id, or the id with the number of an instance: "worker-3".
static bool s_is_child (const char *name, size_t size, const char *id)
{
    size_t length = strlen (id);
    if (size < length || memcmp (name, id, length))
        return false;
    return size == length
        || (size > length + 1 && name [length] == '-' && s_is_number (name + length + 1, size - length - 1));
}

static bool s_is_known (const char *name, size_t size, const troupe_child_t *children)
{
    for (; children && children->id; children++)
        if (s_is_child (name, size, children->id)
        || (children->supervisor && s_is_known (name, size, children->supervisor->children)))
            return true;
    return false;
}

troupe_error_t troupe_config_check_children (const troupe_config_t *config, const troupe_child_t *children,
                                             char *why, size_t why_size)
{
    static const char prefix [] = "children/";
    for (size_t index = 0; index < troupe_config_size (config); index++) {
        const char *path = troupe_config_path (config, index);
        if (strncmp (path, prefix, sizeof prefix - 1))
            continue;
        const char *name = path + sizeof prefix - 1;
        size_t size = strcspn (name, "/");
        if (!s_is_known (name, size, children)) {
            snprintf (why, why_size, "%s: there is no child named '%.*s'", path, (int) size, name);
            return TROUPE_EINVAL;
        }
    }
    return TROUPE_OK;
}
