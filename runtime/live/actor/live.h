/*  =========================================================================
    live/actor/live.h - the live half of a cell: its thread, its sockets, its wait

    Place: runtime/live. A live actor is a cell (core/cell/cell.h) on a thread of
    its own, with these sockets of libzmq:

        mailbox     ROUTER, bound; others' refs connect to it
        control     PAIR, to the parent; looked at before everything else
        a DEALER    for each ref it has opened
        names       DEALER, to the directory (live/directory/names.h); made when needed

    The parent makes mailbox and control and hands them over with the thread's
    creation, which is a full fence, so that running out of descriptors is an
    error of spawn's; afterwards no socket changes threads. What all actors
    share (troupe_shared_t) is not changed once it is made.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_LIVE_H_INCLUDED
#define TROUPE_LIVE_LIVE_H_INCLUDED

#include "core/cell/cell.h"
#include "live/app/config.h"
#include "live/actor/handover.h"
#include "live/app/log.h"
#include "live/directory/names.h"
#include "live/stream/poller.h"
#include "live/security/security.h"
#include "live/actor/wait.h"
#include "live/actor/watchdog.h"

#include <pthread.h>
#include <zmq.h>

//  What the streams of a live cell share: see live/stream/stream.h.
typedef struct troupe_live_streams troupe_live_streams_t;

//  Constant once made: every actor thread reads it.
typedef struct troupe_shared {
    void *context;
    troupe_config_t *config;
    troupe_security_t *security;        //  Of tcp; may be null
    troupe_logger_t logger;             //  What each actor's logger begins as
    bool polls;                         //  Whether a short poll before sleeping may pay off at all
    char *program;                      //  What is run for children that are processes; null: none can be
    char prefix [48];                   //  Of all inproc endpoints: "inproc://troupe-0123456789abcdef"
    char names [TROUPE_ENDPOINT_MAX + 1];   //  The directory's endpoint: inproc://, or ipc:// in a child process
} troupe_shared_t;

typedef struct troupe_dealer troupe_dealer_t;
typedef struct troupe_packet troupe_packet_t;
typedef struct troupe_offspring troupe_offspring_t;
typedef struct troupe_port troupe_port_t;

/*  Whether a socket has something to be read. Its descriptor tells, but sending on it may eat the signal: then it is
    only suspected, and looked at before the thread sleeps, or after a while. Looking costs a system call.   */
typedef enum {
    TROUPE_HOPE_DRY = 0,
    TROUPE_HOPE_SUSPECTED,
    TROUPE_HOPE_KNOWN
} troupe_hope_t;

typedef struct troupe_live {
    troupe_actor_t cell;                //  First: a cell's address is its live half's
    const troupe_shared_t *shared;
    troupe_poller_t poller;
    troupe_wait_t wait;
    troupe_logger_t logger;
    troupe_live_streams_t *streams;
    char path [128];                    //  Of its own endpoints
    troupe_offspring_t *first_unnamed, *last_unnamed;  //  Children whose name is not confirmed yet
    uint64_t spawned;                   //  Children so far: numbers for their paths

    void *mailbox;                      //  Null for a guest
    troupe_source_t mailbox_source;
    troupe_port_t *port;                //  Of the mailbox, once other processes can reach it: see live/port/port.h
    char listen [TROUPE_ENDPOINT_MAX + 1];  //  Where it is to be reached besides; "": nowhere
    uint64_t monitors;                  //  Of sockets, so far: numbers for their paths
    const troupe_ref_t *refused;        //  Whose endpoint was the last that could not be used, as the log says
    void *control;                      //  Null for a guest
    troupe_source_t control_source;
    struct troupe_kept_control *control_waiting;    //  Words that came while the actor was waiting

    troupe_dealer_t *known_dealers;     //  Those that have something to be read
    troupe_dealer_t *suspected_dealers; //  Those that may have
    size_t batch;                       //  How many packets are taken in before they are handled: adapts
    void *names;
    troupe_source_t names_source;
    uint64_t searches;                  //  So far: numbers for the answers
    troupe_dead_letter_t letter;        //  Not sent yet: those alike are counted together; count 0: none
    struct troupe_kept_word *names_waiting, *names_waiting_last;    //  Words that came while another was waited for
    troupe_offspring_t *zombies;        //  Given up, and not ended yet
    const struct troupe_relay *relay;   //  Where its children's words go instead; null: they are meant for its cell
    troupe_watchdog_t watchdog;         //  Over its children that are threads

    struct troupe_zmq_inbox *zmq_in_hand;   //  Of a ZeroMQ socket's callback that runs: see live/edge/zmq_socket.h
    zmq_msg_t peer_message;             //  The routing id that was received last
    troupe_packet_t *free_packets;
    size_t free_packet_count;
    int64_t looked_us;                  //  When it last looked at its poller
    int64_t worked_us;                  //  When the last turn began, or the thread woke
    size_t budget;                      //  Records a turn may handle: adapts to how long they take

    bool awaits_hearing;                //  In a process that hosts it: it goes on when its start has been heard of
    bool start_heard;
    bool refs_lost;                     //  The directory said that some actors are gone
    bool names_told;                    //  Something was sent to the directory, which may have eaten a signal
    bool letters_unwanted;              //  The directory said that nobody reads dead letters
    bool letters_known;                 //  It has heard of letters from here: it is told when this actor leaves
    bool names_lost;                    //  The directory did not answer, or its process is gone: it is asked no more
    bool closed;
    bool slow;                          //  The last handlers took long
    troupe_hope_t mailbox_hope;
} troupe_live_t;

static inline troupe_live_t *troupe_live (troupe_actor_t *cell)
{
    return (troupe_live_t *) cell;
}

//  Where the cell keeps its streams' half; null until its first stream.
troupe_live_streams_t **troupe_live_streams (troupe_actor_t *cell);

//  What the cell's thread waits with.
troupe_poller_t *troupe_live_poller (troupe_actor_t *cell);

//  --- shared.c

/*  Fills in what takes making: configuration, context, security, program. What it takes is to be closed in any case. On
    an error 'why' may hold one line: as troupe_config_load, troupe_context_open and troupe_security_new.   */
troupe_error_t troupe_shared_open (troupe_shared_t *shared, const char *config_file, const char *const *settings,
                                   const char *program, char *why, size_t why_size);
void troupe_shared_close (troupe_shared_t *shared);

//  The live implementation of core/cell/host.h.
extern const troupe_host_t troupe_live_host;

//  --- live.c

//  Makes the live half for a spec, without sockets. The caller owns it; null when memory is out.
troupe_live_t *troupe_live_new (const troupe_shared_t *shared, const troupe_child_t *spec, const char *path,
                                bool has_parent);
//  Frees it, closing what is still open. Not while its thread runs.
void troupe_live_destroy (troupe_live_t **self_p);
//  Closes its sockets and frees what the cell holds, but not 'self': the end of its thread.
void troupe_live_close (troupe_live_t *self);
//  Begins to wait for its sockets: on its own thread.
troupe_error_t troupe_live_open (troupe_live_t *self);
//  Takes in what has arrived and takes one turn; true when there is more to do at once. 'look': also at sockets that
//  are only suspected.
bool troupe_live_round (troupe_live_t *self, bool look);
//  Rounds and waits, until 'until_us' or the cell is FINAL or something has happened; true when something has.
bool troupe_live_run (troupe_live_t *self, int64_t until_us);
int64_t troupe_live_now_us (troupe_actor_t *cell);

//  --- socket.c

//  A socket without bounds of its own (the cells count credit), bound or connected to 'endpoint'; null with *error_p
//  set.
void *troupe_socket_new (const troupe_shared_t *shared, int type, const char *endpoint, bool bind,
                         troupe_error_t *error_p);
//  The descriptor that says when to look at a socket; see ZMQ_FD in zmq_getsockopt(3): looked at means read until dry.
int troupe_socket_descriptor (void *socket);
//  Whether there is something to read; eats the descriptor's signal.
bool troupe_socket_readable (void *socket);
//  Sends bytes as a message of one frame, which cannot block; false when nobody can get it.
bool troupe_socket_send (void *socket, const void *data, size_t size);
//  The typed error for an errno of libzmq's.
troupe_error_t troupe_socket_error (int error_number);

//  --- packet.c

//  What has been received last: a block, with the frames behind it. 'frames' is malloc'd, or null.
typedef struct troupe_received {
    troupe_block_t *block;
    troupe_block_t **frames;
    size_t frame_count;
    bool dropped;               //  There was one, and nothing of it was taken: look for the next
} troupe_received_t;

//  Receives the next packet, after its routing id if the socket is a mailbox. False when there is none (or no memory
//  for it: then it is lost, which its sender's credit shows), or when it was not as a troupe's packets are: 'dropped'.
bool troupe_packet_receive (troupe_live_t *live, void *socket, uint64_t *peer_p, troupe_received_t *received);
void troupe_received_drop (troupe_received_t *received);
//  Sends a pack, behind a routing id if 'peer' is not 0, and empties it. False when nobody can get it.
bool troupe_packet_send (void *socket, uint64_t peer, troupe_pack_t *pack);
void troupe_packets_clear (troupe_live_t *live);

//  --- mailbox.c

troupe_error_t troupe_mailbox_open (troupe_live_t *live);
void troupe_mailbox_collect (troupe_actor_t *cell);
//  Takes mail in, up to a batch, if the cell takes it. How many packets.
size_t troupe_mailbox_take (troupe_live_t *live, bool look);
bool troupe_mailbox_send (troupe_actor_t *cell, troupe_peer_t *peer, troupe_pack_t *pack);

//  --- port.c

//  The host's listen_mailbox: binds it where the spec's 'listen' says, once.
troupe_error_t troupe_port_listen (troupe_actor_t *cell, char *why, size_t why_size);
/*  Binds the mailbox at one more endpoint, ipc:// or tcp://, on the actor's own thread; at any time after
    troupe_mailbox_open. 'bound', if not null, is where it is then, with the port that the system has chosen. On an
    error, as troupe_spawn's for an ENDED, 'why' has it in words.                                              */
troupe_error_t troupe_port_bind (troupe_live_t *live, const char *endpoint, char *bound, size_t bound_size,
                                 char *why, size_t why_size);

//  --- dealer.c

troupe_error_t troupe_dealer_open (troupe_actor_t *cell, troupe_ref_t *ref);
void troupe_dealer_close (troupe_actor_t *cell, troupe_ref_t *ref);
void troupe_dealer_send (troupe_actor_t *cell, troupe_ref_t *ref, troupe_pack_t *pack);
bool troupe_dealer_wait (troupe_actor_t *cell, troupe_ref_t *ref, int64_t until_us);
//  Takes in what has arrived on refs, up to a batch each. How many packets.
size_t troupe_dealers_take (troupe_live_t *live, bool look);
//  Takes in all that has arrived on a ref that is open.
void troupe_dealer_hear (troupe_ref_t *ref);
//  The directory says that the actor at 'endpoint' is gone; reap, a turn later, gives up refs that it did not tell
//  itself.
void troupe_dealers_gone (troupe_live_t *live, const char *endpoint, troupe_reason_kind_t cause);
void troupe_dealers_reap (troupe_live_t *live);
//  The process of the actor at 'endpoint' has died: refs there that lead out of this process are broken for that
//  reason, after what had come from it has been heard. They are good again when it is started again.
void troupe_dealers_down (troupe_live_t *live, const char *endpoint, uint32_t incarnation,
                          const troupe_reason_t *reason);

//  --- directory.c: the cell's side of live/directory/names.h

//  Asks where a name is; waits for the answer, which the directory gives at once.
troupe_error_t troupe_directory_find (troupe_live_t *live, const char *name, troupe_names_word_t *answer);
//  Sends a word and waits for its answer, up to five seconds. The error is the answer's, or TROUPE_EDOWN when the
//  directory's process is gone, TROUPE_ETIMEOUT.
troupe_error_t troupe_directory_ask (troupe_live_t *live, troupe_names_word_t *word, troupe_names_word_t *answer);
//  The private folder, made if there is none: answer->name is its path, answer->endpoint where the directory is in it.
troupe_error_t troupe_directory_private (troupe_live_t *live, troupe_names_word_t *answer);
//  A process that this one has started, by its prefix; that it has ended; and what became of the actor in it that is
//  called at 'endpoint', which may be started again.
void troupe_directory_process_born (troupe_live_t *live, const char *process);
void troupe_directory_process_gone (troupe_live_t *live, const char *process);
void troupe_directory_down (troupe_live_t *live, const char *endpoint, uint32_t incarnation,
                            const troupe_reason_t *reason);
//  Sends a word; false when there is no way to the directory.
bool troupe_directory_tell (troupe_live_t *live, const troupe_names_word_t *word);
void troupe_directory_close (troupe_live_t *live);
//  Handles words that came while another was waited for.
void troupe_directory_turn (troupe_live_t *live);
void troupe_directory_forget (troupe_live_t *live, const char *name, const char *endpoint);
//  Sends the dead letter that waits for others like it.
void troupe_directory_flush (troupe_live_t *live);
void troupe_directory_dead_letter (troupe_actor_t *cell, const troupe_dead_letter_t *letter);
troupe_error_t troupe_directory_dead_letters (troupe_actor_t *cell);

//  --- offspring.c: the host's half of a link; see live/children/offspring.h

//  The mailbox of a child of one's own, and its bounds.
const char *troupe_offspring_mailbox (const troupe_link_t *link, troupe_mailbox_options_t *limits);
troupe_error_t troupe_offspring_spawn (troupe_actor_t *cell, troupe_link_t *link);
void troupe_offspring_tell (troupe_actor_t *cell, troupe_link_t *link, const void *data, size_t size);
void troupe_offspring_forget (troupe_actor_t *cell, troupe_link_t *link, bool abandoned);
void troupe_offspring_describe (troupe_actor_t *cell, troupe_link_t *link, char *text, size_t size);
//  Where the half that is 'host' keeps its child and its name: only addresses, nothing is looked at.
const void *troupe_offspring_child_place (const void *host);
const void *troupe_offspring_name_place (const void *host);
//  The answer to a name that was registered, by the number that went with it.
void troupe_offspring_named (troupe_live_t *live, uint64_t number, troupe_error_t error);
//  Joins those given up that have ended since. How many have not is live->cell.abandoned's share.
void troupe_zombies_bury (troupe_live_t *live);

//  The actor's own thread ends: those that are left are nobody's any more.
void troupe_zombies_leave (troupe_live_t *live);

//  --- describe.c

//  What another actor of this process is doing, seen from outside: "it has been handling GET from http for 5012 ms". If
//  it only waits for a child's end, what that one is doing: "mill has been handling ..."; or "".
void troupe_describe (const troupe_live_t *child, int64_t now_us, char *text, size_t size);
//  The same of one that hangs, by name and without looking further down: "users has been handling GET from http for
//  30012 ms". It was seen in that callback at 'seen_us' first, and not yet 'before_us', which bounds how long that is.
void troupe_describe_hang (const troupe_live_t *child, const char *who, int64_t before_us, int64_t seen_us,
                           int64_t now_us, char *text, size_t size);
//  Reads memory of this process that another thread may write: what is read may be of a moment between two states.
//  False when the system does not allow it.
bool troupe_peek (const void *from, void *to, size_t size);

//  --- control.c

troupe_error_t troupe_control_open (troupe_live_t *live);
void troupe_control_tell_parent (troupe_actor_t *cell, const void *data, size_t size);
//  Hands all that waits on a PAIR to 'take'. True when there was something.
bool troupe_control_read_all (void *socket, void (*take) (void *context, const uint8_t *data, size_t size),
                              void *context);
//  While the actor waits for the directory: does what others may wait for, and keeps the rest for later.
void troupe_control_glance (troupe_live_t *live);
//  What is kept is of no interest any more.
void troupe_control_forget (troupe_live_t *live);

#endif
