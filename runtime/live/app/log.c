/*  =========================================================================
    log - one line a record, written at once or counted as lost

    Place: runtime/live. Lines are put together on the stack and leave in one
    write. Where a write could wait, room is asked for first.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/app/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

_Static_assert (TROUPE_LOG_LINE_MAX <= PIPE_BUF, "a line must reach a pipe in one piece");

//  A line in the making. 'size' leaves room for the null.
typedef struct {
    char *text;
    size_t size;
    size_t length;
    bool cut;
} s_line_t;

static const char *const s_levels [] = { "DEBUG", "INFO", "WARNING", "ERROR" };

const char *troupe_log_level_name (troupe_log_level_t level)
{
    return (unsigned) level <= TROUPE_LOG_ERROR ? s_levels [level] : "?";
}

troupe_error_t troupe_log_level_parse (const char *text, troupe_log_level_t *level_p)
{
    static const char *const names [] = { "debug", "info", "warning", "error" };
    for (unsigned level = 0; level <= TROUPE_LOG_ERROR; level++)
        if (strcmp (text, names [level]) == 0) {
            *level_p = (troupe_log_level_t) level;
            return TROUPE_OK;
        }
    return TROUPE_EINVAL;
}

//  All of a piece or nothing; once something did not fit, nothing more is added.
static void s_put (s_line_t *line, const char *text, size_t size)
{
    if (line->cut || line->length + size >= line->size) {
        line->cut = true;
        return;
    }
    memcpy (line->text + line->length, text, size);
    line->length += size;
}

//  A control byte could forge a line or steer a terminal, so it is written out.
static void s_put_escaped (s_line_t *line, const char *text)
{
    for (; *text && !line->cut; text++) {
        unsigned char byte = (unsigned char) *text;
        char escape [5];
        if (byte == '\n' || byte == '\r' || byte == '\t')
            snprintf (escape, sizeof escape, "\\%c", byte == '\n' ? 'n' : byte == '\r' ? 'r' : 't');
        else if (byte < 0x20 || byte == 0x7f)
            snprintf (escape, sizeof escape, "\\x%02x", byte);
        else {
            s_put (line, text, 1);
            continue;
        }
        s_put (line, escape, strlen (escape));
    }
}

static void s_put_time (s_line_t *line, int64_t wall_clock_ms)
{
    time_t seconds = (time_t) (wall_clock_ms / 1000);
    struct tm parts = { 0 };
    gmtime_r (&seconds, &parts);
    char text [80];
    int size = snprintf (text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ ",
                         parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                         parts.tm_hour, parts.tm_min, parts.tm_sec, (int) (wall_clock_ms % 1000));
    s_put (line, text, (size_t) size);
}

static void s_put_actor (s_line_t *line, const troupe_log_record_t *record)
{
    if (!record->actor || !*record->actor)
        return;
    char incarnation [16];
    int size = snprintf (incarnation, sizeof incarnation, "#%" PRIu32 ": ", record->incarnation);
    s_put_escaped (line, record->actor);
    s_put (line, incarnation, (size_t) size);
}

static void s_put_message (s_line_t *line, const troupe_log_record_t *record)
{
    if (!record->tag)
        return;
    s_put (line, " (handling ", 11);
    s_put_escaped (line, record->tag);
    s_put (line, " from ", 6);
    s_put_escaped (line, record->sender && *record->sender ? record->sender : "somebody");
    s_put (line, ")", 1);
}

//  The end of what did not fit, on a character's border.
static size_t s_finish (s_line_t *line)
{
    if (line->cut && line->size > 4) {
        size_t end = line->length < line->size - 4 ? line->length : line->size - 4;
        while (end > 0 && ((unsigned char) line->text [end] & 0xC0) == 0x80 && end < line->length)
            end--;
        memcpy (line->text + end, "...", 3);
        line->length = end + 3;
    }
    if (line->size)
        line->text [line->length] = 0;
    return line->length;
}

size_t troupe_log_format (char *text, size_t size, const troupe_log_record_t *record, const char *said)
{
    s_line_t line = { text, size, 0, false };
    const char *level = troupe_log_level_name (record->level);
    s_put_time (&line, record->wall_clock_ms);
    s_put (&line, level, strlen (level));
    s_put (&line, " ", 1);
    s_put_actor (&line, record);
    s_put_escaped (&line, said);
    s_put_message (&line, record);
    return s_finish (&line);
}

int troupe_log_open (int descriptor)
{
    struct stat status;
    if (fstat (descriptor, &status) || !(S_ISFIFO (status.st_mode) || isatty (descriptor)))
        return descriptor;
    char path [40];
    snprintf (path, sizeof path, "/proc/self/fd/%d", descriptor);
    int opened = open (path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    return opened < 0 ? descriptor : opened;
}

void troupe_log_close (int opened, int original)
{
    if (opened >= 0 && opened != original)
        close (opened);
}

//  Writes all of it or nothing, now or not at all. A pipe that nobody reads any more is left alone: it would signal.
static bool s_write (int descriptor, const char *text, size_t size)
{
    struct pollfd room = { .fd = descriptor, .events = POLLOUT };
    if (descriptor < 0 || poll (&room, 1, 0) != 1 || room.revents != POLLOUT)
        return false;
    ssize_t written;
    do
        written = write (descriptor, text, size);
    while (written < 0 && errno == EINTR);
    return written >= 0;
}

static bool s_deliver (troupe_logger_t *logger, troupe_log_level_t level, char *line, size_t length)
{
    if (logger->log) {
        logger->log (level, line, logger->context);
        return true;
    }
    line [length] = '\n';
    return s_write (logger->descriptor, line, length + 1);
}

static bool s_write_record (troupe_logger_t *logger, const troupe_log_record_t *record, const char *text)
{
    char line [TROUPE_LOG_LINE_MAX];
    size_t length = troupe_log_format (line, sizeof line - 1, record, text);
    return s_deliver (logger, record->level, line, length);
}

static bool s_write_lost (troupe_logger_t *logger, const troupe_log_record_t *record)
{
    troupe_log_record_t plain = *record;
    plain.level = TROUPE_LOG_WARNING;
    plain.tag = NULL;
    char text [96];
    snprintf (text, sizeof text, "%" PRIu64 " log lines were lost, since nobody had read them", logger->lost);
    return s_write_record (logger, &plain, text);
}

void troupe_log_write (troupe_logger_t *logger, const troupe_log_record_t *record, const char *text)
{
    if (record->level < logger->level)
        return;
    if (logger->lost && s_write_lost (logger, record))
        logger->lost = 0;
    if (logger->lost || !s_write_record (logger, record, text))
        logger->lost++;
}
