/*  =========================================================================
    users_client.h - what the files of this sample share

    Place: samples/users_client/.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef USERS_CLIENT_H_INCLUDED
#define USERS_CLIENT_H_INCLUDED

#include <troupe.h>

//  So many calls may be under way at a time.
#define USERS_CLIENT_CONCURRENCY_MAX 1000

//  The actor: client.c
extern const troupe_behavior_t users_client;

#endif
