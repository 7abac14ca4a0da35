/*  =========================================================================
    core/stream/address.c - where byte streams listen and connect, as text

    Place: runtime/core; see address.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/stream/address.h"

#include <stdio.h>
#include <string.h>

static bool s_parse_local (troupe_address_t *address, const char *path)
{
    size_t size = strlen (path);
    if (path [0] != '/' || size < 2 || size > TROUPE_ADDRESS_PATH_MAX)
        return false;
    address->local = true;
    memcpy (address->host, path, size + 1);
    snprintf (address->text, sizeof address->text, "unix://%s", address->host);
    return true;
}

//  A decimal number from 0 to 65535 and nothing else.
static bool s_parse_port (troupe_address_t *address, const char *text)
{
    uint32_t port = 0;
    if (*text == 0)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return false;
        port = port * 10 + (uint32_t) (*text - '0');
        if (port > UINT16_MAX)
            return false;
    }
    address->port = (uint16_t) port;
    return true;
}

static bool s_host_is_clean (const char *host, bool bracketed)
{
    for (; *host; host++) {
        bool word = (*host >= '0' && *host <= '9') || (*host >= 'a' && *host <= 'z') || (*host >= 'A' && *host <= 'Z');
        if (!word && *host != '.' && *host != '-' && *host != '_' && !(bracketed && (*host == ':' || *host == '%')))
            return false;
    }
    return true;
}

static bool s_parse_host (troupe_address_t *address, const char *host, size_t size, bool bracketed)
{
    if (size == 0 || size > TROUPE_ADDRESS_HOST_MAX)
        return false;
    memcpy (address->host, host, size);
    address->host [size] = 0;
    if (!bracketed && strcmp (address->host, "*") == 0)
        strcpy (address->host, "0.0.0.0");
    return s_host_is_clean (address->host, bracketed);
}

bool troupe_address_parse (troupe_address_t *address, const char *text)
{
    *address = (troupe_address_t) { 0 };
    if (!text)
        return false;
    if (strncmp (text, "unix://", 7) == 0)
        return s_parse_local (address, text + 7);
    if (strncmp (text, "tcp://", 6) == 0)
        text += 6;
    bool bracketed = *text == '[';
    const char *host = text + bracketed;
    const char *host_end = strchr (host, bracketed ? ']' : ':');
    if (!host_end || host_end [bracketed] != ':')
        return false;
    if (!s_parse_host (address, host, (size_t) (host_end - host), bracketed)
        || !s_parse_port (address, host_end + bracketed + 1))
        return false;
    snprintf (address->text, sizeof address->text, bracketed ? "[%s]:%u" : "%s:%u", address->host, address->port);
    return true;
}
