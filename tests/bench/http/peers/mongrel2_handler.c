/*  =========================================================================
    http/peers/mongrel2_handler.c - a Mongrel2 handler, over PULL and PUB

    Place: tests/bench. A request is "UUID ID PATH SIZE:HEADERS,SIZE:BODY,",
    an answer "UUID SIZE:ID, " and the raw response. GET is answered with
    "Hello World!!", POST with the request's body.
    Usage: mongrel2_handler REQUEST-ENDPOINT ANSWER-ENDPOINT

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../../common/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

typedef struct {
    const char *text;
    size_t size;
} part_t;

//  Takes what stands before the next 'end' off 'rest', and skips that.
static part_t s_word (part_t *rest, char end)
{
    const char *found = memchr (rest->text, end, rest->size);
    bench_check (found != NULL, "a malformed request");
    const part_t word = { rest->text, (size_t) (found - rest->text) };
    rest->text = found + 1;
    rest->size -= word.size + 1;
    return word;
}

//  Takes a netstring, "SIZE:BYTES,", off 'rest'.
static part_t s_netstring (part_t *rest)
{
    const size_t size = strtoul (s_word (rest, ':').text, NULL, 10);
    bench_check (size < rest->size, "a malformed netstring");
    const part_t string = { rest->text, size };
    rest->text += size + 1;
    rest->size -= size + 1;
    return string;
}

static void s_answer (void *publisher, part_t sender, part_t connection, part_t body)
{
    char head [512];
    const int head_size = snprintf (head, sizeof head,
        "%.*s %zu:%.*s, HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n\r\n",
        (int) sender.size, sender.text, connection.size, (int) connection.size, connection.text, body.size);
    zmq_msg_t answer;
    bench_check (head_size < (int) sizeof head, "a long identity");
    bench_check (zmq_msg_init_size (&answer, (size_t) head_size + body.size) == 0, "memory");
    char *bytes = zmq_msg_data (&answer);
    memcpy (bytes, head, (size_t) head_size);
    memcpy (bytes + head_size, body.text, body.size);
    zmq_msg_send (&answer, publisher, 0);
}

static void s_handle (void *publisher, part_t request)
{
    const part_t sender = s_word (&request, ' ');
    const part_t connection = s_word (&request, ' ');
    s_word (&request, ' ');
    const part_t headers = s_netstring (&request);
    const part_t body = s_netstring (&request);
    //  "JSON" is how Mongrel2 tells of a connection that has been closed.
    static const char disconnect [] = "\"METHOD\":\"JSON\"";
    if (memmem (headers.text, headers.size, disconnect, strlen (disconnect)) != NULL)
        return;
    const part_t hello = { "Hello World!!", 13 };
    s_answer (publisher, sender, connection, body.size > 0? body: hello);
}

int main (int argc, char **argv)
{
    void *context = zmq_ctx_new ();
    void *puller = zmq_socket (context, ZMQ_PULL);
    void *publisher = zmq_socket (context, ZMQ_PUB);
    bench_check (zmq_connect (puller, bench_word (argc, argv, 1, "tcp://127.0.0.1:9997")) == 0, "connect");
    bench_check (zmq_connect (publisher, bench_word (argc, argv, 2, "tcp://127.0.0.1:9996")) == 0, "connect");
    zmq_msg_t message;
    zmq_msg_init (&message);
    while (zmq_msg_recv (&message, puller, 0) >= 0)
        s_handle (publisher, (part_t) { zmq_msg_data (&message), zmq_msg_size (&message) });
    return 1;
}
