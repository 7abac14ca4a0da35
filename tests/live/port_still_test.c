/*  =========================================================================
    port_still_test.c - programs that stand still, and programs that only idle

    Place: tests/live, of runtime/live/port/port_line.c and port_peers.c. The other
    program is a fork, made before there are threads, and is stopped by signals
    as a machine may stop that is suspended: nothing of it says that it is gone.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <arpa/inet.h>
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "live/actor/wait.h"
#include "troupe_world.h"

//  Heartbeats take three seconds, the system's probes somewhat longer.
#define S_NOTICED_US 8000000
#define S_LARGE (1u << 20)
#define S_LARGE_CALLS 24

static pid_t s_program;
static char s_folder [64], s_endpoint [128];

//  --- The other program

static void s_serve (const char *listen, int report)
{
    const troupe_child_t children [] = { { .id = "a", .behavior = &world_doer, .listen = listen }, { .id = NULL } };
    troupe_message_t *reply = NULL;
    prctl (PR_SET_PDEATHSIG, SIGKILL);
    troupe_t *troupe = world_with (children);
    troupe_call_wait (troupe, "a", TROUPE_TAG_ENDPOINT, NULL, 0, WORLD_MS, &reply);
    if (write (report, troupe_message_text (reply), strlen (troupe_message_text (reply)) + 1) < 0)
        _exit (1);
    for (;;)
        pause ();
}

static void s_begin (const char *listen)
{
    int report [2];
    cr_assert_eq (pipe (report), 0);
    s_program = fork ();
    cr_assert_geq (s_program, 0);
    if (!s_program)
        s_serve (listen, report [1]);
    close (report [1]);
    cr_assert_gt (read (report [0], s_endpoint, sizeof s_endpoint), 0);
    close (report [0]);
}

static void s_begin_at_path (void)
{
    const char *folder = getenv ("TMPDIR");
    char listen [128];
    snprintf (s_folder, sizeof s_folder, "%.40s/still-XXXXXX", folder ? folder : P_tmpdir);
    cr_assert_not_null (mkdtemp (s_folder));
    snprintf (listen, sizeof listen, "ipc://%s/a", s_folder);
    s_begin (listen);
}

static void s_end (void)
{
    kill (s_program, SIGCONT);
    kill (s_program, SIGKILL);
    waitpid (s_program, NULL, 0);
    if (*s_folder) {
        unlink (s_endpoint + strlen ("ipc://"));
        rmdir (s_folder);
    }
}

static void s_stop (void)
{
    cr_assert_eq (kill (s_program, SIGSTOP), 0);
    cr_assert_eq (waitpid (s_program, NULL, WUNTRACED), s_program);
}

//  --- Standing still

static void s_assert_noticed (troupe_t *troupe, int64_t since_us, size_t calls)
{
    char expected [16 * S_LARGE_CALLS] = "";
    for (size_t call = 0; call < calls; call++)
        strcat (expected, call ? " DOWN:" : "DOWN:");
    cr_assert_str_eq (world_notes (troupe, calls), expected);
    cr_assert_lt (troupe_clock_us () - since_us, S_NOTICED_US);
}

//  What it had taken ends; what is asked afterwards waits for it.
static void s_check_stop (void)
{
    troupe_t *troupe = world_new ();
    world_call (troupe, s_endpoint, world_defer, 1, "taken", WORLD_MS);
    cr_assert_str_eq (world_ask (troupe, s_endpoint, world_echo, 1, "one"), "OK one 1");
    s_stop ();
    s_assert_noticed (troupe, troupe_clock_us (), 1);
    world_call (troupe, s_endpoint, world_echo, 2, "queued", WORLD_MS);
    troupe_flush (troupe_guest (troupe));
    kill (s_program, SIGCONT);
    cr_assert_str_eq (world_notes (troupe, 1), "OK:queued 2");
    world_end (troupe);
    s_end ();
}

Test (port_still, who_is_stopped_is_noticed_over_tcp, .timeout = 60)
{
    s_begin ("tcp://127.0.0.1:*");
    s_check_stop ();
}

Test (port_still, who_is_stopped_is_noticed_over_ipc, .timeout = 60)
{
    s_begin_at_path ();
    s_check_stop ();
}

//  Heartbeats cannot leave behind what is not read: those of libzmq alone would never notice.
static void s_check_stop_under_load (void)
{
    static char large [S_LARGE];
    troupe_t *troupe = world_new ();
    cr_assert_str_eq (world_ask (troupe, s_endpoint, world_echo, 1, "one"), "OK one 1");
    s_stop ();
    int64_t since_us = troupe_clock_us ();
    troupe_ref_t *ref = troupe_ref (troupe_guest (troupe), s_endpoint);
    for (int call = 0; call < S_LARGE_CALLS; call++)
        cr_assert_eq (troupe_call (ref, 0, large, sizeof large, WORLD_MS, world_on_reply, NULL, NULL), TROUPE_OK);
    troupe_flush (troupe_guest (troupe));
    s_assert_noticed (troupe, since_us, S_LARGE_CALLS);
    kill (s_program, SIGCONT);
    cr_assert_str_eq (world_ask (troupe, s_endpoint, world_echo, 2, "again"), "OK again 2");
    world_end (troupe);
    s_end ();
}

Test (port_still, who_is_stopped_under_load_is_noticed_over_tcp, .timeout = 60)
{
    s_begin ("tcp://127.0.0.1:*");
    s_check_stop_under_load ();
}

Test (port_still, who_is_stopped_under_load_is_noticed_over_ipc, .timeout = 60)
{
    s_begin_at_path ();
    s_check_stop_under_load ();
}

//  --- Being busy

static int s_work_long (troupe_actor_t *self, void *state, troupe_message_t *message, const world_word_t *word)
{
    poll (NULL, 0, 5000);
    return world_echo (self, state, message, word);
}

//  Longer than any heartbeat, and with a queue behind it: that is the deadline's matter.
static void s_check_busy (void)
{
    static char large [S_LARGE];
    troupe_t *troupe = world_new ();
    world_call (troupe, s_endpoint, s_work_long, 1, "worked", WORLD_MS);
    troupe_flush (troupe_guest (troupe));
    troupe_ref_t *ref = troupe_ref (troupe_guest (troupe), s_endpoint);
    for (int cast = 0; cast < S_LARGE_CALLS; cast++)
        cr_assert_eq (troupe_cast (ref, 0, large, sizeof large), TROUPE_OK);
    troupe_flush (troupe_guest (troupe));
    cr_assert_str_eq (world_notes (troupe, 1), "OK:worked 1");
    world_end (troupe);
    s_end ();
}

Test (port_still, who_is_busy_is_not_taken_for_dead_over_tcp, .timeout = 60)
{
    s_begin ("tcp://127.0.0.1:*");
    s_check_busy ();
}

Test (port_still, who_is_busy_is_not_taken_for_dead_over_ipc, .timeout = 60)
{
    s_begin_at_path ();
    s_check_busy ();
}

//  --- Idling

//  How often the thread of that name has gone to sleep so far.
static long s_sleeps (const char *name)
{
    long sleeps = -1, count;
    DIR *directory = opendir ("/proc/self/task");
    cr_assert_not_null (directory);
    for (struct dirent *entry; (entry = readdir (directory));) {
        char path [300], line [128], who [64] = "";
        snprintf (path, sizeof path, "/proc/self/task/%s/status", entry->d_name);
        FILE *file = atoi (entry->d_name) ? fopen (path, "r") : NULL;
        while (file && fgets (line, sizeof line, file)) {
            sscanf (line, "Name: %63s", who);
            if (strcmp (who, name) == 0 && sscanf (line, "voluntary_ctxt_switches: %ld", &count) == 1)
                sleeps = count;
        }
        if (file)
            fclose (file);
    }
    closedir (directory);
    return sleeps;
}

static int s_connect (const char *endpoint)
{
    int port = 0;
    cr_assert_eq (sscanf (endpoint, "tcp://127.0.0.1:%d", &port), 1);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons ((uint16_t) port),
                                   .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq (connect (fd, (struct sockaddr *) &address, sizeof address), 0);
    return fd;
}

static troupe_t *s_listener (const char *listen)
{
    const troupe_child_t children [] = { { .id = "listener", .behavior = &world_doer, .listen = listen },
                                         { .id = NULL } };
    return world_with (children);
}

//  Wake-ups of the listener's thread within three seconds, with 'count' others that are connected and say nothing.
static long s_wakes (const char *listen, int count)
{
    troupe_t *there = s_listener (listen), *here [4];
    troupe_message_t *reply = NULL;
    cr_assert_eq (troupe_call_wait (there, "listener", TROUPE_TAG_ENDPOINT, NULL, 0, WORLD_MS, &reply), TROUPE_OK);
    for (int index = 0; index < count; index++) {
        here [index] = world_new ();
        cr_assert_str_eq (world_ask (here [index], troupe_message_text (reply), world_echo, 1, "x"), "OK x 1");
    }
    while (troupe_run (there, 2000) != TROUPE_ETIMEOUT)
        ;
    long before = s_sleeps ("listener");
    cr_assert_eq (troupe_run (there, 3000), TROUPE_ETIMEOUT);
    long wakes = s_sleeps ("listener") - before;
    for (int index = 0; index < count; index++)
        world_end (here [index]);
    troupe_message_destroy (&reply);
    world_end (there);
    return wakes;
}

//  Programs that are connected and say nothing cost next to nothing: heartbeats are the I/O thread's.
Test (port_still, idle_connections_of_tcp_are_seldom_looked_at, .timeout = 60)
{
    cr_assert_leq (s_wakes ("tcp://127.0.0.1:*", 4), 6);
}

//  There is nothing to look at.
Test (port_still, idle_connections_of_ipc_are_never_looked_at, .timeout = 60)
{
    const char *folder = getenv ("TMPDIR");
    char listen [128];
    snprintf (s_folder, sizeof s_folder, "%.40s/still-XXXXXX", folder ? folder : P_tmpdir);
    cr_assert_not_null (mkdtemp (s_folder));
    snprintf (listen, sizeof listen, "ipc://%s/a", s_folder);
    cr_assert_eq (s_wakes (listen, 4), 0);
    rmdir (s_folder);
}

//  Nobody is connected any more.
Test (port_still, a_port_without_connections_wakes_nobody, .timeout = 60)
{
    troupe_t *there = s_listener ("tcp://127.0.0.1:*");
    troupe_message_t *reply = NULL;
    cr_assert_eq (troupe_call_wait (there, "listener", TROUPE_TAG_ENDPOINT, NULL, 0, WORLD_MS, &reply), TROUPE_OK);
    close (s_connect (troupe_message_text (reply)));
    while (troupe_run (there, 1000) != TROUPE_ETIMEOUT)
        ;
    long before = s_sleeps ("listener");
    cr_assert_eq (troupe_run (there, 1000), TROUPE_ETIMEOUT);
    cr_assert_eq (s_sleeps ("listener"), before);
    troupe_message_destroy (&reply);
    world_end (there);
}
