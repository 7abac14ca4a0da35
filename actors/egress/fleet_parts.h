/*  =========================================================================
    fleet_parts.h - the inside of the fleet

    Place: actors/egress, between fleet.c (what comes in), fleet_call.c (calls
    and their attempts) and fleet_server.c (servers).

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_EGRESS_FLEET_PARTS_H_INCLUDED
#define TROUPE_EGRESS_FLEET_PARTS_H_INCLUDED

#include "budget.h"
#include "fleet.h"

#define TROUPE_FLEET_NO_SERVER UINT32_MAX

typedef enum {
    TROUPE_FLEET_FREE = 0,
    TROUPE_FLEET_QUEUED,
    TROUPE_FLEET_DELAYED,
    TROUPE_FLEET_SENT
} troupe_fleet_state_t;

//  An id is the slot of the call, which of the two attempts, and a generation that never comes again.
typedef struct troupe_fleet_attempt {
    bool used;
    bool probe;                     //  Of a server that is HALF
    unsigned server;
    uint32_t generation;
    int64_t started_us;
} troupe_fleet_attempt_t;

typedef struct troupe_fleet_call {
    void *context;
    int64_t deadline_us;
    int64_t due_us;                 //  DELAYED: until then; SENT: when it is switched, TROUPE_FOREVER: not at all
    int64_t hedge_us;               //  SENT: when it is hedged; TROUPE_FOREVER: not at all
    uint64_t tried;                 //  Servers, a bit each
    uint32_t next, previous;        //  QUEUED, FREE: in the list, TROUPE_FLEET_NO_CALL at its ends
    uint32_t tries;
    uint8_t state;
    bool idempotent;
    troupe_fleet_attempt_t attempts [2];
} troupe_fleet_call_t;

struct troupe_fleet {
    troupe_fleet_options_t options;
    troupe_fleet_ops_t ops;
    void *owner;
    troupe_fleet_call_t *calls;
    uint32_t capacity, first_free, first_queued, last_queued;
    uint32_t generation;
    int64_t due_us;                 //  No call and no server is due before
    uint64_t chance;
    troupe_budget_t budget;
    troupe_lateness_t lateness;
    troupe_fleet_stats_t stats;
    troupe_fleet_server_t servers [TROUPE_FLEET_SERVERS_MAX];
};

//  --- Servers

//  A number below the limit, by chance.
uint64_t troupe_fleet_below (troupe_fleet_t *self, uint64_t limit);

//  Which one gets the next call, none of 'but' (a bit each); TROUPE_FLEET_NO_SERVER: none can.
unsigned troupe_fleet_choose (troupe_fleet_t *self, uint64_t but, int64_t now_us);

//  Whether servers are up, and the circuits of all of them open.
bool troupe_fleet_is_broken (const troupe_fleet_t *self, int64_t now_us);

//  It has answered in that time; it has failed.
void troupe_fleet_server_good (troupe_fleet_t *self, unsigned server, int64_t latency_us, int64_t now_us);
void troupe_fleet_server_bad (troupe_fleet_t *self, unsigned server, int64_t now_us);

//  Learns that an answer takes at least so long.
void troupe_fleet_server_slow (troupe_fleet_t *self, unsigned server, int64_t latency_us, int64_t now_us);

//  When the next one that rests has rested; TROUPE_FOREVER: none does.
int64_t troupe_fleet_server_due_us (const troupe_fleet_t *self, int64_t now_us);

//  --- Calls

typedef enum {
    TROUPE_FLEET_LOST = 0,          //  With the connection
    TROUPE_FLEET_FAILED,            //  An answer that cannot be passed on
    TROUPE_FLEET_SLOW               //  Given up for another server
} troupe_fleet_cause_t;

//  A new call; TROUPE_FLEET_NO_CALL when memory is out.
uint32_t troupe_fleet_call_new (troupe_fleet_t *self);

//  The attempt of that id, or null.
troupe_fleet_attempt_t *troupe_fleet_attempt (const troupe_fleet_t *self, uint64_t id, troupe_fleet_call_t **call_p);

//  Puts it behind the others that wait, or in front of them.
void troupe_fleet_enqueue (troupe_fleet_t *self, troupe_fleet_call_t *call, bool in_front);

//  Sends what waits, as far as there are servers for it.
void troupe_fleet_pump (troupe_fleet_t *self, int64_t now_us);

//  The attempt is over, whatever the reason: its server has one less.
void troupe_fleet_attempt_end (troupe_fleet_t *self, troupe_fleet_attempt_t *attempt);

//  An attempt has ended without an answer: the call is tried again, or goes on with its other attempt, or ends.
void troupe_fleet_attempt_failed (troupe_fleet_t *self, troupe_fleet_call_t *call, troupe_fleet_attempt_t *attempt,
                                  troupe_fleet_cause_t cause, int64_t now_us);

//  Whether another try would be allowed, whoever would pay for it.
bool troupe_fleet_may_repeat (const troupe_fleet_t *self, const troupe_fleet_call_t *call);

//  Takes the call out of whatever list it is in, gives its attempts up, and frees it.
void troupe_fleet_call_over (troupe_fleet_t *self, troupe_fleet_call_t *call);

//  The same, and tells the owner.
void troupe_fleet_call_end (troupe_fleet_t *self, troupe_fleet_call_t *call, troupe_outcome_t outcome);

//  What is due of a call that is not over.
void troupe_fleet_call_tick (troupe_fleet_t *self, troupe_fleet_call_t *call, int64_t now_us);

//  When something of it is due next.
int64_t troupe_fleet_call_due_us (const troupe_fleet_call_t *call);

#endif
