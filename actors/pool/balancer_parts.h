/*  =========================================================================
    pool/balancer_parts.h - the inside of the balancer

    Place: actors/pool, between balancer.c (the interface), balancer_job.c
    (calls) and balancer_worker.c (workers).

    A job is one call: FREE -> QUEUED -> SENT -> FREE, or FREE -> SENT; a
    queued one that is cancelled or expires is ENDED until its callback has
    been told. One that may be done twice goes SENT -> QUEUED once, in front of
    the others, when its worker is lost. Jobs come from a free list, so that a
    call allocates nothing.

    A worker is
        UP      it gets work
        DOWN    it is not known to live: it is new, its incarnation has ended,
                or the connection to it is lost. It was sent a ping, which waits
                for the next one; where there is nobody at all, it is sent
                again after 'delay_ms'
        SILENT  it has work, and answered neither that nor a ping for three
                heartbeats: it hangs, or is busy with something long
    A silent one is UP with any answer. One that is DOWN is UP with the answer
    to a ping that was sent behind the monitor in force: since both keep their
    order, no end of the incarnation that answers can be missed.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_POOL_BALANCER_PARTS_H_INCLUDED
#define TROUPE_POOL_BALANCER_PARTS_H_INCLUDED

#include <troupe/balancer.h>
#include <troupe/timer.h>

#define TROUPE_BALANCER_WINDOW 64u
#define TROUPE_BALANCER_QUEUE_LIMIT 1024u

typedef enum {
    TROUPE_WORKER_UP = 0,
    TROUPE_WORKER_DOWN,
    TROUPE_WORKER_SILENT
} troupe_worker_health_t;

typedef struct troupe_balancer_worker troupe_balancer_worker_t;
struct troupe_balancer_worker {
    troupe_balancer_t *balancer;
    troupe_ref_t *ref;
    troupe_balancer_worker_t *next, *previous;  //  Among those that can take a call and are as busy
    bool listed;
    bool removed;
    bool pinged;                //  A ping is on its way:
    troupe_call_t ping;
    bool orphaned;              //  The balancer is gone; the ping's end frees what is left
    uint8_t quiet;              //  Heartbeats since its last answer
    troupe_worker_health_t health;
    int64_t delay_ms;
    troupe_timer_t timer;       //  Until the next ping to somebody absent
    troupe_monitor_t monitor;   //  0: none
    troupe_monitor_t ping_monitor;  //  The one in force when it was pinged last
    uint32_t listed_at;         //  Which list it is in
    uint32_t outstanding;
    uint32_t outstanding_high;
    uint64_t calls, failures, restarts;
};

typedef enum {
    TROUPE_JOB_FREE = 0,
    TROUPE_JOB_QUEUED,
    TROUPE_JOB_SENT,
    TROUPE_JOB_ENDED
} troupe_job_state_t;

typedef struct troupe_balancer_job troupe_balancer_job_t;
struct troupe_balancer_job {
    troupe_balancer_t *balancer;
    troupe_balancer_worker_t *worker;           //  SENT
    troupe_balancer_job_t *next, *previous;     //  In the queue; 'next' also in the free and ended lists
    troupe_reply_fn *on_reply;
    void *context;
    int64_t deadline_us;
    troupe_call_t call;                         //  SENT
    troupe_message_t *message;                  //  QUEUED: the payload when it was handed over, else
    uint8_t *data;                              //  a copy, in memory that stays with the job
    size_t size, capacity;
    uint32_t number, generation;
    uint16_t tag;
    uint8_t outcome;                            //  ENDED
    uint8_t state;
    bool idempotent;                            //  The payload is kept while it is SENT
    bool repeated;
};

//  Workers that can take a call and have the same number of calls in flight, the longest-waiting first.
typedef struct troupe_balancer_list {
    troupe_balancer_worker_t *first, *last;
} troupe_balancer_list_t;

struct troupe_balancer {
    troupe_actor_t *self;
    uint32_t window, queue_limit;
    troupe_balancer_list_t *lists;      //  By calls in flight: 0 to window - 1
    uint32_t lowest;                    //  All lists below it are empty
    troupe_balancer_worker_t **workers;
    size_t worker_count, worker_capacity, removed_count;
    troupe_timer_t heartbeat;           //  While anything is in flight or waits
    size_t rotor;                       //  Whose turn a cast is when nobody is up
    troupe_balancer_job_t **blocks;     //  All jobs, in blocks
    size_t block_count, block_capacity;
    troupe_balancer_job_t *free_jobs;
    troupe_balancer_job_t *first_queued, *last_queued;
    troupe_balancer_job_t *first_ended, *last_ended;
    troupe_timer_t queue_timer;         //  For the earliest deadline in the queue
    int64_t queue_due_us;
    troupe_timer_t ended_timer;
    troupe_balancer_stats_t stats;      //  Without the workers
};

//  --- Workers

//  Puts a worker into the list where it belongs now, behind the others, or into none.
void troupe_balancer_file (troupe_balancer_worker_t *worker);

//  The least busy worker that can take a call; null when there is none.
troupe_balancer_worker_t *troupe_balancer_pick (troupe_balancer_t *balancer);

//  Asks to be told of its end. TROUPE_ENOMEM.
troupe_error_t troupe_balancer_watch (troupe_balancer_worker_t *worker);

//  Finds out whether it is there: until then it is DOWN.
void troupe_balancer_meet (troupe_balancer_worker_t *worker);

//  Keeps the heart beating while there is anything to do.
void troupe_balancer_beat (troupe_balancer_t *balancer);

//  A call to it has been sent; it has ended.
void troupe_balancer_sent (troupe_balancer_worker_t *worker);
void troupe_balancer_ended (troupe_balancer_worker_t *worker, troupe_outcome_t outcome);

//  --- Jobs

//  Gives queued jobs to workers that can take them.
void troupe_balancer_pump (troupe_balancer_t *balancer);

//  Frees all jobs.
void troupe_balancer_free_jobs (troupe_balancer_t *balancer);

#endif
