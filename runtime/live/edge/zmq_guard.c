/*  =========================================================================
    live/edge/zmq_guard.c - nobody fills the memory with a message that has no end

    Place: runtime/live; see zmq_socket.h. libzmq keeps the frames of a message
    until its last one is there, however many they are. So connections are
    looked at now and then, often while much arrives, seldom while nothing does:
    one on which more has come than heartbeats are is suspected from then on;
    the next message of its acquits it. Judged is what has been read on it by
    libzmq until the look before, once all messages that were whole by then have
    been taken: the socket was dry since, or every other connection has had its
    turn. Whoever has sent more than a message may have is cut off, and so are
    those who have sent most when it is too much of all.

    Whole messages that the actor does not take are bounded likewise: what has
    been read on all connections since the socket was dry, less what has been
    taken since, is what waits. It is measured anew when the socket is dry and
    it seems to be much.

    Who connects and says nothing at all is cut off too: of ZMTP every version
    begins with a greeting from both sides, and where there are peers of old
    ones libzmq cannot be told how long a handshake may take (zmq_place.c).

    Only tcp: the kernel does not count what comes at ipc.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/edge/zmq_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define S_FIRST_CONNECTIONS 16u
#define S_LOOK_US 100000
#define S_IDLE_LOOK_US 200000
//  While somebody who has been suspected for a whole look sends more than this.
#define S_HURRY_US 10000
#define S_HURRY_BYTES 262144
//  Less than this, between two looks, is no more than heartbeats.
#define S_IDLE_BYTES 4096
//  What may come before somebody is suspected; what heartbeats take in a second.
#define S_SUSPECT_BYTES 65536
#define S_BEAT_BYTES 64
//  What a frame takes besides its payload at most, with CURVE around it.
#define S_FRAME_EXTRA 64
//  Nobody's greeting is shorter; and how long it may take.
#define S_GREETING_BYTES 2
#define S_GREETING_US 3000000
//  What CURVE adds to a frame (RFC 26); what a REQ and a REP take off a message: an envelope, for which this is enough.
#define S_CURVE_EXTRA 33
#define S_ENVELOPE 16
//  Of what may wait: that much is worth to be measured.
#define S_MUCH 8
//  So many messages are more than one of each connection, and of those that are not counted.
#define S_TURNS_EXTRA 1000u

typedef struct s_connection {
    bool counted;                       //  The kernel counts its bytes: tcp
    bool accepted;                      //  It was made from there
    bool suspected;
    bool cut_off;
    int64_t since_us;                   //  When it began, was suspected or acquitted last
    int64_t base;                       //  Bytes that libzmq had read then
    int64_t seen;                       //  Bytes that had come at the last look
    int64_t sample;                     //  Suspected: bytes that libzmq had read when it was looked at,
    uint64_t taken, dry;                //  and what the guard had counted
    int64_t unfinished;                 //  What it has sent since it is suspected
    int64_t measured;                   //  Bytes that libzmq had read when everything was measured last
} s_connection_t;

struct troupe_zmq_guard {
    troupe_live_zmq_t *self;
    s_connection_t **connections;       //  By descriptor
    size_t capacity, count, counted, suspects;
    uint64_t taken, dry;                //  Messages; how often there was none
    bool secured;                       //  With CURVE
    bool amid;                          //  A message, of which frames are still to be taken
    bool measures;                      //  When it is dry next
    int64_t taken_bytes;                //  As they were on the wire, about
    int64_t measured_taken, measured_us;
    uint64_t timer;
    int64_t period_us;
    bool hurry;
};

static int s_on_timer (troupe_actor_t *cell, void *state, void *context);

//  --- Connections

static s_connection_t *s_at (const troupe_zmq_guard_t *guard, int descriptor)
{
    return descriptor >= 0 && (size_t) descriptor < guard->capacity ? guard->connections [descriptor] : NULL;
}

static bool s_grow (troupe_zmq_guard_t *guard, size_t needed)
{
    size_t capacity = guard->capacity ? guard->capacity : S_FIRST_CONNECTIONS;
    while (capacity < needed)
        capacity *= 2;
    s_connection_t **grown = realloc (guard->connections, capacity * sizeof (s_connection_t *));
    if (!grown)
        return false;
    for (size_t index = guard->capacity; index < capacity; index++)
        grown [index] = NULL;
    guard->connections = grown;
    guard->capacity = capacity;
    return true;
}

static void s_start_timer (troupe_zmq_guard_t *guard)
{
    troupe_actor_t *cell = &guard->self->live->cell;
    if (!guard->timer && guard->counted)
        guard->timer = troupe_timers_add (&cell->system_timers, cell->now_us + guard->period_us, 0, s_on_timer, guard);
}

static void s_stop_timer (troupe_zmq_guard_t *guard)
{
    if (guard->timer)
        troupe_timers_cancel (&guard->self->live->cell.system_timers, guard->timer);
    guard->timer = 0;
}

//  Somebody new may send at once as much as the line takes.
static void s_look_soon (troupe_zmq_guard_t *guard)
{
    if (guard->period_us > S_LOOK_US)
        s_stop_timer (guard);
    guard->period_us = S_LOOK_US;
    s_start_timer (guard);
}

static bool s_is_tcp (int descriptor)
{
    struct sockaddr_storage address = { .ss_family = AF_UNIX };
    socklen_t size = sizeof address;
    return getsockname (descriptor, (struct sockaddr *) &address, &size) == 0 && address.ss_family != AF_UNIX;
}

void troupe_zmq_guard_end (troupe_zmq_guard_t *guard, int descriptor)
{
    s_connection_t *connection = s_at (guard, descriptor);
    if (!connection)
        return;
    guard->connections [descriptor] = NULL;
    guard->count--;
    guard->counted -= connection->counted;
    guard->suspects -= connection->suspected;
    free (connection);
}

static bool s_is_secured (const troupe_zmq_guard_t *guard)
{
    int mechanism = ZMQ_NULL;
    size_t size = sizeof mechanism;
    return zmq_getsockopt (guard->self->raw, ZMQ_MECHANISM, &mechanism, &size) == 0 && mechanism == ZMQ_CURVE;
}

//  Without memory for it nobody watches over this one.
void troupe_zmq_guard_begin (troupe_zmq_guard_t *guard, int descriptor, bool accepted)
{
    troupe_zmq_guard_end (guard, descriptor);
    if (descriptor < 0 || ((size_t) descriptor >= guard->capacity && !s_grow (guard, (size_t) descriptor + 1)))
        return;
    s_connection_t *connection = calloc (1, sizeof *connection);
    if (!connection)
        return;
    connection->since_us = guard->self->live->cell.now_us;
    connection->counted = s_is_tcp (descriptor);
    connection->accepted = accepted;
    guard->connections [descriptor] = connection;
    guard->count++;
    guard->counted += connection->counted;
    guard->secured = s_is_secured (guard);
    if (connection->counted)
        s_look_soon (guard);
}

//  --- What has been read

//  What libzmq has read of it. It is too much by what it reads just now.
static int64_t s_read_of (int descriptor)
{
    int64_t unread = troupe_wire_unread (descriptor);
    return troupe_wire_received (descriptor) - unread;
}

//  Now that nothing waits.
static void s_measure (troupe_zmq_guard_t *guard)
{
    guard->measures = false;
    guard->measured_taken = guard->taken_bytes;
    guard->measured_us = guard->self->live->cell.now_us;
    for (size_t descriptor = 0; descriptor < guard->capacity; descriptor++)
        if (guard->connections [descriptor] && guard->connections [descriptor]->counted)
            guard->connections [descriptor]->measured = s_read_of ((int) descriptor);
}

void troupe_zmq_guard_dry (troupe_zmq_guard_t *guard)
{
    guard->dry++;
    if (guard->measures)
        s_measure (guard);
}

//  What a ROUTER has before its messages has not come with them.
void troupe_zmq_guard_frame (troupe_zmq_guard_t *guard, size_t size)
{
    const bool before = !guard->amid && guard->self->socket->type == TROUPE_ZMQ_ROUTER;
    const size_t body = size + (guard->secured ? S_CURVE_EXTRA : 0);
    guard->amid = true;
    if (!before)
        guard->taken_bytes += (int64_t) (body + (body > UINT8_MAX ? 1 + sizeof (uint64_t) : 1 + sizeof (uint8_t)));
}

void troupe_zmq_guard_taken (troupe_zmq_guard_t *guard, zmq_msg_t *part)
{
    const troupe_zmq_type_t type = guard->self->socket->type;
    guard->taken++;
    guard->amid = false;
    if (type == TROUPE_ZMQ_REQ || type == TROUPE_ZMQ_REP)
        guard->taken_bytes += S_ENVELOPE + (guard->secured ? S_CURVE_EXTRA : 0);
    if (!guard->suspects)
        return;
    int descriptor = zmq_msg_get (part, ZMQ_SRCFD);
    s_connection_t *connection = s_at (guard, descriptor);
    if (!connection || !connection->suspected)
        return;
    guard->suspects--;
    connection->suspected = false;
    connection->unfinished = 0;
    connection->base = s_read_of (descriptor);
    connection->since_us = guard->self->live->cell.now_us;
}

//  --- Judging

//  Whether there is no whole message. A REP that owes an answer and a REQ that has not asked do not say: they are those
//  that could send.
static void s_look_whether_dry (troupe_zmq_guard_t *guard)
{
    int events = 0;
    size_t size = sizeof events;
    const troupe_zmq_type_t type = guard->self->socket->type;
    const bool turns = type == TROUPE_ZMQ_REP || type == TROUPE_ZMQ_REQ;
    if (zmq_getsockopt (guard->self->raw, ZMQ_EVENTS, &events, &size) == 0
        && !(events & (turns ? ZMQ_POLLIN | ZMQ_POLLOUT : ZMQ_POLLIN)))
        troupe_zmq_guard_dry (guard);
    troupe_zmq_suspect (guard->self);
}

//  A PUB and a PUSH are never read, and have no messages.
static bool s_is_settled (const troupe_zmq_guard_t *guard, const s_connection_t *connection)
{
    return !guard->self->socket->on_message || guard->dry > connection->dry
           || guard->taken - connection->taken > 2 * guard->count + S_TURNS_EXTRA;
}

static int64_t s_beats (const s_connection_t *connection, int64_t now_us)
{
    return (now_us - connection->since_us) / 1000000 * S_BEAT_BYTES;
}

static void s_sample (troupe_zmq_guard_t *guard, s_connection_t *connection, int descriptor)
{
    connection->sample = s_read_of (descriptor);
    connection->taken = guard->taken;
    connection->dry = guard->dry;
}

/*  The descriptor is libzmq's, which may have closed it, and the system given it to somebody else. Taken twice it stays
    what it is; and if the monitor has nothing to say about it after that, it was the connection's.         */
static void s_cut_off (troupe_zmq_guard_t *guard, int descriptor, troupe_log_level_t level, const char *why)
{
    s_connection_t *connection = s_at (guard, descriptor);
    const int64_t sample = connection->sample;
    troupe_actor_t *cell = &guard->self->live->cell;
    int own = fcntl (descriptor, F_DUPFD_CLOEXEC, 0);
    if (own < 0)
        return;
    troupe_zmq_events_hear (guard->self);
    if (connection == s_at (guard, descriptor) && s_read_of (own) >= sample) {
        connection->cut_off = true;
        troupe_wire_reset (own);
        cell->host->log (cell, level, why);
    }
    close (own);
}

//  Whether much has arrived since it was looked at last.
static bool s_look_at (troupe_zmq_guard_t *guard, s_connection_t *connection, int descriptor, int64_t now_us)
{
    int64_t received = troupe_wire_received (descriptor), beats = s_beats (connection, now_us);
    bool busy = received - connection->seen > S_IDLE_BYTES;
    guard->hurry |= connection->suspected && received - connection->seen > S_HURRY_BYTES;
    connection->seen = received;
    if (!connection->suspected && received - connection->base > S_SUSPECT_BYTES + beats) {
        connection->suspected = true;
        guard->suspects++;
        s_sample (guard, connection, descriptor);
        connection->base = connection->sample;
        connection->since_us = now_us;
    }
    else if (connection->suspected && s_is_settled (guard, connection)) {
        connection->unfinished = connection->sample - connection->base - beats;
        s_sample (guard, connection, descriptor);
    }
    return busy;
}

//  Who has sent most of what has no end; -1: nobody. *sum_p: how much that is of all.
static int s_find_worst (const troupe_zmq_guard_t *guard, int64_t *sum_p)
{
    int worst = -1;
    *sum_p = 0;
    for (size_t descriptor = 0; guard->suspects && descriptor < guard->capacity; descriptor++) {
        const s_connection_t *connection = guard->connections [descriptor];
        if (!connection || !connection->suspected || connection->cut_off || connection->unfinished <= 0)
            continue;
        *sum_p += connection->unfinished;
        if (worst < 0 || connection->unfinished > guard->connections [worst]->unfinished)
            worst = (int) descriptor;
    }
    return worst;
}

//  One after the other, as who is cut off, or is lost, does not count any more.
static void s_judge (troupe_zmq_guard_t *guard)
{
    const troupe_zmq_options_t *options = &guard->self->socket->options;
    const int64_t extra = (int64_t) options->frame_limit * S_FRAME_EXTRA + S_SUSPECT_BYTES;
    int64_t sum;
    for (size_t turn = guard->suspects; turn > 0; turn--) {
        int worst = s_find_worst (guard, &sum);
        if (worst < 0 || (sum - extra <= options->unfinished_bytes
                          && guard->connections [worst]->unfinished - extra <= options->whole_bytes))
            return;
        s_cut_off (guard, worst, TROUPE_LOG_WARNING, "a connection is cut off: it sent a message without an end");
    }
}

//  --- What has come whole

//  What of it a connection has sent; *worst_p: who has sent most. Exactly, or at most.
static int64_t s_sum_up (const troupe_zmq_guard_t *guard, bool exactly, int64_t now_us, int *worst_p)
{
    int64_t sum = guard->measured_taken - guard->taken_bytes, most = 0;
    const int64_t beats = (now_us - guard->measured_us) / 1000000 * S_BEAT_BYTES;
    *worst_p = -1;
    for (size_t descriptor = 0; descriptor < guard->capacity; descriptor++) {
        s_connection_t *connection = guard->connections [descriptor];
        if (!connection || !connection->counted || connection->cut_off)
            continue;
        const int64_t read = exactly ? s_read_of ((int) descriptor) : connection->seen;
        const int64_t sent = read - connection->measured - beats;
        sum += sent > 0 ? sent : 0;
        if (sent <= most)
            continue;
        most = sent;
        *worst_p = (int) descriptor;
    }
    return sum;
}

//  Before anybody is cut off it is found out whether anything waits at all, and how much that is.
static void s_judge_untaken (troupe_zmq_guard_t *guard, int64_t now_us)
{
    const troupe_zmq_options_t *options = &guard->self->socket->options;
    //  What is not whole yet is in the sum, and bounded by itself.
    const int64_t most = options->untaken_bytes < INT64_MAX - options->unfinished_bytes
                       ? options->untaken_bytes + options->unfinished_bytes : INT64_MAX;
    int worst;
    if (!guard->self->socket->on_message)
        return;
    int64_t sum = s_sum_up (guard, false, now_us, &worst);
    guard->measures = sum > most / S_MUCH;
    if (sum > most)
        s_look_whether_dry (guard);
    for (size_t turn = guard->counted; guard->measures && turn > 0; turn--) {
        sum = s_sum_up (guard, true, now_us, &worst);
        if (sum <= most || worst < 0)
            return;
        guard->connections [worst]->sample = s_read_of (worst);
        s_cut_off (guard, worst, TROUPE_LOG_WARNING, "a connection is cut off: it sent more than is taken");
    }
}

static void s_end_silence (troupe_zmq_guard_t *guard, int descriptor, int64_t now_us)
{
    const s_connection_t *connection = s_at (guard, descriptor);
    if (connection->accepted && !connection->cut_off && connection->seen < S_GREETING_BYTES
        && now_us - connection->since_us > S_GREETING_US)
        s_cut_off (guard, descriptor, TROUPE_LOG_DEBUG, "a connection is cut off: it has said nothing");
}

static int s_on_timer (troupe_actor_t *cell, void *state, void *context)
{
    (void) state;
    bool busy = false;
    troupe_zmq_guard_t *guard = context;
    guard->timer = 0;
    guard->hurry = false;
    troupe_zmq_events_hear (guard->self);
    if (guard->suspects)
        s_look_whether_dry (guard);
    for (size_t descriptor = 0, left = guard->counted; descriptor < guard->capacity && left; descriptor++) {
        s_connection_t *connection = guard->connections [descriptor];
        if (!connection || !connection->counted)
            continue;
        left--;
        busy |= s_look_at (guard, connection, (int) descriptor, cell->now_us);
        s_end_silence (guard, (int) descriptor, cell->now_us);
    }
    s_judge (guard);
    s_judge_untaken (guard, cell->now_us);
    guard->period_us = guard->hurry ? S_HURRY_US : busy ? S_LOOK_US : S_IDLE_LOOK_US;
    s_start_timer (guard);
    return 0;
}

//  --- Opening and closing

//  A STREAM hands out bytes as they come, and one that conflates keeps nothing.
static bool s_is_needed (const troupe_zmq_t *socket)
{
    return socket->type != TROUPE_ZMQ_STREAM && !socket->options.conflate;
}

troupe_error_t troupe_zmq_guard_open (troupe_live_zmq_t *self)
{
    if (self->guard || !s_is_needed (self->socket))
        return TROUPE_OK;
    troupe_zmq_guard_t *guard = calloc (1, sizeof *guard);
    if (!guard)
        return TROUPE_ENOMEM;
    guard->self = self;
    guard->period_us = S_LOOK_US;
    self->guard = guard;
    troupe_error_t error = troupe_zmq_events_open (self);
    if (!error && self->socket->type == TROUPE_ZMQ_ROUTER)
        self->readers = troupe_zmq_readers_new ();
    if (!error && self->socket->type == TROUPE_ZMQ_ROUTER && !self->readers)
        error = TROUPE_ENOMEM;
    if (error)
        troupe_zmq_guard_close (self);
    return error;
}

void troupe_zmq_guard_close (troupe_live_zmq_t *self)
{
    troupe_zmq_guard_t *guard = self->guard;
    if (!guard)
        return;
    self->guard = NULL;
    troupe_zmq_readers_free (self->readers);
    self->readers = NULL;
    s_stop_timer (guard);
    for (size_t descriptor = 0; descriptor < guard->capacity; descriptor++)
        free (guard->connections [descriptor]);
    free (guard->connections);
    free (guard);
}
