/*  =========================================================================
    live/security/security_refusal.c - what is logged about those who are not let in

    Place: runtime/live; see security_refusal.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/security/security_refusal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#define S_LINE_MAX 512

//  --- How often

static bool s_is_recent (const troupe_refusal_t *entry, int64_t now_ms)
{
    return now_ms - entry->said_ms < TROUPE_REFUSALS_MS;
}

static troupe_refusal_t *s_find (troupe_refusals_t *self, const char *address)
{
    for (size_t index = 0; index < self->count; index++)
        if (strncmp (self->entries [index].address, address, TROUPE_REFUSAL_ADDRESS_MAX) == 0)
            return &self->entries [index];
    return NULL;
}

//  Room for one more address, if need be that of one about which nothing was said for long; or null.
static troupe_refusal_t *s_make_room (troupe_refusals_t *self, int64_t now_ms)
{
    if (self->count < TROUPE_REFUSALS_MAX)
        return &self->entries [self->count++];
    for (size_t index = 0; index < self->count; index++)
        if (!s_is_recent (&self->entries [index], now_ms))
            return &self->entries [index];
    return NULL;
}

bool troupe_refusal_count (troupe_refusals_t *self, const char *address, int64_t now_ms, uint64_t *unsaid_p)
{
    troupe_refusal_t *entry = s_find (self, address);
    if (entry && s_is_recent (entry, now_ms)) {
        entry->unsaid++;
        return false;
    }
    uint64_t unsaid = entry ? entry->unsaid : 0;
    entry = entry ? entry : s_make_room (self, now_ms);
    if (!entry) {
        self->unsaid++;
        return false;
    }
    *unsaid_p = unsaid;
    *entry = (troupe_refusal_t) { .said_ms = now_ms };
    strncpy (entry->address, address, TROUPE_REFUSAL_ADDRESS_MAX);
    return true;
}

//  --- In which words

static int64_t s_clock_ms (clockid_t clock)
{
    struct timespec now;
    clock_gettime (clock, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void troupe_security_say (troupe_logger_t *logger, troupe_log_level_t level, const char *format, ...)
{
    char text [S_LINE_MAX];
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (text, sizeof text, format, arguments);
    va_end (arguments);
    troupe_log_record_t record = { .level = level, .wall_clock_ms = s_clock_ms (CLOCK_REALTIME) };
    troupe_log_write (logger, &record, text);
}

void troupe_refusal_tell (troupe_refusals_t *self, troupe_logger_t *logger, const char *address, const char *why)
{
    uint64_t unsaid = 0;
    if (!troupe_refusal_count (self, address, s_clock_ms (CLOCK_MONOTONIC), &unsaid))
        return;
    if (unsaid)
        troupe_security_say (logger, TROUPE_LOG_WARNING, "refused %s: %s; and %" PRIu64 " times in between",
                             address, why, unsaid);
    else
        troupe_security_say (logger, TROUPE_LOG_WARNING, "refused %s: %s", address, why);
    if (self->unsaid)
        troupe_security_say (logger, TROUPE_LOG_WARNING, "refused others, %" PRIu64 " times", self->unsaid);
    self->unsaid = 0;
}

static const char *s_protocol_text (uint64_t value)
{
    switch (value) {
    case ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH:
        return "one side has a certificate and the other has none";
    case ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC:
        return "it expects somebody with another key here";
    default:
        return "what it says is not what ZeroMQ says";
    }
}

const char *troupe_refusal_text (unsigned event, uint64_t value)
{
    return event == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL ? s_protocol_text (value) : NULL;
}
