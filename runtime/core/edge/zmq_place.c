/*  =========================================================================
    core/edge/zmq_place.c - where ZeroMQ sockets are bound and connected

    Place: runtime/core; see zmq_socket.h. Each endpoint is kept as it was given
    and as the host knows it, so that it can be taken back by either.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/edge/zmq_socket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void s_free (troupe_zmq_place_t *place)
{
    free (place->given);
    free (place);
}

void troupe_zmq_places_clear (troupe_zmq_t *socket)
{
    while (socket->places) {
        troupe_zmq_place_t *place = socket->places;
        socket->places = place->next;
        s_free (place);
    }
}

static troupe_zmq_place_t *s_new (const char *endpoint, bool bound)
{
    troupe_zmq_place_t *place = calloc (1, sizeof *place);
    char *given = strdup (endpoint);
    if (!place || !given) {
        free (place);
        free (given);
        return NULL;
    }
    place->given = given;
    place->bound = bound;
    return place;
}

static void s_explain (const troupe_zmq_t *socket, troupe_error_t error, bool bound, const char *endpoint,
                       const char *why)
{
    char deed [48];
    snprintf (deed, sizeof deed, "a %s socket cannot %s", troupe_zmq_type_name (socket->type),
              bound ? "bind" : "connect to");
    if (*why)
        troupe_cell_explain (socket->cell, error, deed, endpoint, why);
}

//  SCHEME://...
static bool s_is_endpoint (const char *endpoint)
{
    size_t size = endpoint ? strlen (endpoint) : 0;
    const char *rest = size && size <= TROUPE_ZMQ_ENDPOINT_MAX ? strstr (endpoint, "://") : NULL;
    return rest && rest != endpoint && rest [3];
}

static troupe_error_t s_add (troupe_zmq_t *socket, const char *endpoint, bool bound, const troupe_bytes_t *routing_id)
{
    char why [256] = "";
    if (!s_is_endpoint (endpoint))
        return TROUPE_EINVAL;
    if (socket->closed)
        return TROUPE_ESTATE;
    troupe_zmq_place_t *place = s_new (endpoint, bound);
    if (!place)
        return TROUPE_ENOMEM;
    const troupe_host_t *host = socket->cell->host;
    troupe_error_t error = bound ? host->zmq_bind (socket->cell, socket, place, why, sizeof why)
                                 : host->zmq_connect (socket->cell, socket, place, routing_id, why, sizeof why);
    if (error) {
        s_free (place);
        s_explain (socket, error, bound, endpoint, why);
        return error;
    }
    place->next = socket->places;
    socket->places = place;
    return TROUPE_OK;
}

troupe_error_t troupe_zmq_bind (troupe_zmq_t *socket, const char *endpoint)
{
    return s_add (socket, endpoint, true, NULL);
}

troupe_error_t troupe_zmq_connect (troupe_zmq_t *socket, const char *endpoint)
{
    return s_add (socket, endpoint, false, NULL);
}

troupe_error_t troupe_zmq_connect_as (troupe_zmq_t *socket, const char *endpoint, const void *routing_id, size_t size)
{
    const troupe_bytes_t id = { routing_id, size };
    if (socket->type != TROUPE_ZMQ_ROUTER && socket->type != TROUPE_ZMQ_STREAM)
        return TROUPE_ENOTSUP;
    if (!routing_id || !size || size > TROUPE_ZMQ_ROUTING_ID_MAX || *(const char *) routing_id == 0)
        return TROUPE_EINVAL;
    return s_add (socket, endpoint, false, &id);
}

static troupe_error_t s_take_back (troupe_zmq_t *socket, const char *endpoint, bool bound)
{
    troupe_zmq_place_t **link = &socket->places;
    if (!endpoint)
        return TROUPE_EINVAL;
    while (*link && ((*link)->bound != bound
                     || (strcmp ((*link)->given, endpoint) != 0 && strcmp ((*link)->actual, endpoint) != 0)))
        link = &(*link)->next;
    troupe_zmq_place_t *place = *link;
    if (!place)
        return TROUPE_ENOENT;
    *link = place->next;
    socket->cell->host->zmq_leave (socket->cell, socket, place);
    s_free (place);
    return TROUPE_OK;
}

troupe_error_t troupe_zmq_unbind (troupe_zmq_t *socket, const char *endpoint)
{
    return s_take_back (socket, endpoint, true);
}

troupe_error_t troupe_zmq_disconnect (troupe_zmq_t *socket, const char *endpoint)
{
    return s_take_back (socket, endpoint, false);
}

const char *troupe_zmq_endpoint (const troupe_zmq_t *socket)
{
    for (const troupe_zmq_place_t *place = socket->places; place; place = place->next)
        if (place->bound)
            return place->actual;
    return "";
}
