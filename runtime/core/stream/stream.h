/*  =========================================================================
    core/stream/stream.h - the half of byte streams that knows no system

    Place: runtime/core, above cell and host. Queues, limits and the order of
    events are here; hosts carry the bytes. Three kinds of callers meet:

    - The user, through troupe/stream.h, from any callback. A call never calls
      back: what it brings about is an event of a later turn, or goes out when
      the turn ends.
    - The host, when something has happened outside: the second part of this
      header. Only these functions and troupe_streams_turn run the user's
      callbacks.
    - The cell: troupe_streams_turn, _flush and _end.

    The life of a stream:

        CONNECTING -> OPEN -> DEAD -> freed
             (accepted ones begin as OPEN)

    In DEAD the host's half is gone already, and CLOSED waits to be delivered.
    A stream is freed at two places only: in troupe_streams_turn, behind
    CLOSED, and in troupe_streams_end. So it outlives any other callback.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_CORE_STREAM_H_INCLUDED
#define TROUPE_CORE_STREAM_H_INCLUDED

#include "core/cell/cell.h"
#include "core/stream/chunk.h"

//  The lists that a stream is in: circular, by the head that the cell has.
typedef enum {
    TROUPE_STREAMS_ALL,         //  cell->streams
    TROUPE_STREAMS_DIRTY,       //  cell->dirty_streams
    TROUPE_STREAMS_EVENTS,      //  cell->stream_events
    TROUPE_STREAMS_LISTS
} troupe_streams_list_t;

struct troupe_stream {
    troupe_actor_t *cell;
    struct {
        troupe_stream_t *next, *previous;       //  Null: not in that list
    } links [TROUPE_STREAMS_LISTS];
    troupe_stream_fn *on_event;
    void *context;
    void *host;                     //  Null once it is dead
    troupe_chunk_t *out, *last_out; //  What is queued
    size_t queued;                  //  Its bytes
    size_t write_limit, read_limit;
    troupe_chunk_t *rest;           //  What has been read and not consumed
    char *peer;                     //  Made when asked for
    troupe_error_t error;           //  What CLOSED will say
    bool connecting : 1;
    bool dead : 1;
    bool closing : 1;               //  The user has closed it: no more events but CLOSED
    bool ending : 1;                //  The user will write no more
    bool ended_out : 1;             //  The host has been told so
    bool ended_in : 1;              //  The peer sends no more
    bool paused : 1;                //  By the user
    bool stalled : 1;               //  By itself: the rest is at its limit
    bool blocked : 1;               //  The system takes no more: until troupe_stream_can_write
    bool was_full : 1;              //  A write got TROUPE_EFULL: WRITABLE is owed
    bool drained_asked : 1;         //  DRAINED is owed
    bool writable_due : 1;
    bool drained_due : 1;
    bool rest_due : 1;              //  The rest comes again without more behind it
};

struct troupe_listener {
    troupe_actor_t *cell;
    troupe_listener_t *next, *previous;     //  Circular
    troupe_stream_fn *on_event;
    void *context;
    void *host;
    size_t write_limit, read_limit;
    int backlog;
    bool paused;
    char *wanted;                   //  What was asked for, normalized: the next incarnation asks for the same
    char address [TROUPE_ADDRESS_TEXT_MAX + 1];     //  Where it really listens; set by the host
};

//  --- What the cell calls

//  Whether callbacks of this cell may run.
static inline bool troupe_streams_alive (const troupe_actor_t *cell)
{
    return cell->cell_state == TROUPE_CELL_STARTING || cell->cell_state == TROUPE_CELL_RUNNING;
}

//  Delivers the events that are due: once a turn, before the mail. They come from calls of earlier turns.
void troupe_streams_turn (troupe_actor_t *cell);

//  Whether it has anything to do: do not sleep.
static inline bool troupe_streams_due (const troupe_actor_t *cell)
{
    return cell->stream_events != NULL && troupe_streams_alive (cell);
}

//  Hands what has been written to the host: at the end of each turn. Calls nobody back.
void troupe_streams_flush (troupe_actor_t *cell);

/*  Ends all streams of an incarnation without a callback, and keeps its listeners, not accepting, for the next
    one. To be called after the behavior's stop, which may still hold pointers to them. Events from the host
    between the end of the incarnation and this call go nowhere.                                                  */
void troupe_streams_end (troupe_actor_t *cell);

//  Closes the listeners that no incarnation has claimed, and frees what streams leave in the cell: when it is final.
void troupe_listeners_close (troupe_actor_t *cell);

/*  --- What the host calls. Where a function returns false, the host must touch nothing of that stream or
    listener any more, of its own half neither: it is closed, paused, freed or its incarnation has ended.         */

/*  Makes the stream of a connection that has been accepted; 'host' is its stream->host from now on. Null when
    memory is out, or when the incarnation takes no more: the connection stays the host's, to be dropped. Must
    be followed by troupe_stream_accepted.                                                                        */
troupe_stream_t *troupe_listener_stream (troupe_listener_t *listener, void *host);

//  Delivers ACCEPTED. False: accept no more from this listener. The stream may be gone in either case; the host knows,
//  since its stream_close was called.
bool troupe_stream_accepted (troupe_listener_t *listener, troupe_stream_t *stream);

//  The connection stands: delivers CONNECTED. What has been queued leaves when the turn ends.
bool troupe_stream_connected (troupe_stream_t *stream);

/*  Bytes have arrived; 'size' is not 0. They are only looked at, and what the callback leaves is copied. True
    when the host may go on reading this stream at once.                                                          */
bool troupe_stream_arrived (troupe_stream_t *stream, const uint8_t *data, size_t size);

//  The peer sends no more. At most once.
bool troupe_stream_ended (troupe_stream_t *stream);

//  The system takes bytes again; sends what is queued. Calls nobody back, but the stream may be dead afterwards.
void troupe_stream_can_write (troupe_stream_t *stream);

//  The connection is lost, or could not be made. The core calls stream_close; CLOSED follows in the next turn.
void troupe_stream_lost (troupe_stream_t *stream, troupe_error_t error);

//  --- What the files of the stream share

#define TROUPE_STREAM_WRITE_LIMIT (1024u * 1024u)
#define TROUPE_STREAM_READ_LIMIT (64u * 1024u)
#define TROUPE_STREAM_BACKLOG 511
#define TROUPE_STREAM_CONNECT_TIMEOUT_MS 10000

//  The options with defaults in place of zeros; TROUPE_EINVAL for negative ones.
troupe_error_t troupe_stream_defaults (const troupe_stream_options_t *given, troupe_stream_options_t *options);

//  A stream with nothing in it, in the list of its cell; null when memory is out.
troupe_stream_t *troupe_stream_new (troupe_actor_t *cell, const troupe_stream_options_t *options,
                                    troupe_stream_fn *on_event, void *context);

//  Frees a stream that is dead, or that never had a host's half.
void troupe_stream_free (troupe_stream_t *stream);

void troupe_stream_enlist (troupe_stream_t *stream, troupe_streams_list_t list);
void troupe_stream_delist (troupe_stream_t *stream, troupe_streams_list_t list);

//  Runs the callback. False when the incarnation is over: touch nothing.
bool troupe_stream_emit (troupe_stream_t *stream, troupe_stream_event_t *event);

//  Ends it for the host, and owes CLOSED with 'error'.
void troupe_stream_kill (troupe_stream_t *stream, troupe_error_t error, bool abort);

//  Sends what is queued, as far as the host takes it, and ends or closes when that was asked for.
void troupe_stream_push (troupe_stream_t *stream);

//  Throws away what is queued.
void troupe_stream_discard (troupe_stream_t *stream);

//  Puts a listener among those that the next incarnation may claim.
void troupe_listener_keep (troupe_listener_t *listener);

//  Delivers the rest again without more behind it. False as for the host.
bool troupe_stream_redeliver (troupe_stream_t *stream);

#endif
