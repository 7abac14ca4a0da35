/*  =========================================================================
    error.c - names and words for the typed errors and the call outcomes

    Place: runtime/core. Pure tables, shared by the live runtime and the stage.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <errno.h>

#include <troupe/error.h>

typedef struct {
    const char *name;
    const char *text;
} s_words_t;

static const s_words_t s_errors [] = {
    [TROUPE_OK] = { "TROUPE_OK", "no error" },
    [TROUPE_EFULL] = { "TROUPE_EFULL", "the queue is full" },
    [TROUPE_EDOWN] = { "TROUPE_EDOWN", "the actor has ended" },
    [TROUPE_ENOENT] = { "TROUPE_ENOENT", "there is none of that name" },
    [TROUPE_EINVAL] = { "TROUPE_EINVAL", "malformed argument" },
    [TROUPE_ENOMEM] = { "TROUPE_ENOMEM", "out of memory" },
    [TROUPE_EFILES] = { "TROUPE_EFILES", "out of file descriptors" },
    [TROUPE_ETHREAD] = { "TROUPE_ETHREAD", "the system refused another thread" },
    [TROUPE_EADDRINUSE] = { "TROUPE_EADDRINUSE", "the address is in use" },
    [TROUPE_EACCES] = { "TROUPE_EACCES", "permission denied" },
    [TROUPE_EADDR] = { "TROUPE_EADDR", "the address cannot be reached" },
    [TROUPE_ETIMEOUT] = { "TROUPE_ETIMEOUT", "the deadline passed" },
    [TROUPE_ECANCELLED] = { "TROUPE_ECANCELLED", "cancelled" },
    [TROUPE_EFAILED] = { "TROUPE_EFAILED", "the other side failed" },
    [TROUPE_ETOOBIG] = { "TROUPE_ETOOBIG", "larger than the limit" },
    [TROUPE_ECLOSED] = { "TROUPE_ECLOSED", "the stream is closed" },
    [TROUPE_ESTATE] = { "TROUPE_ESTATE", "not possible in this state" },
    [TROUPE_ENOTSUP] = { "TROUPE_ENOTSUP", "not supported" },
    [TROUPE_EPROTO] = { "TROUPE_EPROTO", "protocol violation" },
    [TROUPE_EIO] = { "TROUPE_EIO", "system failure" },
};

static const char *const s_outcomes [] = {
    [TROUPE_CALL_OK] = "OK",
    [TROUPE_CALL_FAILED] = "FAILED",
    [TROUPE_CALL_TIMEOUT] = "TIMEOUT",
    [TROUPE_CALL_DOWN] = "DOWN",
    [TROUPE_CALL_NO_SUCH_ACTOR] = "NO_SUCH_ACTOR",
    [TROUPE_CALL_FULL] = "FULL",
    [TROUPE_CALL_CANCELLED] = "CANCELLED",
};

static const s_words_t *s_words (troupe_error_t error)
{
    static const s_words_t unknown = { "TROUPE_?", "unknown error" };
    size_t index = (size_t) error;
    return index < sizeof s_errors / sizeof s_errors [0] ? &s_errors [index] : &unknown;
}

const char *troupe_error_name (troupe_error_t error)
{
    return s_words (error)->name;
}

const char *troupe_error_text (troupe_error_t error)
{
    return s_words (error)->text;
}

const char *troupe_outcome_name (troupe_outcome_t outcome)
{
    size_t index = (size_t) outcome;
    return index < sizeof s_outcomes / sizeof s_outcomes [0] ? s_outcomes [index] : "?";
}

typedef struct {
    int number;
    troupe_error_t error;
} s_system_error_t;

static const s_system_error_t s_system_errors [] = {
    { 0, TROUPE_OK },
    { EAGAIN, TROUPE_EFULL }, { ENOBUFS, TROUPE_EFULL }, { EBUSY, TROUPE_ESTATE },
    { ENOENT, TROUPE_ENOENT }, { ENODEV, TROUPE_ENOENT }, { ESRCH, TROUPE_ENOENT },
    { EINVAL, TROUPE_EINVAL }, { EBADF, TROUPE_EINVAL }, { ENAMETOOLONG, TROUPE_EINVAL },
    { ENOMEM, TROUPE_ENOMEM },
    { EMFILE, TROUPE_EFILES }, { ENFILE, TROUPE_EFILES }, { ENOSPC, TROUPE_EFILES },
    { EADDRINUSE, TROUPE_EADDRINUSE }, { EEXIST, TROUPE_EADDRINUSE },
    { EACCES, TROUPE_EACCES }, { EPERM, TROUPE_EACCES }, { EROFS, TROUPE_EACCES },
    { EADDRNOTAVAIL, TROUPE_EADDR }, { ECONNREFUSED, TROUPE_EADDR }, { EHOSTUNREACH, TROUPE_EADDR },
    { EHOSTDOWN, TROUPE_EADDR }, { ENETUNREACH, TROUPE_EADDR }, { ENETDOWN, TROUPE_EADDR },
    { EAFNOSUPPORT, TROUPE_EADDR },
    { ETIMEDOUT, TROUPE_ETIMEOUT },
    { ECANCELED, TROUPE_ECANCELLED },
    { EMSGSIZE, TROUPE_ETOOBIG }, { EFBIG, TROUPE_ETOOBIG }, { E2BIG, TROUPE_ETOOBIG },
    { EPIPE, TROUPE_ECLOSED }, { ECONNRESET, TROUPE_ECLOSED }, { ECONNABORTED, TROUPE_ECLOSED },
    { ENOTCONN, TROUPE_ECLOSED }, { ESHUTDOWN, TROUPE_ECLOSED },
    { ENOTSUP, TROUPE_ENOTSUP }, { ENOSYS, TROUPE_ENOTSUP }, { EPROTONOSUPPORT, TROUPE_ENOTSUP },
    { EPROTO, TROUPE_EPROTO }, { EBADMSG, TROUPE_EPROTO },
};

troupe_error_t troupe_error_from_errno (int error_number)
{
    for (size_t index = 0; index < sizeof s_system_errors / sizeof s_system_errors [0]; index++)
        if (s_system_errors [index].number == error_number)
            return s_system_errors [index].error;
    return TROUPE_EIO;
}
