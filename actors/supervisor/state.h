/*  =========================================================================
    state.h - what a supervisor knows of itself and of each child

    Place: actors/supervisor, private. supervisor.c is the shell around the
    decisions (core/supervision/supervision.h), children.c makes and finds children,
    settings.c reads what the configuration says of them, requests.c answers calls, words.c says why a
    child could not be spawned.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_SUPERVISOR_STATE_H_INCLUDED
#define TROUPE_SUPERVISOR_STATE_H_INCLUDED

#include <troupe/supervisor.h>
#include <troupe/timer.h>

#include "core/supervision/supervision.h"

typedef struct troupe_supervisor_state troupe_supervisor_state_t;

//  A child: the context of its link's events, so that nothing is ever searched for it.
typedef struct troupe_supervisor_child {
    troupe_supervisor_state_t *supervisor;
    size_t number;                  //  What the decisions call it
    troupe_child_t spec;            //  With its own id, endpoint and listen
    char *id;
    char *endpoint;                 //  Null when the spec has none
    char *listen;                   //  The same
    void *args;                     //  A dynamic child's own; else null
    troupe_link_t *link;            //  Null when it is not there
    uint32_t incarnation;           //  The latest
    troupe_timer_t timer;           //  Its backoff; or, without a link, the report of a spawn that failed
    troupe_error_t spawn_error;     //  Of that
    uint16_t request;               //  What 'caller' asked for; 0 when nobody waits
    troupe_caller_t *caller;        //  May be null even so: a cast, and answers do nothing
    struct troupe_supervisor_child *next_in_bucket;
} troupe_supervisor_child_t;

struct troupe_supervisor_state {
    const troupe_supervisor_t *spec;
    troupe_supervision_t supervision;
    troupe_supervisor_child_t **children;   //  By number; null where one was forgotten
    size_t count, capacity;
    uint64_t key [2];                       //  Of the hashes
    troupe_supervisor_child_t **buckets;    //  By id
    size_t bucket_count, child_count;
    unsigned long serial;           //  Of the last dynamic child
    bool started;
};

//  --- children.c

//  Makes all children of the spec but dynamic ones, as many instances as the configuration wants. 0, or what start is
//  to return.
int troupe_supervisor_load (troupe_actor_t *self, troupe_supervisor_state_t *state);

//  Makes one dynamic child with a copy of 'args'. Null when that cannot be; 'why' says what is wrong.
troupe_supervisor_child_t *troupe_supervisor_add_dynamic (troupe_actor_t *self, troupe_supervisor_state_t *state,
                                                          const void *args, size_t args_size, char *why,
                                                          size_t why_size);

//  The child of that id, or null.
troupe_supervisor_child_t *troupe_supervisor_find (const troupe_supervisor_state_t *state, const char *id);

//  Frees a child that is no more.
void troupe_supervisor_forget (troupe_supervisor_state_t *state, size_t number);

//  Frees all of them.
void troupe_supervisor_forget_all (troupe_supervisor_state_t *state);

//  --- settings.c

//  How many instances of that spec there are to be; 0, with the failure noted in *result, when the configuration makes
//  no sense.
unsigned long troupe_supervisor_instances (troupe_actor_t *self, const troupe_child_t *spec, int *result);

//  Changes the child's spec, which still has the id that instances share, as the configuration wants it. 'number' is
//  the instance's, 0 for the only one; 'instances': how many there are. TROUPE_ENOMEM, or TROUPE_EINVAL and 'why'.
troupe_error_t troupe_supervisor_configure (troupe_actor_t *self, troupe_supervisor_child_t *child,
                                            unsigned long number, unsigned long instances, char *why, size_t why_size);

//  "ID-7", or the text itself for number 0, which the caller owns; null when memory is out.
char *troupe_supervisor_numbered (const char *text, unsigned long number);

//  --- words.c

//  Why a spec could not be spawned, in words.
void troupe_supervisor_explain (const troupe_child_t *spec, troupe_error_t error, char *text, size_t size);

//  --- supervisor.c

//  Tells the decisions of an event and does what they want. Returns what the callback is to return. The child may be
//  gone afterwards.
int troupe_supervisor_tell (troupe_actor_t *self, troupe_supervisor_state_t *state,
                            const troupe_supervision_event_t *event);

//  --- requests.c

int troupe_supervisor_receive (troupe_actor_t *self, void *state, troupe_message_t *message);

//  Answers whoever asked for something that has now happened to the child: a start, or its end. 'reason' is null when
//  it has started.
void troupe_supervisor_answer (troupe_supervisor_child_t *child, const troupe_reason_t *reason);

#endif
