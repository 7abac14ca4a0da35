/*  =========================================================================
    log_test - the form of log lines, and that writing them never waits

    Place: tests/unit, of runtime/live/app/log.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "live/app/log.h"

#define WHEN 1795224826123      //  2026-11-21T01:33:46.123Z

static void s_write (troupe_logger_t *logger, troupe_log_level_t level, const char *text)
{
    troupe_log_record_t record = { .level = level, .wall_clock_ms = WHEN, .actor = "users", .incarnation = 2 };
    troupe_log_write (logger, &record, text);
}

//  What is in the pipe now; lives until the next call.
static const char *s_read (int descriptor)
{
    static char text [1 << 17];
    ssize_t size = read (descriptor, text, sizeof text - 1);
    text [size > 0 ? size : 0] = 0;
    return text;
}

//  People and programs search logs by this form.
Test (log, a_line_says_when_how_bad_who_and_what)
{
    char line [256];
    troupe_log_record_t record = { .level = TROUPE_LOG_WARNING, .wall_clock_ms = WHEN,
                                   .actor = "users", .incarnation = 2 };
    size_t length = troupe_log_format (line, sizeof line, &record, "no table x");
    cr_assert_str_eq (line, "2026-11-21T01:33:46.123Z WARNING users#2: no table x");
    cr_assert_eq (length, strlen (line));

    record.tag = "GET";
    record.sender = "web-1";
    troupe_log_format (line, sizeof line, &record, "slow");
    cr_assert_str_eq (line, "2026-11-21T01:33:46.123Z WARNING users#2: slow (handling GET from web-1)");
    record.sender = "";
    troupe_log_format (line, sizeof line, &record, "slow");
    cr_assert_str_eq (line, "2026-11-21T01:33:46.123Z WARNING users#2: slow (handling GET from somebody)");
}

//  The guest has no name.
Test (log, a_line_need_not_name_anybody)
{
    char line [256];
    troupe_log_record_t record = { .level = TROUPE_LOG_DEBUG };
    troupe_log_format (line, sizeof line, &record, "text");
    cr_assert_str_eq (line, "1970-01-01T00:00:00.000Z DEBUG text");
}

//  A line break in what a user sent must not look like a line of the program's own.
Test (log, control_bytes_are_written_out)
{
    char line [256];
    troupe_log_record_t record = { .level = TROUPE_LOG_INFO, .tag = "A\tB", .sender = "x\x7f" };
    troupe_log_format (line, sizeof line, &record, "one\r\ntwo\x1b[31m caf\xc3\xa9");
    cr_assert_str_eq (line, "1970-01-01T00:00:00.000Z INFO one\\r\\ntwo\\x1b[31m caf\xc3\xa9"
                            " (handling A\\tB from x\\x7f)");
}

//  Lines above PIPE_BUF would be torn; a cut must be visible and leave no half character.
Test (log, long_lines_are_cut_at_a_whole_character)
{
    char line [64];
    troupe_log_record_t record = { .level = TROUPE_LOG_INFO };
    troupe_log_format (line, sizeof line, &record, "0123456789012345678901234567890123456789");
    cr_assert_str_eq (line, "1970-01-01T00:00:00.000Z INFO 012345678901234567890123456789...");
    cr_assert_eq (strlen (line), sizeof line - 1);
    troupe_log_format (line, sizeof line, &record, "01234567890123456789012345678\xc3\xa9\xc3\xa9\xc3\xa9");
    cr_assert_str_eq (line, "1970-01-01T00:00:00.000Z INFO 01234567890123456789012345678...");

    char full [TROUPE_LOG_LINE_MAX];
    static char text [3 * TROUPE_LOG_LINE_MAX];
    memset (text, '\n', sizeof text - 1);
    cr_assert_lt (troupe_log_format (full, sizeof full, &record, text), sizeof full);
    cr_assert_str_eq (full + strlen (full) - 3, "...");
}

//  Levels come from command lines and files.
Test (log, levels_are_known_by_name)
{
    troupe_log_level_t level = TROUPE_LOG_INFO;
    cr_assert_eq (troupe_log_level_parse ("error", &level), TROUPE_OK);
    cr_assert_eq (level, TROUPE_LOG_ERROR);
    cr_assert_eq (troupe_log_level_parse ("debug", &level), TROUPE_OK);
    cr_assert_eq (level, TROUPE_LOG_DEBUG);
    cr_assert_eq (troupe_log_level_parse ("loud", &level), TROUPE_EINVAL);
    cr_assert_eq (troupe_log_level_parse ("", &level), TROUPE_EINVAL);
    cr_assert_eq (level, TROUPE_LOG_DEBUG);
}

//  Whoever sets a level has less to read.
Test (log, lines_below_the_level_are_not_written)
{
    int ends [2];
    cr_assert_eq (pipe2 (ends, O_NONBLOCK), 0);
    troupe_logger_t logger = { .level = TROUPE_LOG_WARNING, .descriptor = ends [1] };
    s_write (&logger, TROUPE_LOG_INFO, "quiet");
    s_write (&logger, TROUPE_LOG_ERROR, "loud");
    cr_assert_str_eq (s_read (ends [0]), "2026-11-21T01:33:46.123Z ERROR users#2: loud\n");
}

//  A reader that hangs must cost lines, never an actor's time; and the loss must not stay a secret.
Test (log, a_full_pipe_costs_lines_and_they_are_counted, .timeout = 10)
{
    int ends [2];
    cr_assert_eq (pipe (ends), 0);              //  Blocking, as standard error is
    fcntl (ends [0], F_SETFL, O_NONBLOCK);
    fcntl (ends [1], F_SETPIPE_SZ, 8192);
    int opened = troupe_log_open (ends [1]);
    cr_assert_neq (opened, ends [1]);
    cr_assert_eq (fcntl (ends [1], F_GETFL) & O_NONBLOCK, 0, "the one that others share is as it was");

    troupe_logger_t logger = { .level = TROUPE_LOG_INFO, .descriptor = opened };
    int written = 0;
    for (; !logger.lost; written++)
        s_write (&logger, TROUPE_LOG_INFO, "line");
    s_write (&logger, TROUPE_LOG_INFO, "line");
    cr_assert_eq (logger.lost, 2);
    while (*s_read (ends [0]))
        ;
    s_write (&logger, TROUPE_LOG_INFO, "again");
    cr_assert_str_eq (s_read (ends [0]),
                      "2026-11-21T01:33:46.123Z WARNING users#2: 2 log lines were lost, since nobody had read them\n"
                      "2026-11-21T01:33:46.123Z INFO users#2: again\n");
    cr_assert_eq (logger.lost, 0);
    troupe_log_close (opened, ends [1]);
    cr_assert_neq (fcntl (ends [1], F_GETFD), -1);
}

//  Where a pipe cannot be opened anew, asking for room first does it.
Test (log, a_blocking_descriptor_is_asked_for_room, .timeout = 10)
{
    int ends [2];
    cr_assert_eq (pipe (ends), 0);
    troupe_logger_t logger = { .level = TROUPE_LOG_INFO, .descriptor = ends [1] };
    while (!logger.lost)
        s_write (&logger, TROUPE_LOG_INFO, "line");
    cr_assert_eq (logger.lost, 1);
}

//  The reader of a log may go away at any time.
Test (log, a_pipe_without_a_reader_raises_no_signal)
{
    int ends [2];
    cr_assert_eq (pipe (ends), 0);
    close (ends [0]);
    signal (SIGPIPE, SIG_DFL);
    troupe_logger_t logger = { .level = TROUPE_LOG_INFO, .descriptor = ends [1] };
    s_write (&logger, TROUPE_LOG_INFO, "line");
    cr_assert_eq (logger.lost, 1);
    logger.descriptor = -1;
    s_write (&logger, TROUPE_LOG_INFO, "line");
    cr_assert_eq (logger.lost, 2);
}

static void s_collect (troupe_log_level_t level, const char *line, void *context)
{
    snprintf (context, 128, "%d %s", (int) level, line);
}

//  Embedding programs have a log of their own.
Test (log, lines_can_go_to_a_function)
{
    char text [128] = "";
    troupe_logger_t logger = { .level = TROUPE_LOG_INFO, .descriptor = -1, .log = s_collect, .context = text };
    s_write (&logger, TROUPE_LOG_ERROR, "to you");
    cr_assert_str_eq (text, "3 2026-11-21T01:33:46.123Z ERROR users#2: to you");
    cr_assert_eq (logger.lost, 0);
}
