/*  =========================================================================
    fleet.h - which of several servers answers which call, and what if not

    Place: actors/egress. The decisions of an egress, and nothing else: no
    socket, no clock, no chance of its own. What happens comes in by the
    functions here, with the time; what is to be done goes out by the three
    of troupe_fleet_ops_t, which must not call back in.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_EGRESS_FLEET_H_INCLUDED
#define TROUPE_EGRESS_FLEET_H_INCLUDED

#include <troupe/error.h>

/*  A server is up or not (its connection, its heartbeats), and
        CLOSED  it gets calls
        OPEN    it rests: it has failed several times in a row. For 30 s when
                another one stays (ejected), for 1 s when none does (the
                circuit of the whole service is open)
        HALF    its rest is over, or it has been started again: one call is
                a probe. Answered, it is CLOSED; failed, OPEN
    Of two servers chosen at random the one gets the call whose calls in
    flight, times its latency, are less.

    A call is QUEUED (no server can take it), DELAYED (until it is tried once
    more) or SENT, with one attempt in flight, or two when it is hedged. It
    ends exactly once: when the owner passes an answer on, or by 'end'.
    Only calls that may be done twice are tried again, at most so many times:
        lost    its connection broke: another server has it at once. Not
                counted, since a loss happens once for all calls it hits
        refused, answered badly: after a random delay, of the budget
        slow    half its time is over and another server is there: of the
                budget
    Source: Mitzenmacher 2001 (two choices); Finagle (budget); Dean and
    Barroso 2013 (hedging); RFC 9110, 9.2.2.                        */

#define TROUPE_FLEET_SERVERS_MAX 64u
#define TROUPE_FLEET_NO_CALL UINT32_MAX
#define TROUPE_FLEET_HEDGE_P95 INT64_C (-1)

//  What the owner does, with its own pointers as they were given.
typedef struct troupe_fleet_ops {
    //  Sends a call's request to a server, with that id. False: not possible now; troupe_fleet_writable tells when.
    bool (*send) (void *owner, void *context, unsigned server, uint64_t id, int64_t deadline_us);
    //  The server need not answer that id any more.
    void (*cancel) (void *owner, unsigned server, uint64_t id);
    //  The call is over, without an answer: TIMEOUT; DOWN: lost; FAILED: the answer could not be read.
    void (*end) (void *owner, void *context, troupe_outcome_t outcome);
} troupe_fleet_ops_t;

//  All in numbers that are used as they are: 0 is 0.
typedef struct troupe_fleet_options {
    unsigned servers;               //  1 to TROUPE_FLEET_SERVERS_MAX
    uint32_t window;                //  Calls in flight at one server
    uint32_t queue_limit;           //  Calls that wait
    uint32_t failures;              //  In a row, before a server rests
    int64_t ejected_us, open_us;    //  How long it rests when another stays, and when none does
    int64_t slow_us;                //  What is given up after at least so long has failed
    uint32_t attempts;              //  Of one call, at most
    uint32_t retry_percent, retry_least;
    int64_t delay_least_us, delay_most_us;
    int64_t hedge_us;               //  A second attempt after so long; 0: never; TROUPE_FLEET_HEDGE_P95: after p95
    uint64_t seed;
} troupe_fleet_options_t;

//  The values that an egress has unless it is told otherwise, for so many servers.
troupe_fleet_options_t troupe_fleet_defaults (unsigned servers);

typedef struct troupe_fleet troupe_fleet_t;

//  Makes one whose servers are all down. Null when memory is out.
troupe_fleet_t *troupe_fleet_new (const troupe_fleet_options_t *options, const troupe_fleet_ops_t *ops, void *owner);

//  Frees it; calls that are not over are forgotten. Null is fine.
void troupe_fleet_destroy (troupe_fleet_t **self_p);

/*  Begins a call. *number_p, if not null, is set to its number, good for troupe_fleet_give_up until it is over.
      TROUPE_EFULL    no server can take it, and the queue is full
      TROUPE_EDOWN    the circuits of all servers that are up are open, and it must not be done twice
      TROUPE_ENOMEM
    On an error no call was begun, and 'end' is not called.                                                */
troupe_error_t troupe_fleet_call (troupe_fleet_t *self, void *context, bool idempotent, int64_t deadline_us,
                                  int64_t now_us, uint32_t *number_p);

//  Nobody wants a call that is not over any more: it is, and 'end' is not called.
void troupe_fleet_give_up (troupe_fleet_t *self, uint32_t number, int64_t now_us);

typedef enum {
    TROUPE_FLEET_GOOD = 0,          //  The handler has answered, whatever it said
    TROUPE_FLEET_REFUSED,           //  The server could not: overloaded, ending, too late
    TROUPE_FLEET_GARBAGE            //  The answer cannot be read
} troupe_fleet_verdict_t;

//  A server has answered. True when this answer is the caller's: the call is over, and *context_p whose it is.
bool troupe_fleet_answered (troupe_fleet_t *self, uint64_t id, troupe_fleet_verdict_t verdict, int64_t now_us,
                            void **context_p);

//  Where an attempt is; false when it is over, or never was.
bool troupe_fleet_find (const troupe_fleet_t *self, uint64_t id, unsigned *server_p);

//  The server is there: a first connection, or one after a loss.
void troupe_fleet_up (troupe_fleet_t *self, unsigned server, int64_t now_us);

//  Its connection is gone, with all that it had; 'misbehaved': because of what it sent.
void troupe_fleet_lost (troupe_fleet_t *self, unsigned server, bool misbehaved, int64_t now_us);

//  Only this attempt is, of several connections.
void troupe_fleet_attempt_lost (troupe_fleet_t *self, uint64_t id, bool misbehaved, int64_t now_us);

//  There is room again after a 'send' that was not possible.
void troupe_fleet_writable (troupe_fleet_t *self, unsigned server, int64_t now_us);

//  It is time; see troupe_fleet_due_us.
void troupe_fleet_tick (troupe_fleet_t *self, int64_t now_us);

//  When troupe_fleet_tick is due; TROUPE_FOREVER: not at all. May be sooner than needed.
int64_t troupe_fleet_due_us (const troupe_fleet_t *self);

typedef struct troupe_fleet_stats {
    uint64_t calls, answered, refused, expired, down, given_up;     //  Begun; and how they ended
    uint64_t retries, failovers, switches, hedges, hedges_won, late;
    size_t outstanding, queued, queued_high;            //  Calls with a server; calls that wait
} troupe_fleet_stats_t;

void troupe_fleet_stats (const troupe_fleet_t *self, troupe_fleet_stats_t *stats);

typedef enum {
    TROUPE_FLEET_CLOSED = 0,
    TROUPE_FLEET_OPEN,
    TROUPE_FLEET_HALF
} troupe_fleet_health_t;

//  A server, as it stands.
typedef struct troupe_fleet_server {
    bool up;
    bool blocked;                   //  Nothing more could be sent
    bool probing;                   //  HALF, and its probe is in flight
    bool misbehaved;                //  Its last connection ended because of what it had sent
    troupe_fleet_health_t health;
    int64_t until_us;               //  OPEN
    uint32_t failures;              //  In a row
    uint32_t outstanding;           //  Attempts in flight
    int64_t latency_us, measured_us;    //  Weighted mean, 0: unknown; and when it was measured last
    uint64_t attempts, failed, losses, ejections;
} troupe_fleet_server_t;

const troupe_fleet_server_t *troupe_fleet_server (const troupe_fleet_t *self, unsigned server);

#endif
