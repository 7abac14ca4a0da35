/*  =========================================================================
    talker.c - the actor: two sockets and the terminal

    Place: samples/chat/; started by chat.c. What is typed answers the message
    that came last, or is one; before its answer no second one leaves. With
    ROUTER and DEALER instead of REP and REQ nobody waits for a turn.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat.h"

#define S_LINES 50

typedef struct chat {
    bool free, there, asked, owed;      //  No turns; the other is there; REQ waits for its answer, REP for ours
    troupe_zmq_t *listener, *speaker;
    unsigned peers;                     //  Connected to the listener
    unsigned first, count;              //  Messages that wait for their answer or for their turn
    char lines [S_LINES] [CHAT_LINE_MAX + 1];
    chat_terminal_t terminal;
} chat_t;

static void s_drop_first (chat_t *chat)
{
    chat->first = (chat->first + 1) % S_LINES;
    chat->count--;
}

//  Sends what has its turn. If that is refused, WRITABLE comes here again.
static void s_speak (chat_t *chat)
{
    while (chat->there && chat->count && !chat->asked &&
           !troupe_zmq_send_text (chat->speaker, chat->lines [chat->first])) {
        chat->asked = !chat->free;
        if (chat->free)
            s_drop_first (chat);
    }
}

//  What is typed is an answer if one is owed, else a message.
static void s_take_line (void *context, const char *line)
{
    chat_t *chat = context;
    if (chat->owed)
        chat->owed = troupe_zmq_send_text (chat->listener, line) != TROUPE_OK;
    else if (chat->count == S_LINES)
        printf ("%-9s%d messages wait already\n", "not sent", S_LINES);
    else {
        strcpy (chat->lines [(chat->first + chat->count++) % S_LINES], line);
        s_speak (chat);
        if (chat->count > chat->asked)
            printf ("%-9s%u before it%s\n", "queued", chat->count - 1, chat->there ? "" : ", and nobody there");
    }
}

static int s_read (troupe_actor_t *self, void *state, int descriptor, unsigned events, void *context)
{
    (void) events, (void) context;
    chat_t *chat = state;
    if (!chat_read (&chat->terminal, descriptor, s_take_line, chat))
        troupe_exit (self);
    return 0;
}

//  The text is the last frame; a ROUTER puts the sender before it.
static int s_hear (troupe_actor_t *self, void *state, troupe_zmq_t *socket, const troupe_bytes_t *frames, size_t count,
                   void *context)
{
    (void) self, (void) context;
    chat_t *chat = state;
    bool answer = socket == chat->speaker;
    chat_show (answer ? "answer" : "message", frames [count - 1].data, frames [count - 1].size);
    if (!answer)
        chat->owed = !chat->free;
    else if (chat->asked) {
        chat->asked = false;
        s_drop_first (chat);
        s_speak (chat);
    }
    return 0;
}

//  An answer that was lost with its terminal is asked for again; one that nobody waits for any more is not owed.
static int s_event (troupe_actor_t *self, void *state, troupe_zmq_t *socket, troupe_zmq_event_t event,
                    const char *endpoint, void *context)
{
    (void) self, (void) context;
    chat_t *chat = state;
    bool there = event == TROUPE_ZMQ_CONNECTED;
    if (socket == chat->speaker && (there || event == TROUPE_ZMQ_DISCONNECTED)) {
        printf ("%-9s%s\n", there ? "there" : "gone", endpoint);
        chat->there = there;
        chat->asked = false;
    }
    else if (socket == chat->listener && there)
        chat->peers++;
    else if (event == TROUPE_ZMQ_DISCONNECTED && --chat->peers == 0 && chat->owed)
        chat->owed = troupe_zmq_send_text (chat->listener, "") != TROUPE_OK;
    s_speak (chat);
    return 0;
}

//  A listener or a speaker, ready for use.
static troupe_error_t s_open (troupe_actor_t *self, troupe_zmq_type_t type, bool listens, const char *place,
                              troupe_zmq_t **socket_p)
{
    //  'immediate': nothing is queued in the socket, where nobody would see it
    const troupe_zmq_options_t options = {
        .on_event = s_event, .immediate = !listens, .relaxed = type == TROUPE_ZMQ_REQ,
    };
    char endpoint [300];
    snprintf (endpoint, sizeof endpoint, "tcp://%s", place);
    troupe_error_t error = troupe_zmq_open (self, type, &options, s_hear, NULL, socket_p);
    if (!error)
        error = listens ? troupe_zmq_bind (*socket_p, endpoint) : troupe_zmq_connect (*socket_p, endpoint);
    if (!error)
        printf ("%-9s%s\n", listens ? "here" : "waiting", listens ? troupe_zmq_endpoint (*socket_p) : endpoint);
    return error;
}

static int s_start (troupe_actor_t *self, void **state_p, const void *args, size_t args_size)
{
    (void) args, (void) args_size;
    const char *here = troupe_option (self, "bind", ""), *other = troupe_option (self, "connect", "");
    troupe_watch_t *watch = NULL;
    chat_t *chat = *state_p = calloc (1, sizeof *chat);
    if (!chat)
        return troupe_fail_error (self, TROUPE_ENOMEM, "the chat");
    chat->free = strcmp (troupe_option (self, "free", "no"), "yes") == 0;
    if (troupe_watch (self, 0, TROUPE_WATCH_READABLE, s_read, NULL, &watch))
        return troupe_fail (self, TROUPE_EINVAL, "standard input is neither a terminal nor a pipe");
    troupe_error_t error = s_open (self, chat->free ? TROUPE_ZMQ_ROUTER : TROUPE_ZMQ_REP, true, here, &chat->listener);
    if (error)
        return troupe_fail_error (self, error, here);
    error = s_open (self, chat->free ? TROUPE_ZMQ_DEALER : TROUPE_ZMQ_REQ, false, other, &chat->speaker);
    return error ? troupe_fail_error (self, error, other) : 0;
}

static void s_stop (troupe_actor_t *self, void *state, const troupe_reason_t *reason)
{
    (void) self, (void) reason;
    free (state);
}

const troupe_behavior_t chat_talker = { .name = "talker", .start = s_start, .stop = s_stop };
