/*  =========================================================================
    egress_parts.h - the inside of the egress

    Place: actors/egress, between egress.c (the behavior), egress_job.c (calls
    taken from others), egress_link.c (connections to servers), egress_time.c
    (when to look again) and fleet.h, which decides what goes where.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_EGRESS_PARTS_H_INCLUDED
#define TROUPE_EGRESS_PARTS_H_INCLUDED

#include <troupe/egress.h>
#include <troupe/ref.h>
#include <troupe/response.h>
#include <troupe/timer.h>
#include <troupe/zmq_socket.h>

#include "fleet.h"
#include "rpc/document.h"
#include "rpc/record.h"

typedef struct troupe_egress_state troupe_egress_state_t;

//  A call that somebody waits for, from its arrival to its answer.
typedef struct troupe_egress_job {
    struct troupe_egress_job *next, *previous;
    troupe_caller_t *caller;
    bool spare;                     //  Its memory is kept for another one
    uint32_t number;                //  The fleet's
    size_t size;
    uint8_t data [];                //  The encoded request, or a question in the servers' format
} troupe_egress_job_t;

//  A message to a server that is being filled, or waits for room.
typedef struct troupe_egress_parcel {
    struct troupe_egress_parcel *next;
    troupe_rpc_message_t message;
} troupe_egress_parcel_t;

//  An answer that has come in part.
typedef struct troupe_egress_answer {
    struct troupe_egress_answer *next;
    uint64_t id;
    size_t size, capacity;
    uint8_t *data;
} troupe_egress_answer_t;

//  So many lanes a server may have.
#define TROUPE_EGRESS_LANES_MAX 64

//  A connection that carries one question at a time.
typedef struct troupe_egress_lane {
    struct troupe_egress_link *link;
    troupe_zmq_t *socket;
    bool up;
    uint64_t busy;                  //  The attempt that is being answered; 0: none
} troupe_egress_lane_t;

//  The connection to a server.
typedef struct troupe_egress_link {
    troupe_egress_state_t *egress;
    unsigned number;
    char *endpoint;
    troupe_zmq_t *socket;
    bool up;
    bool stuck;                     //  The connection takes no more just now
    troupe_egress_parcel_t *first, *last;
    troupe_egress_answer_t *answers;
    troupe_egress_lane_t lanes [TROUPE_EGRESS_LANES_MAX];   //  The first 'lane_count' are used, instead of all above
} troupe_egress_link_t;

//  So many may wait for a server to come or go.
#define TROUPE_EGRESS_WATCHERS_MAX 64

struct troupe_egress_state {
    troupe_actor_t *self;
    troupe_fleet_t *fleet;
    troupe_egress_job_t *jobs;
    troupe_egress_job_t *spare_jobs;        //  Freed, by 'next'
    unsigned spare_count;
    size_t answer_limit;
    unsigned lane_count;            //  0: troupe's own framing
    troupe_format_t format;         //  Else of questions and answers
    unsigned link_count;
    troupe_egress_link_t links [TROUPE_EGRESS_SERVERS_MAX];
    unsigned watcher_count;
    troupe_caller_t *watchers [TROUPE_EGRESS_WATCHERS_MAX];
    troupe_timer_t flush_timer;     //  Set while there is anything to send
    troupe_timer_t due_timer;
    int64_t due_us;                 //  What 'due_timer' is set for
};

//  --- egress_time.c

//  After anything that the fleet was told: sees to its next due time, and ends the actor when that is wanted.
void troupe_egress_settle (troupe_egress_state_t *egress);

//  --- egress_job.c

//  Takes a request on, or answers it at once.
void troupe_egress_take (troupe_egress_state_t *egress, troupe_message_t *message);

//  A server has answered an attempt, with an encoded response or, 'outcome' not being OK, with words.
void troupe_egress_answered (troupe_egress_state_t *egress, uint64_t id, troupe_outcome_t outcome,
                             troupe_bytes_t payload);

//  Ends a job without an answer.
void troupe_egress_job_fail (troupe_egress_state_t *egress, troupe_egress_job_t *job, troupe_outcome_t outcome);

//  Frees all jobs; their callers are the runtime's to tell.
void troupe_egress_free_jobs (troupe_egress_state_t *egress);

//  --- egress_link.c

//  Opens the connection of a link that has a number and an endpoint.
troupe_error_t troupe_egress_link_open (troupe_egress_link_t *link);

//  Puts a request in; false when there is no room, or no memory.
bool troupe_egress_link_ask (troupe_egress_link_t *link, uint64_t id, int64_t left_us, troupe_bytes_t request);

//  Tells the server that an answer is not wanted any more.
void troupe_egress_link_cancel (troupe_egress_link_t *link, uint64_t id);

//  Closes the connection and frees everything.
void troupe_egress_link_close (troupe_egress_link_t *link);

//  --- egress_watch.c

//  Answers which servers are there: now, or when it is not what the caller knows any more.
void troupe_egress_watch (troupe_egress_state_t *egress, troupe_message_t *message);

//  The connection is there, or gone with all that it had: for the fleet, and for those who wait to know.
void troupe_egress_link_is_up (troupe_egress_link_t *link);
void troupe_egress_link_is_lost (troupe_egress_link_t *link, bool misbehaved);

//  --- egress_lane.c: the same for servers with lanes

troupe_error_t troupe_egress_lanes_open (troupe_egress_link_t *link);
bool troupe_egress_lanes_ask (troupe_egress_link_t *link, uint64_t id, troupe_bytes_t question);
void troupe_egress_lanes_cancel (troupe_egress_link_t *link, uint64_t id);
void troupe_egress_lanes_close (troupe_egress_link_t *link);

#endif
