/*  =========================================================================
    live/app/runtime.h - what troupe_main needs of a troupe besides troupe/runtime.h

    Place: runtime/live, at the top, between app.c and runtime.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_RUNTIME_H_INCLUDED
#define TROUPE_LIVE_RUNTIME_H_INCLUDED

#include <troupe/runtime.h>

//  As troupe_new, but what is wrong with the configuration is not logged: it is written to 'why', one line without a
//  line end, for the caller to say. "" when the error says it all.
troupe_t *troupe_new_or_why (const troupe_options_t *options, troupe_error_t *error_p, char *why, size_t why_size);

//  From now on troupe_call_wait does not wait: it ends with CANCELLED, the one under way too. Only from the guest.
void troupe_interrupt (troupe_t *troupe);

#endif
