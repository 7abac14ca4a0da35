/*  =========================================================================
    live/port/port_peers.c - who is connected to a mailbox's port

    Place: runtime/live; see port.h. libzmq tells of connections by descriptor,
    and each message knows the descriptor that it came from. So the first
    message of a peer finds its connection, once all that the monitor has to
    say has been heard: descriptors are used again. When a connection is lost
    its peers leave, as soon as the mail that had arrived has been taken in.

    A message of many frames is invisible until its last one is there. So that
    nobody fills the memory with one that has no end, what the kernel has
    received on a connection is compared now and then with what came out of it:
    often while much arrives, seldom while nothing does, and never for ipc.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/port/port.h"
#include "live/stream/resolve.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define S_FIRST_CONNECTIONS 64u
#define S_LOOK_US 100000
#define S_IDLE_LOOK_US 800000
//  Less than this, between two looks, is no more than heartbeats.
#define S_IDLE_BYTES 4096
//  What somebody may send who has not said HELLO; what heartbeats take in a second; and what a message takes besides
//  its payload at most, with CURVE around it.
#define S_UNKNOWN_BYTES 65536
#define S_BEAT_BYTES 64
#define S_MESSAGE_EXTRA 128u
#define S_CURVE_FACTOR 3
#define S_EVENTS (ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL)

typedef struct troupe_connection_peer {
    struct troupe_connection_peer *next;
    uint64_t id;
} s_peer_t;

struct troupe_connection {
    s_peer_t *peers;                    //  One, unless descriptors have changed hands faster than mail was read
    int64_t since_us;
    int64_t taken;                      //  Bytes of whole messages
    int64_t seen;                       //  Bytes that the kernel had received when it was looked at last
    bool counted;                       //  The kernel counts them: tcp
    char host [TROUPE_REFUSAL_ADDRESS_MAX + 1];  //  Where it comes from; "" when that is not known
};

static int s_on_timer (troupe_actor_t *cell, void *state, void *context);

//  --- Connections

static troupe_connection_t *s_at (const troupe_port_t *port, int descriptor)
{
    return descriptor >= 0 && (size_t) descriptor < port->capacity ? port->connections [descriptor] : NULL;
}

static bool s_grow (troupe_port_t *port, size_t needed)
{
    size_t capacity = port->capacity ? port->capacity : S_FIRST_CONNECTIONS;
    while (capacity < needed)
        capacity *= 2;
    troupe_connection_t **grown = realloc (port->connections, capacity * sizeof (troupe_connection_t *));
    if (!grown)
        return false;
    for (size_t index = port->capacity; index < capacity; index++)
        grown [index] = NULL;
    port->connections = grown;
    port->capacity = capacity;
    return true;
}

static void s_start_timer (troupe_port_t *port)
{
    troupe_actor_t *cell = &port->live->cell;
    if (!port->timer && port->counted)
        port->timer = troupe_timers_add (&cell->system_timers, cell->now_us + port->period_us, 0, s_on_timer, port);
}

//  Somebody new may send at once as much as the line takes.
static void s_look_soon (troupe_port_t *port)
{
    if (port->timer && port->period_us > S_LOOK_US) {
        troupe_timers_cancel (&port->live->cell.system_timers, port->timer);
        port->timer = 0;
    }
    port->period_us = S_LOOK_US;
    s_start_timer (port);
}

//  Its peers leave, and libzmq has no more of it.
static void s_lose (troupe_port_t *port, int descriptor)
{
    troupe_connection_t *connection = s_at (port, descriptor);
    if (!connection)
        return;
    s_peer_t **end = &connection->peers;
    while (*end)
        end = &(*end)->next;
    *end = port->leaving;
    port->leaving = connection->peers;
    port->counted -= connection->counted;
    free (connection);
    port->connections [descriptor] = NULL;
    port->count--;
    //  Mail that came before is read first.
    port->live->mailbox_hope = TROUPE_HOPE_KNOWN;
}

//  For the log, in case that it is refused.
static void s_name (troupe_connection_t *connection, int descriptor)
{
    troupe_socket_address_t address = { .size = sizeof address - offsetof (troupe_socket_address_t, any) };
    if (getpeername (descriptor, &address.any, &address.size))
        return;
    connection->counted = address.any.sa_family == AF_INET || address.any.sa_family == AF_INET6;
    getnameinfo (&address.any, address.size, connection->host, sizeof connection->host, NULL, 0, NI_NUMERICHOST);
}

static void s_accept (troupe_port_t *port, int descriptor)
{
    s_lose (port, descriptor);
    if (descriptor < 0 || ((size_t) descriptor >= port->capacity && !s_grow (port, (size_t) descriptor + 1)))
        return;
    troupe_connection_t *connection = calloc (1, sizeof *connection);
    if (!connection)
        return;
    connection->since_us = port->live->cell.now_us;
    s_name (connection, descriptor);
    port->connections [descriptor] = connection;
    port->count++;
    port->counted += connection->counted;
    if (connection->counted)
        s_look_soon (port);
}

//  Why a handshake has failed is told just before its connection is lost. Who it was is not known any more when this
//  thread was late.
static void s_tell_refusal (troupe_port_t *port, int descriptor)
{
    const troupe_connection_t *connection = s_at (port, descriptor);
    if (port->refusal)
        troupe_refusal_tell (&port->refusals, &port->live->logger,
                             connection && *connection->host ? connection->host : "somebody", port->refusal);
    port->refusal = NULL;
}

static void s_listen_to_monitor (troupe_socket_monitor_t *monitor)
{
    troupe_port_t *port = (troupe_port_t *) ((char *) monitor - offsetof (troupe_port_t, monitor));
    unsigned event;
    int value;
    while (troupe_socket_monitor_next (monitor, &event, &value)) {
        if (event == ZMQ_EVENT_ACCEPTED)
            s_accept (port, value);
        else if (event == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL)
            port->refusal = troupe_refusal_text (event, (uint32_t) value);
        else if (event == ZMQ_EVENT_DISCONNECTED) {
            s_tell_refusal (port, value);
            s_lose (port, value);
        }
    }
}

//  --- Peers

static void s_introduce (troupe_port_t *port, troupe_peer_t *peer)
{
    int descriptor = zmq_msg_get (&port->live->peer_message, ZMQ_SRCFD);
    if (descriptor < 0) {
        peer->host = TROUPE_PEER_INSIDE;
        return;
    }
    troupe_cell_peer_remote (&port->live->cell, peer);
    peer->host = (void *) ((uintptr_t) descriptor + 2);
    s_listen_to_monitor (&port->monitor);
    s_peer_t *entry = malloc (sizeof *entry);
    if (!entry)
        return;
    troupe_connection_t *connection = s_at (port, descriptor);
    s_peer_t **list = connection ? &connection->peers : &port->leaving;
    *entry = (s_peer_t) { .next = *list, .id = peer->id };
    *list = entry;
}

void troupe_port_meet (troupe_live_t *live, troupe_peer_t *peer, const troupe_received_t *received)
{
    if (!peer->host)
        s_introduce (live->port, peer);
    if (peer->host == TROUPE_PEER_INSIDE)
        return;
    troupe_connection_t *connection = s_at (live->port, (int) ((uintptr_t) peer->host - 2));
    if (!connection)
        return;
    connection->taken += (int64_t) received->block->size;
    for (size_t index = 0; index < received->frame_count; index++)
        connection->taken += (int64_t) received->frames [index]->size;
}

void troupe_port_dry (troupe_port_t *port)
{
    while (port->leaving) {
        s_peer_t *entry = port->leaving;
        port->leaving = entry->next;
        troupe_cell_peer_lost (&port->live->cell, entry->id);
        free (entry);
    }
}

//  --- Messages without end

//  What may have arrived on a connection and not come out of it: what credit allows, and one more packet.
static int64_t s_allowance (const troupe_port_t *port, const troupe_connection_t *connection, int64_t now_us)
{
    int64_t beats = (now_us - connection->since_us) / 1000000 * S_BEAT_BYTES;
    if (!connection->peers)
        return S_UNKNOWN_BYTES + beats;
    const troupe_mailbox_options_t *limits = &port->live->cell.limits;
    uint64_t wider = limits->overflow == TROUPE_OVERFLOW_DROP_OLDEST ? 8 : 1;
    uint64_t extra = (uint64_t) limits->limit_messages * S_MESSAGE_EXTRA + 2 * TROUPE_PACK_FLUSH;
    if (limits->limit_bytes > (UINT64_C (1) << 56))
        return INT64_MAX;
    return (int64_t) (limits->limit_bytes * (wider + 1) + extra * wider) * S_CURVE_FACTOR + beats;
}

static bool s_is_excessive (const troupe_port_t *port, int descriptor, int64_t received, int64_t now_us)
{
    const troupe_connection_t *connection = s_at (port, descriptor);
    return connection && received - connection->taken * S_CURVE_FACTOR > s_allowance (port, connection, now_us);
}

/*  The descriptor is libzmq's, which may have closed it, and the system given it to somebody else. Taken twice it stays
    what it is; and if the monitor has nothing to say about it after that, it was the connection's.         */
static void s_cut_off (troupe_port_t *port, int descriptor, int64_t now_us)
{
    const troupe_connection_t *connection = s_at (port, descriptor);
    int own = fcntl (descriptor, F_DUPFD_CLOEXEC, 0);
    if (own < 0)
        return;
    s_listen_to_monitor (&port->monitor);
    if (connection == s_at (port, descriptor)
        && s_is_excessive (port, descriptor, troupe_wire_received (descriptor), now_us)) {
        troupe_wire_reset (own);
        port->live->cell.host->log (&port->live->cell, TROUPE_LOG_WARNING,
                                    "a connection is cut off: it sent a message without an end");
    }
    close (own);
}

//  Whether much has arrived since it was looked at last.
static bool s_look_at (troupe_port_t *port, int descriptor, int64_t now_us)
{
    troupe_connection_t *connection = s_at (port, descriptor);
    int64_t received = troupe_wire_received (descriptor);
    bool busy = received - connection->seen > S_IDLE_BYTES;
    connection->seen = received;
    if (s_is_excessive (port, descriptor, received, now_us))
        s_cut_off (port, descriptor, now_us);
    return busy;
}

static int s_on_timer (troupe_actor_t *cell, void *state, void *context)
{
    (void) state;
    bool busy = false;
    troupe_port_t *port = context;
    port->timer = 0;
    s_listen_to_monitor (&port->monitor);
    for (size_t descriptor = 0, left = port->counted; descriptor < port->capacity && left; descriptor++) {
        if (!port->connections [descriptor] || !port->connections [descriptor]->counted)
            continue;
        left--;
        busy |= s_look_at (port, (int) descriptor, cell->now_us);
    }
    port->period_us = busy ? S_LOOK_US : port->period_us < S_IDLE_LOOK_US ? port->period_us * 2 : S_IDLE_LOOK_US;
    s_start_timer (port);
    return 0;
}

//  --- Opening and closing

troupe_error_t troupe_port_open (troupe_live_t *live)
{
    troupe_port_t *port = calloc (1, sizeof *port);
    if (!port)
        return TROUPE_ENOMEM;
    port->live = live;
    port->period_us = S_LOOK_US;
    troupe_error_t error = troupe_socket_monitor_open (&port->monitor, live, live->mailbox, S_EVENTS,
                                                       s_listen_to_monitor);
    if (error)
        free (port);
    else
        live->port = port;
    return error;
}

//  Who comes next may be bound there at once.
static void s_let_go (troupe_live_t *live)
{
    char bound [TROUPE_ENDPOINT_MAX + 1] = "";
    size_t size = sizeof bound;
    zmq_getsockopt (live->mailbox, ZMQ_LAST_ENDPOINT, bound, &size);
    if (troupe_endpoint_is_outside (bound))
        troupe_socket_let_go (live, live->mailbox, bound);
}

void troupe_port_close (troupe_live_t *live)
{
    troupe_port_t *port = live->port;
    if (!port)
        return;
    live->port = NULL;
    troupe_socket_monitor_close (&port->monitor);
    s_let_go (live);
    for (size_t index = 0; index < port->capacity; index++)
        s_lose (port, (int) index);
    while (port->leaving) {
        s_peer_t *entry = port->leaving;
        port->leaving = entry->next;
        free (entry);
    }
    free (port->connections);
    free (port);
}
