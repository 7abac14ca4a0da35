/*  =========================================================================
    live/children/offspring.c - a link's half: what children of all kinds have in common

    Place: runtime/live; see offspring.h. A child is registered before it is
    started, so that its mail finds it; its name is free again when it has said
    that it is gone, or was given up. One that was given up is a zombie: what is
    left of it is cleaned up if it ends after all.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/children/offspring.h"

#include <stdlib.h>
#include <string.h>

const char *troupe_offspring_mailbox (const troupe_link_t *link, troupe_mailbox_options_t *limits)
{
    troupe_offspring_t *self = link->host;
    *limits = self->limits;
    return self->endpoint;
}

const void *troupe_offspring_child_place (const void *host)
{
    return &((const troupe_offspring_t *) host)->child;
}

const void *troupe_offspring_name_place (const void *host)
{
    return ((const troupe_offspring_t *) host)->name;
}

//  --- What the child says

//  Whom it has given up itself is this actor's share from now on.
static void s_hear_of_zombie (troupe_offspring_t *self, const uint8_t *data, size_t size)
{
    troupe_control_t control;
    if (!troupe_control_read (data, size, &control) || control.kind != TROUPE_CONTROL_GONE)
        return;
    self->gone = true;
    self->parent->cell.abandoned += control.abandoned;
}

//  It has answered before it said its last word, but on another way: an answer is no end.
static void s_hear_last_answers (troupe_offspring_t *self)
{
    if (!self->link->ref || !self->link->ref->open)
        return;
    troupe_dealer_hear (self->link->ref);
    troupe_cell_hear (&self->parent->cell);
}

void troupe_offspring_hear (troupe_offspring_t *self, const uint8_t *data, size_t size)
{
    const troupe_relay_t *relay = self->parent->relay;
    bool last = size && data [0] == TROUPE_CONTROL_GONE;
    if (relay)
        relay->hear (relay->context, data, size);
    if (self->link && last)
        s_hear_last_answers (self);
    if (!self->link)
        s_hear_of_zombie (self, data, size);
    else if (!relay || last)
        troupe_cell_child_says (&self->parent->cell, self->link, data, size);
}

void troupe_offspring_speak (troupe_offspring_t *self, troupe_control_kind_t kind, const troupe_reason_t *reason)
{
    uint8_t word [TROUPE_CONTROL_MAX];
    troupe_control_t control = { .kind = kind, .incarnation = self->link ? self->link->incarnation : 0 };
    troupe_offspring_hear (self, word, troupe_control_write (word, &control, reason));
}

//  The signal of the connection may have been eaten, and a pipe that was never looked into gives none for its first
//  word: the first look is posted.
troupe_error_t troupe_offspring_listen (troupe_offspring_t *self,
                                        void (*ready) (troupe_source_t *source, unsigned events))
{
    self->source = (troupe_source_t) { .fd = troupe_socket_descriptor (self->control), .ready = ready };
    troupe_error_t error = troupe_poller_add (&self->parent->poller, &self->source, TROUPE_POLL_READ, false);
    if (!error)
        troupe_poller_post (&self->parent->poller, &self->source, TROUPE_POLL_READ);
    return error;
}

//  --- Names that are not confirmed yet: the directory answers nearly in the order in which it was asked

static void s_expect_name (troupe_offspring_t *self)
{
    troupe_live_t *parent = self->parent;
    self->unnamed = true;
    if (parent->last_unnamed)
        parent->last_unnamed->next_unnamed = self;
    else
        parent->first_unnamed = self;
    parent->last_unnamed = self;
}

static void s_expect_no_name (troupe_offspring_t *self)
{
    if (!self->unnamed)
        return;
    troupe_live_t *parent = self->parent;
    troupe_offspring_t *before = NULL;
    for (troupe_offspring_t *one = parent->first_unnamed; one != self; one = one->next_unnamed)
        before = one;
    *(before ? &before->next_unnamed : &parent->first_unnamed) = self->next_unnamed;
    if (parent->last_unnamed == self)
        parent->last_unnamed = before;
    self->next_unnamed = NULL;
    self->unnamed = false;
}

static void s_free (troupe_offspring_t *self)
{
    s_expect_no_name (self);
    troupe_poller_remove (&self->parent->poller, &self->source);
    if (self->control)
        zmq_close (self->control);
    if (self->kind->close)
        self->kind->close (self);
    free (self);
}

//  False when there is no way to the directory.
//  One without a name may have taken others itself, and left them behind if it was given up.
static bool s_say_name (troupe_offspring_t *self, troupe_names_kind_t kind)
{
    if (!*self->name && !(kind == TROUPE_NAMES_UNREGISTER && self->child && self->parent->names))
        return true;
    const troupe_reason_t *reason = self->link->reason;
    troupe_names_word_t word = { .kind = kind, .number = self->number, .limits = self->limits,
                                 .cause = reason ? reason->kind : TROUPE_REASON_UNREACHABLE };
    memcpy (word.name, self->name, sizeof word.name);
    memcpy (word.endpoint, self->endpoint, sizeof word.endpoint);
    strcpy (word.process, self->parent->shared->prefix);
    return troupe_directory_tell (self->parent, &word);
}

//  --- Spawning

static troupe_error_t s_begin (troupe_offspring_t *self)
{
    troupe_error_t error = self->kind->open (self);
    if (error)
        return error;
    if (*self->name) {
        if (!s_say_name (self, TROUPE_NAMES_REGISTER))
            return TROUPE_EFILES;
        s_expect_name (self);
    }
    error = self->kind->start (self);
    if (error)
        s_say_name (self, TROUPE_NAMES_UNREGISTER);
    return error;
}

troupe_error_t troupe_offspring_spawn (troupe_actor_t *cell, troupe_link_t *link)
{
    troupe_live_t *parent = troupe_live (cell);
    troupe_offspring_t *self = calloc (1, sizeof *self);
    if (!self)
        return TROUPE_ENOMEM;
    self->parent = parent;
    self->link = link;
    self->number = ++parent->spawned;
    troupe_error_t error = troupe_offspring_place (&link->spec, &self->kind, self->name);
    if (error) {
        free (self);
        return error;
    }
    error = s_begin (self);
    if (error) {
        s_free (self);
        return error;
    }
    link->host = self;
    troupe_watchdog_add (cell, link);
    return TROUPE_OK;
}

//  An answer for a child that is gone already has no number in the list.
void troupe_offspring_named (troupe_live_t *live, uint64_t number, troupe_error_t error)
{
    troupe_offspring_t *self = live->first_unnamed;
    while (self && self->number != number)
        self = self->next_unnamed;
    if (!self)
        return;
    s_expect_no_name (self);
    if (error)
        *self->name = 0;
    if (self->link)
        troupe_cell_child_named (&live->cell, self->link, error);
}

//  --- Afterwards

void troupe_offspring_tell (troupe_actor_t *cell, troupe_link_t *link, const void *data, size_t size)
{
    (void) cell;
    troupe_offspring_t *self = link->host;
    self->kind->tell (self, data, size);
}

void troupe_offspring_forget (troupe_actor_t *cell, troupe_link_t *link, bool abandoned)
{
    troupe_live_t *live = troupe_live (cell);
    troupe_offspring_t *self = link->host;
    link->host = NULL;
    s_say_name (self, TROUPE_NAMES_UNREGISTER);
    if (abandoned) {
        self->link = NULL;
        self->kind->abandon (self);
        self->next = live->zombies;
        live->zombies = self;
        cell->abandoned++;
        return;
    }
    if (self->kind->finish)
        self->kind->finish (self);
    s_free (self);
}

void troupe_zombies_bury (troupe_live_t *live)
{
    troupe_offspring_t **place = &live->zombies;
    while (*place) {
        troupe_offspring_t *self = *place;
        if (!self->gone) {
            place = &self->next;
            continue;
        }
        *place = self->next;
        if (self->kind->finish)
            self->kind->finish (self);
        s_free (self);
        live->cell.abandoned--;
    }
}

void troupe_zombies_leave (troupe_live_t *live)
{
    while (live->zombies) {
        troupe_offspring_t *self = live->zombies;
        live->zombies = self->next;
        troupe_poller_remove (&live->poller, &self->source);
        if (self->control)
            zmq_close (self->control);
        self->control = NULL;
        if (self->kind->leave)
            self->kind->leave (self);
    }
}

void troupe_offspring_describe (troupe_actor_t *cell, troupe_link_t *link, char *text, size_t size)
{
    (void) cell;
    troupe_offspring_t *self = link->host;
    *text = 0;
    if (self->kind->describe)
        self->kind->describe (self, text, size);
}
