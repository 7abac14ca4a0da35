/*  =========================================================================
    pool/roster.h - workers that come and go by themselves

    Place: actors/pool, between pool.c and the balancer. Each stands here by
    its endpoint, found by a table; those that are there also stand in a list
    by when they were heard last, so that only the oldest are ever looked at.

    A ref lasts as long as the incarnation, so an endpoint that has been heard
    of once keeps its place, and comes back to it: there is a limit to all that
    were ever heard of, not only to those that are there.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_POOL_ROSTER_H_INCLUDED
#define TROUPE_POOL_ROSTER_H_INCLUDED

#include <troupe/pool.h>

typedef struct troupe_roster troupe_roster_t;

//  Makes an empty one, which the caller owns, for workers of that balancer. Null when memory is out.
troupe_roster_t *troupe_roster_new (troupe_actor_t *self, troupe_balancer_t *balancer);

//  Frees it, before the balancer, and nulls the pointer; does nothing with a null one.
void troupe_roster_destroy (troupe_roster_t **roster_p);

/*  A worker says that it is there. Said again it only counts as being heard.
      TROUPE_EADDR    its endpoint is malformed, or not one that leads to it from here
      TROUPE_EFULL    there are too many
      TROUPE_ENOMEM   it is not there; nothing has changed                                                */
troupe_error_t troupe_roster_ready (troupe_roster_t *roster, const char *endpoint);

//  A worker says that it is leaving. TROUPE_OK too when it was not there. TROUPE_EADDR as above.
troupe_error_t troupe_roster_disconnect (troupe_roster_t *roster, const char *endpoint);

#endif
