/*  =========================================================================
    parts.h - the inside of streamed requests

    Place: actors/body, between bodies.c (what comes in, and the table), and
    body.c (what the service says).

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

/*  The life of a body:

        OPEN -> BEGUN -> OVER -> freed

    OPEN    its caller waits for the head of the answer
    BEGUN   the head is out; pieces go to those who ask
    OVER    the service is done with it and has forgotten it; whoever asks
            once more gets the end, or the failure

    Incoming pieces do not depend on that. A whole reply, GONE, and the answer
    that tells the end, free it.
*/

#ifndef TROUPE_BODY_PARTS_H_INCLUDED
#define TROUPE_BODY_PARTS_H_INCLUDED

#include <troupe/body.h>
#include <troupe/timer.h>

#define TROUPE_BODY_BUCKETS 256u

//  A piece of the request that the service has not taken.
typedef struct troupe_body_held {
    troupe_message_t *message;
    troupe_caller_t *caller;
} troupe_body_held_t;

typedef enum {
    TROUPE_BODY_OPEN = 0,
    TROUPE_BODY_BEGUN,
    TROUPE_BODY_OVER
} troupe_body_phase_t;

struct troupe_body {
    troupe_bodies_t *bodies;
    troupe_body_t *next;                //  In its bucket
    uint64_t id;
    troupe_body_fn *on_event;
    void *context;
    troupe_caller_t *caller;            //  OPEN: who waits for the head
    troupe_caller_t *askers [TROUPE_BODY_PIECES];
    troupe_body_held_t held [TROUPE_BODY_PIECES];
    uint8_t asker_count, held_count;
    uint8_t phase;                      //  A troupe_body_phase_t
    bool complete;                      //  All of the request has come
    bool paused;                        //  The service has not taken the piece in front
    bool delivering;                    //  A piece is with the callback
    bool failed;                        //  OVER: the rest will not come
    uint64_t left;                      //  Of the request, or UNKNOWN
    int64_t heard_ms;                   //  When its caller was heard of last
    troupe_timer_t timer;
};

struct troupe_bodies {
    troupe_actor_t *self;
    int64_t idle_ms;
    troupe_body_t *buckets [TROUPE_BODY_BUCKETS];
};

//  Frees it; who still waits for an answer from it has to be told before.
void troupe_body_free (troupe_body_t *self);

//  Answers an asker with a piece, or the last one. TROUPE_ENOMEM: it is still waiting.
troupe_error_t troupe_body_give (troupe_caller_t **caller_p, uint16_t tag, const void *data, size_t size);

//  Ends all calls that wait here as failed.
void troupe_body_fail_all (troupe_body_t *self, const char *why);

#endif
