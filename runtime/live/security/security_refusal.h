/*  =========================================================================
    live/security/security_refusal.h - what is logged about those who are not let in

    Place: runtime/live, the ground, under security. Whoever knocks at a port
    again and again must not fill the log: one line an address and minute, and
    not more than TROUPE_REFUSALS_MAX lines a minute whatever the addresses.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_SECURITY_REFUSAL_H_INCLUDED
#define TROUPE_LIVE_SECURITY_REFUSAL_H_INCLUDED

#include "live/app/log.h"

#define TROUPE_REFUSALS_MAX 64u
#define TROUPE_REFUSALS_MS 60000
#define TROUPE_REFUSAL_ADDRESS_MAX 63

typedef struct troupe_refusal {
    char address [TROUPE_REFUSAL_ADDRESS_MAX + 1];
    int64_t said_ms;                //  When a line was written last
    uint64_t unsaid;                //  Refusals since then
} troupe_refusal_t;

//  Who was refused lately. Zeroed when new; owned by one thread.
typedef struct troupe_refusals {
    size_t count;
    uint64_t unsaid;                //  Of those for whom there was no room
    troupe_refusal_t entries [TROUPE_REFUSALS_MAX];
} troupe_refusals_t;

//  Counts a refusal of 'address' (without a port; longer ones are cut) at 'now_ms', on any clock that does not go
//  back. True when it is to be logged, and then *unsaid_p is how many there were since the last line about it.
bool troupe_refusal_count (troupe_refusals_t *self, const char *address, int64_t now_ms, uint64_t *unsaid_p);

//  Counts a refusal and, when it is due, writes one WARNING: "refused 10.0.0.9: WHY". On the logger's thread; does
//  not block.
void troupe_refusal_tell (troupe_refusals_t *self, troupe_logger_t *logger, const char *address, const char *why);

/*  In words, why a listening socket's monitor says that a handshake has failed: ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL and
    its value. A static string, for troupe_refusal_tell. Null for all other events: for ..._FAILED_AUTH, which the
    gatekeeper (security_gate.h) has logged, and ..._FAILED_NO_DETAIL, where the other side has gone. Any thread. */
const char *troupe_refusal_text (unsigned event, uint64_t value);

//  Writes one line without an actor's name, at 'level'. On the logger's thread; does not block.
void troupe_security_say (troupe_logger_t *logger, troupe_log_level_t level, const char *format, ...)
    TROUPE_PRINTF (3, 4);

#endif
