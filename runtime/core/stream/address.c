/*  =========================================================================
    core/stream/address.c - where byte streams listen and connect, as text

    Place: runtime/core; see address.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/stream/address.h"

#include <stdio.h>
#include <string.h>

static bool s_parse_local (troupe_stream_address_t *address, const char *path)
{
    size_t size = strlen (path);
    if (path [0] != '/' || size < 2 || size > TROUPE_ADDRESS_PATH_MAX)
        return false;
    address->local = true;
    memcpy (address->host, path, size + 1);
    snprintf (address->text, sizeof address->text, "unix://%s", address->host);
    return true;
}

void troupe_stream_address_set (troupe_stream_address_t *address, const troupe_address_t *parts)
{
    bool any = *parts->host.data == '*';
    *address = (troupe_stream_address_t) { .port = parts->port > 0 ? (uint16_t) parts->port : 0 };
    snprintf (address->host, sizeof address->host, "%.*s", (int) parts->host.size, parts->host.data);
    if (any)
        strcpy (address->host, "0.0.0.0");
    snprintf (address->text, sizeof address->text, parts->ipv6 ? "[%s]:%u" : "%s:%u", address->host, address->port);
}

bool troupe_stream_address_parse (troupe_stream_address_t *address, const char *text)
{
    troupe_address_t parts;
    *address = (troupe_stream_address_t) { 0 };
    if (!text)
        return false;
    if (strncmp (text, "unix://", 7) == 0)
        return s_parse_local (address, text + 7);
    if (strncmp (text, "tcp://", 6) == 0)
        text += 6;
    if (!troupe_address_read (troupe_text (text), &parts) || parts.port < 0)
        return false;
    troupe_stream_address_set (address, &parts);
    return true;
}
