/*  =========================================================================
    live/port/port_line.c - lines: refs that lead out of the process

    Place: runtime/live; see port.h. A line is in one of these states:

        dialing     a socket, and no connection: libzmq tries, again and again
        connected   the handshake is done: the cell may speak
        waiting     no socket: for its time to dial again, or, within one's own
                    tree, for the directory to say what became of the process

    Where the directory tells of ends, an attempt that fails is of no interest:
    the process is not there yet. Everywhere else it is an outage, which is
    logged once.

    A process that is stopped while much is on its way to it reads nothing, and
    libzmq's heartbeats wait behind that. For tcp the system ends such a
    connection; for ipc it is looked at, once a second, while something is sent.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/base/reason.h"
#include "live/actor/dealer.h"

#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#define S_IPC_RETRY_MS 5
#define S_IPC_RETRY_MAX_MS 200
#define S_TCP_RETRY_MS 50
//  libzmq adds up to S_TCP_RETRY_MS by chance: who is back is found within a second.
#define S_TCP_RETRY_MAX_MS 900
//  An attempt that nobody answers at all; the system asks a second time within it.
#define S_CONNECT_MS 2000
#define S_ANSWER_BYTES_MAX (INT64_C (1) << 30)
//  How long the directory may take to tell why a process is not there any more.
#define S_REASON_US 1000000
//  A connection that lasted so long is no sign of a peer that refuses us.
#define S_LASTING_US 1000000
//  Between looks at whether the other side reads, and how many in a row without a sign of it are too many.
#define S_STALL_LOOK_US 1000000
#define S_STALL_LOOKS (TROUPE_UNREAD_MS / 1000)

#define S_EVENTS (ZMQ_EVENT_CONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED \
                  | ZMQ_EVENT_CONNECT_RETRIED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL \
                  | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)

struct troupe_line {
    troupe_socket_monitor_t monitor;           //  First
    troupe_dealer_t *dealer;
    bool family;                        //  The directory tells what becomes of the process
    bool connected;
    bool refused;                       //  A handshake has failed since the last attempt
    bool awaits_reason;
    bool missed_reason;                 //  The directory took too long: what it says later is of the past
    bool down;                          //  The directory, or the process's parent, has said why: in the next turn
    troupe_reason_t verdict;            //  That
    const char *told;                   //  What the log says of the present outage; null: nothing, or there is none
    int64_t connected_us;
    bool welcomed;                  //  The connection that was lost had been welcomed
    int64_t retry_ms;                   //  Before the next attempt, when the last connection was short
    uint64_t timer;
    troupe_endpoint_way_t way;
    int descriptor;                     //  Of the connection that there is, or was last; -1: there was none
    uint64_t stall_timer;               //  0: nothing was sent of late
    int unread;                         //  What the other side had not read when it was looked at last
    uint64_t heard;                     //  Packets that had come by then
    int stalled;                        //  Looks in a row that have found both the same
};

static int s_on_timer (troupe_actor_t *cell, void *state, void *context);
static void s_on_events (troupe_socket_monitor_t *monitor);

//  --- The socket

static bool s_set (void *socket, int option, int value)
{
    return zmq_setsockopt (socket, option, &value, sizeof value) == 0;
}

static bool s_set_up (void *socket, bool tcp, bool ipv6)
{
    int64_t answer_max = S_ANSWER_BYTES_MAX;
    return s_set (socket, ZMQ_SNDHWM, 0) && s_set (socket, ZMQ_RCVHWM, 0)
           && s_set (socket, ZMQ_LINGER, TROUPE_FAREWELL_MS) && s_set (socket, ZMQ_IPV6, ipv6)
           && s_set (socket, ZMQ_HEARTBEAT_IVL, TROUPE_HEARTBEAT_MS)
           && s_set (socket, ZMQ_HEARTBEAT_TIMEOUT, TROUPE_HEARTBEAT_TIMEOUT_MS)
           && s_set (socket, ZMQ_HEARTBEAT_TTL, TROUPE_HEARTBEAT_TIMEOUT_MS)
           && s_set (socket, ZMQ_HANDSHAKE_IVL, TROUPE_HANDSHAKE_MS)
           && s_set (socket, ZMQ_CONNECT_TIMEOUT, tcp ? S_CONNECT_MS : 0)
           && s_set (socket, ZMQ_TCP_MAXRT, TROUPE_UNREAD_MS)
           && s_set (socket, ZMQ_RECONNECT_IVL, tcp ? S_TCP_RETRY_MS : S_IPC_RETRY_MS)
           && s_set (socket, ZMQ_RECONNECT_IVL_MAX, tcp ? S_TCP_RETRY_MAX_MS : S_IPC_RETRY_MAX_MS)
           && zmq_setsockopt (socket, ZMQ_MAXMSGSIZE, &answer_max, sizeof answer_max) == 0;
}

static void s_stop_looking (troupe_line_t *line)
{
    if (line->stall_timer)
        troupe_timers_cancel (&line->dealer->live->cell.system_timers, line->stall_timer);
    line->stall_timer = 0;
    line->stalled = 0;
}

//  Closes the socket; 'at_once': what libzmq has not sent yet is of no use any more.
static void s_hang_up (troupe_line_t *line, bool at_once)
{
    troupe_dealer_t *dealer = line->dealer;
    line->connected = false;
    s_stop_looking (line);
    if (!dealer->socket)
        return;
    troupe_socket_monitor_close (&line->monitor);
    troupe_dealer_detach (dealer);
    if (at_once)
        s_set (dealer->socket, ZMQ_LINGER, 0);
    zmq_close (dealer->socket);
    dealer->socket = NULL;
}

static troupe_error_t s_connect (troupe_line_t *line, char *why, size_t why_size)
{
    troupe_dealer_t *dealer = line->dealer;
    const char *endpoint = line->way.resolved;
    const troupe_shared_t *shared = dealer->live->shared;
    if (!s_set_up (dealer->socket, troupe_endpoint_is_tcp (endpoint), line->way.ipv6))
        return troupe_endpoint_error (dealer->endpoint, zmq_errno (), why, why_size);
    troupe_error_t error = troupe_security_apply (shared->security, dealer->socket, dealer->endpoint, false, why,
                                                  why_size);
    if (!error)
        error = troupe_socket_monitor_open (&line->monitor, dealer->live, dealer->socket, S_EVENTS, s_on_events);
    if (!error)
        error = troupe_dealer_attach (dealer);
    if (!error && zmq_connect (dealer->socket, endpoint))
        error = troupe_endpoint_error (dealer->endpoint, zmq_errno (), why, why_size);
    return error;
}

static troupe_error_t s_dial (troupe_line_t *line, char *why, size_t why_size)
{
    troupe_dealer_t *dealer = line->dealer;
    troupe_error_t error = troupe_endpoint_find (dealer->endpoint, &line->way, why, why_size);
    if (error)
        return error;
    dealer->socket = zmq_socket (dealer->live->shared->context, ZMQ_DEALER);
    if (!dealer->socket)
        return troupe_endpoint_error (dealer->endpoint, zmq_errno (), why, why_size);
    error = s_connect (line, why, why_size);
    if (error)
        s_hang_up (line, true);
    return error;
}

//  --- Time

static void s_stop_timer (troupe_line_t *line)
{
    if (line->timer)
        troupe_timers_cancel (&line->dealer->live->cell.system_timers, line->timer);
    line->timer = 0;
}

//  Without memory for a timer the line is tried when the directory speaks, or not at all: calls have their deadlines.
//  What the directory has said already is not put off: the connection may be lost in the same turn.
static void s_start_timer (troupe_line_t *line, int64_t delay_us)
{
    troupe_actor_t *cell = &line->dealer->live->cell;
    s_stop_timer (line);
    if (line->down)
        delay_us = 0;
    line->timer = troupe_timers_add (&cell->system_timers, troupe_cell_refresh (cell) + delay_us, 0, s_on_timer, line);
}

static void s_dial_later (troupe_line_t *line)
{
    bool tcp = troupe_endpoint_is_tcp (line->dealer->endpoint);
    int64_t least_ms = tcp ? S_TCP_RETRY_MS : S_IPC_RETRY_MS, most_ms = tcp ? S_TCP_RETRY_MAX_MS : S_IPC_RETRY_MAX_MS;
    bool lasted = line->dealer->live->cell.now_us - line->connected_us > S_LASTING_US;
    //  Who has welcomed us does not refuse us: a process that crashes often is as near as one that crashes once.
    if (line->welcomed)
        line->retry_ms = least_ms;
    int64_t delay_ms = lasted ? 0 : line->retry_ms;
    line->retry_ms = lasted ? least_ms : line->retry_ms * 2;
    if (line->retry_ms < least_ms)
        line->retry_ms = least_ms;
    if (line->retry_ms > most_ms)
        line->retry_ms = most_ms;
    s_start_timer (line, delay_ms * 1000);
}

//  --- What becomes of it

static void s_log (troupe_line_t *line, troupe_log_level_t level, const char *words)
{
    char text [TROUPE_ENDPOINT_MAX + TROUPE_REASON_TEXT_MAX + 64];
    troupe_actor_t *cell = &line->dealer->live->cell;
    snprintf (text, sizeof text, "%s: %s", line->dealer->endpoint, words);
    cell->host->log (cell, level, text);
}

//  One line for each outage, and one more when it turns out to be another.
static void s_tell_outage (troupe_line_t *line, const char *words)
{
    if (line->told == words)
        return;
    line->told = words;
    s_log (line, TROUPE_LOG_WARNING, words);
}

static void s_reason (troupe_line_t *line, const char *words, troupe_reason_t *reason)
{
    troupe_reason_set (reason, TROUPE_REASON_UNREACHABLE, 0, line->dealer->ref->address, 0, words, NULL);
}

//  An attempt has failed. The line may be gone afterwards.
static void s_on_failure (troupe_line_t *line, const char *words)
{
    troupe_reason_t reason;
    troupe_dealer_t *dealer = line->dealer;
    if (line->family)
        return;
    s_tell_outage (line, words);
    s_reason (line, words, &reason);
    troupe_cell_ref_broken (&dealer->live->cell, dealer->ref, &reason);
}

//  The socket is closed already. The line may be gone afterwards.
static void s_break (troupe_line_t *line, const char *words, const troupe_reason_t *reason)
{
    troupe_dealer_t *dealer = line->dealer;
    line->awaits_reason = false;
    s_tell_outage (line, words);
    s_dial_later (line);
    troupe_cell_ref_broken (&dealer->live->cell, dealer->ref, reason);
}

static void s_break_unreachable (troupe_line_t *line)
{
    static const char words [] = "the connection is lost";
    troupe_reason_t reason;
    s_reason (line, words, &reason);
    s_break (line, words, &reason);
}

//  What comes first is what the other side has said. Within one's own tree the directory knows more: until it speaks,
//  the cell holds back what it has to send.
static void s_on_lost (troupe_line_t *line)
{
    troupe_dealer_t *dealer = line->dealer;
    if (!troupe_dealer_finish (dealer))
        return;
    line->welcomed = dealer->ref->welcomed;
    s_hang_up (line, true);
    if (!line->family) {
        s_break_unreachable (line);
        return;
    }
    troupe_cell_ref_hold (&dealer->live->cell, dealer->ref);
    line->awaits_reason = true;
    s_start_timer (line, S_REASON_US);
}

//  What the other side has not read yet.
static int s_count_unread (const troupe_line_t *line)
{
    int unread = 0;
    return ioctl (line->descriptor, SIOCOUTQ, &unread) == 0 ? unread : 0;
}

static int s_on_look (troupe_actor_t *cell, void *state, void *context);

static void s_look_later (troupe_line_t *line)
{
    troupe_actor_t *cell = &line->dealer->live->cell;
    line->stall_timer = troupe_timers_add (&cell->system_timers, cell->now_us + S_STALL_LOOK_US, 0, s_on_look, line);
}

static int s_on_look (troupe_actor_t *cell, void *state, void *context)
{
    (void) cell;
    (void) state;
    troupe_line_t *line = context;
    int unread = s_count_unread (line);
    bool same = unread && unread == line->unread && line->heard == line->dealer->heard;
    line->stall_timer = 0;
    line->stalled = same ? line->stalled + 1 : 0;
    line->unread = unread;
    line->heard = line->dealer->heard;
    if (line->connected && line->stalled >= S_STALL_LOOKS)
        s_on_lost (line);
    else if (line->connected && unread)
        s_look_later (line);
    return 0;
}

//  The way for messages is made before the event is told, but libzmq sees it only when it looks.
static void s_on_connected (troupe_line_t *line)
{
    troupe_dealer_t *dealer = line->dealer;
    line->connected = true;
    line->missed_reason = false;
    line->connected_us = dealer->live->cell.now_us;
    if (line->told)
        s_log (line, TROUPE_LOG_INFO, "the connection is there again");
    line->told = NULL;
    troupe_socket_readable (dealer->socket);
    troupe_dealer_expect (dealer);
    troupe_cell_ref_connected (&dealer->live->cell, dealer->ref);
}

static const char *s_refusal (unsigned event)
{
    if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)
        return "the handshake failed: it does not let us in";
    if (event == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL)
        return "the handshake failed: what is there does not speak as we do (a key that does not fit, or no troupe)";
    return "the handshake failed: it hung up (it may want a key, or another one)";
}

static bool s_is_final (unsigned event)
{
    return event == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL || event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
}

//  libzmq never tries again after that; but who is there may learn, or another take its place.
static void s_on_refused (troupe_line_t *line, unsigned event)
{
    line->connected_us = line->dealer->live->cell.now_us;
    line->welcomed = false;
    s_hang_up (line, true);
    s_dial_later (line);
    s_on_failure (line, s_refusal (event));
}

//  libzmq would try the same address for ever, and the name may lead elsewhere by now.
static bool s_is_stale (const troupe_line_t *line)
{
    return line->way.named && !line->connected && troupe_clock_us () >= line->way.due_us;
}

//  An attempt has failed. False when the line is closed or gone.
static bool s_on_retried (troupe_line_t *line)
{
    troupe_ref_t *ref = line->dealer->ref;
    bool stale = s_is_stale (line), told = line->refused;
    line->refused = false;
    if (stale) {
        s_hang_up (line, true);
        s_start_timer (line, 0);
    }
    if (!told)
        s_on_failure (line, "nobody answers there");
    return !stale && ref->host;
}

//  False when the line is closed or gone.
static bool s_take (troupe_line_t *line, unsigned event, int value)
{
    troupe_ref_t *ref = line->dealer->ref;
    if (event == ZMQ_EVENT_CONNECTED)
        line->descriptor = value;
    else if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
        s_on_connected (line);
    else if (event == ZMQ_EVENT_DISCONNECTED) {
        if (line->connected) {
            s_on_lost (line);
            return false;
        }
    }
    else if (event == ZMQ_EVENT_CONNECT_RETRIED)
        return s_on_retried (line);
    else if (!line->connected && s_is_final (event)) {
        s_on_refused (line, event);
        return false;
    }
    else {
        line->refused = true;
        s_on_failure (line, s_refusal (event));
    }
    return ref->host;
}

static void s_on_events (troupe_socket_monitor_t *monitor)
{
    unsigned event;
    int value;
    troupe_line_t *line = (troupe_line_t *) monitor;
    while (troupe_socket_monitor_next (monitor, &event, &value))
        if (!s_take (line, event, value))
            return;
}

//  The process has died. Whoever is told of it here may have been told it by the connection already.
static void s_on_down (troupe_line_t *line)
{
    troupe_dealer_t *dealer = line->dealer;
    line->down = false;
    if (line->connected && !troupe_dealer_finish (dealer))
        return;
    if (line->connected || line->awaits_reason) {
        s_hang_up (line, true);
        s_break (line, "its process has ended", &line->verdict);
        return;
    }
    if (!dealer->socket)
        s_dial_later (line);
    troupe_cell_ref_broken (&dealer->live->cell, dealer->ref, &line->verdict);
}

static int s_on_timer (troupe_actor_t *cell, void *state, void *context)
{
    (void) cell;
    (void) state;
    char why [TROUPE_REASON_TEXT_MAX + 1] = "";
    troupe_line_t *line = context;
    line->timer = 0;
    if (line->down)
        s_on_down (line);
    else if (line->awaits_reason) {
        line->missed_reason = true;
        s_break_unreachable (line);
    }
    else if (!line->dealer->socket && s_dial (line, why, sizeof why))
        s_dial_later (line);
    return 0;
}

//  --- For the dealer

troupe_error_t troupe_line_open (troupe_dealer_t *dealer, bool family, char *why, size_t why_size)
{
    troupe_line_t *line = calloc (1, sizeof *line);
    if (!line)
        return TROUPE_ENOMEM;
    line->dealer = dealer;
    line->family = family;
    line->descriptor = -1;
    troupe_error_t error = s_dial (line, why, why_size);
    if (error)
        free (line);
    else
        dealer->line = line;
    return error;
}

void troupe_line_close (troupe_dealer_t *dealer)
{
    s_stop_timer (dealer->line);
    s_hang_up (dealer->line, !dealer->line->connected);
    free (dealer->line);
    dealer->line = NULL;
}

void troupe_line_look (troupe_dealer_t *dealer)
{
    if (dealer->line->monitor.pair)
        troupe_poller_post (&dealer->live->poller, &dealer->line->monitor.source, TROUPE_POLL_READ);
}

void *troupe_line_pair (const troupe_dealer_t *dealer)
{
    return dealer->line->monitor.pair;
}

void troupe_line_sent (troupe_dealer_t *dealer)
{
    troupe_line_t *line = dealer->line;
    if (line->stall_timer || !line->connected || dealer->ref->relative)
        return;
    line->unread = 0;
    s_look_later (line);
}

//  A word that is late, or comes twice (a parent is told by its child's process, and by the directory), is not about
//  the connection that has been made since. Callbacks run in the next turn.
void troupe_line_down (troupe_dealer_t *dealer, const troupe_reason_t *reason)
{
    troupe_line_t *line = dealer->line;
    bool late = line->missed_reason && !line->awaits_reason;
    line->missed_reason = false;
    if (late || (reason->incarnation && reason->incarnation <= line->verdict.incarnation))
        return;
    line->verdict = *reason;
    line->verdict.cause = NULL;
    line->down = true;
    s_start_timer (line, 0);
}
