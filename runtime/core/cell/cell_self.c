/*  =========================================================================
    core/cell/cell_self.c - the self handle

    Place: runtime/core, part of the cell; implements troupe/actor.h and
    troupe/timer.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/cell/cell_parts.h"

#include <troupe/request.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define S_LINE_MAX 1024
#define S_PATH_MAX 512

const char *troupe_name (const troupe_actor_t *self)
{
    return self->name;
}

uint32_t troupe_incarnation (const troupe_actor_t *self)
{
    return self->incarnation;
}

const troupe_behavior_t *troupe_behavior (const troupe_actor_t *self)
{
    return self->behavior;
}

int64_t troupe_now_us (const troupe_actor_t *self)
{
    return self->now_us;
}

int64_t troupe_now_ms (const troupe_actor_t *self)
{
    return self->now_us / 1000;
}

int64_t troupe_wall_clock_ms (troupe_actor_t *self)
{
    return self->host->wall_ms (self);
}

uint64_t troupe_random (troupe_actor_t *self)
{
    return troupe_random_next (&self->random);
}

uint64_t troupe_random_below (troupe_actor_t *self, uint64_t limit)
{
    return troupe_random_limit (&self->random, limit);
}

//  --- Configuration

const char *troupe_config (troupe_actor_t *self, const char *path, const char *fallback)
{
    const char *value = self->host->config (self, path);
    return value ? value : fallback;
}

const char *troupe_option (troupe_actor_t *self, const char *key, const char *fallback)
{
    char path [S_PATH_MAX];
    int size = snprintf (path, sizeof path, "children/%s/%s", self->name, key);
    return size > 0 && size < S_PATH_MAX ? troupe_config (self, path, fallback) : fallback;
}

int64_t troupe_option_number (troupe_actor_t *self, const char *key, int64_t fallback, int64_t least, int64_t most)
{
    const char *text = troupe_option (self, key, NULL);
    if (!text)
        return fallback;
    char *end = NULL;
    errno = 0;
    long long number = strtoll (text, &end, 10);
    if (end != text && !*end && !errno && number >= least && number <= most)
        return number;
    troupe_log (self, TROUPE_LOG_WARNING, "option %s is \"%s\", not a whole number from %" PRId64 " to %" PRId64
                                          "; %" PRId64 " is used", key, text, least, most, fallback);
    return fallback;
}

//  --- Log

bool troupe_log_enabled (const troupe_actor_t *self, troupe_log_level_t level)
{
    return level >= self->log_level;
}

void troupe_log (troupe_actor_t *self, troupe_log_level_t level, const char *format, ...)
{
    if (!troupe_log_enabled (self, level))
        return;
    char line [S_LINE_MAX];
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (line, sizeof line, format, arguments);
    va_end (arguments);
    self->host->log (self, level, line);
}

const char *troupe_cell_tag_name (const troupe_behavior_t *behavior, uint16_t tag, char *text, size_t size)
{
    for (const troupe_tag_t *entry = behavior ? behavior->tags : NULL; entry && entry->name; entry++)
        if (entry->tag == tag)
            return entry->name;
    if (tag == TROUPE_TAG_REQUEST)
        return "REQUEST";
    snprintf (text, size, "tag %u", (unsigned) tag);
    return text;
}

//  --- Ends

TROUPE_PRINTF (5, 0)
static void s_set_failure (troupe_actor_t *self, troupe_reason_kind_t kind, int code, const troupe_reason_t *cause,
                           const char *format, va_list arguments)
{
    char text [TROUPE_REASON_TEXT_MAX + 1];
    vsnprintf (text, sizeof text, format, arguments);
    troupe_reason_t *copy = cause ? troupe_reason_copy (cause) : NULL;
    troupe_reason_destroy (&self->cause);
    self->cause = copy;
    troupe_reason_set (&self->reason, kind, code, self->name, self->incarnation, text, copy);
    self->failing = true;
}

int troupe_fail (troupe_actor_t *self, int code, const char *format, ...)
{
    va_list arguments;
    va_start (arguments, format);
    s_set_failure (self, TROUPE_REASON_FAILED, code ? code : -1, NULL, format, arguments);
    va_end (arguments);
    return code ? code : -1;
}

int troupe_fail_error (troupe_actor_t *self, troupe_error_t error, const char *what)
{
    char text [TROUPE_REASON_TEXT_MAX + 1];
    if (!troupe_words_take (self, error, what, text, sizeof text))
        snprintf (text, sizeof text, "%s: %s", what, troupe_error_text (error));
    return troupe_fail (self, (int) error, "%s", text);
}

int troupe_fail_because (troupe_actor_t *self, troupe_reason_kind_t kind, const troupe_reason_t *cause,
                         const char *format, ...)
{
    va_list arguments;
    va_start (arguments, format);
    s_set_failure (self, kind, 0, cause, format, arguments);
    va_end (arguments);
    return -1;
}

void troupe_exit (troupe_actor_t *self)
{
    self->exit_asked = true;
}

bool troupe_is_draining (const troupe_actor_t *self)
{
    return self->draining;
}

void troupe_start_later (troupe_actor_t *self)
{
    self->start_later = true;
}

void troupe_flush (troupe_actor_t *self)
{
    troupe_cell_flush (self);
}

//  --- Timers

troupe_timer_t troupe_after (troupe_actor_t *self, int64_t delay_ms, troupe_timer_fn *on_timer, void *context)
{
    return troupe_timers_add (&self->timers, troupe_cell_due_us (self, delay_ms), 0, on_timer, context);
}

troupe_timer_t troupe_every (troupe_actor_t *self, int64_t interval_ms, troupe_timer_fn *on_timer, void *context)
{
    int64_t interval = interval_ms > 1 ? interval_ms : 1;
    int64_t due_us = troupe_cell_due_us (self, interval);
    return troupe_timers_add (&self->timers, due_us, due_us - self->now_us, on_timer, context);
}

bool troupe_cancel (troupe_actor_t *self, troupe_timer_t timer)
{
    return troupe_timers_cancel (&self->timers, timer);
}
