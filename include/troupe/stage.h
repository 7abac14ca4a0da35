/*  =========================================================================
    troupe/stage.h - testing actors without threads, sockets and time

    Place: include/. A stage runs behaviors, unmodified, on the calling thread:
    virtual clock, seeded order, every message visible, faults on demand.
    Nothing happens but within troupe_stage_run, _advance and _call. Two runs
    with one seed are the same, to the letter. Wrong use, a leak, memory that
    is out and turns without an end (two million without the clock moving) end
    the test: one line on standard error with the seed, the trace, and abort ().
    Every function is for the thread that made the stage; none of them waits
    in real time.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_STAGE_H_INCLUDED
#define TROUPE_STAGE_H_INCLUDED

#include "dead_letter.h"
#include "runtime.h"

TROUPE_BEGIN_DECLS

typedef struct troupe_stage troupe_stage_t;

//  Makes an empty stage, at virtual time 0, which the wall clock shows as 2026-01-01T00:00Z. The caller owns it.
//  TROUPE_STAGE_SEED in the environment overrides the seed, to replay.
TROUPE_API troupe_stage_t *troupe_stage_new (uint64_t seed);

/*  Runs until nobody has anything to do at the present time, ends all actors in reverse order of their spawning, frees
    everything and nulls the pointer; does nothing with a null one. Faults are taken back first: who has hung
    goes on. Aborts, naming them, when a call is unanswered and has no deadline, when an actor has kept a
    message that it has not destroyed, and when one does not end within ten virtual minutes.              */
TROUPE_API void troupe_stage_destroy (troupe_stage_t **stage_p);

//  One actor alone, named like its behavior, with 'text' as args (null: none). Its start has run on return.
//  It has no supervisor: after a failure it stays down. Returns the error of its start.
TROUPE_API troupe_error_t troupe_stage_spawn (troupe_stage_t *stage, const troupe_behavior_t *behavior,
                                              const char *text);

//  One actor from a spec; a supervisor with its children too. Runs until it has started. Errors as above.
TROUPE_API troupe_error_t troupe_stage_spawn_child (troupe_stage_t *stage, const troupe_child_t *spec);

//  Asks an actor to end as its parent would, and runs until it has. A supervisor sees its child end as SHUTDOWN, and
//  restarts it if it is permanent. TROUPE_ENOENT: nobody of that name.
TROUPE_API troupe_error_t troupe_stage_stop (troupe_stage_t *stage, const char *name);

//  --- Time and order

//  Runs until nobody has anything to do at the present time. Returns how many turns were taken; the runtime's own
//  messages take turns too.
TROUPE_API size_t troupe_stage_run (troupe_stage_t *stage);

//  Takes one turn of one actor, chosen by the seed. False when there is none to take.
TROUPE_API bool troupe_stage_step (troupe_stage_t *stage);

//  Runs, and moves the clock from one due time to the next, until 'ms' later.
TROUPE_API void troupe_stage_advance (troupe_stage_t *stage, int64_t ms);

//  The virtual time, in milliseconds since the stage was made.
TROUPE_API int64_t troupe_stage_now_ms (const troupe_stage_t *stage);

//  --- Talking to actors, as a guest from outside

//  Calls with text and runs until the answer; up to 5,000 virtual ms. The text lives until the next call; anything but
//  OK gives the outcome in brackets: "[TIMEOUT]", "[FAILED] no such table".
TROUPE_API const char *troupe_stage_call (troupe_stage_t *stage, const char *address, const char *text);

//  The same with bytes. *reply_p, if not null, is the caller's to destroy; null unless OK or FAILED.
TROUPE_API troupe_outcome_t troupe_stage_call_bytes (troupe_stage_t *stage, const char *address, uint16_t tag,
                                                     const void *data, size_t size, int64_t timeout_ms,
                                                     troupe_message_t **reply_p);

//  Sends, without running anything. Errors as for troupe_cast; TROUPE_EINVAL when the address is malformed.
TROUPE_API troupe_error_t troupe_stage_cast (troupe_stage_t *stage, const char *address, uint16_t tag,
                                             const void *data, size_t size);

//  The guest itself, called "guest", for everything else of ref.h. What it sends leaves with the next turn.
TROUPE_API troupe_actor_t *troupe_stage_guest (troupe_stage_t *stage);

//  --- Probes: an actor that only records what it gets, and answers on demand

typedef struct troupe_probe troupe_probe_t;

//  An actor called 'name'. It belongs to the stage.
TROUPE_API troupe_probe_t *troupe_stage_probe (troupe_stage_t *stage, const char *name);

//  The oldest message that the probe has not shown yet, or null; valid until the next call for this probe.
TROUPE_API troupe_message_t *troupe_probe_next (troupe_probe_t *probe);

//  Answers the call that troupe_probe_next showed last.
TROUPE_API troupe_error_t troupe_probe_reply (troupe_probe_t *probe, const void *data, size_t size);
TROUPE_API troupe_error_t troupe_probe_fail (troupe_probe_t *probe, const char *text);

//  --- Faults. Names may be null: anybody. Each is one line in the trace

//  Fails the receive of the nth message (1 is the next) that 'to' handles, as if its handler had returned a failure.
TROUPE_API void troupe_stage_fail_message (troupe_stage_t *stage, const char *to, unsigned nth);
//  Loses the nth message from 'from' to 'to', silently, as a network would.
TROUPE_API void troupe_stage_drop_message (troupe_stage_t *stage, const char *from, const char *to, unsigned nth);
//  Holds every message from 'from' to 'to' back for so long; 0 ends it.
TROUPE_API void troupe_stage_delay (troupe_stage_t *stage, const char *from, const char *to, int64_t delay_ms);
//  Makes a mailbox refuse everything, as if full, until it is called with false.
TROUPE_API void troupe_stage_fill_mailbox (troupe_stage_t *stage, const char *to, bool full);
//  Fails the nth start of an actor from now on; a restart is a start.
TROUPE_API void troupe_stage_fail_start (troupe_stage_t *stage, const char *name, unsigned nth);
//  Makes the nth spawn from now on return 'error', as if the system had no more to give.
TROUPE_API void troupe_stage_fail_spawn (troupe_stage_t *stage, unsigned nth, troupe_error_t error);
//  Makes an actor hang: it takes no turn until it is called with false.
TROUPE_API void troupe_stage_hang (troupe_stage_t *stage, const char *name, bool hung);

//  Cuts an actor off, as if it were on another machine and the network had failed, until false. Refs to it then know
//  that it is in another process, from their first use on: what they send waits, what it had taken ends with DOWN,
//  monitors are told UNREACHABLE. Call it with false before the first use to make an actor remote that is reachable.
//  Its own refs to others lead out of its process too.
TROUPE_API void troupe_stage_cut_off (troupe_stage_t *stage, const char *name, bool cut_off);
/*  Ends an actor as a crash ends a child process: its mail is lost, its parent gets ENDED with CRASHED and the signal;
    a restart begins with an empty mailbox. Nothing of it runs again but its 'stop', which only frees what the system
    would: nothing that it sends gets out. Its children perish with it. May be called from its own handler, which still
    returns, unheard. Makes it remote, as above.                                                            */
TROUPE_API void troupe_stage_crash (troupe_stage_t *stage, const char *name, int signal_number);

//  --- Streams in memory: the stage is the peer

typedef struct troupe_stage_peer troupe_stage_peer_t;

//  Connects to whoever listens at 'address'; null when nobody does. It belongs to the stage. Actors of one stage that
//  connect to each other need no peer.
TROUPE_API troupe_stage_peer_t *troupe_stage_connect (troupe_stage_t *stage, const char *address);
//  Awaits connections that actors make to 'address', and gives the next one; null when there is none yet.
TROUPE_API void troupe_stage_listen (troupe_stage_t *stage, const char *address);
TROUPE_API troupe_stage_peer_t *troupe_stage_accept (troupe_stage_t *stage, const char *address);
//  Sends bytes to the actor: they are there in its next turn, at most 'chunk' at a time (0: all at once).
TROUPE_API void troupe_stage_peer_send (troupe_stage_peer_t *peer, const void *data, size_t size, size_t chunk);
//  What the actor has written and nobody has taken yet, as bytes with a null behind; takes it. Valid until the next
//  call.
TROUPE_API const char *troupe_stage_peer_received (troupe_stage_peer_t *peer, size_t *size_p);
//  Says that this side sends no more / drops the connection / takes no more bytes until false (the actor's queue
//  grows).
TROUPE_API void troupe_stage_peer_end (troupe_stage_peer_t *peer);
TROUPE_API void troupe_stage_peer_abort (troupe_stage_peer_t *peer);
TROUPE_API void troupe_stage_peer_block (troupe_stage_peer_t *peer, bool blocked);
//  True when the actor has ended its side / has closed or aborted the connection.
TROUPE_API bool troupe_stage_peer_ended (const troupe_stage_peer_t *peer);
TROUPE_API bool troupe_stage_peer_closed (const troupe_stage_peer_t *peer);

//  Makes a watched descriptor (any number will do on the stage) ready for one turn.
TROUPE_API void troupe_stage_make_ready (troupe_stage_t *stage, int descriptor, unsigned events);

//  --- ZeroMQ sockets in memory (zmq_socket.h): the stage is the peer

typedef struct troupe_stage_zmq_peer troupe_stage_zmq_peer_t;

/*  A peer of whatever type fits, now and as long as the stage lives: joined to each actor that binds at 'endpoint', or
    that connects there while no actor is bound. The envelopes of REQ and REP are put on and taken off for it, a ROUTER
    or STREAM sees 'routing_id' (null: "peer 1", "peer 2", ...), and what it gets of a SUB or XSUB are subscriptions: 1
    or 0, then the prefix. It belongs to the stage.
    Actors whose sockets meet talk to each other; two whose types do not fit end the test. Not simulated: keys,
    heartbeats, linger, conflate, handover, and that a PAIR has but one peer.                                */
TROUPE_API troupe_stage_zmq_peer_t *troupe_stage_zmq_peer (troupe_stage_t *stage, const char *endpoint,
                                                           const char *routing_id);
//  Who it is from now on for those it sends to, troupe_zmq_user: as if its certificate were of that name; null, as at
//  first: nobody was asked.
TROUPE_API void troupe_stage_zmq_user (troupe_stage_zmq_peer_t *peer, const char *user);
//  Sends a message: to all that have subscribed to it; otherwise to whom it was taken from last, or who came first. To
//  a PUB or XPUB one that begins with 1 or 0 is a subscription. False, and nothing is sent, when nobody is there for
//  it.
TROUPE_API bool troupe_stage_zmq_deliver (troupe_stage_zmq_peer_t *peer, const troupe_bytes_t *frames, size_t count);
//  The same from text, with a bar between frames.
TROUPE_API bool troupe_stage_zmq_deliver_text (troupe_stage_zmq_peer_t *peer, const char *text);
//  Takes the oldest message that it was sent: as text with a bar between frames, or its frames. Null when there is
//  none; valid until the next is taken.
TROUPE_API const char *troupe_stage_zmq_taken (troupe_stage_zmq_peer_t *peer);
TROUPE_API const troupe_bytes_t *troupe_stage_zmq_taken_frames (troupe_stage_zmq_peer_t *peer, size_t *count_p);
//  Has no room until false: senders get TROUPE_EFULL, a PUB's messages for it are lost.
TROUPE_API void troupe_stage_zmq_fill (troupe_stage_zmq_peer_t *peer, bool full);
//  Its connections are lost, or there again, without its subscriptions. / One is tried, and refused.
TROUPE_API void troupe_stage_zmq_connected (troupe_stage_zmq_peer_t *peer, bool connected);
TROUPE_API void troupe_stage_zmq_refuse (troupe_stage_zmq_peer_t *peer);

//  --- What happened

//  Sets a configuration value that troupe_config and troupe_option see.
TROUPE_API void troupe_stage_config (troupe_stage_t *stage, const char *path, const char *value);

//  Everything that happened, a line each, as "12 users#1 <- guest: GET call 16" for a message of 16 bytes that users'
//  first incarnation handled at 12 ms; also starts, ends, spawns, streams, dead letters and faults. Lives until the
//  next call.
TROUPE_API const char *troupe_stage_trace (troupe_stage_t *stage);

//  Forgets the trace so far.
TROUPE_API void troupe_stage_trace_clear (troupe_stage_t *stage);

//  The log lines so far, each with its level in front.
TROUPE_API const char *troupe_stage_log (troupe_stage_t *stage);

//  The present incarnation of an actor; 0 when it is down or unknown.
TROUPE_API uint32_t troupe_stage_incarnation (troupe_stage_t *stage, const char *name);

//  Why an actor's last incarnation ended; null while none has.
TROUPE_API const troupe_reason_t *troupe_stage_reason (troupe_stage_t *stage, const char *name);

//  How many messages wait in an actor's mailbox.
TROUPE_API size_t troupe_stage_mailbox_size (troupe_stage_t *stage, const char *name);

//  Dead letters in all, by reason.
TROUPE_API uint64_t troupe_stage_dead_letters (troupe_stage_t *stage, troupe_dead_reason_t reason);

TROUPE_END_DECLS

#endif
