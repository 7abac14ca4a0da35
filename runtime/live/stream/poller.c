/*  =========================================================================
    live/stream/poller.c - waits for descriptors, and for time

    Place: runtime/live; see poller.h. What a wait has found is a batch on its
    stack, linked to the poller, so that a source that is removed meanwhile can
    be struck out of it.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/stream/poller.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define S_BATCH 128

struct troupe_poller_batch {
    struct epoll_event items [S_BATCH];     //  Of a poll(2) too: the bits are the same
    int count;
    troupe_poller_batch_t *outer;           //  Of the wait around this one
};

_Static_assert (EPOLLIN == POLLIN && EPOLLOUT == POLLOUT && EPOLLERR == POLLERR && EPOLLHUP == POLLHUP,
                "poll(2) and epoll(7) speak of events in the same bits");

void troupe_poller_init (troupe_poller_t *poller)
{
    *poller = (troupe_poller_t) { .epoll = -1 };
}

void troupe_poller_clear (troupe_poller_t *poller)
{
    if (poller->epoll >= 0)
        close (poller->epoll);
    troupe_poller_init (poller);
}

//  --- Events in the system's bits and in ours

static uint32_t s_to_system (unsigned events)
{
    return (events & TROUPE_POLL_READ ? (uint32_t) EPOLLIN | EPOLLRDHUP : 0)
        | (events & TROUPE_POLL_WRITE ? (uint32_t) EPOLLOUT : 0);
}

static unsigned s_from_system (uint32_t bits)
{
    return (bits & EPOLLIN ? TROUPE_POLL_READ : 0) | (bits & EPOLLOUT ? TROUPE_POLL_WRITE : 0)
        | (bits & (EPOLLERR | (uint32_t) POLLNVAL) ? TROUPE_POLL_ERROR : 0)
        | (bits & (EPOLLHUP | EPOLLRDHUP) ? TROUPE_POLL_HANGUP : 0);
}

//  --- As an epoll(7)

static troupe_error_t s_control (troupe_poller_t *poller, troupe_source_t *source, int operation, unsigned events)
{
    struct epoll_event event = { .events = s_to_system (events), .data.ptr = source };
    if (source->edge)
        event.events |= EPOLLET;
    if (epoll_ctl (poller->epoll, operation, source->fd, &event) == 0)
        return TROUPE_OK;
    if (errno == EPERM || errno == EBADF || errno == EEXIST)
        return TROUPE_EINVAL;
    return troupe_error_from_errno (errno);
}

//  A hang-up is told even to those that wait for nothing: they are left out.
static troupe_error_t s_set_epoll (troupe_poller_t *poller, troupe_source_t *source, unsigned events)
{
    if (source->events == 0 && events == 0)
        return TROUPE_OK;
    int operation = events == 0 ? EPOLL_CTL_DEL : source->events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    return s_control (poller, source, operation, events);
}

static troupe_error_t s_become_epoll (troupe_poller_t *poller)
{
    if (poller->epoll >= 0)
        return TROUPE_OK;
    poller->epoll = epoll_create1 (EPOLL_CLOEXEC);
    if (poller->epoll < 0)
        return troupe_error_from_errno (errno);
    for (unsigned index = 0; index < poller->few; index++) {
        troupe_source_t *source = poller->sources [index];
        troupe_error_t error = source->events
            ? s_control (poller, source, EPOLL_CTL_ADD, source->events) : TROUPE_OK;
        if (error) {
            close (poller->epoll);
            poller->epoll = -1;
            return error;
        }
    }
    poller->few = 0;
    return TROUPE_OK;
}

//  --- As a poll(2)

static void s_set_poll (troupe_poller_t *poller, unsigned index, unsigned events)
{
    int fd = poller->sources [index]->fd;
    poller->descriptors [index] = (struct pollfd) {
        .fd = events ? fd : ~fd, .events = (short) s_to_system (events),
    };
}

static unsigned s_find (const troupe_poller_t *poller, const troupe_source_t *source)
{
    unsigned index = 0;
    while (index < poller->few && poller->sources [index] != source)
        index++;
    return index;
}

static void s_remove_poll (troupe_poller_t *poller, const troupe_source_t *source)
{
    unsigned index = s_find (poller, source);
    if (index == poller->few)
        return;
    poller->few--;
    poller->sources [index] = poller->sources [poller->few];
    poller->descriptors [index] = poller->descriptors [poller->few];
}

//  --- Sources

troupe_error_t troupe_poller_add (troupe_poller_t *poller, troupe_source_t *source, unsigned events, bool edge)
{
    source->edge = edge;
    source->events = 0;
    if (edge || poller->few == TROUPE_POLLER_FEW) {
        troupe_error_t error = s_become_epoll (poller);
        if (error)
            return error;
    }
    if (poller->epoll < 0) {
        poller->sources [poller->few] = source;
        s_set_poll (poller, poller->few++, events);
    }
    else {
        troupe_error_t error = s_set_epoll (poller, source, events);
        if (error)
            return error;
    }
    source->events = events;
    source->added = true;
    poller->firsts += source->first;
    return TROUPE_OK;
}

troupe_error_t troupe_poller_change (troupe_poller_t *poller, troupe_source_t *source, unsigned events)
{
    if (source->events == events)
        return TROUPE_OK;
    if (poller->epoll < 0)
        s_set_poll (poller, s_find (poller, source), events);
    else {
        troupe_error_t error = s_set_epoll (poller, source, events);
        if (error)
            return error;
    }
    source->events = events;
    return TROUPE_OK;
}

static void s_unpost (troupe_poller_t *poller, troupe_source_t *source)
{
    if (!source->next)
        return;
    source->next->previous = source->previous;
    source->previous->next = source->next;
    if (poller->posted == source)
        poller->posted = source->next == source ? NULL : source->next;
    source->next = source->previous = NULL;
    poller->posted_count--;
}

void troupe_poller_remove (troupe_poller_t *poller, troupe_source_t *source)
{
    s_unpost (poller, source);
    if (!source->added)
        return;
    if (poller->epoll < 0)
        s_remove_poll (poller, source);
    else
        s_set_epoll (poller, source, 0);
    for (troupe_poller_batch_t *batch = poller->batch; batch; batch = batch->outer)
        for (int index = 0; index < batch->count; index++)
            if (batch->items [index].data.ptr == source)
                batch->items [index].data.ptr = NULL;
    source->added = false;
    source->events = 0;
    poller->firsts -= source->first;
}

void troupe_poller_post (troupe_poller_t *poller, troupe_source_t *source, unsigned events)
{
    if (source->next) {
        source->posted |= events;
        return;
    }
    source->posted = events;
    troupe_source_t *first = poller->posted ? poller->posted : source;
    troupe_source_t *last = poller->posted ? first->previous : source;
    source->next = first;
    source->previous = last;
    last->next = source;
    first->previous = source;
    poller->posted = first;
    poller->posted_count++;
}

//  --- Waiting

//  A deadline so far away that it would overflow is none.
static const struct timespec *s_timeout (int64_t timeout_us, struct timespec *time)
{
    if (timeout_us < 0 || timeout_us == TROUPE_FOREVER)
        return NULL;
    time->tv_sec = timeout_us / 1000000;
    time->tv_nsec = timeout_us % 1000000 * 1000;
    return time;
}

static int s_wait_poll (troupe_poller_t *poller, troupe_poller_batch_t *batch, int64_t timeout_us)
{
    struct timespec time;
    int found = ppoll (poller->descriptors, poller->few, s_timeout (timeout_us, &time), NULL);
    for (unsigned index = 0; found > 0 && index < poller->few; index++) {
        short bits = poller->descriptors [index].revents;
        if (!bits)
            continue;
        struct epoll_event *item = &batch->items [batch->count++];
        item->events = (uint16_t) bits;
        item->data.ptr = poller->sources [index];
    }
    return found;
}

static int s_wait_coarse (troupe_poller_t *poller, troupe_poller_batch_t *batch, int64_t timeout_us)
{
    int timeout_ms = -1;
    if (timeout_us >= 0 && timeout_us != TROUPE_FOREVER)
        timeout_ms = timeout_us / 1000 >= INT_MAX ? INT_MAX : (int) ((timeout_us + 999) / 1000);
    return epoll_wait (poller->epoll, batch->items, S_BATCH, timeout_ms);
}

static int s_wait_epoll (troupe_poller_t *poller, troupe_poller_batch_t *batch, int64_t timeout_us)
{
    int found = -1;
    if (!poller->coarse && timeout_us > 0 && timeout_us != TROUPE_FOREVER) {
        struct timespec time;
        found = epoll_pwait2 (poller->epoll, batch->items, S_BATCH, s_timeout (timeout_us, &time), NULL);
        poller->coarse = found < 0 && (errno == ENOSYS || errno == EPERM);
        if (poller->coarse)
            found = s_wait_coarse (poller, batch, timeout_us);
    }
    else
        found = s_wait_coarse (poller, batch, timeout_us);
    batch->count = found > 0 ? found : 0;
    return found;
}

//  --- Running the callbacks

static int s_run (troupe_poller_batch_t *batch, bool only_firsts)
{
    int ran = 0;
    for (int index = 0; index < batch->count; index++) {
        troupe_source_t *source = batch->items [index].data.ptr;
        if (!source || (only_firsts && !source->first))
            continue;
        batch->items [index].data.ptr = NULL;
        unsigned events = s_from_system (batch->items [index].events);
        events &= source->events | TROUPE_POLL_ERROR | TROUPE_POLL_HANGUP;
        if (events == 0 || source->events == 0)     //  It was changed by another callback
            continue;
        source->ready (source, events);
        ran++;
    }
    return ran;
}

static int s_run_posted (troupe_poller_t *poller, size_t count)
{
    int ran = 0;
    for (; count > 0 && poller->posted; count--, ran++) {
        troupe_source_t *source = poller->posted;
        unsigned events = source->posted;
        s_unpost (poller, source);
        source->ready (source, events);
    }
    return ran;
}

int troupe_poller_wait (troupe_poller_t *poller, int64_t timeout_us)
{
    troupe_poller_batch_t batch;
    size_t posted = poller->posted_count;
    batch.count = 0;
    if (posted)
        timeout_us = 0;
    int found = poller->epoll < 0
        ? s_wait_poll (poller, &batch, timeout_us) : s_wait_epoll (poller, &batch, timeout_us);
    assert (found >= 0 || (errno != EBADF && errno != EFAULT));
    if (poller->on_wake)
        poller->on_wake (poller->wake_context);
    batch.outer = poller->batch;
    poller->batch = &batch;
    int ran = poller->firsts ? s_run (&batch, true) : 0;
    ran += s_run (&batch, false);
    poller->batch = batch.outer;
    return ran + s_run_posted (poller, posted);
}
