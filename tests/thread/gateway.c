/*  =========================================================================
    gateway.c - an ingress with failing workers and clients of its own, under TSan

    Place: tests/thread. The tree of a web gateway in small, and threads that
    speak HTTP to it over loopback while workers fail and are restarted, and
    while it ends. Exits 0 when all went as it should.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <troupe.h>

#define DEADLINE_MS 60000
#define CLIENTS 3
#define REQUESTS 120

#define CHECK(condition) \
    do { if (!(condition)) { fprintf (stderr, "line %d: %s\n", __LINE__, #condition); exit (1); } } while (0)

//  --- The gateway

static int s_get (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) self;
    (void) state;
    troupe_text_t id = troupe_request_param (request, "id");
    troupe_response_type (response, "text/plain");
    return (int) troupe_response_bodyf (response, "<%.*s>", (int) id.size, id.data);
}

static int s_fail (troupe_actor_t *self, void *state, const troupe_request_t *request, troupe_response_t *response)
{
    (void) state;
    (void) request;
    (void) response;
    return troupe_fail (self, 5, "told to");
}

static const troupe_route_t s_routes [] = { { .method = "GET", .pattern = "/echo/:id", .handler = s_get },
                                            { .method = "GET", .pattern = "/fail", .handler = s_fail },
                                            { .method = NULL } };
static const troupe_service_t s_service = { .routes = s_routes };
static const troupe_behavior_t s_worker = TROUPE_SERVICE ("worker", &s_service);
static const troupe_http_t s_spec = { .listen = "127.0.0.1:0", .routes = s_routes, .workers = "worker",
                                      .instances = 3 };
static const troupe_behavior_t s_http = TROUPE_HTTP ("http", &s_spec);
static const troupe_child_t s_children [] = {
    { .id = "worker", .behavior = &s_worker, .instances = 3 }, { .id = "http", .behavior = &s_http }, { .id = NULL } };
static const troupe_supervisor_t s_root = { .children = s_children, .intensity = 100000 };

//  --- A client: one connection, a request at a time

typedef struct {
    pthread_t thread;
    int number;
    uint16_t port;
    bool until_closed;          //  Goes on until the gateway hangs up
    int done [2];               //  A byte each time it has been answered
    int answered, failed, wrong;
} s_client_t;

static int s_connect (uint16_t port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (port) };
    address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    int descriptor = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval limit = { .tv_sec = DEADLINE_MS / 1000 };
    CHECK (descriptor >= 0);
    CHECK (setsockopt (descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0);
    CHECK (connect (descriptor, (struct sockaddr *) &address, sizeof address) == 0);
    return descriptor;
}

//  The whole answer, headers and body, as text; false when the gateway has hung up.
static bool s_receive (int descriptor, char *text, size_t room)
{
    size_t size = 0;
    for (;;) {
        ssize_t got = recv (descriptor, text + size, room - 1 - size, 0);
        if (got <= 0)
            return false;
        size += (size_t) got;
        text [size] = 0;
        const char *body = strstr (text, "\r\n\r\n"), *length = strstr (text, "Content-Length: ");
        if (body && length && size >= (size_t) (body + 4 - text) + (size_t) atoi (length + 16))
            return true;
    }
}

static bool s_request (s_client_t *self, int descriptor, int count)
{
    char text [2048], expected [32];
    bool fails = count % 10 == 9;
    if (fails)
        snprintf (text, sizeof text, "GET /fail HTTP/1.1\r\nHost: x\r\n\r\n");
    else
        snprintf (text, sizeof text, "GET /echo/%d-%d HTTP/1.1\r\nHost: x\r\n\r\n", self->number, count);
    if (send (descriptor, text, strlen (text), MSG_NOSIGNAL) < 0 || !s_receive (descriptor, text, sizeof text))
        return false;
    snprintf (expected, sizeof expected, "<%d-%d>", self->number, count);
    bool is_failure = strncmp (text, "HTTP/1.1 500 ", 13) == 0, is_answer = strstr (text, expected) != NULL;
    self->failed += fails && is_failure;
    self->answered += !fails && is_answer;
    //  503: the gateway is ending.
    self->wrong += !(fails ? is_failure : is_answer)
                   && !(self->until_closed && strncmp (text, "HTTP/1.1 503 ", 13) == 0);
    return write (self->done [1], "x", 1) == 1;
}

static void *s_client (void *argument)
{
    s_client_t *self = argument;
    int descriptor = s_connect (self->port);
    for (int count = 0; self->until_closed || count < REQUESTS; count++)
        if (!s_request (self, descriptor, count))
            break;
    close (descriptor);
    return NULL;
}

//  --- The program's own thread

static uint16_t s_port (troupe_t *troupe)
{
    troupe_message_t *reply = NULL;
    CHECK (troupe_call_wait (troupe, "http", TROUPE_HTTP_ADDRESS, "", 0, DEADLINE_MS, &reply) == TROUPE_CALL_OK);
    const char *colon = strrchr (troupe_message_text (reply), ':');
    CHECK (colon);
    uint16_t port = (uint16_t) atoi (colon + 1);
    troupe_message_destroy (&reply);
    return port;
}

static void s_start_clients (s_client_t *clients, uint16_t port, bool until_closed)
{
    for (int index = 0; index < CLIENTS; index++) {
        clients [index] = (s_client_t) { .number = index, .port = port, .until_closed = until_closed };
        CHECK (pipe (clients [index].done) == 0);
        CHECK (pthread_create (&clients [index].thread, NULL, s_client, &clients [index]) == 0);
    }
}

static void s_join_clients (s_client_t *clients)
{
    for (int index = 0; index < CLIENTS; index++) {
        CHECK (pthread_join (clients [index].thread, NULL) == 0);
        close (clients [index].done [0]);
        close (clients [index].done [1]);
        CHECK (clients [index].wrong == 0);
    }
}

int main (void)
{
    char byte;
    s_client_t clients [CLIENTS];
    troupe_options_t options = { .log_level = TROUPE_LOG_ERROR };
    troupe_t *troupe = troupe_new (&options, NULL);
    CHECK (troupe);
    CHECK (troupe_start (troupe, &s_root, DEADLINE_MS) == TROUPE_OK);
    uint16_t port = s_port (troupe);
    s_start_clients (clients, port, false);
    s_join_clients (clients);
    for (int index = 0; index < CLIENTS; index++)
        CHECK (clients [index].answered == REQUESTS * 9 / 10 && clients [index].failed == REQUESTS / 10);
    puts ("each client has its own answers, and 500 where the handler failed");
    s_start_clients (clients, port, true);
    for (int index = 0; index < CLIENTS; index++)
        for (int count = 0; count < 15; count++)
            CHECK (read (clients [index].done [0], &byte, 1) == 1);
    CHECK (troupe_stop (troupe, DEADLINE_MS) == TROUPE_OK);
    s_join_clients (clients);
    puts ("the end under load leaves no answer half, and none that is another's");
    troupe_destroy (&troupe);
    return 0;
}
