/*  =========================================================================
    place.c - where an upstream is: its URL and its servers, taken apart

    Place: actors/upstream. See place.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "place.h"

#include "http1/scan.h"

#include <troupe/address.h>

#include <stdio.h>
#include <string.h>

#define SCHEME "http://"
#define PORT_DEFAULT "80"

//  No URL has a zone (RFC 3986, 3.2.2).
static troupe_error_t s_address (troupe_text_t authority, troupe_upstream_address_t *address)
{
    troupe_address_t parts;
    if (!troupe_address_read (authority, &parts) || parts.zoned || *parts.host.data == '*')
        return TROUPE_EINVAL;
    const bool has_port = parts.port != TROUPE_PORT_NONE;
    if (has_port && parts.port <= 0)
        return TROUPE_EINVAL;
    const int size = snprintf (address->text, sizeof address->text, "%.*s%s", (int) authority.size, authority.data,
                               has_port ? "" : ":" PORT_DEFAULT);
    return size > 0 && (size_t) size < sizeof address->text ? TROUPE_OK : TROUPE_EINVAL;
}

troupe_error_t troupe_upstream_url (const char *url, troupe_upstream_address_t *address, troupe_text_t *authority,
                                    troupe_text_t *path)
{
    const size_t scheme_size = strlen (SCHEME);
    if (strncmp (url, SCHEME, scheme_size) != 0)
        return TROUPE_EINVAL;
    const char *host = url + scheme_size;
    const char *slash = host + strcspn (host, "/");
    const char *end = slash + strlen (slash);
    const uint8_t *stop = troupe_http_skip ((const uint8_t *) slash, (const uint8_t *) end, TROUPE_HTTP_PATH);
    if (stop != (const uint8_t *) end)
        return TROUPE_EINVAL;
    while (end > slash && end [-1] == '/')
        end--;
    *authority = (troupe_text_t) { host, (size_t) (slash - host) };
    *path = (troupe_text_t) { slash, (size_t) (end - slash) };
    return s_address (*authority, address);
}

troupe_error_t troupe_upstream_next (const char **list_p, troupe_upstream_address_t *address)
{
    static const char between [] = " ,\t";
    const char *at = *list_p + strspn (*list_p, between);
    const size_t size = strcspn (at, between);
    *list_p = at + size;
    return size ? s_address ((troupe_text_t) { at, size }, address) : TROUPE_ENOENT;
}
