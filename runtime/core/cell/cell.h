/*  =========================================================================
    core/cell/cell.h - the actor cell: an actor without its thread

    Place: runtime/core. A cell holds everything that belongs to one actor and
    implements the public functions on the self handle. It is driven by its
    host (host.h), which feeds it packets, control words and time, and calls
    troupe_cell_turn. All of it happens on one thread.

    The life of a cell:

        STARTING -> RUNNING -> ENDING -> ENDED -> STARTING (restart) ...
                                           \-> FINAL (released; the host frees it)

    ENDING: children are being stopped, in reverse order; mail waits. ENDED: the
    state is gone, mail waits, the parent decides. FINAL: mail was answered
    with DOWN, every peer has been told.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_CORE_CELL_H_INCLUDED
#define TROUPE_CORE_CELL_H_INCLUDED

#include <troupe/rpc_call.h>

#include "core/cell/host.h"
#include "core/base/random.h"
#include "core/base/timers.h"

#define TROUPE_WEDGED_MS 30000

typedef enum {
    TROUPE_CELL_NEW = 0,
    TROUPE_CELL_STARTING,
    TROUPE_CELL_RUNNING,
    TROUPE_CELL_ENDING,
    TROUPE_CELL_ENDED,
    TROUPE_CELL_FINAL
} troupe_cell_state_t;

//  A message: a view into a block, or an object of its own.
struct troupe_message {
    const uint8_t *data;
    size_t size;
    troupe_block_t *block;      //  What a view lies in; what an owned message shares
    troupe_peer_t *peer;        //  Views: whom to answer; null for replies
    uint64_t correlation;       //  Calls only, else 0
    int64_t deadline_us;
    char *text;                 //  A terminated copy, made when asked for
    troupe_free_fn *release;    //  Owned messages without a block: how 'data' is freed
    void *hint;
    size_t *kept;               //  Counts those that are kept, for a host that looks for leaks; or null
    uint16_t tag;
    bool owned;
    bool settled;               //  A call that has been answered, deferred or delegated
    bool terminated;            //  A null stands behind the payload
    bool call;                  //  Views: the sender waits for an answer
    bool idempotent;            //  Views: and it may be done twice
};

//  Which callback of the user's runs; a message in hand is in 'current'. Looked at from outside too: see
//  live/actor/describe.c.
typedef enum {
    TROUPE_DOING_NOTHING = 0,
    TROUPE_DOING_CALLBACK,          //  One that has no word of its own
    TROUPE_DOING_START,
    TROUPE_DOING_STOP,
    TROUPE_DOING_DRAIN,
    TROUPE_DOING_TIMER,
    TROUPE_DOING_STREAM,
    TROUPE_DOING_WATCH,
    TROUPE_DOING_REPLY,
    TROUPE_DOING_CHILD,
    TROUPE_DOING_ZMQ
} troupe_doing_t;

//  Somebody who sends to this cell's mailbox, by the host's number for it.
struct troupe_peer {
    uint64_t id;
    troupe_actor_t *cell;
    troupe_peer_t *next;            //  In its bucket
    troupe_peer_t *next_dirty;
    troupe_pack_t out;
    uint64_t taken_messages, taken_bytes;       //  Of its mail, in all
    uint64_t credited_messages, credited_bytes; //  What it has been told of that
    uint64_t arrived_messages;      //  In all; only counted where the oldest are dropped
    bool dirty;
    bool gone;                      //  It said BYE, or cannot be reached
    bool remote;                    //  In another process: it is welcomed, and heard only after its HELLO
    bool greeted;                   //  It has said HELLO, or has been told our bounds for having said something else
    bool mute;                      //  Remote, and not greeted: what it sends is refused
    uint32_t holders;               //  Mail, callers and monitors that point here
    uint32_t followed;              //  Of the callers, those that are followed and have not given up
    char name [64];
    void *host;
};

//  A piece of what waits for a connection.
typedef struct troupe_sealed {
    struct troupe_sealed *next;
    troupe_pack_t pack;
} troupe_sealed_t;

//  The payload of a call that may be made twice.
typedef struct troupe_copy {
    struct troupe_copy *next;       //  Among those that are kept for reuse
    bool spare;                     //  Its memory can be
    size_t size;
    uint16_t tag;
    uint8_t data [];
} troupe_copy_t;

//  A way to one actor.
struct troupe_ref {
    troupe_actor_t *cell;
    troupe_ref_t *next, *previous;
    troupe_ref_t *next_same;        //  In its bucket; those that came of links are in none
    troupe_ref_t *next_dirty;
    char *address;
    troupe_pack_t out;
    bool dirty;
    bool open;                      //  The host has a way there
    bool down;                      //  The actor has ended for good; opened anew at the next use
    troupe_link_t *link;            //  A ref to a child of one's own: found without the directory
    bool remote;                    //  The way leads out of the process: the host says when there is a connection
    bool relative;                  //  Deadlines travel as what is left of them
    bool wanting;                   //  It has asked for credit, and not had any since
    bool held;                      //  Remote, and what is to be sent waits: for WELCOME, or for room behind what waits
    bool reached;                   //  There is a connection, and HELLO has been said on it
    bool welcomed;                  //  And answered
    bool orphan;                    //  Its link is gone: freed when nothing points to it any more
    troupe_mailbox_options_t limits;
    uint64_t sent_messages, sent_bytes;     //  Against the mailbox's bounds, in all
    uint64_t taken_messages, taken_bytes;   //  What the other side has taken of it
    uint64_t released_messages, released_bytes; //  Remote: what of it has been handed to the connection
    troupe_sealed_t *sealed;        //  What waits in front of 'out', in pieces
    uint32_t stale;                 //  Calls and monitors among what waits that have ended, at most
    uint32_t first_call;            //  Pending calls and monitors: slot numbers + 1
    uint64_t serial;                //  Grows with each opening
    void *host;
};

//  Something that a cell waits for: a call's end or a monitor's message.
typedef struct troupe_pending {
    union {
        troupe_reply_fn *on_reply;
        troupe_down_fn *on_down;
    };
    void *context;
    troupe_response_fn *on_response;    //  Of a call of rpc_call.h, whose on_reply calls it
    troupe_ref_t *ref;
    uint64_t timer;                 //  Of its deadline, or of its end when that is known already
    int64_t deadline_us;
    uint64_t serial;                //  The opening of the ref that it went out on
    uint64_t position;              //  Remote: how much mail had been handed to the connection, with it
    troupe_copy_t *copy;            //  Of a call that may be made once more
    uint32_t generation;
    uint32_t next, previous;        //  In the ref's list, or in the free list: slots + 1
    uint8_t outcome;                //  When its end is known already
    bool used;
    bool monitor;
    bool sent;                      //  Remote: it has been handed to the connection that there is now
    bool repeated;
} troupe_pending_t;

//  Mail that has arrived and not been handled: a packet, and how far it has been read.
typedef struct troupe_mail {
    troupe_block_t *block;
    troupe_block_t **frames;        //  malloc'd array; null when there are none
    uint32_t frame_count, frame_next;
    size_t offset;
    int64_t arrived_us;             //  Of what came from another process, else 0
    troupe_peer_t *peer;            //  From the mailbox, or
    troupe_ref_t *ref;              //  from the other end of a ref
} troupe_mail_t;

//  Mail in the order in which it came: a ring.
typedef struct troupe_mail_queue {
    troupe_mail_t *items;
    size_t capacity, first, count;
} troupe_mail_queue_t;

//  A call that was given up while it may still be waiting in the mailbox.
typedef struct troupe_cancelled {
    troupe_peer_t *peer;
    uint64_t correlation;
} troupe_cancelled_t;

typedef struct troupe_follow troupe_follow_t;

//  Somebody who waits for an answer.
struct troupe_caller {
    troupe_actor_t *cell;
    troupe_caller_t *next, *previous;
    troupe_peer_t *peer;
    uint64_t correlation;
    int64_t deadline_us;
    troupe_follow_t *follow;        //  When it is wanted to be known that it gives up
    uint16_t tag;
};

//  Somebody who wants to know when a caller gives up: by peer and correlation among the others while it has not, then
//  in the row of those that are to be told.
struct troupe_follow {
    troupe_caller_t *caller;        //  Null: answered before it was told
    troupe_follow_t *next;          //  In its bucket, in the row, or among the spare ones
    troupe_cancelled_fn *on_cancelled;
    void *context;
    troupe_call_t delegated;        //  The call that was made for it
    bool given_up, told;
};

typedef struct troupe_own_name troupe_own_name_t;
typedef struct troupe_words troupe_words_t;
typedef struct troupe_name_follower troupe_name_follower_t;

//  Somebody who wants to be told when this incarnation ends.
typedef struct troupe_watcher {
    troupe_peer_t *peer;
    uint64_t id;
} troupe_watcher_t;

//  The parent's end.
struct troupe_link {
    troupe_actor_t *cell;
    troupe_link_t *next, *previous;     //  In order of spawning
    troupe_child_t spec;                //  With its own copies of id, endpoint and args
    troupe_child_fn *on_event;
    void *context;
    troupe_ref_t *ref;
    uint32_t incarnation;
    uint64_t timer;                     //  Of its shutdown
    bool stopping, halting;
    bool killing;                       //  The end under way is a brutal one
    bool killable;                      //  Set by the host: a brutal end is certain, and GONE follows
    bool gone;                          //  Only its last event is left: nothing can be said to it
    bool ended;                         //  It waits for a word
    bool name_pending;                  //  The directory has not answered yet
    bool name_taken;                    //  It answered no: the child only waits to be stopped
    bool started_pending;               //  STARTED came before the directory's answer
    bool wedged;                        //  It hangs, and its owner has been told
    uint64_t seen_callbacks;            //  For a host that looks at it: how many had begun when it did last, and
    int64_t busy_since_us;              //  since when it has seen that one run; 0: none did
    troupe_reason_t *reason;            //  Of its last end
    void *host;
};

struct troupe_actor {
    const troupe_host_t *host;
    void *host_data;                    //  The live or stage half
    const troupe_behavior_t *behavior;
    char *name;                         //  "" for none
    char *endpoint;                     //  Where its mailbox listens besides, set by the host; the cell frees it
    void *state;
    void *args;
    size_t args_size;
    troupe_cell_state_t cell_state;
    uint32_t incarnation;
    troupe_log_level_t log_level;
    bool has_parent;
    bool start_later, exit_asked, draining, failing;
    bool release_asked;                 //  When this incarnation has ended: let go, rather than wait for a word
    int64_t now_us;
    troupe_reason_t reason;             //  Why the incarnation fails or ends
    troupe_reason_t *cause;
    troupe_words_t *words;              //  What went wrong in this callback: see cell_words.c
    troupe_random_state_t random;
    troupe_timers_t timers;             //  The user's, of this incarnation
    troupe_timers_t system_timers;      //  Deadlines and shutdowns
    troupe_mailbox_options_t limits;    //  Of its own mailbox

    troupe_mail_queue_t mail;           //  From the mailbox: handled while RUNNING
    troupe_mail_queue_t answers;        //  From the other ends of refs: handled before mail
    troupe_cancelled_t *cancelled;
    size_t cancelled_count, cancelled_capacity;
    size_t *kept;                       //  The host's count of messages that are kept; null: it does not count
    //  These stand together, to be looked at from outside at once (live/actor/watchdog.c):
    uint64_t callbacks;                 //  That have begun so far: what a guest waits for
    const troupe_message_t *current;    //  The message in hand, for logs and for describe
    int64_t current_since_us;
    troupe_doing_t doing;               //  Which callback runs, other than a cast's handler
    bool waits;                         //  Within it, for somebody else: a mailbox with room, the directory

    troupe_ref_t *refs, *dirty_refs;
    troupe_ref_t **ref_table;           //  Buckets, by address
    size_t ref_buckets, ref_count;
    size_t orphans;                     //  Refs among them whose links are gone
    troupe_peer_t **peers;              //  Buckets
    size_t peer_buckets, peer_count;
    troupe_peer_t *dirty_peers;
    troupe_pending_t *pending;
    uint32_t pending_capacity, pending_free, pending_used;
    troupe_copy_t *spare_copies;
    unsigned spare_copy_count;
    troupe_response_fn *on_response;    //  The one of the call that ends just now
    troupe_caller_t *callers;
    troupe_caller_t *spare_callers;     //  Freed, for the next ones, by 'next'
    unsigned spare_caller_count;
    troupe_follow_t **follows;          //  Buckets; see cell_follow.c
    size_t follow_buckets, follow_count;
    troupe_follow_t *first_given_up, *last_given_up;    //  To be told in this turn or the next
    troupe_follow_t *spare_follows;
    size_t spare_follow_count;
    troupe_watcher_t *watchers;
    size_t watcher_count, watcher_capacity;
    troupe_link_t *first_link, *last_link;
    size_t abandoned;                   //  Children given up, here and below; the host counts its own

    troupe_stream_t *streams;           //  See core/stream/stream.h; these lists are circular
    troupe_stream_t *dirty_streams;     //  With something to send when the turn ends
    troupe_stream_t *stream_events;     //  With an event to deliver in the next turn
    size_t stream_event_count;
    troupe_listener_t *listeners;
    troupe_listener_t *kept_listeners;  //  Of an earlier incarnation, until they are listened at again
    troupe_listener_t *accepting;       //  The one whose callback runs; null once it is closed
    struct troupe_chunk *free_chunks;   //  See core/stream/chunk.h
    size_t free_chunk_count;
    troupe_watch_t *watches;
    troupe_zmq_t *zmq_sockets;          //  See core/edge/zmq_socket.h

    troupe_own_name_t *own_names;       //  See cell_names.c
    troupe_name_follower_t *followers;  //  Its watches on names
    uint64_t followed;                  //  How many there were, in all its incarnations

    uint64_t dead_letters [TROUPE_DEAD_REASONS];
    uint64_t dead_unlogged;
    int64_t dead_logged_us;             //  0: none was, within the last second
    troupe_dead_letter_fn *on_dead_letter;
    void *dead_letter_context;
    bool reads_letter;                  //  Its callback runs: what dies of that is not told again
};

//  --- What a host calls

/*  Makes the inside of a cell: 'cell' is zeroed memory of the host's. Copies name and args. The root has no parent.
    TROUPE_ENOMEM.                                                                                          */
troupe_error_t troupe_cell_init (troupe_actor_t *cell, const troupe_host_t *host, void *host_data,
                                 const troupe_child_t *spec, uint64_t seed, bool has_parent);

//  The bounds of a mailbox with what zeros in them mean.
troupe_mailbox_options_t troupe_cell_limits (troupe_mailbox_options_t limits);

//  Frees what the cell holds. It must be FINAL, or never have begun.
void troupe_cell_clear (troupe_actor_t *cell);

//  Takes what a cell holds away as the end of its process would, and clears it. 'stop' runs, if there is a state, only
//  that memory is freed: the host sees to it that nothing it sends gets out.
void troupe_cell_crash (troupe_actor_t *cell);

//  Begins the first incarnation; its result goes to the parent.
void troupe_cell_start (troupe_actor_t *cell);

/*  Looks at a packet for the mailbox as soon as it is seen, before it is handled and even while mail waits: what was
    cancelled, and how much has arrived where the oldest are dropped. A host calls it once for each packet, before
    or together with troupe_cell_arrived.                                                                  */
void troupe_cell_note (troupe_actor_t *cell, troupe_peer_t *peer, const uint8_t *data, size_t size);

/*  A packet has arrived: for the mailbox from 'peer', or on 'ref' (the other is null). Takes the holders of the
    blocks over. 'frames' is malloc'd and taken over; null when there are none. It is handled in the next turn.
    False when memory is out: nothing changed hands.                                                       */
bool troupe_cell_arrived (troupe_actor_t *cell, troupe_peer_t *peer, troupe_ref_t *ref,
                          troupe_block_t *block, troupe_block_t **frames, size_t frame_count);

//  The short way for a packet for the mailbox that is but one cast: handles it at once, if nothing is in front of it,
//  and takes the block over. False: nothing happened, use troupe_cell_arrived.
bool troupe_cell_take_cast (troupe_actor_t *cell, troupe_peer_t *peer, troupe_block_t *block);

//  The peer of that number, made when it is new; null when memory is out.
troupe_peer_t *troupe_cell_peer (troupe_actor_t *cell, uint64_t id);

//  A word on the control lane: from the parent, or from a child. The bytes are only looked at.
void troupe_cell_parent_says (troupe_actor_t *cell, const uint8_t *data, size_t size);
void troupe_cell_child_says (troupe_actor_t *cell, troupe_link_t *link, const uint8_t *data, size_t size);

//  How long a callback of the child may take; TROUPE_FOREVER when it does not matter.
static inline int64_t troupe_link_wedged_ms (const troupe_link_t *link)
{
    return link->spec.wedged_ms ? link->spec.wedged_ms : TROUPE_WEDGED_MS;
}

//  The child hangs in a callback, as 'doing' says: "users has been handling GET from http for 30012 ms". It is logged
//  and told to the owner, once until it goes on, which is logged.
void troupe_cell_child_wedged (troupe_actor_t *cell, troupe_link_t *link, const char *doing);
void troupe_cell_child_goes_on (troupe_actor_t *cell, troupe_link_t *link, int64_t after_ms);

//  The directory's answer to the name that spawn asked for: TROUPE_OK or TROUPE_EADDRINUSE.
void troupe_cell_child_named (troupe_actor_t *cell, troupe_link_t *link, troupe_error_t error);

/*  Of a way out of the process (ref->remote). Connected: bytes can flow, HELLO is sent, and once the other side has
    said WELCOME, what was held back. Broken: the connection is lost, or the process behind it, or it could not be made:
    monitors are told 'reason', calls that were sent end with DOWN or go once more, casts that were sent and not taken
    are dead letters; what was not sent is held back until the next connection. Both may come again and again. */
void troupe_cell_ref_connected (troupe_actor_t *cell, troupe_ref_t *ref);
void troupe_cell_ref_broken (troupe_actor_t *cell, troupe_ref_t *ref, const troupe_reason_t *reason);
//  The connection is lost, and why will be known soon: what is to be sent waits until the one word or the other.
void troupe_cell_ref_hold (troupe_actor_t *cell, troupe_ref_t *ref);

//  Of the mailbox: the peer is in another process, to be said before its first packet is handed over; its connection is
//  lost, to be said when all that had come on it has been.
void troupe_cell_peer_remote (troupe_actor_t *cell, troupe_peer_t *peer);
void troupe_cell_peer_lost (troupe_actor_t *cell, uint64_t id);

//  A name that a watch follows has come or gone.
void troupe_cell_name_changed (troupe_actor_t *cell, uint64_t number, troupe_name_change_t change, const char *name,
                               const char *endpoint);

//  The actor behind the ref has ended for good, and could not say so itself.
void troupe_cell_ref_lost (troupe_actor_t *cell, troupe_ref_t *ref, const troupe_reason_t *reason);

//  A dead letter for a cell that has subscribed.
void troupe_cell_dead_letter (troupe_actor_t *cell, const troupe_dead_letter_t *letter);

//  Ends a cell that has no parent, as SHUTDOWN: troupe_cell_parent_says with a stop does it for the others.
void troupe_cell_shut_down (troupe_actor_t *cell);

//  Handles up to 'budget' records of mail, then the timers that are due, then sends what has been packed. True when
//  there is mail left or a timer is due already: do not sleep.
bool troupe_cell_turn (troupe_actor_t *cell, size_t budget);

//  When the cell wants its next turn at the latest, in microseconds of the host's clock; TROUPE_FOREVER for never.
int64_t troupe_cell_next_us (const troupe_actor_t *cell);

//  Handles what has come back on refs. Part of a turn; also for hosts before they say that an actor is gone.
void troupe_cell_hear (troupe_actor_t *cell);

//  Sends what is packed. Part of a turn; also for hosts after they have run callbacks.
void troupe_cell_flush (troupe_actor_t *cell);

//  Whether mail is handled now; while not, a host leaves it where it is.
static inline bool troupe_cell_takes_mail (const troupe_actor_t *cell)
{
    return cell->cell_state == TROUPE_CELL_RUNNING;
}

//  --- What the parts of the runtime share

/*  Brackets a callback of the user's. 'leave' handles its result: what is not 0 ends the incarnation, as does
    troupe_exit. Between them nothing of the cell is freed; after 'leave' returned false the incarnation is over.  */
void troupe_cell_enter (troupe_actor_t *cell);
bool troupe_cell_leave (troupe_actor_t *cell, int result);

/*  Says in words what 'error' is, which the user's callback is about to get: "a REP socket cannot bind", where, and
    why, which may begin with where. They are the reason if the incarnation fails because of it, else a line of the
    log.                                                                                                   */
void troupe_cell_explain (troupe_actor_t *cell, troupe_error_t error, const char *deed, const char *place,
                          const char *why);

//  Reads the clock into cell->now_us.
static inline int64_t troupe_cell_refresh (troupe_actor_t *cell)
{
    return cell->now_us = cell->host->now_us (cell);
}

//  When so many milliseconds from now have passed; TROUPE_FOREVER for more than the clock can count.
static inline int64_t troupe_cell_due_us (const troupe_actor_t *cell, int64_t delay_ms)
{
    if (delay_ms >= (TROUPE_FOREVER - cell->now_us) / 1000)
        return TROUPE_FOREVER;
    return cell->now_us + (delay_ms > 0 ? delay_ms * 1000 : 0);
}

//  Ends the incarnation as the reason in cell->reason says (children first, asynchronously).
void troupe_cell_end (troupe_actor_t *cell);

//  Counts, logs (throttled) and publishes a dead letter.
void troupe_cell_bury (troupe_actor_t *cell, troupe_dead_reason_t reason, uint16_t tag, size_t size, uint64_t count,
                       const char *from, const char *to);

//  The name of a tag for logs: the behavior's, or its number. Returns 'text'.
const char *troupe_cell_tag_name (const troupe_behavior_t *behavior, uint16_t tag, char *text, size_t size);

#endif
