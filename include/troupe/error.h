/*  =========================================================================
    troupe/error.h - typed errors, and the outcomes of a call

    Place: ground of include/. A function that can fail returns one of these;
    outputs are untouched unless it is TROUPE_OK.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_ERROR_H_INCLUDED
#define TROUPE_ERROR_H_INCLUDED

#include "api.h"

TROUPE_BEGIN_DECLS

typedef enum {
    TROUPE_OK = 0,
    TROUPE_EFULL,       //  A bounded queue is at its limit: shed it, or try later
    TROUPE_EDOWN,       //  The actor has ended: trying again cannot help
    TROUPE_ENOENT,      //  No actor, behavior, option or file of that name
    TROUPE_EINVAL,      //  An argument is malformed: the caller's bug, or its user's typing error
    TROUPE_ENOMEM,      //  Out of memory: give something up and try again
    TROUPE_EFILES,      //  Out of file descriptors or sockets
    TROUPE_ETHREAD,     //  The system refused another thread
    TROUPE_EADDRINUSE,  //  The name, endpoint or address is taken
    TROUPE_EACCES,      //  No permission for the address, port or file
    TROUPE_EADDR,       //  The address cannot be resolved, reached or bound
    TROUPE_ETIMEOUT,    //  The deadline passed
    TROUPE_ECANCELLED,  //  Given up by its owner
    TROUPE_EFAILED,     //  The other side failed; its reason says how
    TROUPE_ETOOBIG,     //  Larger than a limit allows
    TROUPE_ECLOSED,     //  The stream is closed
    TROUPE_ESTATE,      //  Not now: for instance a second reply to one call
    TROUPE_ENOTSUP,     //  Not offered here
    TROUPE_EPROTO,      //  The peer sent what its protocol does not allow
    TROUPE_EIO,         //  The system failed in a way that has no name above
    TROUPE_ESIGNED = -1 //  Never returned: makes the type signed, so that callbacks may return an error as their int
} troupe_error_t;

//  How a call ended. A call ends exactly once, with exactly one of these.
typedef enum {
    TROUPE_CALL_OK = 0,         //  Answered
    TROUPE_CALL_FAILED,         //  Its handler failed, or answered with a failure
    TROUPE_CALL_TIMEOUT,        //  Its deadline passed; a later answer is thrown away
    TROUPE_CALL_DOWN,           //  The actor ended before it had answered
    TROUPE_CALL_NO_SUCH_ACTOR,  //  Nobody has that name
    TROUPE_CALL_FULL,           //  The mailbox was full
    TROUPE_CALL_CANCELLED       //  The caller gave it up
} troupe_outcome_t;

//  The name of an error, "TROUPE_EFULL"; a static string, never null. Any thread.
TROUPE_API const char *troupe_error_name (troupe_error_t error);

//  An error in words, "the queue is full"; a static string, never null. Any thread.
TROUPE_API const char *troupe_error_text (troupe_error_t error);

//  The name of an outcome, "NO_SUCH_ACTOR"; a static string, never null. Any thread.
TROUPE_API const char *troupe_outcome_name (troupe_outcome_t outcome);

//  The typed error for an errno value; TROUPE_EIO for one without a name here. Any thread.
TROUPE_API troupe_error_t troupe_error_from_errno (int error_number);

TROUPE_END_DECLS

#endif
