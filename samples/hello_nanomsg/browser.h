/*  =========================================================================
    hello_nanomsg/browser.h - one browser on the front's raw socket

    Place: samples/hello_nanomsg, between front.c (the actor and its socket),
    browsers.c (who is there), browser.c (bytes in) and answer.c (bytes out).

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef BROWSER_H_INCLUDED
#define BROWSER_H_INCLUDED

#include "hello.h"

#define BROWSER_ID_MAX 255
//  Browsers are kept in so many lists, by the last byte of their routing ids, which libzmq counts up.
#define BROWSER_LISTS 256
//  How long one may be there without asking anything.
#define BROWSER_IDLE_MS 30000

typedef struct browser browser_t;

typedef struct front {
    troupe_actor_t *self;
    troupe_zmq_t *socket;
    troupe_ref_t *bridge;
    troupe_response_t *response;        //  For what is answered without the bridge
    browser_t *browsers [BROWSER_LISTS];
    size_t count, asking;               //  Browsers, and calls that have not ended
    int64_t deadline_ms;
    char *out;                          //  The answer under way
    size_t out_room;
} front_t;

struct browser {
    front_t *front;
    browser_t *next;
    troupe_http_wire_t *wire;
    char *ahead;                        //  What it has sent ahead of an answer
    size_t ahead_size;
    troupe_call_t call;                 //  0: none is under way
    int64_t due_ms;                     //  When it must have said or done something
    bool left;                          //  Nothing is done for it any more, and it is freed when
    bool closing;                       //  it has been told so, and its call has ended
    uint8_t id_size;
    uint8_t id [BROWSER_ID_MAX];
};

//  --- browsers.c

//  The one with that routing id; null when there is none.
browser_t *browser_find (front_t *front, const troupe_bytes_t *id);

//  One has connected. Null when memory is out.
browser_t *browser_new (front_t *front, const troupe_bytes_t *id);

//  It has disconnected. / It is to be disconnected: what comes from it until then is nothing to anybody.
void browser_leave (browser_t *self);
void browser_close (browser_t *self);

//  Frees it if it has left and nothing keeps it any more. Returns whether it has left.
bool browser_has_left (browser_t *self);

//  Looks after those that have not done in time what they had to.
void browsers_look (front_t *front);

//  Frees all, at the end of the incarnation.
void browsers_free (front_t *front);

//  --- browser.c

//  Bytes have come from it.
void browser_take (browser_t *self, const void *data, size_t size);

//  Its time is over.
void browser_overdue (browser_t *self);

//  --- answer.c

//  It has so much time from now on.
void browser_await (browser_t *self, int64_t time_ms);

//  Sends bytes, all or none.
bool browser_send (browser_t *self, const void *data, size_t size);

//  Sends an encoded response; / a problem. False: it could not be sent, and the browser is being closed.
bool browser_answer (browser_t *self, troupe_bytes_t encoded);
bool browser_refuse (browser_t *self, int status, const char *why);

#endif
