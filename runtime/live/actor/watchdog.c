/*  =========================================================================
    live/actor/watchdog.c - who notices that a thread hangs

    Place: runtime/live; see watchdog.h. Children are looked at many with one
    system call; two of them, every few seconds, for a thousand.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/actor/live.h"

#include <stddef.h>
#include <stdio.h>
#include <sys/uio.h>
#include <unistd.h>

//  So many looks within the time that a callback may take.
#define S_LOOKS 4
#define S_PERIOD_LEAST_US 1000
//  Children looked at by one system call.
#define S_FLOCK 256

//  The part of a cell that is looked at.
typedef struct {
    uint64_t callbacks;
    const troupe_message_t *current;
    int64_t current_since_us;
    troupe_doing_t doing;
    bool waits;
} s_pulse_t;

#define S_PLACE(member) (offsetof (troupe_actor_t, member) - offsetof (troupe_actor_t, callbacks))
_Static_assert (S_PLACE (current) == offsetof (s_pulse_t, current)
                && S_PLACE (current_since_us) == offsetof (s_pulse_t, current_since_us)
                && S_PLACE (doing) == offsetof (s_pulse_t, doing) && S_PLACE (waits) == offsetof (s_pulse_t, waits),
                "a pulse is a piece of a cell");

typedef struct {
    troupe_link_t *links [S_FLOCK];
    s_pulse_t pulses [S_FLOCK];
    size_t count;
} s_flock_t;

//  The child, if it is a thread of this process.
static const troupe_live_t *s_child (const troupe_link_t *link)
{
    const troupe_live_t *const *place = link->host ? troupe_offspring_child_place (link->host) : NULL;
    return place ? *place : NULL;
}

static bool s_is_watched (const troupe_link_t *link)
{
    return !link->gone && troupe_link_wedged_ms (link) != TROUPE_FOREVER && s_child (link);
}

static int64_t s_period_us (const troupe_link_t *link)
{
    int64_t wedged_ms = troupe_link_wedged_ms (link);
    int64_t period_us = wedged_ms >= TROUPE_FOREVER / 1000 ? TROUPE_FOREVER : wedged_ms * 1000 / S_LOOKS;
    return period_us > S_PERIOD_LEAST_US ? period_us : S_PERIOD_LEAST_US;
}

//  --- Looking

static bool s_look (s_flock_t *flock)
{
    struct iovec local = { .iov_base = flock->pulses, .iov_len = flock->count * sizeof (s_pulse_t) };
    struct iovec remote [S_FLOCK];
    for (size_t number = 0; number < flock->count; number++) {
        const troupe_live_t *child = s_child (flock->links [number]);
        remote [number] = (struct iovec) { .iov_base = (void *) (uintptr_t) &child->cell.callbacks,
                                           .iov_len = sizeof (s_pulse_t) };
    }
    return process_vm_readv (getpid (), &local, 1, remote, flock->count, 0) == (ssize_t) local.iov_len;
}

//  How long it has been seen so, and takes note of what is seen now. A callback that went on, or began, since the last
//  look begins to count now.
static int64_t s_busy_us (troupe_link_t *link, const s_pulse_t *pulse, int64_t now_us)
{
    bool busy = (pulse->current || pulse->doing != TROUPE_DOING_NOTHING) && !pulse->waits;
    if (busy && link->busy_since_us && pulse->callbacks == link->seen_callbacks)
        return now_us - link->busy_since_us;
    link->seen_callbacks = pulse->callbacks;
    link->busy_since_us = busy ? now_us : 0;
    return 0;
}

//  --- Reporting

//  A line that does not depend on where the log goes; what is buffered elsewhere may be held by the one that hangs.
static _Noreturn void s_exit (const char *text)
{
    char line [320];
    int size = snprintf (line, sizeof line, "troupe: the program ends with status %d: %s\n", TROUPE_WEDGED_STATUS,
                         text);
    ssize_t written = write (STDERR_FILENO, line, (size_t) size);
    (void) written;
    _exit (TROUPE_WEDGED_STATUS);
}

static void s_describe (troupe_live_t *live, const troupe_link_t *link, int64_t now_us, char *text, size_t size)
{
    const troupe_watchdog_t *watchdog = &live->watchdog;
    int64_t before_us = link->busy_since_us - (watchdog->period_us ? watchdog->period_us : 0);
    troupe_describe_hang (s_child (link), link->spec.id, before_us, link->busy_since_us, now_us, text, size);
}

static void s_judge (troupe_live_t *live, troupe_link_t *link, const s_pulse_t *pulse, int64_t now_us)
{
    char text [256];
    int64_t began_us = link->busy_since_us;
    int64_t busy_us = s_busy_us (link, pulse, now_us);
    if (!busy_us)
        troupe_cell_child_goes_on (&live->cell, link, (now_us - began_us) / 1000);
    else if (busy_us / 1000 >= troupe_link_wedged_ms (link) && !link->wedged) {
        s_describe (live, link, now_us, text, sizeof text);
        troupe_cell_child_wedged (&live->cell, link, text);
        if (link->spec.wedged == TROUPE_WEDGED_EXIT)
            s_exit (text);
    }
}

//  Without eyes it is better to say so than to look as if nobody ever hung.
static void s_go_blind (troupe_live_t *live)
{
    if (!live->watchdog.blind && troupe_log_enabled (&live->cell, TROUPE_LOG_WARNING))
        live->cell.host->log (&live->cell, TROUPE_LOG_WARNING,
                              "actors that hang will not be noticed: process_vm_readv is not allowed");
    live->watchdog.blind = true;
}

static void s_judge_all (troupe_live_t *live, s_flock_t *flock)
{
    if (flock->count && !s_look (flock))
        s_go_blind (live);
    for (size_t number = 0; number < flock->count && !live->watchdog.blind; number++)
        s_judge (live, flock->links [number], &flock->pulses [number], live->cell.now_us);
    flock->count = 0;
}

//  --- The timer

static int s_on_timer (troupe_actor_t *cell, void *state, void *context);

static void s_arm (troupe_live_t *live, int64_t period_us)
{
    troupe_watchdog_t *watchdog = &live->watchdog;
    watchdog->period_us = period_us;
    watchdog->timer = 0;
    if (period_us >= TROUPE_FOREVER - live->cell.now_us)
        return;
    watchdog->timer = troupe_timers_add (&live->cell.system_timers, live->cell.now_us + period_us, 0, s_on_timer, live);
}

//  Nobody's callback that runs here frees a link: a child says itself that it is gone, in a turn of its own.
static int s_on_timer (troupe_actor_t *cell, void *state, void *context)
{
    troupe_live_t *live = context;
    s_flock_t flock = { .count = 0 };
    int64_t period_us = TROUPE_FOREVER;
    (void) state;
    live->watchdog.timer = 0;
    for (troupe_link_t *link = cell->first_link; link; link = link->next) {
        if (!s_is_watched (link))
            continue;
        if (s_period_us (link) < period_us)
            period_us = s_period_us (link);
        flock.links [flock.count++] = link;
        if (flock.count == S_FLOCK)
            s_judge_all (live, &flock);
    }
    s_judge_all (live, &flock);
    if (!live->watchdog.blind && !live->watchdog.timer)
        s_arm (live, period_us);
    return 0;
}

void troupe_watchdog_add (troupe_actor_t *cell, troupe_link_t *link)
{
    troupe_live_t *live = troupe_live (cell);
    troupe_watchdog_t *watchdog = &live->watchdog;
    if (!s_is_watched (link) || watchdog->blind || (watchdog->timer && watchdog->period_us <= s_period_us (link)))
        return;
    if (watchdog->timer)
        troupe_timers_cancel (&cell->system_timers, watchdog->timer);
    s_arm (live, s_period_us (link));
}

int64_t troupe_watchdog_look (troupe_actor_t *cell, troupe_link_t *link, char *text, size_t size)
{
    int64_t now_us = troupe_clock_us ();
    const troupe_live_t *child = s_child (link);
    s_pulse_t pulse;
    *text = 0;
    if (!child || !troupe_peek (&child->cell.callbacks, &pulse, sizeof pulse))
        return 0;
    int64_t busy_us = s_busy_us (link, &pulse, now_us);
    if (busy_us)
        s_describe (troupe_live (cell), link, now_us, text, size);
    return busy_us / 1000;
}
