/*  =========================================================================
    live/children/program.h - a program that runs as a process of ours

    Place: runtime/live, the ground: system calls only. A process is held by a
    descriptor (pidfd_open(2)), so that its number cannot come to mean another
    one, and waiting for its end needs no signal handler.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_PROGRAM_H_INCLUDED
#define TROUPE_LIVE_PROGRAM_H_INCLUDED

#include <troupe/reason.h>

#include <sys/types.h>

//  The first argument of a program that is to host a child; behind it the control endpoint and our process number.
#define TROUPE_HOSTED "--hosted"

typedef struct troupe_program {
    pid_t pid;
    int descriptor;         //  Readable once it has ended; -1: none runs
} troupe_program_t;

/*  Starts 'file' to host a child. It gets nothing on its standard input, our standard output and error, no other
    descriptor, our environment, and all signals as they are by default but SIGINT and SIGTERM, which are blocked until
    it has said that it ignores them.
      TROUPE_ENOENT, TROUPE_EACCES, ...   the file cannot be run: 'why' says so in a line
      TROUPE_ETHREAD, TROUPE_ENOMEM, TROUPE_EFILES   the system has no more to give */
troupe_error_t troupe_program_start (troupe_program_t *self, const char *file, const char *control, char *why,
                                     size_t why_size);

//  Ends it by SIGKILL, which it can do nothing about.
void troupe_program_kill (const troupe_program_t *self);

/*  Whether it has ended; then nothing is left of it, and 'reason' (its kind, code and text) says how, if it was not our
    doing: CRASHED, with the signal as its code, or 0 for an exit. Does not block.                          */
bool troupe_program_has_ended (troupe_program_t *self, troupe_reason_t *reason);

//  The same, waiting for it, up to 'timeout_ms'; then lets go of it in any case.
void troupe_program_await (troupe_program_t *self, int timeout_ms);

#endif
