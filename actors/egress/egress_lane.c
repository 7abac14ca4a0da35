/*  =========================================================================
    egress_lane.c - connections to a server that is a program of another language

    Place: actors/egress, below egress_link.c. Its questions and answers are
    maps (rpc/document.h) without a number, so a connection, a lane, has one
    question at a time, as REQ would; so even a REP server can be in front. A
    lane whose answer is not wanted any more is closed and opened anew, and what
    comes late comes to nobody. When one connection is lost the server is, and
    all lanes begin again.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "egress_parts.h"

#include <stdlib.h>

static troupe_error_t s_open (troupe_egress_lane_t *lane);

static troupe_error_t s_reopen (troupe_egress_lane_t *lane)
{
    troupe_zmq_close (&lane->socket);
    lane->up = false;
    lane->busy = 0;
    return s_open (lane);
}

//  --- Questions

bool troupe_egress_lanes_ask (troupe_egress_link_t *link, uint64_t id, troupe_bytes_t question)
{
    troupe_bytes_t frames [2] = { { "", 0 }, question };
    for (unsigned number = 0; number < link->egress->lane_count; number++) {
        troupe_egress_lane_t *lane = &link->lanes [number];
        if (!lane->up || lane->busy || troupe_zmq_send (lane->socket, frames, 2))
            continue;
        lane->busy = id;
        return true;
    }
    return false;
}

//  Where it cannot be opened again the lane stays down.
void troupe_egress_lanes_cancel (troupe_egress_link_t *link, uint64_t id)
{
    for (unsigned number = 0; number < link->egress->lane_count; number++)
        if (link->lanes [number].busy == id)
            s_reopen (&link->lanes [number]);
}

//  --- Answers

static int s_on_message (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames,
                         size_t count, void *context)
{
    (void) state;
    (void) socket;
    troupe_egress_lane_t *lane = context;
    troupe_egress_state_t *egress = lane->link->egress;
    uint64_t id = lane->busy;
    void *data = NULL;
    size_t size = 0;
    if (!id)
        return 0;
    lane->busy = 0;
    troupe_error_t error = troupe_answer_read (egress->format, frames [count - 1].data, frames [count - 1].size, &data,
                                               &size);
    troupe_egress_answered (egress, id, TROUPE_CALL_OK, (troupe_bytes_t) { error ? "" : data, error ? 0 : size });
    free (data);
    troupe_fleet_writable (egress->fleet, lane->link->number, troupe_now_us (self));
    troupe_egress_settle (egress);
    return 0;
}

//  --- Connections

//  The server is there with its first lane, and has room with each further one.
static void s_on_up (troupe_actor_t *self, troupe_egress_lane_t *lane)
{
    troupe_egress_link_t *link = lane->link;
    lane->up = true;
    if (!link->up)
        troupe_egress_link_is_up (link);
    else
        troupe_fleet_writable (link->egress->fleet, link->number, troupe_now_us (self));
}

static int s_on_down (troupe_actor_t *self, troupe_egress_link_t *link)
{
    if (!link->up)
        return 0;
    link->up = false;
    troupe_error_t error = TROUPE_OK;
    for (unsigned number = 0; number < link->egress->lane_count && !error; number++)
        error = s_reopen (&link->lanes [number]);
    troupe_egress_link_is_lost (link, false);
    return error ? troupe_fail_error (self, error, link->endpoint) : 0;
}

static int s_on_event (troupe_actor_t *self, void *state, troupe_zmq_t *socket, troupe_zmq_event_t event,
                       const char *endpoint, void *context)
{
    (void) state;
    (void) socket;
    (void) endpoint;
    troupe_egress_lane_t *lane = context;
    troupe_egress_link_t *link = lane->link;
    int result = 0;
    if (event == TROUPE_ZMQ_CONNECTED)
        s_on_up (self, lane);
    else if (event == TROUPE_ZMQ_DISCONNECTED)
        result = s_on_down (self, link);
    else if (event == TROUPE_ZMQ_REFUSED)
        troupe_log (self, TROUPE_LOG_WARNING, "%s refuses the connection", link->endpoint);
    troupe_egress_settle (link->egress);
    return result;
}

//  --- Begin and end

static troupe_error_t s_open (troupe_egress_lane_t *lane)
{
    troupe_egress_link_t *link = lane->link;
    troupe_zmq_options_t options = { .message_bytes = (int64_t) link->egress->answer_limit, .immediate = true,
                                     .on_event = s_on_event };
    troupe_error_t error = troupe_zmq_open (link->egress->self, TROUPE_ZMQ_DEALER, &options, s_on_message, lane,
                                            &lane->socket);
    return error ? error : troupe_zmq_connect (lane->socket, link->endpoint);
}

troupe_error_t troupe_egress_lanes_open (troupe_egress_link_t *link)
{
    troupe_error_t error = TROUPE_OK;
    for (unsigned number = 0; number < link->egress->lane_count && !error; number++) {
        link->lanes [number].link = link;
        error = s_open (&link->lanes [number]);
    }
    return error;
}

void troupe_egress_lanes_close (troupe_egress_link_t *link)
{
    for (unsigned number = 0; number < link->egress->lane_count; number++)
        troupe_zmq_close (&link->lanes [number].socket);
}
