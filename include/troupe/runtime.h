/*  =========================================================================
    troupe/runtime.h - a troupe inside a program that has its own main

    Place: include/. The thread that calls troupe_new becomes a guest among
    the actors: it can call and cast, blocking or not. Nothing global is set
    and no signal is taken: actor threads block all signals. Every function is
    for that one thread. Programs without a main of their own use app.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_RUNTIME_H_INCLUDED
#define TROUPE_RUNTIME_H_INCLUDED

#include "supervisor.h"

TROUPE_BEGIN_DECLS

//  The runtime in one process: czmq's process context, the root supervisor, the names.
typedef struct troupe troupe_t;

//  Receives finished log lines, without a line end, on any thread of the troupe: it must be thread-safe.
typedef void (troupe_log_fn) (troupe_log_level_t level, const char *line, void *context);

//  Zeros mean the defaults. Strings are copied.
typedef struct troupe_options {
    troupe_log_level_t log_level;       //  DEBUG is 0: set it. TROUPE_LOG_INFO is what troupe_main takes
    troupe_log_fn *log;                 //  null: lines on standard error
    void *log_context;
    const char *config_file;            //  A ZPL file, or null
    const char *const *settings;        //  "PATH=VALUE" on top of it; ends with null; may be null
    bool no_polling;                    //  Never poll before sleeping, not even on an idle machine
    const char *program;                //  The file to run for children that are processes: one whose main is
                                        //  troupe_main, or begins with troupe_hosted; "/proc/self/exe" is this one.
                                        //  null: no child can be a process
} troupe_options_t;

/*  Makes a troupe with nobody in it. The caller owns it. On failure null, with *error_p (which may be null) set:
    TROUPE_ENOMEM, TROUPE_EFILES, TROUPE_ETHREAD; TROUPE_ENOENT and TROUPE_EINVAL for the configuration.     */
TROUPE_API troupe_t *troupe_new (const troupe_options_t *options, troupe_error_t *error_p);

/*  Starts the root supervisor with its children and waits until all have started, up to 'timeout_ms'. On an
    error all of them have been stopped again, and troupe_exit_reason says why.                             */
TROUPE_API troupe_error_t troupe_start (troupe_t *troupe, const troupe_supervisor_t *root, int64_t timeout_ms);

//  The guest: an actor handle for everything of ref.h, timer.h, watch.h and child.h; callbacks run within troupe_run
//  and the blocking functions below.
TROUPE_API troupe_actor_t *troupe_guest (troupe_t *troupe);

//  Waits up to 'timeout_ms' for something to happen to the guest, and handles it. TROUPE_OK, TROUPE_ETIMEOUT, or
//  TROUPE_EDOWN once the root supervisor has ended.
TROUPE_API troupe_error_t troupe_run (troupe_t *troupe, int64_t timeout_ms);

/*  Calls and waits for the answer. *reply_p, if not null, is the answer, which the caller owns and destroys: for
    OK and FAILED; null otherwise. Out of memory or descriptors nothing is sent, and it is FULL; a malformed address is
    NO_SUCH_ACTOR.                                                                                          */
TROUPE_API troupe_outcome_t troupe_call_wait (troupe_t *troupe, const char *address, uint16_t tag,
                                              const void *data, size_t size, int64_t timeout_ms,
                                              troupe_message_t **reply_p);

//  Sends without an answer, at once. Errors as for troupe_cast.
TROUPE_API troupe_error_t troupe_cast_now (troupe_t *troupe, const char *address, uint16_t tag,
                                           const void *data, size_t size);

/*  Stops the tree in reverse order and waits for it, up to 'timeout_ms'. Who holds the end up is logged with
    what it is handling; TROUPE_ETIMEOUT then, and its threads are left behind. Repeating is harmless. A program that
    has left threads behind must end by _exit: exit () would wait for their sockets, in what czmq does at exit.  */
TROUPE_API troupe_error_t troupe_stop (troupe_t *troupe, int64_t timeout_ms);

/*  For programs with a main of their own whose children may be processes: the first thing in main. False when this
    process was not started to host a child, and nothing happened. True when it was, and has: the child has run and
    ended, and *status_p is what main has to return. 'children' and 'behaviors' are what the program may be asked to
    host, as in app.h; both may be null. Standard output and error are the parent's; the parent's configuration is
    this one's, and its names lead where they lead there. The process ends when its parent does, however that ends;
    SIGINT and SIGTERM are ignored, since they are the parent's matter.                                     */
TROUPE_API bool troupe_hosted (int argc, char **argv, const troupe_child_t *children,
                               const troupe_behavior_t *const *behaviors, int *status_p);

//  Why the root supervisor has ended, or did not start; null while it runs. Valid until troupe_destroy.
TROUPE_API const troupe_reason_t *troupe_exit_reason (const troupe_t *troupe);

//  Stops what still runs (as troupe_stop, 10 s), frees everything, nulls the pointer. Does nothing with a null one.
TROUPE_API void troupe_destroy (troupe_t **troupe_p);

TROUPE_END_DECLS

#endif
