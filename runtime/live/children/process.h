/*  =========================================================================
    live/children/process.h - what a child process needs to know of its parent's world

    Place: runtime/live, between process.c and process_birth.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_PROCESS_H_INCLUDED
#define TROUPE_LIVE_PROCESS_H_INCLUDED

#include "live/children/offspring.h"
#include "live/children/private.h"

typedef struct troupe_process_place {
    char folder [TROUPE_PRIVATE_MAX + 1];       //  The private one
    char directory [TROUPE_ENDPOINT_MAX + 1];   //  Where the names are
    char prefix [TROUPE_PROCESS_MAX + 1];       //  The process's own, anew for each
} troupe_process_place_t;

//  Fills in where the processes of this troupe meet. Errors as troupe_directory_private's.
troupe_error_t troupe_process_find_folder (troupe_live_t *parent, troupe_process_place_t *place);

//  Sends what it is to run to the process at the other end of the control lane. False when memory is out.
bool troupe_process_give_birth (troupe_offspring_t *offspring, const troupe_process_place_t *place);

#endif
