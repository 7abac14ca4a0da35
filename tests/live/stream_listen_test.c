/*  =========================================================================
    stream_listen_test.c - listening survives restarts and full tables

    Place: tests/live, of runtime/live/stream/listener.c and watch.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "core/packet/control.h"
#include "socket_world.h"

#define S_PEERS 8

static char s_path [TROUPE_ADDRESS_PATH_MAX + 1], s_address [TROUPE_ADDRESS_TEXT_MAX + 1];

static void s_name_file (void)
{
    strcpy (s_path, socket_world_file ("listen"));
    snprintf (s_address, sizeof s_address, "unix://%s", s_path);
}

static bool s_exists (void)
{
    struct stat status;
    return lstat (s_path, &status) == 0;
}

//  A socket that is bound to the path, as another program's would be.
static int s_other (bool listens)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    strcpy (address.sun_path, s_path);
    int fd = socket (AF_UNIX, SOCK_STREAM, 0);
    cr_assert_eq (bind (fd, (struct sockaddr *) &address, sizeof address), 0);
    if (listens)
        cr_assert_eq (listen (fd, 1), 0);
    return fd;
}

//  Whoever starts a program must be able to learn its port.
Test (stream_listen, port_zero_becomes_a_real_one)
{
    socket_world_t *world = socket_world_new ("tcp://localhost:0", NULL);
    int port = 0;
    cr_assert_eq (sscanf (troupe_listener_address (world->listener), "127.0.0.1:%d", &port), 1);
    cr_assert_gt (port, 0);
    cr_assert_lt (world->live.poller.epoll, 0, "listening alone needs no epoll");
    socket_world_destroy (&world);
}

//  The two everyday errors of listening, and a third.
Test (stream_listen, errors_are_typed)
{
    socket_world_t *world = socket_world_new ("127.0.0.1:0", NULL), *other = socket_world_new (NULL, NULL);
    troupe_listener_t *listener = NULL;
    cr_assert_eq (troupe_listen (other->cell, troupe_listener_address (world->listener), NULL, socket_world_on_event,
                                 NULL, &listener), TROUPE_EADDRINUSE);
    cr_assert_eq (troupe_listen (other->cell, "192.0.2.1:80", NULL, socket_world_on_event, NULL, &listener),
                  TROUPE_EADDR);
    cr_assert_eq (troupe_listen (other->cell, "unix:///nowhere/a.sock", NULL, socket_world_on_event, NULL, &listener),
                  TROUPE_EADDR);
    if (geteuid () != 0)
        cr_assert_eq (troupe_listen (other->cell, "unix:///a.sock", NULL, socket_world_on_event, NULL, &listener),
                      TROUPE_EACCES);
    cr_assert_null (listener);
    socket_world_destroy (&other);
    socket_world_destroy (&world);
}

//  The file of a program that has crashed must not keep the next one from starting; that of a running one must.
Test (stream_listen, stale_socket_file_is_replaced)
{
    s_name_file ();
    socket_world_t *world = socket_world_new (NULL, NULL);
    int other = s_other (true);
    cr_assert_eq (troupe_listen (world->cell, s_address, NULL, socket_world_on_event, NULL, &world->listener),
                  TROUPE_EADDRINUSE);
    close (other);
    cr_assert (s_exists ());
    cr_assert_eq (troupe_listen (world->cell, s_address, NULL, socket_world_on_event, NULL, &world->listener),
                  TROUPE_OK);
    cr_assert_str_eq (troupe_listener_address (world->listener), s_address);
    troupe_listener_close (&world->listener);
    cr_assert_not (s_exists (), "its file goes with it");
    socket_world_destroy (&world);
}

//  What is no socket, or no longer ours, is not ours to remove.
Test (stream_listen, foreign_files_are_left_alone)
{
    s_name_file ();
    socket_world_t *world = socket_world_new (NULL, NULL);
    int file = open (s_path, O_CREAT | O_EXCL | O_WRONLY, 0600);
    cr_assert_eq (troupe_listen (world->cell, s_address, NULL, socket_world_on_event, NULL, &world->listener),
                  TROUPE_EADDRINUSE);
    close (file);
    unlink (s_path);
    cr_assert_eq (troupe_listen (world->cell, s_address, NULL, socket_world_on_event, NULL, &world->listener),
                  TROUPE_OK);
    unlink (s_path);
    int other = s_other (false);
    troupe_listener_close (&world->listener);
    cr_assert (s_exists ());
    close (other);
    unlink (s_path);
    socket_world_destroy (&world);
}

//  A restart must not refuse anybody: who comes meanwhile waits, and is served by the next incarnation.
Test (stream_listen, connections_wait_for_the_next_incarnation)
{
    socket_world_t *world = socket_world_new ("127.0.0.1:0", NULL);
    char address [TROUPE_ADDRESS_TEXT_MAX + 1], byte;
    strcpy (address, troupe_listener_address (world->listener));
    int before = socket_world_peer (world);
    socket_world_until (world, "accepted");
    troupe_cell_enter (world->cell);
    cr_assert_not (troupe_cell_leave (world->cell, 1));
    cr_assert_eq (recv (before, &byte, 1, 0), -1, "the streams of the failed one are reset");
    int between = socket_world_peer (world);
    cr_assert_eq (socket_world_step (world, 0), 0, "nobody is there to accept it");
    uint8_t word [TROUPE_CONTROL_MAX];
    troupe_cell_parent_says (world->cell, word,
                             troupe_control_write (word, &(troupe_control_t) { .kind = TROUPE_CONTROL_RESTART }, NULL));
    world->story [0] = 0;
    world->react = socket_world_echo;
    cr_assert_eq (send (between, "x", 1, 0), 1);
    cr_assert_eq (troupe_listen (world->cell, "127.0.0.1:0", NULL, socket_world_on_event, NULL, &world->listener),
                  TROUPE_OK);
    cr_assert_str_eq (troupe_listener_address (world->listener), address);
    socket_world_until (world, "accepted");
    socket_world_settle (world);
    cr_assert_eq (recv (between, &byte, 1, 0), 1);
    close (before);
    close (between);
    socket_world_destroy (&world);
}

//  Pausing leaves connections in the backlog, and costs nothing meanwhile.
Test (stream_listen, paused_listener_accepts_later)
{
    socket_world_t *world = socket_world_new ("127.0.0.1:0", NULL);
    troupe_listener_pause (world->listener);
    int peer = socket_world_peer (world);
    cr_assert_eq (socket_world_step (world, 0), 0);
    troupe_listener_resume (world->listener);
    socket_world_until (world, "accepted");
    close (peer);
    socket_world_destroy (&world);
}

//  The limit of descriptors so that 'more' are left; returns what it was.
static struct rlimit s_limit_descriptors (rlim_t more)
{
    struct rlimit before, limit;
    int highest = dup (0);
    close (highest);
    getrlimit (RLIMIT_NOFILE, &before);
    limit = (struct rlimit) { .rlim_cur = (rlim_t) highest + more, .rlim_max = before.rlim_max };
    cr_assert_eq (setrlimit (RLIMIT_NOFILE, &limit), 0);
    return before;
}

//  Out of descriptors: those who are served go on being served, nothing spins, and each that leaves makes room for one.
Test (stream_listen, without_descriptors_accepting_waits_for_a_close)
{
    socket_world_t *world = socket_world_new ("127.0.0.1:0", NULL);
    int peers [S_PEERS];
    char byte;
    world->react = socket_world_echo;
    for (unsigned index = 0; index < S_PEERS; index++)
        peers [index] = socket_world_peer (world);
    struct rlimit before = s_limit_descriptors (4);         //  The epoll, and three connections
    socket_world_until (world, "accepted accepted accepted");
    socket_world_settle (world);
    cr_assert_eq (world->open, 3);
    cr_assert_eq (world->warnings, 1);
    cr_assert_eq (socket_world_step (world, 0), 0, "it does not spin");
    cr_assert_eq (send (peers [0], "x", 1, 0), 1);
    while (world->received < 1)
        socket_world_step (world, 1000000);
    cr_assert_eq (recv (peers [0], &byte, 1, 0), 1);
    for (unsigned index = 3; index < S_PEERS; index++) {
        world->story [0] = 0;
        troupe_stream_abort (world->cell->streams);
        socket_world_until (world, "accepted");
        socket_world_settle (world);
        cr_assert_eq (world->open, 3);
    }
    cr_assert_eq (world->warnings, 1, "the log is spared");
    setrlimit (RLIMIT_NOFILE, &before);
    for (unsigned index = 0; index < S_PEERS; index++)
        close (peers [index]);
    socket_world_destroy (&world);
}

//  Descriptors that somebody else in the process gives back are found within a tenth of a second.
Test (stream_listen, without_descriptors_accepting_is_tried_again)
{
    socket_world_t *world = socket_world_new ("127.0.0.1:0", NULL);
    int peer = socket_world_peer (world);
    struct rlimit before = s_limit_descriptors (0);
    while (world->warnings == 0)
        socket_world_step (world, 1000000);
    cr_assert_str_eq (world->story, "");
    cr_assert_neq (troupe_cell_next_us (world->cell), TROUPE_FOREVER);
    setrlimit (RLIMIT_NOFILE, &before);
    socket_world_until (world, "accepted");
    cr_assert_eq (troupe_cell_next_us (world->cell), TROUPE_FOREVER);
    close (peer);
    socket_world_destroy (&world);
}

//  --- Watched descriptors

typedef struct {
    unsigned calls, events;
    bool reads;
} s_watched_t;

static int s_on_ready (troupe_actor_t *self, void *state, int descriptor, unsigned events, void *context)
{
    s_watched_t *watched = context;
    char byte;
    (void) self;
    (void) state;
    watched->calls++;
    watched->events = events;
    if (watched->reads)
        cr_assert_eq (read (descriptor, &byte, 1), 1);
    return 0;
}

//  The runtime only tells, and goes on telling: reading is the owner's.
Test (watch, told_each_turn_until_it_is_read)
{
    socket_world_t *world = socket_world_new (NULL, NULL);
    s_watched_t watched = { 0 };
    troupe_watch_t *watch = NULL;
    int pair [2];
    cr_assert_eq (pipe (pair), 0);
    cr_assert_eq (troupe_watch (world->cell, pair [0], TROUPE_WATCH_READABLE, s_on_ready, &watched, &watch), TROUPE_OK);
    cr_assert_eq (socket_world_step (world, 0), 0);
    cr_assert_eq (write (pair [1], "ab", 2), 2);
    for (unsigned turn = 1; turn <= 3; turn++) {
        watched.reads = turn > 1;
        socket_world_step (world, 0);
        cr_assert_eq (watched.calls, turn);
        cr_assert_eq (watched.events, TROUPE_WATCH_READABLE);
    }
    cr_assert_eq (socket_world_step (world, 0), 0);
    watched.reads = false;
    close (pair [1]);
    socket_world_step (world, 0);
    cr_assert_eq (watched.calls, 4, "a hang-up is told");
    troupe_unwatch (&watch);
    cr_assert_eq (socket_world_step (world, 0), 0);
    close (pair [0]);
    socket_world_destroy (&world);
}

//  Files are always ready, so waiting for one is a mistake, whichever way the poller works at the time.
Test (watch, files_and_nothing_are_refused)
{
    socket_world_t *world = socket_world_new (NULL, NULL);
    troupe_watch_t *watch = NULL;
    int file = open ("/proc/self/exe", O_RDONLY);
    cr_assert_eq (troupe_watch (world->cell, file, TROUPE_WATCH_READABLE, s_on_ready, NULL, &watch), TROUPE_EINVAL);
    cr_assert_eq (troupe_watch (world->cell, 9999, TROUPE_WATCH_READABLE, s_on_ready, NULL, &watch), TROUPE_EINVAL);
    cr_assert_null (watch);
    close (file);
    socket_world_destroy (&world);
}
