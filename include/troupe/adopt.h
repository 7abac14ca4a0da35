/*  =========================================================================
    troupe/adopt.h - an existing czmq actor function as a child

    Place: include/. zauth, zbeacon, zgossip, zproxy and every other function
    written for zactor_new can be a supervised child, unchanged.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_ADOPT_H_INCLUDED
#define TROUPE_ADOPT_H_INCLUDED

#include "behavior.h"

TROUPE_BEGIN_DECLS

//  The shape of a zactor function: zactor_fn of czmq; 'pipe' is a zsock_t.
typedef void (troupe_zactor_fn) (void *pipe, void *args);

//  What to adopt: the 'constant' of a behavior whose callbacks are troupe_adopt's.
typedef struct troupe_adopted {
    troupe_zactor_fn *function;     //  (troupe_zactor_fn *) zauth
    void *args;                     //  Handed to it, as zactor_new would; constant data or null
} troupe_adopted_t;

/*  Begins, feeds and ends an adopted function. A message whose payload is text goes to it as one frame for each
    line ("ALLOW\n127.0.0.1"); a call is answered with the frames that it sends next, a line each, or with nothing
    when that is a signal (zsock_signal; one with a status other than 0 ends the call with FAILED). So call what the
    function answers, cast what it does not. A call without a payload sends nothing and waits for what it says next.
    What it says while no caller waits is dropped, and logged; a signal is just dropped. Its start has to signal 0
    within 10 s. When the function returns by itself the incarnation ends with FAILED. It is ended by $TERM, and
    left behind when it has not returned within 'stop_ms', an option of the child: 4,000.
        static const troupe_adopted_t authenticator = { .function = (troupe_zactor_fn *) zauth };
        static const troupe_behavior_t auth = TROUPE_ADOPT ("auth", &authenticator);                       */
TROUPE_API int troupe_adopt_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size);
TROUPE_API int troupe_adopt_receive (troupe_actor_t *self, void *state, troupe_message_t *message);
TROUPE_API void troupe_adopt_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason);

#define TROUPE_ADOPT(NAME, ADOPTED) { .name = (NAME), .start = troupe_adopt_start, \
    .receive = troupe_adopt_receive, .stop = troupe_adopt_stop, .constant = (ADOPTED) }

TROUPE_END_DECLS

#endif
