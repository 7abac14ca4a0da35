/*  =========================================================================
    bridge/nano.h - nanomsg's side of the bridge: a SUB and a PUB

    Place: samples/bridge, for bridge.c. To the runtime nanomsg is a descriptor
    that can be watched; all else is the library's own calls.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef BRIDGE_NANO_H_INCLUDED
#define BRIDGE_NANO_H_INCLUDED

#include <troupe.h>

typedef struct nano {
    int in, out;                //  SUB and PUB; 0 is a socket too, so -1 before they are open
    troupe_watch_t *watch;      //  On the first
} nano_t;

//  Binds both where the actor's options "nano-in" and "nano-out" say, and says so. 'on_ready' is called while there is
//  something to take. 0, or what a start that failed has to return.
int nano_open (nano_t *self, troupe_actor_t *actor, troupe_watch_fn *on_ready);

//  The next message, which nano_free frees, and its size; null when there is none.
char *nano_take (nano_t *self, size_t *size_p);
void nano_free (char *text);

//  Publishes the frames as one message, with blanks between them. Who does not keep up misses it.
void nano_publish (nano_t *self, const troupe_bytes_t *frames, size_t count);

//  Closes what is open.
void nano_close (nano_t *self);

#endif
