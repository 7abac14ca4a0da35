/*  =========================================================================
    backward.c - a server's answer, written for whoever has asked

    Place: actors/upstream. See backward.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "backward.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEME "http://"
#define PORT_DEFAULT ":80"

static troupe_text_t s_from (troupe_text_t text, size_t size)
{
    const troupe_text_t rest = { text.data + size, text.size - size };
    return rest;
}

static bool s_begins (troupe_text_t text, troupe_text_t with)
{
    return text.size >= with.size && (with.size == 0 || memcmp (text.data, with.data, with.size) == 0);
}

//  --- Location

//  Without the port that is meant when there is none.
static troupe_text_t s_short (troupe_text_t authority)
{
    const size_t port = sizeof PORT_DEFAULT - 1;
    if (authority.size > port && memcmp (authority.data + authority.size - port, PORT_DEFAULT, port) == 0)
        authority.size -= port;
    return authority;
}

//  Whether the server calls itself so.
static bool s_is_server (const troupe_upstream_way_t *way, const char *server, troupe_text_t authority)
{
    const troupe_text_t found = s_short (authority);
    return troupe_text_same (found, s_short (way->host)) || troupe_text_same (found, s_short (way->authority))
        || troupe_text_same (found, s_short (troupe_text (server)));
}

//  The path and what follows it, of a location at the server; without data when it is elsewhere. Empty: the root.
static troupe_text_t s_path (const troupe_upstream_way_t *way, const char *server, troupe_text_t location)
{
    const troupe_text_t scheme = { location.data, sizeof SCHEME - 1 };
    const troupe_text_t elsewhere = { NULL, 0 };
    if (location.size > 0 && location.data [0] == '/')
        return location.size > 1 && location.data [1] == '/' ? elsewhere : location;
    if (location.size < scheme.size || !troupe_text_same (scheme, troupe_text (SCHEME)))
        return elsewhere;
    const troupe_text_t rest = s_from (location, scheme.size);
    size_t size = 0;
    while (size < rest.size && strchr ("/?#", rest.data [size]) == NULL)
        size++;
    const troupe_text_t authority = { rest.data, size };
    return s_is_server (way, server, authority) ? s_from (rest, size) : elsewhere;
}

//  Takes the path off that was put before what was asked for; without data when it is not there.
static troupe_text_t s_behind_base (troupe_text_t path, troupe_text_t base)
{
    const troupe_text_t elsewhere = { NULL, 0 };
    if (!s_begins (path, base))
        return elsewhere;
    const troupe_text_t rest = s_from (path, base.size);
    return base.size == 0 || rest.size == 0 || strchr ("/?#", rest.data [0]) ? rest : elsewhere;
}

static char *s_put (char *at, troupe_text_t text)
{
    if (text.size)
        memcpy (at, text.data, text.size);
    return at + text.size;
}

size_t troupe_upstream_backward_location (const troupe_upstream_way_t *way, const char *server, troupe_text_t location,
                                          char *buffer)
{
    const troupe_text_t path = s_path (way, server, location);
    const troupe_text_t rest = path.data ? s_behind_base (path, way->base) : path;
    const troupe_text_t prefix = way->keep_prefix ? troupe_text ("") : way->prefix;
    char *at = buffer;
    //  Two slashes at the front would be another host's name: RFC 3986 4.2.
    if (rest.data == NULL || (prefix.size == 0 && rest.size > 1 && rest.data [0] == '/' && rest.data [1] == '/'))
        return (size_t) (s_put (at, location) - buffer);
    at = s_put (at, prefix);
    if (rest.size ? rest.data [0] != '/' : path.size == 0 || prefix.size == 0)
        *at++ = '/';
    return (size_t) (s_put (at, rest) - buffer);
}

//  --- Fields

//  False when memory is out.
static bool s_has_room (troupe_upstream_text_t *text, size_t size)
{
    if (size <= text->room)
        return true;
    char *larger = realloc (text->data, 2 * size);
    if (larger == NULL)
        return false;
    text->data = larger;
    text->room = 2 * size;
    return true;
}

//  Name and value as strings, behind each other, which the response copies.
static troupe_error_t s_add (const troupe_upstream_way_t *way, const char *server, const troupe_header_t *field,
                             troupe_upstream_text_t *text, troupe_response_t *response)
{
    const size_t least = field->name.size + 1 + field->value.size + 1;
    if (!s_has_room (text, least + way->prefix.size + 2))
        return TROUPE_ENOMEM;
    char *value = s_put (text->data, field->name);
    *value++ = 0;
    const size_t size = troupe_text_same (field->name, troupe_text ("Location"))
        ? troupe_upstream_backward_location (way, server, field->value, value)
        : (size_t) (s_put (value, field->value) - value);
    value [size] = 0;
    return troupe_response_header (response, text->data, value);
}

static troupe_error_t s_add_length (uint64_t length, troupe_response_t *response)
{
    char digits [24];
    snprintf (digits, sizeof digits, "%llu", (unsigned long long) length);
    return troupe_response_header (response, "Content-Length", digits);
}

troupe_error_t troupe_upstream_backward_take (const troupe_upstream_way_t *way, const char *server,
                                              const troupe_http_head_t *head, bool head_only,
                                              troupe_upstream_text_t *text, troupe_response_t *response)
{
    troupe_error_t error = troupe_response_status (response, head->status);
    for (size_t index = 0; index < head->field_count && error == TROUPE_OK; index++)
        error = s_add (way, server, &head->fields [index], text, response);
    if (error == TROUPE_OK && head->length_told && (head_only || head->status == 304))
        error = s_add_length (head->told_length, response);
    return error;
}
