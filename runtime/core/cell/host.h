/*  =========================================================================
    core/cell/host.h - what a cell needs of the world

    Place: runtime/core. The cell (cell.h) is an actor without a thread, a
    socket or a clock; a host gives it these. There are two: runtime/live with
    threads and ZeroMQ, runtime/stage with one thread and virtual time. Every
    function runs on the cell's own thread.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_CORE_HOST_H_INCLUDED
#define TROUPE_CORE_HOST_H_INCLUDED

#include "core/stream/address.h"
#include "core/packet/pack.h"

#include <troupe/child.h>
#include <troupe/dead_letter.h>
#include <troupe/names.h>
#include <troupe/stream.h>
#include <troupe/watch.h>
#include <troupe/zmq_socket.h>

typedef struct troupe_peer troupe_peer_t;
struct troupe_zmq_place;

typedef struct troupe_host {
    //  --- Clock, configuration, log
    int64_t (*now_us) (troupe_actor_t *cell);
    int64_t (*wall_ms) (troupe_actor_t *cell);
    const char *(*config) (troupe_actor_t *cell, const char *path);     //  null: not set
    void (*log) (troupe_actor_t *cell, troupe_log_level_t level, const char *text);

    /*  --- Refs. 'ref_open' finds the actor behind ref->address and makes a way to it, filling in ref->limits:
        TROUPE_OK, TROUPE_ENOENT (nobody of that name), TROUPE_EINVAL, TROUPE_ENOTSUP, TROUPE_EFILES, TROUPE_ENOMEM.
        'ref_send' sends the pack, which is empty afterwards (reset, or its memory taken): it cannot be refused,
        since the cell counts credit.
        A way that leads out of the process is set to ref->remote by 'ref_open', and begins without a connection: the
        cell holds back what it has to send until the host has said troupe_cell_ref_connected and the other side has
        answered. ref->relative: deadlines are to be sent as what is left of them.
        'ref_wait' blocks until something has arrived for the ref, which the host has then given to
        troupe_cell_arrived, or until 'until_us': then false.                                             */
    troupe_error_t (*ref_open) (troupe_actor_t *cell, troupe_ref_t *ref);
    void (*ref_close) (troupe_actor_t *cell, troupe_ref_t *ref);
    void (*ref_send) (troupe_actor_t *cell, troupe_ref_t *ref, troupe_pack_t *pack);
    bool (*ref_wait) (troupe_actor_t *cell, troupe_ref_t *ref, int64_t until_us);

    //  --- Opens what the mailbox listens at besides its name (the spec's 'listen'), when a start begins; OK too when
    //  it is open already. On an error the start fails with it, and with the words in 'why'.
    troupe_error_t (*listen_mailbox) (troupe_actor_t *cell, char *why, size_t why_size);

    //  --- Answers. False when the peer is gone; the pack is empty afterwards in any case.
    bool (*peer_send) (troupe_actor_t *cell, troupe_peer_t *peer, troupe_pack_t *pack);

    //  --- Takes in all mail that waits for the mailbox (troupe_cell_arrived), before the cell is FINAL.
    void (*collect) (troupe_actor_t *cell);

    /*  --- Parent and children. Bytes on the control lane, which mail cannot fill (core/packet/control.h). 'spawn'
        makes a child from link->spec, and its cell begins to start. 'forget' is called when the child is GONE, or
        is given up ('abandoned'): joins, closes, frees the name and link->host.  */
    void (*tell_parent) (troupe_actor_t *cell, const void *data, size_t size);
    void (*tell_child) (troupe_actor_t *cell, troupe_link_t *link, const void *data, size_t size);
    troupe_error_t (*spawn) (troupe_actor_t *cell, troupe_link_t *link);
    void (*forget) (troupe_actor_t *cell, troupe_link_t *link, bool abandoned);
    //  What the child is doing, as far as can be seen from outside: "handling GET from http since 5,012 ms"; may be "".
    void (*describe) (troupe_actor_t *cell, troupe_link_t *link, char *text, size_t size);

    /*  --- Streams: see core/stream/stream.h, which also says what the host calls. 'listen' fills
        listener->address; a listener outlives the incarnation with accepting off (core/stream/listener.c keeps it),
        so a host knows nothing of restarts. 'stream_send' hands bytes to the system: how many it took; when fewer
        than all, it calls troupe_stream_can_write later; -1 with *error_p set when the connection is lost.
        'stream_close' frees stream->host, 'listener_close' listener->host; nothing is called for them afterwards.  */
    troupe_error_t (*listen) (troupe_actor_t *cell, troupe_listener_t *listener,
                              const troupe_stream_address_t *address);
    void (*listener_accepts) (troupe_actor_t *cell, troupe_listener_t *listener, bool accepts);     //  At first it does
    void (*listener_close) (troupe_actor_t *cell, troupe_listener_t *listener);
    troupe_error_t (*connect) (troupe_actor_t *cell, troupe_stream_t *stream, const troupe_stream_address_t *address,
                               int64_t timeout_ms);
    ptrdiff_t (*stream_send) (troupe_actor_t *cell, troupe_stream_t *stream, const troupe_bytes_t *parts, size_t count,
                              troupe_error_t *error_p);
    void (*stream_peer) (troupe_actor_t *cell, troupe_stream_t *stream, char *text, size_t size);   //  Who it is
    void (*stream_reads) (troupe_actor_t *cell, troupe_stream_t *stream, bool reads);   //  Pause and resume
    void (*stream_end) (troupe_actor_t *cell, troupe_stream_t *stream);                 //  Shut down the sending side
    void (*stream_close) (troupe_actor_t *cell, troupe_stream_t *stream, bool abort);   //  Abort: reset the connection

    //  --- Watched descriptors
    troupe_error_t (*watch) (troupe_actor_t *cell, troupe_watch_t *watch);
    void (*unwatch) (troupe_actor_t *cell, troupe_watch_t *watch);

    /*  --- Names: see troupe/names.h. 'name_list' calls troupe_cell_name_listed for each before it returns; a watch
        leads to troupe_cell_name_changed, with its number, until it is ended.                             */
    troupe_error_t (*name_register) (troupe_actor_t *cell, const char *name);
    troupe_error_t (*name_unregister) (troupe_actor_t *cell, const char *name);
    troupe_error_t (*name_find) (troupe_actor_t *cell, const char *name, char *endpoint, size_t size);
    troupe_error_t (*name_list) (troupe_actor_t *cell, const char *prefix, troupe_name_fn *on_name, void *context);
    troupe_error_t (*name_watch) (troupe_actor_t *cell, const char *prefix, uint64_t number);
    void (*name_unwatch) (troupe_actor_t *cell, uint64_t number);

    //  --- Dead letters: to whoever has subscribed. Counting and logging is the cell's.
    void (*dead_letter) (troupe_actor_t *cell, const troupe_dead_letter_t *letter);
    troupe_error_t (*dead_letters) (troupe_actor_t *cell);  //  Subscribe this cell: troupe_cell_dead_letter follows

    /*  --- ZeroMQ sockets: see core/edge/zmq_socket.h, which also says what the host calls; errors as in
        troupe/zmq_socket.h. 'zmq_bind' and 'zmq_connect' fill in place->actual, or 'why'; 'routing_id' may be null.
        'zmq_leave' takes either back. 'zmq_close' frees socket->host; the places are all left with it.     */
    troupe_error_t (*zmq_open) (troupe_actor_t *cell, troupe_zmq_t *socket);
    void (*zmq_close) (troupe_actor_t *cell, troupe_zmq_t *socket);
    troupe_error_t (*zmq_bind) (troupe_actor_t *cell, troupe_zmq_t *socket, struct troupe_zmq_place *place, char *why,
                                size_t why_size);
    troupe_error_t (*zmq_connect) (troupe_actor_t *cell, troupe_zmq_t *socket, struct troupe_zmq_place *place,
                                   const troupe_bytes_t *routing_id, char *why, size_t why_size);
    void (*zmq_leave) (troupe_actor_t *cell, troupe_zmq_t *socket, struct troupe_zmq_place *place);
    troupe_error_t (*zmq_subscribe) (troupe_actor_t *cell, troupe_zmq_t *socket, const void *prefix, size_t size,
                                     bool wanted);
    troupe_error_t (*zmq_send) (troupe_actor_t *cell, troupe_zmq_t *socket, const troupe_bytes_t *frames, size_t count);
    //  Who has sent the message that is in hand; "" when nobody was asked. It may have been closed meanwhile.
    const char *(*zmq_user) (troupe_actor_t *cell, const troupe_zmq_t *socket);
    void (*zmq_resume) (troupe_actor_t *cell, troupe_zmq_t *socket);        //  What has arrived is wanted again
} troupe_host_t;

#endif
