/*  =========================================================================
    live/port/port.h - ways out of the process: ipc and tcp

    Place: runtime/live, around dealer.c and mailbox.c, which stay as they are
    for inproc. Two things are here:

        a line      a ref's DEALER to ipc:// or tcp://, with a monitor that
                    tells when there is a connection. libzmq makes it, and tries
                    again while there is none. One that was used and is lost is
                    not made again by libzmq, which would send on the new
                    connection what it had left of the old one: the socket is
                    read to its end, closed, and another takes its place
        a port      a mailbox's endpoints besides its own, with a monitor that
                    tells which connections there are. A peer is found to be at
                    the other end of one by its first message

    All of it is the actor's own thread's.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_PORT_H_INCLUDED
#define TROUPE_LIVE_PORT_H_INCLUDED

#include "live/actor/live.h"
#include "live/security/security_refusal.h"

//  Heartbeats, for both sides: the I/O thread sends and answers them.
#define TROUPE_HEARTBEAT_MS 1000
#define TROUPE_HEARTBEAT_TIMEOUT_MS 3000
#define TROUPE_HANDSHAKE_MS 3000
//  tcp: how long the other side may read nothing of what is sent. Heartbeats wait behind that, and notice nothing.
#define TROUPE_UNREAD_MS 3000
//  For what is to be sent yet when a socket is closed.
#define TROUPE_FAREWELL_MS 500

//  --- port_monitor.c

typedef struct troupe_socket_monitor troupe_socket_monitor_t;
struct troupe_socket_monitor {
    troupe_source_t source;             //  First
    troupe_live_t *live;
    void *socket;                       //  What is looked at; null: closed
    void *pair;
    void (*ready) (troupe_socket_monitor_t *monitor);  //  Has to read until there is no more, or the monitor is closed
};

//  Begins to look at a socket before it is bound or connected. TROUPE_ENOMEM, TROUPE_EFILES.
troupe_error_t troupe_socket_monitor_open (troupe_socket_monitor_t *monitor, troupe_live_t *live, void *socket,
                                           int events, void (*ready) (troupe_socket_monitor_t *monitor));
//  The next event, ZMQ_EVENT_..., and its value; false when there is none just now.
bool troupe_socket_monitor_next (troupe_socket_monitor_t *monitor, unsigned *event_p, int *value_p);
//  Ends it; before its socket is closed. Does nothing with one that is not open.
void troupe_socket_monitor_close (troupe_socket_monitor_t *monitor);
//  What libzmq says when it has closed a listening socket, or could not.
#define TROUPE_SOCKET_CLOSED (ZMQ_EVENT_CLOSED | ZMQ_EVENT_CLOSE_FAILED)
//  Reads what a monitor's PAIR has; true once the event that is waited for was among it.
typedef bool (troupe_socket_closed_fn) (void *pair, void *context);
//  Waits for that, 500 ms at most.
void troupe_socket_await_closed (void *pair, troupe_socket_closed_fn *has_closed, void *context);
//  Unbinds a socket without a monitor from an endpoint outside, and waits until that is free for the next one: libzmq
//  lets it go on a thread of its own, microseconds later usually.
void troupe_socket_let_go (troupe_live_t *live, void *socket, const char *bound);

//  --- port_address.c

//  Whether an endpoint leads out of the process.
bool troupe_endpoint_is_outside (const char *endpoint);
bool troupe_endpoint_is_tcp (const char *endpoint);
/*  What libzmq is to be given for an endpoint: hosts' names become addresses to bind at, and *ipv6_p says which of the
    two is meant. TROUPE_EINVAL, TROUPE_EADDR, TROUPE_EADDRINUSE (to bind: somebody listens there, or what is at
    the path is no socket), TROUPE_EACCES, TROUPE_ENOMEM; 'why' has it in words.                              */
troupe_error_t troupe_endpoint_resolve (const char *endpoint, bool bind, char *resolved, size_t size, bool *ipv6_p,
                                        char *why, size_t why_size);
//  Where an endpoint leads: what was found out last. Zeroed, nothing was.
typedef struct troupe_endpoint_way {
    char resolved [TROUPE_ENDPOINT_MAX + 1];
    bool ipv6;
    bool named;                 //  It was a name, which may lead elsewhere later
    int64_t due_us;             //  When to ask again, by troupe_clock_us
} troupe_endpoint_way_t;

/*  The same to connect, again and again: asks every few seconds only, and more seldom the longer the answer takes,
    since this thread waits for it. What was known stays known while there is no answer.                    */
troupe_error_t troupe_endpoint_find (const char *endpoint, troupe_endpoint_way_t *way, char *why, size_t why_size);
//  What libzmq's error means for an endpoint, and in words.
troupe_error_t troupe_endpoint_error (const char *endpoint, int error_number, char *why, size_t why_size);

//  --- port_wire.c: of a tcp connection, by its descriptor; which may be somebody else's by now, or nobody's

//  Bytes that the kernel has received on it; and that the other side has acknowledged. 0 when it does not say.
int64_t troupe_wire_received (int descriptor);
int64_t troupe_wire_acknowledged (int descriptor);
//  Bytes that it has received and nobody has read.
int64_t troupe_wire_unread (int descriptor);
//  Ends it with a reset: whoever sends for ever is not read to the end.
void troupe_wire_reset (int descriptor);

//  --- port_line.c

typedef struct troupe_line troupe_line_t;

//  Makes the line of a dealer, whose endpoint is set; 'family': it leads to an actor of one's own tree of processes.
troupe_error_t troupe_line_open (troupe_dealer_t *dealer, bool family, char *why, size_t why_size);
//  Closes it with its socket; what was sent has half a second to leave.
void troupe_line_close (troupe_dealer_t *dealer);
//  Makes sure that its monitor is looked at soon.
void troupe_line_look (troupe_dealer_t *dealer);
//  Something was sent: sees to it that the other side reads.
void troupe_line_sent (troupe_dealer_t *dealer);
//  What it can be polled for: the monitor's PAIR.
void *troupe_line_pair (const troupe_dealer_t *dealer);
//  The directory says that the process has died.
void troupe_line_down (troupe_dealer_t *dealer, const troupe_reason_t *reason);

//  --- port_peers.c

//  One connection, while it is open.
typedef struct troupe_connection troupe_connection_t;

struct troupe_port {
    troupe_live_t *live;
    troupe_socket_monitor_t monitor;
    troupe_connection_t **connections;          //  By descriptor
    size_t capacity, count;
    size_t counted;                             //  Those among them whose bytes are counted
    struct troupe_connection_peer *leaving;     //  Their connections are lost; they go once their mail has been read
    uint64_t timer;                             //  Of the next look at how much has arrived
    int64_t period_us;                          //  Between two of them
    const char *refusal;                        //  Why the connection that is lost next was refused; null: it was not
    troupe_refusals_t refusals;
};

//  What stands in peer->host of a peer of this process.
#define TROUPE_PEER_INSIDE ((void *) (uintptr_t) 1)

//  A packet of a peer's has been received: its routing id is live->peer_message still. For those who are not INSIDE.
void troupe_port_meet (troupe_live_t *live, troupe_peer_t *peer, const troupe_received_t *received);
//  The mailbox has been read to its end: those who are lost are given up.
void troupe_port_dry (troupe_port_t *port);
troupe_error_t troupe_port_open (troupe_live_t *live);
void troupe_port_close (troupe_live_t *live);

#endif
