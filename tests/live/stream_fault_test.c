/*  =========================================================================
    stream_fault_test.c - streams on a system that refuses

    Place: tests/live, of runtime/live/stream/stream.c, listener.c, connect.c,
    watch.c. The linker sends system calls and allocations here (see
    CMakeLists.txt); the first, the second, ... of them fails, until the
    scenario passes.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "socket_world.h"

void *__real_malloc (size_t size);
void *__real_calloc (size_t count, size_t size);
int __real_socket (int family, int type, int protocol);
int __real_bind (int fd, const struct sockaddr *address, socklen_t size);
int __real_listen (int fd, int backlog);
int __real_connect (int fd, const struct sockaddr *address, socklen_t size);
int __real_accept4 (int fd, struct sockaddr *address, socklen_t *size, int flags);
int __real_epoll_create1 (int flags);
int __real_epoll_ctl (int fd, int operation, int other, struct epoll_event *event);
ssize_t __real_recv (int fd, void *data, size_t size, int flags);
ssize_t __real_send (int fd, const void *data, size_t size, int flags);

void *__wrap_malloc (size_t size);
void *__wrap_calloc (size_t count, size_t size);
int __wrap_socket (int family, int type, int protocol);
int __wrap_bind (int fd, const struct sockaddr *address, socklen_t size);
int __wrap_listen (int fd, int backlog);
int __wrap_connect (int fd, const struct sockaddr *address, socklen_t size);
int __wrap_accept4 (int fd, struct sockaddr *address, socklen_t *size, int flags);
int __wrap_epoll_create1 (int flags);
int __wrap_epoll_ctl (int fd, int operation, int other, struct epoll_event *event);
ssize_t __wrap_recv (int fd, void *data, size_t size, int flags);
ssize_t __wrap_send (int fd, const void *data, size_t size, int flags);

static long s_left = -1;        //  So many calls succeed, and the next one fails; below 0: all succeed
static int s_error;             //  With what

static bool s_fails (int error)
{
    if (s_left < 0 || s_left-- > 0)
        return false;
    errno = error;
    return true;
}

void *__wrap_malloc (size_t size)
{
    return s_fails (ENOMEM) ? NULL : __real_malloc (size);
}

void *__wrap_calloc (size_t count, size_t size)
{
    return s_fails (ENOMEM) ? NULL : __real_calloc (count, size);
}

int __wrap_socket (int family, int type, int protocol)
{
    return s_fails (s_error) ? -1 : __real_socket (family, type, protocol);
}

int __wrap_bind (int fd, const struct sockaddr *address, socklen_t size)
{
    return s_fails (s_error) ? -1 : __real_bind (fd, address, size);
}

int __wrap_listen (int fd, int backlog)
{
    return s_fails (s_error) ? -1 : __real_listen (fd, backlog);
}

int __wrap_connect (int fd, const struct sockaddr *address, socklen_t size)
{
    return s_fails (s_error) ? -1 : __real_connect (fd, address, size);
}

int __wrap_accept4 (int fd, struct sockaddr *address, socklen_t *size, int flags)
{
    return s_fails (s_error) ? -1 : __real_accept4 (fd, address, size, flags);
}

int __wrap_epoll_create1 (int flags)
{
    return s_fails (s_error) ? -1 : __real_epoll_create1 (flags);
}

int __wrap_epoll_ctl (int fd, int operation, int other, struct epoll_event *event)
{
    return operation != EPOLL_CTL_DEL && s_fails (s_error) ? -1 : __real_epoll_ctl (fd, operation, other, event);
}

ssize_t __wrap_recv (int fd, void *data, size_t size, int flags)
{
    return s_fails (s_error) ? -1 : __real_recv (fd, data, size, flags);
}

ssize_t __wrap_send (int fd, const void *data, size_t size, int flags)
{
    return s_fails (s_error) ? -1 : __real_send (fd, data, size, flags);
}

static unsigned s_open_descriptors (void)
{
    DIR *folder = opendir ("/proc/self/fd");
    unsigned count = 0;
    cr_assert_not_null (folder);
    while (readdir (folder))
        count++;
    closedir (folder);
    return count;
}

//  An actor connects to its own listener and gets an answer; false when something was refused on the way.
static bool s_scenario (socket_world_t *world, const char *address)
{
    troupe_stream_t *stream = NULL;
    world->react = socket_world_echo;
    if (troupe_listen (world->cell, address, NULL, socket_world_on_event, NULL, &world->listener)
        || troupe_connect (world->cell, troupe_listener_address (world->listener), NULL, socket_world_on_event, NULL,
                           &stream))
        return false;
    troupe_stream_write (stream, "ball", 4);
    for (unsigned turn = 0; turn < 50 && world->received < 16 && !strstr (world->story, "closed"); turn++)
        socket_world_step (world, 20000);
    return world->received >= 16;
}

/*  Whatever the system refuses, and for whichever reason: nothing crashes, hangs or leaks, and what passes,
    passes. What is only a delay, as an accept that is tried again, may let the scenario pass all the same.       */
static void s_sweep (const char *address, int error)
{
    unsigned before = s_open_descriptors ();
    long failing = 0;
    s_error = error;
    for (bool exhausted = false; !exhausted; failing++) {
        socket_world_t *world = socket_world_new (NULL, NULL);
        s_left = failing;
        bool passed = s_scenario (world, address);
        exhausted = s_left >= 0;
        s_left = -1;
        cr_assert (!exhausted || passed, "nothing was refused: %s", world->story);
        socket_world_destroy (&world);
        cr_assert_eq (s_open_descriptors (), before, "call %ld leaves a descriptor", failing);
    }
    cr_assert_gt (failing, 15, "only %ld calls were seen", failing);
}

//  What a busy gateway meets first.
Test (stream_fault, every_call_may_fail_without_descriptors)
{
    s_sweep ("127.0.0.1:0", EMFILE);
}

//  The same calls have another reason to fail.
Test (stream_fault, every_call_may_fail_without_memory)
{
    s_sweep ("127.0.0.1:0", ENOMEM);
}

//  A signal is no error of the connection that it hits.
Test (stream_fault, every_call_may_be_interrupted)
{
    s_sweep ("127.0.0.1:0", EINTR);
}

//  Here a file may be left behind, and addresses are tried that another kind does not have.
Test (stream_fault, every_call_may_fail_on_a_unix_socket)
{
    char address [TROUPE_ADDRESS_TEXT_MAX + 1];
    snprintf (address, sizeof address, "unix://%s", socket_world_file ("fault"));
    s_sweep (address, EMFILE);
}
