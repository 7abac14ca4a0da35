/*  =========================================================================
    troupe/reason.h - why an actor is down

    Place: include/. Supervisors, monitors and logs speak in reasons. A reason
    keeps its cause: "the supervisor gave up because worker-3 failed because
    ...". It is a plain value of fixed size but for its cause chain.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_REASON_H_INCLUDED
#define TROUPE_REASON_H_INCLUDED

#include "error.h"

TROUPE_BEGIN_DECLS

typedef enum {
    TROUPE_REASON_NORMAL = 0,   //  It had done its work
    TROUPE_REASON_SHUTDOWN,     //  Its parent, or the operator, asked it to stop
    TROUPE_REASON_FAILED,       //  A callback returned a failure
    TROUPE_REASON_START_FAILED, //  Its start did not succeed
    TROUPE_REASON_INTENSITY,    //  A supervisor whose children failed too often
    TROUPE_REASON_CRASHED,      //  Its process ended under it: 'code' is the signal, or 0 when it called exit
    TROUPE_REASON_KILLED,       //  It did not stop in time, or was not given time
    TROUPE_REASON_WEDGED,       //  It hung in a handler
    TROUPE_REASON_UNREACHABLE,  //  The connection to it is lost
    TROUPE_REASON_NO_SUCH_ACTOR //  There was nobody of that name to begin with
} troupe_reason_kind_t;

#define TROUPE_REASON_TEXT_MAX 127
#define TROUPE_REASON_ACTOR_MAX 63
#define TROUPE_REASON_CHAIN_MAX 8

typedef struct troupe_reason {
    troupe_reason_kind_t kind;
    int code;                                   //  What the callback returned, an error, or a signal
    uint32_t incarnation;                       //  Which life of the actor; 1 is the first
    char actor [TROUPE_REASON_ACTOR_MAX + 1];   //  Whose end it was
    char text [TROUPE_REASON_TEXT_MAX + 1];     //  In words, cut to fit; may be empty
    const struct troupe_reason *cause;          //  What led to it, or null
} troupe_reason_t;

//  The name of a kind, "START_FAILED"; a static string, never null. Any thread.
TROUPE_API const char *troupe_reason_kind_name (troupe_reason_kind_t kind);

//  True for the ends that a transient child is not restarted after: NORMAL and SHUTDOWN.
TROUPE_API bool troupe_reason_is_normal (const troupe_reason_t *reason);

//  Writes the reason and its causes as one line, cut to fit, always terminated:
//  "users#2 FAILED (5): no such table, because db#9 CRASHED (11): SIGSEGV". Returns 'text'.
TROUPE_API char *troupe_reason_print (const troupe_reason_t *reason, char *text, size_t size);

//  A copy of the reason with its causes, which the caller owns and destroys; null when memory is out.
TROUPE_API troupe_reason_t *troupe_reason_copy (const troupe_reason_t *reason);

//  Destroys a copy with its causes and nulls the pointer; does nothing with a null one.
TROUPE_API void troupe_reason_destroy (troupe_reason_t **reason_p);

TROUPE_END_DECLS

#endif
