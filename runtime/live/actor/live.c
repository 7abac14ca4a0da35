/*  =========================================================================
    live/actor/live.c - an actor's thread: rounds and waits

    Place: runtime/live, above the sockets. A round takes in what has arrived
    (answers, then mail), lets the cell take a turn, and thereby sends what the
    turn has packed. When nothing is left to do the thread waits for its
    sockets and its next timer. While there always is something, it looks at
    the poller, and so at the control lane, every S_LOOK_US.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/directory/directory.h"
#include "live/port/port.h"
#include "live/stream/stream.h"
#include "live/edge/zmq_socket.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define S_LOOK_US 100
#define S_BUDGET_LEAST 1u
#define S_BUDGET_MOST 4096u
#define S_BUDGET_FIRST 256u
//  As many as stay in the processor's nearest cache, and as are kept for reuse.
#define S_BATCH_MOST 64u
//  A turn should take about this long: the control lane waits for it.
#define S_TURN_LONG_US 1000
#define S_TURN_SHORT_US 250

//  --- Making and freeing

static uint64_t s_seed (void)
{
    uint64_t seed = 0;
    if (getrandom (&seed, sizeof seed, GRND_NONBLOCK) != (ssize_t) sizeof seed)
        seed = (uint64_t) troupe_clock_us ();
    return seed;
}

static void s_on_wake (void *context)
{
    troupe_cell_refresh (context);
}

troupe_live_t *troupe_live_new (const troupe_shared_t *shared, const troupe_child_t *spec, const char *path,
                                bool has_parent)
{
    troupe_live_t *self = calloc (1, sizeof *self);
    if (!self)
        return NULL;
    self->shared = shared;
    self->logger = shared->logger;
    self->budget = S_BUDGET_FIRST;
    self->batch = 1;
    self->wait.never = !shared->polls;
    snprintf (self->path, sizeof self->path, "%s", path);
    snprintf (self->listen, sizeof self->listen, "%s", spec->listen ? spec->listen : "");
    zmq_msg_init (&self->peer_message);
    troupe_poller_init (&self->poller);
    self->poller.on_wake = s_on_wake;
    self->poller.wake_context = self;
    if (troupe_cell_init (&self->cell, &troupe_live_host, self, spec, s_seed (), has_parent)) {
        free (self);
        return NULL;
    }
    self->cell.log_level = shared->logger.level;
    troupe_cell_refresh (&self->cell);
    return self;
}

void troupe_live_close (troupe_live_t *self)
{
    if (self->closed)
        return;
    self->closed = true;
    troupe_live_streams_clear (&self->cell);
    troupe_zmqs_end (&self->cell);
    troupe_cell_clear (&self->cell);
    troupe_zombies_leave (self);
    troupe_directory_close (self);
    troupe_control_forget (self);
    troupe_packets_clear (self);
    troupe_port_close (self);
    troupe_poller_clear (&self->poller);
    if (self->mailbox)
        zmq_close (self->mailbox);
    if (self->control)
        zmq_close (self->control);
    self->mailbox = self->control = NULL;
}

void troupe_live_destroy (troupe_live_t **self_p)
{
    troupe_live_t *self = *self_p;
    if (!self)
        return;
    *self_p = NULL;
    troupe_live_close (self);
    free (self);
}

static void s_name_thread (const char *name)
{
    char text [16];
    snprintf (text, sizeof text, "%s", *name ? name : "actor");
    pthread_setname_np (pthread_self (), text);
}

troupe_error_t troupe_live_open (troupe_live_t *self)
{
    if (self->control)
        s_name_thread (self->cell.name);
    troupe_error_t error = self->control ? troupe_control_open (self) : TROUPE_OK;
    return error || !self->mailbox ? error : troupe_mailbox_open (self);
}

troupe_live_streams_t **troupe_live_streams (troupe_actor_t *cell)
{
    return &troupe_live (cell)->streams;
}

troupe_poller_t *troupe_live_poller (troupe_actor_t *cell)
{
    return &troupe_live (cell)->poller;
}

//  --- Rounds

/*  Takes in what has arrived, a batch of it. A full batch was followed by more, so the next is larger; after nothing it
    begins anew, since what is dry now stays so for a while. After a long turn all that has piled up is looked at before
    any of it is handled: what was given up meanwhile is among it.                                         */
static void s_take_in (troupe_live_t *self, bool look)
{
    self->slow = troupe_clock_us () - self->cell.now_us > S_TURN_LONG_US;
    if (self->slow)
        self->batch = S_BATCH_MOST;
    size_t taken = troupe_dealers_take (self, look);
    if (!self->cell.mail.count)
        taken += troupe_mailbox_take (self, look);
    if (taken == 0)
        self->batch = 1;
    else if (taken >= self->batch && self->batch < S_BATCH_MOST)
        self->batch *= 2;
}

//  How much is handled at once: turns that take long leave the control lane waiting.
static void s_adapt (troupe_live_t *self, int64_t took_us)
{
    if (took_us > S_TURN_LONG_US && self->budget > S_BUDGET_LEAST)
        self->budget /= 2;
    else if (took_us < S_TURN_SHORT_US && self->budget < S_BUDGET_MOST)
        self->budget *= 2;
}

static void s_hear_directory (troupe_live_t *self)
{
    self->names_told = false;
    troupe_directory_turn (self);
}

bool troupe_live_round (troupe_live_t *self, bool look)
{
    if (self->names_waiting || (self->names_told && look))
        s_hear_directory (self);
    s_take_in (self, look);
    bool more = troupe_cell_turn (&self->cell, self->budget);
    s_adapt (self, self->cell.now_us - self->worked_us);
    self->worked_us = self->cell.now_us;
    if (self->refs_lost && !self->cell.answers.count) {
        troupe_dealers_reap (self);
        troupe_cell_flush (&self->cell);
    }
    if (self->letter.count)
        troupe_directory_flush (self);
    if (self->zombies)
        troupe_zombies_bury (self);
    return more || self->known_dealers
           || (self->mailbox_hope == TROUPE_HOPE_KNOWN && troupe_cell_takes_mail (&self->cell));
}

//  Whether something may have arrived unnoticed.
static bool s_suspects (const troupe_live_t *self)
{
    return self->suspected_dealers || self->names_told
           || (self->mailbox_hope == TROUPE_HOPE_SUSPECTED && troupe_cell_takes_mail (&self->cell));
}

static int64_t s_timeout_us (const troupe_live_t *self, int64_t until_us, int64_t now_us)
{
    int64_t next_us = troupe_cell_next_us (&self->cell);
    if (until_us < next_us)
        next_us = until_us;
    if (next_us == TROUPE_FOREVER)
        return TROUPE_FOREVER;
    return next_us > now_us ? next_us - now_us : 0;
}

//  A guest that always finds something to do must hear of connections and of its children all the same.
static void s_glance (troupe_live_t *self)
{
    if (self->cell.now_us - self->looked_us < S_LOOK_US)
        return;
    self->looked_us = self->cell.now_us;
    troupe_poller_wait (&self->poller, 0);
    troupe_cell_flush (&self->cell);
}

//  A guest's wait ends with the first callback, whether that came of a round before the sleep or of one after it.
bool troupe_live_run (troupe_live_t *self, int64_t until_us)
{
    uint64_t callbacks = self->cell.callbacks;
    bool look = true;
    while (self->cell.cell_state != TROUPE_CELL_FINAL) {
        bool more = troupe_live_round (self, look);
        if (until_us != TROUPE_FOREVER && self->cell.callbacks != callbacks) {
            s_glance (self);
            return true;
        }
        look = !more && s_suspects (self);
        if (look || (more && self->cell.now_us - self->looked_us < S_LOOK_US))
            continue;
        if (self->cell.cell_state == TROUPE_CELL_FINAL)
            break;
        int64_t now_us = troupe_clock_us ();
        look = true;
        int ran = troupe_wait_for (&self->wait, &self->poller, more ? 0 : s_timeout_us (self, until_us, now_us));
        self->looked_us = ran ? self->cell.now_us : now_us;
        self->worked_us = self->cell.now_us;
        troupe_cell_flush (&self->cell);
        if (self->letter.count)
            troupe_directory_flush (self);
        if (until_us != TROUPE_FOREVER && (ran || now_us >= until_us)) {
            troupe_live_round (self, true);
            return ran > 0;
        }
    }
    return true;
}

//  --- The host's small functions

int64_t troupe_live_now_us (troupe_actor_t *cell)
{
    (void) cell;
    return troupe_clock_us ();
}

static int64_t s_wall_ms (troupe_actor_t *cell)
{
    (void) cell;
    struct timespec now;
    clock_gettime (CLOCK_REALTIME, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static const char *s_config (troupe_actor_t *cell, const char *path)
{
    return troupe_config_get (troupe_live (cell)->shared->config, path, NULL);
}

static void s_log (troupe_actor_t *cell, troupe_log_level_t level, const char *text)
{
    char tag [64];
    const troupe_message_t *current = cell->current;
    troupe_log_record_t record = { .level = level, .wall_clock_ms = s_wall_ms (cell), .actor = cell->name,
                                   .incarnation = cell->incarnation };
    if (current) {
        record.tag = troupe_cell_tag_name (cell->behavior, current->tag, tag, sizeof tag);
        record.sender = troupe_message_sender (current);
    }
    troupe_log_write (&troupe_live (cell)->logger, &record, text);
}

const troupe_host_t troupe_live_host = {
    .now_us = troupe_live_now_us,
    .wall_ms = s_wall_ms,
    .config = s_config,
    .log = s_log,
    .ref_open = troupe_dealer_open,
    .ref_close = troupe_dealer_close,
    .ref_send = troupe_dealer_send,
    .ref_wait = troupe_dealer_wait,
    .listen_mailbox = troupe_port_listen,
    .peer_send = troupe_mailbox_send,
    .collect = troupe_mailbox_collect,
    .tell_parent = troupe_control_tell_parent,
    .tell_child = troupe_offspring_tell,
    .spawn = troupe_offspring_spawn,
    .forget = troupe_offspring_forget,
    .describe = troupe_offspring_describe,
    .listen = troupe_live_listen,
    .listener_accepts = troupe_live_listener_accepts,
    .listener_close = troupe_live_listener_close,
    .connect = troupe_live_connect,
    .stream_send = troupe_live_stream_send,
    .stream_peer = troupe_live_stream_peer,
    .stream_reads = troupe_live_stream_reads,
    .stream_end = troupe_live_stream_end,
    .stream_close = troupe_live_stream_close,
    .watch = troupe_live_watch,
    .unwatch = troupe_live_unwatch,
    .name_register = troupe_directory_name_register,
    .name_unregister = troupe_directory_name_unregister,
    .name_find = troupe_directory_name_find,
    .name_list = troupe_directory_name_list,
    .name_watch = troupe_directory_name_watch,
    .name_unwatch = troupe_directory_name_unwatch,
    .dead_letter = troupe_directory_dead_letter,
    .dead_letters = troupe_directory_dead_letters,
    .zmq_open = troupe_live_zmq_open,
    .zmq_close = troupe_live_zmq_close,
    .zmq_bind = troupe_live_zmq_bind,
    .zmq_connect = troupe_live_zmq_connect,
    .zmq_leave = troupe_live_zmq_leave,
    .zmq_subscribe = troupe_live_zmq_subscribe,
    .zmq_user = troupe_live_zmq_user,
    .zmq_send = troupe_live_zmq_send,
    .zmq_resume = troupe_live_zmq_resume,
};
