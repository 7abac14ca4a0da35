/*  =========================================================================
    gateway/gateway.h - what the parts of the gateway know of each other

    Place: samples/gateway.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef GATEWAY_H_INCLUDED
#define GATEWAY_H_INCLUDED

#include <troupe.h>

//  What the gateway answers, and who does: the door looks here, and so do the workers.
extern const troupe_route_t gateway_routes [];

//  Answers what is in the table above; any number of them may run.
extern const troupe_behavior_t gateway_worker;

//  Keeps the users, and answers requests about them.
extern const troupe_behavior_t gateway_users;

//  How long it may take for one of them.
#define GATEWAY_USERS_WEDGED_MS 5000

#endif
