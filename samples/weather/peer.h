/*  =========================================================================
    weather/peer.h - what stations and readers share: their way to the proxy

    Place: samples/weather.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef WEATHER_PEER_H_INCLUDED
#define WEATHER_PEER_H_INCLUDED

#include <troupe.h>

#define WEATHER_TOWN_SIZE 64

//  Opens a socket and connects it to the proxy, whether that is there or not; says so when it comes and goes. Returns
//  as start does.
int weather_connect (troupe_actor_t *self, troupe_zmq_type_t type, troupe_zmq_fn *on_message, troupe_zmq_t **socket_p);

//  The envelope: the town with a slash behind it, in 'town'. Who asks for Os does not get Oslo by it.
troupe_bytes_t weather_town (troupe_actor_t *self, char town [WEATHER_TOWN_SIZE]);

#endif
