/*  =========================================================================
    behind_door.c - what tests of every door need: settings, a probe, counters

    Place: tests/stage. See behind_door.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "behind_door.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include <troupe/response.h>

static void s_set (troupe_stage_t *stage, const char *child, const char *setting)
{
    char path [128];
    const char *equals = strchr (setting, '=');
    snprintf (path, sizeof path, "children/%s/%.*s", child, (int) (equals - setting), setting);
    troupe_stage_config (stage, path, equals + 1);
}

void behind_door_set (troupe_stage_t *stage, const char *child, const char *settings)
{
    char copy [256];
    snprintf (copy, sizeof copy, "%s", settings ? settings : "");
    for (char *setting = strtok (copy, " "); setting; setting = strtok (NULL, " "))
        s_set (stage, child, setting);
}

void behind_door_await (troupe_stage_t *stage, troupe_probe_t *probe)
{
    troupe_stage_run (stage);
    cr_assert_not_null (troupe_probe_next (probe), "nothing has come to the probe");
}

void behind_door_answer (troupe_stage_t *stage, troupe_probe_t *probe, const char *text)
{
    behind_door_await (stage, probe);
    troupe_response_t *response = troupe_response_new ();
    troupe_response_text (response, 200, text);
    const troupe_bytes_t bytes = troupe_response_encoded (response);
    troupe_probe_reply (probe, bytes.data, bytes.size);
    troupe_response_destroy (&response);
}

long behind_door_counter (troupe_stage_t *stage, const char *door, uint16_t tag, const char *name)
{
    troupe_message_t *reply = NULL;
    troupe_stage_call_bytes (stage, door, tag, NULL, 0, 1000, &reply);
    char pattern [64];
    snprintf (pattern, sizeof pattern, "%s ", name);
    const char *at = strstr (troupe_message_text (reply), pattern);
    const long value = at ? strtol (at + strlen (pattern), NULL, 10) : -1;
    troupe_message_destroy (&reply);
    return value;
}
