/*  =========================================================================
    troupe/child.h - child specs, and spawning by hand

    Place: include/. A child spec says what to run, where, and how to treat
    its end. Supervisors take lists of them (supervisor.h); an actor that
    wants no supervisor in between spawns from one here. A child never
    outlives the incarnation that spawned it.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_CHILD_H_INCLUDED
#define TROUPE_CHILD_H_INCLUDED

#include "ref.h"

TROUPE_BEGIN_DECLS

//  When a supervisor starts a child again (OTP's meanings).
typedef enum {
    TROUPE_PERMANENT = 0,   //  Always
    TROUPE_TRANSIENT,       //  Only after an abnormal end
    TROUPE_TEMPORARY        //  Never
} troupe_restart_t;

//  What a full mailbox does with one more message.
typedef enum {
    TROUPE_OVERFLOW_REJECT = 0,     //  The send returns TROUPE_EFULL; a call ends with FULL
    TROUPE_OVERFLOW_BLOCK,          //  The send waits up to 'block_ms', then as REJECT
    TROUPE_OVERFLOW_DROP_NEWEST,    //  The new message is a dead letter
    TROUPE_OVERFLOW_DROP_OLDEST     //  The oldest one of that sender is a dead letter
} troupe_overflow_t;

/*  The bounds of a mailbox, zeros meaning the defaults. They hold for each sender: a mailbox with n refs to it
    holds at most n times as much, and one noisy sender does not take the others' room.                     */
typedef struct troupe_mailbox_options {
    uint32_t limit_messages;    //  10,000
    uint64_t limit_bytes;       //  64 MiB, payloads with their envelopes
    troupe_overflow_t overflow;
    int64_t block_ms;           //  For TROUPE_OVERFLOW_BLOCK: 1,000
} troupe_mailbox_options_t;

//  Waiting between restarts: min * factor^n up to max, each shortened by a random part of up to 'jitter'.
typedef struct troupe_backoff {
    int64_t min_ms;             //  0: restart at once
    int64_t max_ms;             //  0: no limit but an hour
    double factor;              //  0: 2
    double jitter;              //  From 0 to 1
    int64_t reset_ms;           //  After so long without a failure it begins at min again; 0: ten times max
} troupe_backoff_t;

#define TROUPE_SHUTDOWN_DEFAULT 0               //  5,000 ms for workers, TROUPE_SHUTDOWN_INFINITY for supervisors
#define TROUPE_SHUTDOWN_BRUTAL_KILL INT64_C (-1)    //  Without draining; given up after a second
#define TROUPE_SHUTDOWN_INFINITY INT64_C (-2)

struct troupe_supervisor;

//  What is done about a thread that hangs in a handler; it cannot be ended from outside. A process is always killed.
typedef enum {
    TROUPE_WEDGED_REPORT = 0,   //  It is logged, and its parent gets TROUPE_CHILD_WEDGED
    TROUPE_WEDGED_EXIT          //  It is logged, and the program ends with status 70, for its service manager to start
} troupe_wedged_t;

/*  One child. A list of them ends with one whose id is null. Zeros mean the defaults. Everything that is not
    bytes must be constant data that lives as long as the program.

    Its endpoint says where it runs, and nothing else changes with it:
      inproc://NAME       a thread of this process (null: inproc://ID; "": only its link leads there)
      ipc://NAME          a process of its own, found by the name; its socket is the runtime's own, in a private folder
      ipc:///PATH         the same, with the socket at PATH, for other programs too; ipc://@... is refused, since every
                          local user could open it
      tcp://HOST:PORT     somebody else runs it there, or will: it is only used and watched, and needs no behavior. A
                          wildcard for HOST (0.0.0.0, [::], *) means a thread here that listens there, as 'listen' does
    A child process is the same program again (runtime.h, 'program'), so behaviors are found by name; a behavior that
    no list of children names belongs into the program's list of behaviors (app.h).                         */
typedef struct troupe_child {
    const char *id;                             //  Its name under its supervisor, in the log and in the configuration
    const troupe_behavior_t *behavior;          //  What it does, or
    const struct troupe_supervisor *supervisor; //  the children that it supervises; null for both: not ours to start
    const char *endpoint;                       //  Where its mailbox is, as above
    const char *listen;                         //  Where other programs reach it besides: tcp://ADDRESS:PORT (port 0
                                                //  or *: a free one; see TROUPE_TAG_ENDPOINT) or ipc:///PATH; null:
                                                //  nowhere
    const void *args;                           //  Bytes for start, copied when it is spawned
    size_t args_size;
    troupe_restart_t restart;
    troupe_wedged_t wedged;                     //  What is done when it hangs, see 'wedged_ms'
    int64_t shutdown_ms;                        //  How long its end may take, or one of TROUPE_SHUTDOWN_...
    bool significant;                           //  Counts for the supervisor's auto_shutdown
    unsigned instances;                         //  More than 1: so many of them, named ID-1, ID-2, ...
    troupe_backoff_t backoff;
    troupe_mailbox_options_t mailbox;
    size_t stack_bytes;                         //  Of its thread: 1 MiB
    int64_t wedged_ms;                          //  A handler that takes longer is wedged: 30,000; TROUPE_FOREVER: never
} troupe_child_t;

typedef enum {
    TROUPE_CHILD_STARTED,       //  Its incarnation has begun and it can be reached by name
    TROUPE_CHILD_ENDED,         //  Its incarnation has ended, or its start failed: 'reason' says which. It waits
                                //  for your word, troupe_link_restart or troupe_link_stop; its mail is kept
    TROUPE_CHILD_WEDGED,        //  It hangs in a handler, or is past its shutdown time: 'reason' names the message, and
                                //  since when. A process has been killed for it: ENDED follows, with WEDGED
                                //  (it watches itself: one that SIGSTOP has stopped is killed only when it is to end)
    TROUPE_CHILD_GONE           //  The last event: name free, link dead, and, unless it was given up, thread joined
} troupe_child_event_kind_t;

typedef struct troupe_child_event {
    troupe_child_event_kind_t kind;
    uint32_t incarnation;
    const troupe_reason_t *reason;  //  ENDED, WEDGED, GONE: why; valid for the callback
} troupe_child_event_t;

//  Return as from receive.
typedef int (troupe_child_fn) (troupe_actor_t *self, void *state, troupe_link_t *link,
                               const troupe_child_event_t *event, void *context);

/*  Spawns a child and does not wait: STARTED or ENDED follows, never from within this function. With a null
    'on_event' a child that ends is let go. The link is valid until GONE.
      TROUPE_EINVAL      the spec has no id or no behavior, or its endpoint is malformed
      TROUPE_EFILES, TROUPE_ETHREAD, TROUPE_ENOMEM   the system has no more to give; nothing was started
      TROUPE_ENOTSUP     a child process, and the program has not said what to run (runtime.h, 'program'), or it is to
                         listen besides: give it the path of a socket as its endpoint instead
      TROUPE_ESTATE      this incarnation is ending: it can have no more children
    What shows only later is ENDED with START_FAILED, a code and words: a name or address that is taken
    (TROUPE_EADDRINUSE), no permission (TROUPE_EACCES), a host that cannot be resolved or an address that is not this
    machine's (TROUPE_EADDR), a behavior that the program does not have (TROUPE_ENOENT), a program that does not answer
    (TROUPE_ETIMEOUT) or speaks another version (TROUPE_EPROTO). A child that somebody else runs has started once its
    host is known and may be talked to (TROUPE_EADDR, TROUPE_EACCES), whether it is there or not; looking up a host's
    name blocks as long as the system's resolver takes.                                                     */
TROUPE_API troupe_error_t troupe_spawn (troupe_actor_t *self, const troupe_child_t *spec,
                                        troupe_child_fn *on_event, void *context, troupe_link_t **link_p);

//  After ENDED: begins the next incarnation in place, with the same mailbox and the mail in it.
TROUPE_API void troupe_link_restart (troupe_link_t *link);

/*  Asks the child to end. ENDED follows unless it has ended already, then GONE. Past 'shutdown_ms' (as in the
    spec; TROUPE_SHUTDOWN_DEFAULT takes the spec's) WEDGED names what it hangs in, and the child is given up:
    GONE follows with KILLED, its thread ends when its handler returns (a process is killed). May be repeated, which
    changes nothing, unless TROUPE_SHUTDOWN_BRUTAL_KILL cuts it short.                                      */
TROUPE_API void troupe_link_stop (troupe_link_t *link, int64_t shutdown_ms);

/*  The same, but the child is not let go: after ENDED it waits for your word with its mailbox and the mail in it, as
    after a failure of its own. This is how siblings are stopped that are to be restarted together.         */
TROUPE_API void troupe_link_halt (troupe_link_t *link, int64_t shutdown_ms);

/*  A ref to the child, also to one without a name: valid as long as the link, the callback of GONE included. Null when
    memory is out, and in that callback if nobody has asked before.                                          */
TROUPE_API troupe_ref_t *troupe_link_ref (troupe_link_t *link);

//  The child's name: its spec's id.
TROUPE_API const char *troupe_link_id (const troupe_link_t *link);

TROUPE_END_DECLS

#endif
