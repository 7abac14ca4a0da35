/*  =========================================================================
    core/stream/listener.c - where streams begin: listening and connecting

    Place: runtime/core; see stream.h. A listener whose incarnation has ended
    stays open among the kept ones, not accepting. Listening again at the same
    address takes it over, with the connections that have queued up.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/stream/stream.h"

#include <stdlib.h>
#include <string.h>

//  --- Lists

static void s_enlist (troupe_listener_t **head, troupe_listener_t *listener)
{
    troupe_listener_t *first = *head ? *head : listener;
    troupe_listener_t *last = *head ? first->previous : listener;
    listener->next = first;
    listener->previous = last;
    last->next = listener;
    first->previous = listener;
    *head = first;
}

static void s_delist (troupe_listener_t **head, troupe_listener_t *listener)
{
    listener->next->previous = listener->previous;
    listener->previous->next = listener->next;
    if (*head == listener)
        *head = listener->next == listener ? NULL : listener->next;
    listener->next = listener->previous = NULL;
}

//  --- Life

static void s_free (troupe_listener_t *listener)
{
    if (listener)
        free (listener->wanted);
    free (listener);
}

static void s_close (troupe_listener_t *listener)
{
    troupe_actor_t *cell = listener->cell;
    if (cell->accepting == listener)
        cell->accepting = NULL;
    cell->host->listener_close (cell, listener);
    s_free (listener);
}

void troupe_listener_keep (troupe_listener_t *listener)
{
    troupe_actor_t *cell = listener->cell;
    if (cell->accepting == listener)
        cell->accepting = NULL;
    s_delist (&cell->listeners, listener);
    s_enlist (&cell->kept_listeners, listener);
    if (!listener->paused)
        cell->host->listener_accepts (cell, listener, false);
    listener->paused = true;
}

void troupe_listeners_close (troupe_actor_t *cell)
{
    while (cell->kept_listeners) {
        troupe_listener_t *listener = cell->kept_listeners;
        s_delist (&cell->kept_listeners, listener);
        s_close (listener);
    }
    troupe_chunks_clear (cell);
}

//  --- Listening

troupe_error_t troupe_stream_defaults (const troupe_stream_options_t *given, troupe_stream_options_t *options)
{
    *options = given ? *given : (troupe_stream_options_t) { 0 };
    if (options->backlog < 0 || options->connect_timeout_ms < 0)
        return TROUPE_EINVAL;
    if (options->write_limit_bytes == 0)
        options->write_limit_bytes = TROUPE_STREAM_WRITE_LIMIT;
    if (options->read_limit_bytes == 0)
        options->read_limit_bytes = TROUPE_STREAM_READ_LIMIT;
    if (options->backlog == 0)
        options->backlog = TROUPE_STREAM_BACKLOG;
    if (options->connect_timeout_ms == 0)
        options->connect_timeout_ms = TROUPE_STREAM_CONNECT_TIMEOUT_MS;
    return TROUPE_OK;
}

//  Takes over a kept listener of that address; null when there is none.
static troupe_listener_t *s_claim (troupe_actor_t *cell, const troupe_stream_address_t *address)
{
    troupe_listener_t *listener = cell->kept_listeners;
    while (listener && strcmp (listener->wanted, address->text) != 0)
        listener = listener->next == cell->kept_listeners ? NULL : listener->next;
    if (!listener)
        return NULL;
    s_delist (&cell->kept_listeners, listener);
    listener->paused = false;
    cell->host->listener_accepts (cell, listener, true);
    return listener;
}

static troupe_error_t s_open (troupe_actor_t *cell, const troupe_stream_address_t *address, int backlog,
                              troupe_listener_t **listener_p)
{
    troupe_error_t error = TROUPE_ENOMEM;
    troupe_listener_t *listener = calloc (1, sizeof *listener);
    if (!listener || !(listener->wanted = strdup (address->text)))
        goto failed;
    listener->cell = cell;
    listener->backlog = backlog;
    memcpy (listener->address, address->text, sizeof listener->address);
    error = cell->host->listen (cell, listener, address);
    if (error)
        goto failed;
    *listener_p = listener;
    return TROUPE_OK;
failed:
    s_free (listener);
    return error;
}

static void s_explain (troupe_actor_t *cell, troupe_error_t error,
                       const troupe_stream_address_t *address, const char *given)
{
    const char *why = troupe_error_text (error);
    if (error == TROUPE_EADDR)
        why = address->local ? "there is no such folder" : "it is not an address of this machine";
    troupe_cell_explain (cell, error, "cannot listen at", given, why);
}

troupe_error_t troupe_listen (troupe_actor_t *self, const char *address, const troupe_stream_options_t *options,
                              troupe_stream_fn *on_event, void *context, troupe_listener_t **listener_p)
{
    troupe_stream_address_t parsed;
    troupe_stream_options_t defaults;
    if (!on_event || !troupe_stream_address_parse (&parsed, address) || troupe_stream_defaults (options, &defaults))
        return TROUPE_EINVAL;
    troupe_listener_t *listener = s_claim (self, &parsed);
    troupe_error_t error = listener ? TROUPE_OK : s_open (self, &parsed, defaults.backlog, &listener);
    if (error) {
        s_explain (self, error, &parsed, address);
        return error;
    }
    listener->on_event = on_event;
    listener->context = context;
    listener->write_limit = defaults.write_limit_bytes;
    listener->read_limit = defaults.read_limit_bytes;
    s_enlist (&self->listeners, listener);
    *listener_p = listener;
    return TROUPE_OK;
}

const char *troupe_listener_address (const troupe_listener_t *listener)
{
    return listener->address;
}

static void s_set_paused (troupe_listener_t *listener, bool paused)
{
    if (listener->paused != paused)
        listener->cell->host->listener_accepts (listener->cell, listener, !paused);
    listener->paused = paused;
}

void troupe_listener_pause (troupe_listener_t *listener)
{
    s_set_paused (listener, true);
}

void troupe_listener_resume (troupe_listener_t *listener)
{
    s_set_paused (listener, false);
}

void troupe_listener_close (troupe_listener_t **listener_p)
{
    troupe_listener_t *listener = *listener_p;
    if (!listener)
        return;
    *listener_p = NULL;
    s_delist (&listener->cell->listeners, listener);
    s_close (listener);
}

//  --- Accepting

troupe_stream_t *troupe_listener_stream (troupe_listener_t *listener, void *host)
{
    troupe_stream_options_t options = {
        .write_limit_bytes = listener->write_limit, .read_limit_bytes = listener->read_limit,
    };
    if (!troupe_streams_alive (listener->cell) || listener->paused)
        return NULL;
    troupe_stream_t *stream = troupe_stream_new (listener->cell, &options, listener->on_event, listener->context);
    if (stream)
        stream->host = host;
    return stream;
}

bool troupe_stream_accepted (troupe_listener_t *listener, troupe_stream_t *stream)
{
    troupe_actor_t *cell = listener->cell;
    troupe_stream_event_t event = { .kind = TROUPE_STREAM_ACCEPTED };
    cell->accepting = listener;
    if (!troupe_stream_emit (stream, &event))
        return false;
    bool open = cell->accepting == listener;
    cell->accepting = NULL;
    return open && !listener->paused;
}

//  --- Connecting

troupe_error_t troupe_connect (troupe_actor_t *self, const char *address, const troupe_stream_options_t *options,
                               troupe_stream_fn *on_event, void *context, troupe_stream_t **stream_p)
{
    troupe_stream_address_t parsed;
    troupe_stream_options_t defaults;
    if (!on_event || !troupe_stream_address_parse (&parsed, address) || troupe_stream_defaults (options, &defaults))
        return TROUPE_EINVAL;
    if (!parsed.local && parsed.port == 0)
        return TROUPE_EINVAL;
    troupe_stream_t *stream = troupe_stream_new (self, &defaults, on_event, context);
    if (!stream)
        return TROUPE_ENOMEM;
    stream->connecting = true;
    troupe_error_t error = self->host->connect (self, stream, &parsed, defaults.connect_timeout_ms);
    if (error) {
        troupe_stream_free (stream);
        return error;
    }
    *stream_p = stream;
    return TROUPE_OK;
}
