/*  =========================================================================
    poller_test.c - a poller tells what is ready, and nothing of what is gone

    Place: tests/live, of runtime/live/stream/poller.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "live/stream/poller.h"

#define S_MANY 20

//  A source on an eventfd that notes when it was called, and may do something to another one.
typedef struct {
    troupe_source_t source;
    troupe_poller_t *poller;
    char name;
    unsigned events;
    troupe_source_t *removes;
    troupe_source_t *posts;
    bool drains;
} s_probe_t;

static char s_story [256];

static void s_ready (troupe_source_t *source, unsigned events)
{
    s_probe_t *probe = (s_probe_t *) source;
    size_t size = strlen (s_story);
    s_story [size] = probe->name;
    probe->events = events;
    uint64_t count;
    if (probe->drains)
        cr_assert_eq (read (source->fd, &count, sizeof count), sizeof count);
    if (probe->removes)
        troupe_poller_remove (probe->poller, probe->removes);
    if (probe->posts)
        troupe_poller_post (probe->poller, probe->posts, TROUPE_POLL_READ);
}

static s_probe_t s_probe (troupe_poller_t *poller, char name, uint64_t initial)
{
    s_probe_t probe = { .poller = poller, .name = name };
    probe.source.fd = eventfd ((unsigned) initial, EFD_NONBLOCK | EFD_CLOEXEC);
    probe.source.ready = s_ready;
    cr_assert_geq (probe.source.fd, 0);
    return probe;
}

static const char *s_wait (troupe_poller_t *poller)
{
    memset (s_story, 0, sizeof s_story);
    int ran = troupe_poller_wait (poller, 0);
    cr_assert_eq ((size_t) ran, strlen (s_story));
    return s_story;
}

//  4,000 idle actors are to have four descriptors each, and an epoll would be a fifth.
Test (poller, few_level_sources_take_no_descriptor)
{
    troupe_poller_t poller;
    s_probe_t probes [TROUPE_POLLER_FEW];
    troupe_poller_init (&poller);
    for (unsigned index = 0; index < TROUPE_POLLER_FEW; index++) {
        probes [index] = s_probe (&poller, (char) ('a' + index), index == 3);
        cr_assert_eq (troupe_poller_add (&poller, &probes [index].source, TROUPE_POLL_READ, false), TROUPE_OK);
    }
    cr_assert_str_eq (s_wait (&poller), "d");
    cr_assert_lt (poller.epoll, 0);
    troupe_poller_clear (&poller);
}

//  ZeroMQ's descriptors stay readable until ZeroMQ reads them: an edge would be missed.
Test (poller, level_sources_are_told_again_in_both_forms)
{
    troupe_poller_t poller;
    s_probe_t probes [S_MANY];
    troupe_poller_init (&poller);
    for (unsigned index = 0; index < S_MANY; index++) {
        probes [index] = s_probe (&poller, (char) ('a' + index), index == 0);
        cr_assert_eq (troupe_poller_add (&poller, &probes [index].source, TROUPE_POLL_READ, false), TROUPE_OK);
        cr_assert_str_eq (s_wait (&poller), "a");
    }
    cr_assert_geq (poller.epoll, 0);
    troupe_poller_clear (&poller);
}

//  Streams read until they are dry: being told again would cost a system call each time.
Test (poller, edge_source_is_told_once)
{
    troupe_poller_t poller;
    troupe_poller_init (&poller);
    s_probe_t probe = s_probe (&poller, 'e', 1);
    cr_assert_eq (troupe_poller_add (&poller, &probe.source, TROUPE_POLL_READ, true), TROUPE_OK);
    cr_assert_str_eq (s_wait (&poller), "e");
    cr_assert_str_eq (s_wait (&poller), "");
    cr_assert_eq (eventfd_write (probe.source.fd, 1), 0);
    cr_assert_str_eq (s_wait (&poller), "e");
    troupe_poller_clear (&poller);
}

//  Whoever is stopped must hear of it before its mail.
Test (poller, first_source_runs_first_in_both_forms)
{
    troupe_poller_t poller;
    troupe_poller_init (&poller);
    s_probe_t one = s_probe (&poller, '1', 1), control = s_probe (&poller, 'c', 1), edge = s_probe (&poller, 'e', 1);
    control.source.first = true;
    cr_assert_eq (troupe_poller_add (&poller, &one.source, TROUPE_POLL_READ, false), TROUPE_OK);
    cr_assert_eq (troupe_poller_add (&poller, &control.source, TROUPE_POLL_READ, false), TROUPE_OK);
    cr_assert_str_eq (s_wait (&poller), "c1");
    cr_assert_eq (troupe_poller_add (&poller, &edge.source, TROUPE_POLL_READ, true), TROUPE_OK);
    cr_assert_eq (s_wait (&poller) [0], 'c');
    cr_assert_eq (strlen (s_story), 3);
    troupe_poller_clear (&poller);
}

//  A callback closes other connections, whose events have been fetched already.
Test (poller, removed_source_is_not_told_though_it_was_ready)
{
    troupe_poller_t poller;
    troupe_poller_init (&poller);
    s_probe_t one = s_probe (&poller, '1', 1), two = s_probe (&poller, '2', 1);
    one.removes = &two.source;
    two.removes = &one.source;
    cr_assert_eq (troupe_poller_add (&poller, &one.source, TROUPE_POLL_READ, true), TROUPE_OK);
    cr_assert_eq (troupe_poller_add (&poller, &two.source, TROUPE_POLL_READ, true), TROUPE_OK);
    cr_assert_eq (strlen (s_wait (&poller)), 1);
    cr_assert_eq (one.source.added + two.source.added, 1);
    troupe_poller_clear (&poller);
}

//  The same while it is a poll(2), and the source that is told removes itself.
Test (poller, sources_may_remove_themselves)
{
    troupe_poller_t poller;
    troupe_poller_init (&poller);
    s_probe_t one = s_probe (&poller, '1', 1), two = s_probe (&poller, '2', 1);
    one.removes = &one.source;
    cr_assert_eq (troupe_poller_add (&poller, &one.source, TROUPE_POLL_READ, false), TROUPE_OK);
    cr_assert_eq (troupe_poller_add (&poller, &two.source, TROUPE_POLL_READ, false), TROUPE_OK);
    cr_assert_str_eq (s_wait (&poller), "12");
    cr_assert_str_eq (s_wait (&poller), "2");
    troupe_poller_remove (&poller, &one.source);
    troupe_poller_clear (&poller);
}

//  What was not read in one turn is read in the next, and the thread must not sleep in between.
Test (poller, posted_source_comes_once_without_waiting)
{
    troupe_poller_t poller;
    troupe_poller_init (&poller);
    s_probe_t one = s_probe (&poller, '1', 0), two = s_probe (&poller, '2', 0);
    one.posts = &two.source;
    cr_assert_eq (troupe_poller_add (&poller, &one.source, TROUPE_POLL_READ, true), TROUPE_OK);
    cr_assert_eq (troupe_poller_add (&poller, &two.source, TROUPE_POLL_READ, true), TROUPE_OK);
    troupe_poller_post (&poller, &one.source, TROUPE_POLL_READ);
    troupe_poller_post (&poller, &one.source, TROUPE_POLL_WRITE);
    cr_assert_eq (troupe_poller_wait (&poller, TROUPE_FOREVER), 1);
    cr_assert_eq (one.events, TROUPE_POLL_READ | TROUPE_POLL_WRITE);
    cr_assert (troupe_poller_pending (&poller), "what a posted one posts waits for the next turn");
    cr_assert_eq (troupe_poller_wait (&poller, TROUPE_FOREVER), 1);
    cr_assert_not (troupe_poller_pending (&poller));
    troupe_poller_post (&poller, &one.source, TROUPE_POLL_READ);
    troupe_poller_remove (&poller, &one.source);
    cr_assert_str_eq (s_wait (&poller), "");
    troupe_poller_clear (&poller);
}

//  A listener that cannot accept must cost nothing, not even when its peers hang up.
Test (poller, source_that_waits_for_nothing_is_told_nothing)
{
    troupe_poller_t poller;
    troupe_poller_init (&poller);
    int pair [2];
    cr_assert_eq (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    s_probe_t probe = { .poller = &poller, .name = 'p' }, edge = s_probe (&poller, 'e', 0);
    probe.source.fd = pair [0];
    probe.source.ready = s_ready;
    cr_assert_eq (troupe_poller_add (&poller, &probe.source, TROUPE_POLL_READ, false), TROUPE_OK);
    close (pair [1]);
    for (unsigned form = 0; form < 2; form++) {
        cr_assert_str_eq (s_wait (&poller), "p");
        cr_assert (probe.events & TROUPE_POLL_HANGUP);
        cr_assert_eq (troupe_poller_change (&poller, &probe.source, 0), TROUPE_OK);
        cr_assert_str_eq (s_wait (&poller), "");
        cr_assert_eq (troupe_poller_change (&poller, &probe.source, TROUPE_POLL_READ), TROUPE_OK);
        if (form == 0)
            cr_assert_eq (troupe_poller_add (&poller, &edge.source, TROUPE_POLL_READ, true), TROUPE_OK);
    }
    troupe_poller_clear (&poller);
}

//  Out of descriptors is an everyday error; the sources that were there go on.
Test (poller, without_descriptors_it_stays_a_poll)
{
    troupe_poller_t poller;
    troupe_poller_init (&poller);
    s_probe_t one = s_probe (&poller, '1', 1), edge = s_probe (&poller, 'e', 1);
    cr_assert_eq (troupe_poller_add (&poller, &one.source, TROUPE_POLL_READ, false), TROUPE_OK);
    struct rlimit before, limit;
    getrlimit (RLIMIT_NOFILE, &before);
    limit = (struct rlimit) { .rlim_cur = (rlim_t) edge.source.fd + 1, .rlim_max = before.rlim_max };
    int filler [64], fillers = 0;
    setrlimit (RLIMIT_NOFILE, &limit);
    while (fillers < 64 && (filler [fillers] = dup (0)) >= 0)
        fillers++;
    cr_assert_eq (troupe_poller_add (&poller, &edge.source, TROUPE_POLL_READ, true), TROUPE_EFILES);
    cr_assert_not (edge.source.added);
    cr_assert_str_eq (s_wait (&poller), "1");
    setrlimit (RLIMIT_NOFILE, &before);
    while (fillers > 0)
        close (filler [--fillers]);
    cr_assert_eq (troupe_poller_add (&poller, &edge.source, TROUPE_POLL_READ, true), TROUPE_OK);
    cr_assert_eq (strlen (s_wait (&poller)), 2);
    troupe_poller_clear (&poller);
}

static int64_t s_now_us (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

//  Timers stand on it: never early, in either form.
Test (poller, waits_at_least_as_long_as_asked)
{
    troupe_poller_t poller;
    troupe_poller_init (&poller);
    s_probe_t edge = s_probe (&poller, 'e', 0);
    for (unsigned form = 0; form < 3; form++) {
        int64_t begun_us = s_now_us ();
        cr_assert_eq (troupe_poller_wait (&poller, 1500), 0);
        cr_assert_geq (s_now_us () - begun_us, 1500);
        if (form == 0)
            cr_assert_eq (troupe_poller_add (&poller, &edge.source, TROUPE_POLL_READ, true), TROUPE_OK);
        poller.coarse = form == 1;
    }
    troupe_poller_clear (&poller);
}

static void s_on_wake (void *context)
{
    cr_assert_str_eq (s_story, "", "the clock is read before any callback");
    (*(int *) context)++;
}

//  Callbacks see the time at which they woke, not the one at which they went to sleep.
Test (poller, wake_runs_before_callbacks)
{
    troupe_poller_t poller;
    troupe_poller_init (&poller);
    int wakes = 0;
    poller.on_wake = s_on_wake;
    poller.wake_context = &wakes;
    s_probe_t one = s_probe (&poller, '1', 1);
    cr_assert_eq (troupe_poller_add (&poller, &one.source, TROUPE_POLL_READ, false), TROUPE_OK);
    cr_assert_str_eq (s_wait (&poller), "1");
    cr_assert_eq (wakes, 1);
    troupe_poller_clear (&poller);
}

//  A library's mistake must be an answer, not a loop.
Test (poller, descriptor_that_cannot_be_waited_for_is_refused)
{
    troupe_poller_t poller;
    troupe_poller_init (&poller);
    s_probe_t bad = { .source = { .fd = 9999, .ready = s_ready } };
    cr_assert_eq (troupe_poller_add (&poller, &bad.source, TROUPE_POLL_READ, true), TROUPE_EINVAL);
    troupe_poller_clear (&poller);
}
