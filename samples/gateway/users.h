/*  =========================================================================
    gateway/users.h - the users, for services with routes of their own

    Place: samples/gateway. What of users.c goes into another table of routes.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef GATEWAY_USERS_H_INCLUDED
#define GATEWAY_USERS_H_INCLUDED

#include <troupe.h>

//  Makes the users, and forgets them: of a service (service.h) whose handlers are those below.
troupe_start_fn gateway_users_start;
troupe_stop_fn gateway_users_stop;

//  All of them, and the one of ":id", as JSON.
troupe_handler_fn gateway_users_list;
troupe_handler_fn gateway_users_show;

#endif
