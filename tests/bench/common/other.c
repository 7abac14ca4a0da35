/*  =========================================================================
    common/other.c - the other process of a benchmark

    Place: tests/bench. See other.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "other.h"
#include "report.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define READY_MS 30000

//  Where the other process says that it listens. There is one at a time.
static int s_report = -1;

void bench_other_ready (const char *endpoint)
{
    const size_t size = strlen (endpoint);
    bench_check (size <= BENCH_ENDPOINT_MAX && write (s_report, endpoint, size) == (ssize_t) size, "report");
    close (s_report);
}

static void s_make_wish (bench_other_t *other, const char *transport, char *wish, size_t size)
{
    *other = (bench_other_t) { .endpoint = "" };
    if (strcmp (transport, "tcp") == 0) {
        snprintf (wish, size, "tcp://127.0.0.1:*");
        return;
    }
    bench_check (strcmp (transport, "ipc") == 0, "the transport is ipc or tcp");
    const char *scratch = getenv ("TMPDIR");
    snprintf (other->folder, sizeof other->folder, "%s/troupe-bench-XXXXXX", scratch != NULL? scratch: P_tmpdir);
    bench_check (mkdtemp (other->folder) != NULL, other->folder);
    snprintf (wish, size, "ipc://%s/socket", other->folder);
}

static void s_serve (const int *pipe_ends, const char *wish, bench_serve_fn *serve, void *context)
{
    prctl (PR_SET_PDEATHSIG, SIGKILL);
    close (pipe_ends [0]);
    s_report = pipe_ends [1];
    serve (wish, context);
    _exit (0);
}

static void s_await (int report, char *endpoint)
{
    struct pollfd ready = { .fd = report, .events = POLLIN };
    bench_check (poll (&ready, 1, READY_MS) == 1, "the other process does not listen");
    const ssize_t size = read (report, endpoint, BENCH_ENDPOINT_MAX);
    bench_check (size > 0, "the other process has ended");
    endpoint [size] = '\0';
    close (report);
}

void bench_other_start (bench_other_t *other, const char *transport, bench_serve_fn *serve, void *context)
{
    char wish [BENCH_ENDPOINT_MAX + 1];
    int pipe_ends [2];
    s_make_wish (other, transport, wish, sizeof wish);
    bench_check (pipe (pipe_ends) == 0, "pipe");
    fflush (NULL);
    other->process = fork ();
    bench_check (other->process >= 0, "fork");
    if (other->process == 0)
        s_serve (pipe_ends, wish, serve, context);
    close (pipe_ends [1]);
    s_await (pipe_ends [0], other->endpoint);
}

void bench_other_end (bench_other_t *other)
{
    kill (other->process, SIGTERM);     //  callgrind writes its counts then
    waitpid (other->process, NULL, 0);
    if (!*other->folder)
        return;
    char path [BENCH_ENDPOINT_MAX + 1];
    snprintf (path, sizeof path, "%s/socket", other->folder);
    unlink (path);
    rmdir (other->folder);
}
