/*  =========================================================================
    log - one line a record, written at once or counted as lost

    Place: runtime/live. Every actor owns a logger; nothing is shared but the
    descriptor, and a line is one write of at most PIPE_BUF bytes, which the
    system keeps whole. Lines look like
      2026-11-21T01:33:46.123Z WARNING users#2: no table (handling GET from web-1)

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_LOG_H_INCLUDED
#define TROUPE_LIVE_LOG_H_INCLUDED

#include <troupe/runtime.h>

//  The longest line, its line end and null included; well under PIPE_BUF. Longer ones are cut and end with "...".
#define TROUPE_LOG_LINE_MAX 2048

//  Who says it, and in which message. Strings may be null.
typedef struct troupe_log_record {
    troupe_log_level_t level;
    int64_t wall_clock_ms;
    const char *actor;              //  "users"; null or "": the line names nobody
    uint32_t incarnation;
    const char *tag;                //  The name of the tag of the message in hand; null: no message
    const char *sender;             //  Who sent it; "" is written as "somebody"
} troupe_log_record_t;

//  Where an actor's lines go. A plain value, owned by one thread.
typedef struct troupe_logger {
    troupe_log_level_t level;       //  Lines below it are not written
    int descriptor;                 //  As from troupe_log_open; negative: nowhere
    troupe_log_fn *log;             //  If not null, lines go here instead
    void *context;
    uint64_t lost;                  //  Lines that could not be written and have not been reported yet
} troupe_logger_t;

/*  A descriptor by which lines reach 'descriptor' without blocking: for pipes and terminals one of its own, opened
    anew, so that nobody who shares the original finds it non-blocking. For files and sockets, and when opening is
    refused, 'descriptor' itself. Close it with troupe_log_close. */
int troupe_log_open (int descriptor);

//  Closes what troupe_log_open (original) has returned, unless that is the original itself.
void troupe_log_close (int opened, int original);

//  Writes the record as one line into 'line' of 'size' bytes, without a line end, control bytes escaped ("\n", "\x1b");
//  cut to fit, always ended by null. Returns its length. Any thread.
size_t troupe_log_format (char *line, size_t size, const troupe_log_record_t *record, const char *text);

/*  Writes one line if the record's level is at least the logger's. Never blocks: a line for which there is no room is
    counted, and the count is a line of its own as soon as there is room again. */
void troupe_log_write (troupe_logger_t *logger, const troupe_log_record_t *record, const char *text);

//  The level of that name: debug, info, warning, error. TROUPE_EINVAL for any other.
troupe_error_t troupe_log_level_parse (const char *text, troupe_log_level_t *level_p);

//  The name of a level as it stands in lines, "WARNING".
const char *troupe_log_level_name (troupe_log_level_t level);

#endif
