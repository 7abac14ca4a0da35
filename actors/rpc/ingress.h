/*  =========================================================================
    ingress.h - the inside of the RPC door

    Place: actors/rpc, between ingress.c (the behavior), intake.c (messages
    in), piece.c (questions that come in pieces), question.c (what becomes of
    a question), cache.c (answers that are kept), answer.c (messages out),
    asker.c (who asks). What is the same for every door is in actors/door.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

/*  An asker is an envelope, all that has to stand in front of an answer, and a
    user, if the peer was asked for a certificate: clients choose what they are
    addressed by, and what one has begun no other one goes on with. The first
    frame of it is a connection, which is an asker too, since it is what limits
    go by. Askers exist as long as there is something of theirs here.

    A question lives from its message to its answer, and is answered exactly
    once; by nobody who forgets: who takes it on either gives it away (then its
    reply comes), keeps it with another one of the same Request-Id (then that
    one's reply comes), or answers and frees it.

    Answers in troupe's framing are collected for each asker, and leave when
    the mail of the turn has been looked at, many in one message.
*/

#ifndef TROUPE_RPC_INGRESS_H_INCLUDED
#define TROUPE_RPC_INGRESS_H_INCLUDED

#include <troupe/rpc.h>
#include <troupe/timer.h>
#include <troupe/zmq_socket.h>

#include "address.h"
#include "base/hash.h"
#include "document.h"
#include "door/door.h"
#include "record.h"

typedef struct troupe_rpc_ingress troupe_rpc_ingress_t;
typedef struct troupe_rpc_asker troupe_rpc_asker_t;
typedef struct troupe_rpc_inquiry troupe_rpc_inquiry_t;
typedef struct troupe_rpc_partial troupe_rpc_partial_t;
typedef struct troupe_rpc_kept troupe_rpc_kept_t;

struct troupe_rpc_asker {
    troupe_rpc_asker_t *next;               //  In its bucket
    troupe_rpc_asker_t *connection;         //  May be itself
    troupe_rpc_asker_t *next_dirty;
    bool dirty;                             //  Its answers are to be sent
    size_t uses;                            //  Inquiries and partials, and askers of which it is the connection
    size_t in_flight;                       //  A connection's: inquiries
    uint64_t pieces_memory;                 //  A connection's
    troupe_rpc_inquiry_t *inquiries;
    troupe_rpc_partial_t *partials;
    troupe_rpc_message_t answers;
    const char *user;                       //  Behind the address
    size_t size;
    uint8_t address [];
};

//  A question, whatever it came in.
struct troupe_rpc_inquiry {
    troupe_rpc_ingress_t *ingress;
    troupe_rpc_asker_t *asker;
    troupe_rpc_inquiry_t *next, *previous;  //  Of the same asker
    troupe_rpc_inquiry_t *next_waiting;     //  For the same answer to be kept
    troupe_rpc_kept_t *kept;                //  Its own, under way; or null
    bool is_record;                         //  In troupe's framing
    bool head_only;
    bool called;                            //  A reply will come
    bool unwanted;                          //  It has been cancelled
    troupe_format_t format;
    uint64_t id;                            //  In troupe's framing
    int64_t left_us;
    const troupe_route_t *route;
    troupe_door_call_t call;
};

struct troupe_rpc_partial {
    troupe_rpc_partial_t *next;
    uint64_t id;
    uint8_t *data;                          //  Null when it has been answered already, and the rest still comes
    size_t size, room;
    int64_t left_us, began_us;
    bool refused;
};

//  Questions of which there was no room for the first piece, or no time for the last: the pieces that follow are not to
//  be answered again. The oldest are forgotten.
#define TROUPE_RPC_GIVEN_UP 64u

typedef struct troupe_rpc_given_up {
    uint64_t marks [TROUPE_RPC_GIVEN_UP];   //  Of asker and id; 0: none
    size_t next, count;
} troupe_rpc_given_up_t;

//  So large an answer needs no memory of its own.
#define TROUPE_RPC_KEPT_ROOM 96u

struct troupe_rpc_kept {
    troupe_keyed_digest_t digest;           //  Of its key
    troupe_rpc_kept_t *younger;             //  Answered after it
    troupe_rpc_inquiry_t *waiting;          //  Who came while it was under way
    int64_t until_ms;
    bool answered;
    uint8_t *response;                      //  'room', or malloc'd
    size_t response_size;
    uint8_t room [TROUPE_RPC_KEPT_ROOM];
};

typedef struct troupe_rpc_slot {
    uint64_t hash;                          //  The first half of the digest, so that the entry need not be looked at
    troupe_rpc_kept_t *kept;                //  Null: it is free
} troupe_rpc_slot_t;

//  Entries are found in the slot that their hash says, or in one of those behind it up to the next free one. At least
//  every eighth is free. Made with the first entry.
typedef struct troupe_rpc_cache {
    troupe_rpc_slot_t *slots;
    size_t slot_count;                      //  A power of two
    troupe_rpc_kept_t *oldest, *youngest;   //  Answered
    uint64_t memory;
    size_t entries;
} troupe_rpc_cache_t;

typedef struct troupe_rpc_counters {
    uint64_t questions, answers_2xx, answers_3xx, answers_4xx, answers_5xx, answers_kept, answers_lost, malformed;
} troupe_rpc_counters_t;

#define TROUPE_RPC_ASKERS 1024u

struct troupe_rpc_ingress {
    troupe_actor_t *self;
    const troupe_rpc_t *spec;
    troupe_rpc_options_t options;
    troupe_door_t door;
    troupe_response_t *bare;                //  An answer to HEAD
    troupe_zmq_t *socket;
    troupe_rpc_asker_t *askers [TROUPE_RPC_ASKERS];
    troupe_rpc_asker_t *recent;             //  The last one who has asked: one use of it
    troupe_rpc_asker_t *dirty;
    troupe_rpc_inquiry_t *spare_inquiries;  //  Freed, by 'next'
    unsigned spare_count;
    troupe_timer_t flush_timer, sweep_timer;
    uint64_t key [2];                       //  Of the hashes
    uint64_t pieces_memory;
    size_t partials;
    troupe_rpc_given_up_t given_up;
    troupe_rpc_cache_t cache;
    troupe_rpc_counters_t counters;
};

//  --- asker.c

//  A use of the asker; null when memory is out. Each is to be given back.
troupe_rpc_asker_t *troupe_rpc_asker_use (troupe_rpc_ingress_t *ingress, const troupe_rpc_address_t *address);
void troupe_rpc_asker_release (troupe_rpc_ingress_t *ingress, troupe_rpc_asker_t *self);

//  A new question of that asker; null when memory is out.
troupe_rpc_inquiry_t *troupe_rpc_inquiry_new (troupe_rpc_ingress_t *ingress, const troupe_rpc_address_t *address);
void troupe_rpc_inquiry_free (troupe_rpc_inquiry_t *self);

//  Answers all inquiries with 503, and frees everything, at the end of the incarnation.
void troupe_rpc_askers_end (troupe_rpc_ingress_t *ingress);

//  --- intake.c

//  A message has come.
int troupe_rpc_on_message (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                           size_t count, void *context);

//  --- piece.c

//  Takes a piece in. True when it was one; its question is asked when it was the last.
bool troupe_rpc_take_piece (troupe_rpc_ingress_t *ingress, const troupe_rpc_address_t *address,
                            const troupe_rpc_record_t *record);

//  Gives up what has taken too long, of all askers; and all of one asker.
void troupe_rpc_partials_sweep (troupe_rpc_ingress_t *ingress);
void troupe_rpc_partials_free (troupe_rpc_ingress_t *ingress, troupe_rpc_asker_t *asker);

//  --- question.c

//  Asks: an encoded request, which is copied; or taken over, being malloc'd.
void troupe_rpc_ask (troupe_rpc_inquiry_t *self, const void *request, size_t size);
void troupe_rpc_ask_owned (troupe_rpc_inquiry_t *self, void *request, size_t size);

//  Answers with a problem, and frees it.
void troupe_rpc_answer_problem (troupe_rpc_inquiry_t *self, int status, const char *detail);
void troupe_rpc_answer_unavailable (troupe_rpc_inquiry_t *self, const char *detail);

//  Answers as the door's response says, and frees it.
void troupe_rpc_answer_response (troupe_rpc_inquiry_t *self);

//  Ends the actor when it is to end and nothing is left.
void troupe_rpc_exit_when_done (troupe_rpc_ingress_t *ingress);

//  --- cache.c

typedef enum { TROUPE_RPC_NEW = 0, TROUPE_RPC_WAITING, TROUPE_RPC_ANSWERED } troupe_rpc_known_t;

//  Whether the same has been asked before: then the inquiry is answered, or waits. NEW: it is to be asked, and kept if
//  it can be.
troupe_rpc_known_t troupe_rpc_cache_look (troupe_rpc_inquiry_t *self, const troupe_request_t *request);

//  An inquiry ends with these bytes of a response: who waits for the same is answered, and it is kept if 'keep'.
void troupe_rpc_cache_answered (troupe_rpc_inquiry_t *self, troupe_bytes_t response, bool keep);

void troupe_rpc_cache_sweep (troupe_rpc_ingress_t *ingress);
void troupe_rpc_cache_free (troupe_rpc_ingress_t *ingress);

//  --- answer.c

//  Sends an encoded response to who asked; 'view' is the same decoded, and null when it is none.
void troupe_rpc_send_response (troupe_rpc_inquiry_t *self, troupe_bytes_t response);
void troupe_rpc_send_view (troupe_rpc_inquiry_t *self, troupe_bytes_t response, const troupe_response_view_t *view);

//  Sends an answer that needs no memory: 503.
void troupe_rpc_send_bare (troupe_rpc_ingress_t *ingress, const uint8_t *address, size_t size, bool is_record,
                           uint64_t id, troupe_format_t format);

//  Sends what is collected for all askers.
void troupe_rpc_flush (troupe_rpc_ingress_t *ingress);

//  Sees to it that time limits are looked at.
void troupe_rpc_arm_sweep (troupe_rpc_ingress_t *ingress);

#endif
