/*  =========================================================================
    hello_nanomsg/waiting.h - requests that nanomsg has, and who asked

    Place: samples/hello_nanomsg, for bridge.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef WAITING_H_INCLUDED
#define WAITING_H_INCLUDED

#include "hello.h"

typedef struct waiting {
    struct waiting *next;
    troupe_caller_t *caller;
    int64_t again_ms;               //  When it is to be sent; INT64_MAX: never again
    uint32_t number;
    bool repeatable;                //  May be asked twice
    bool sent;
    size_t size;
    char text [];                   //  "GET /path", an empty line, the body
} waiting_t;

//  Makes one of a call, whose answer is owed from then on, and puts it in front of the list. Null when memory is out.
waiting_t *waiting_new (waiting_t **list, troupe_actor_t *self, troupe_message_t *message,
                        const troupe_request_t *request);

//  Where in the list the one with that number is; null when it is not there any more.
waiting_t **waiting_find (waiting_t **list, uint32_t number);

//  Whether nobody will hear an answer that is given 'margin_ms' from now.
bool waiting_is_over (const waiting_t *self, int64_t now_ms, int64_t margin_ms);

//  Answers it, if memory has sufficed for a response, takes it out of the list and frees it.
void waiting_end (waiting_t **place, troupe_response_t *response);

//  What is said when there was no answer in time: 504, or 503 if no worker has had it.
void waiting_apologise (const waiting_t *self, troupe_response_t *response);

//  Answers a call that cannot wait with 503. Returns what 'receive' is to return.
int waiting_refuse (troupe_actor_t *self, troupe_message_t *message, troupe_response_t *response, const char *why);

#endif
