/*  =========================================================================
    http/peers/microhttpd_hello.c - libmicrohttpd, one thread on epoll

    Place: tests/bench. GET answers "Hello World!!", POST the request's body.
    Runs until SIGTERM or SIGINT. Usage: microhttpd_hello PORT

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../../common/report.h"

#include <microhttpd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MAX (1024 * 1024)

typedef struct {
    size_t size;
    char bytes [];
} body_t;

static char hello [] = "Hello World!!";

static enum MHD_Result s_send (struct MHD_Connection *connection, size_t size, char *bytes,
                               enum MHD_ResponseMemoryMode mode)
{
    struct MHD_Response *response = MHD_create_response_from_buffer (size, bytes, mode);
    MHD_add_response_header (response, "Content-Type", "text/plain");
    const enum MHD_Result result = MHD_queue_response (connection, MHD_HTTP_OK, response);
    MHD_destroy_response (response);
    return result;
}

//  The first call of a request has no body yet; the last one has an empty piece of it.
static enum MHD_Result s_request (void *context, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *piece,
                                  size_t *piece_size, void **body_p)
{
    (void) context;
    (void) url;
    (void) version;
    if (strcmp (method, "POST") != 0)
        return s_send (connection, strlen (hello), hello, MHD_RESPMEM_PERSISTENT);
    body_t *body = *body_p;
    if (body == NULL) {
        *body_p = malloc (sizeof *body + BODY_MAX);
        if (*body_p == NULL)
            return MHD_NO;
        ((body_t *) *body_p)->size = 0;
        return MHD_YES;
    }
    if (*piece_size == 0)
        return s_send (connection, body->size, body->bytes, MHD_RESPMEM_MUST_COPY);
    if (body->size + *piece_size > BODY_MAX)
        return MHD_NO;
    memcpy (body->bytes + body->size, piece, *piece_size);
    body->size += *piece_size;
    *piece_size = 0;
    return MHD_YES;
}

static void s_completed (void *context, struct MHD_Connection *connection, void **body_p,
                         enum MHD_RequestTerminationCode code)
{
    (void) context;
    (void) connection;
    (void) code;
    free (*body_p);
}

int main (int argc, char **argv)
{
    sigset_t signals;
    sigemptyset (&signals);
    sigaddset (&signals, SIGINT);
    sigaddset (&signals, SIGTERM);
    sigprocmask (SIG_BLOCK, &signals, NULL);
    const long port = bench_number (argc, argv, 1, 8080);
    struct MHD_Daemon *daemon = MHD_start_daemon (MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TURBO,
        (uint16_t) port, NULL, NULL, s_request, NULL, MHD_OPTION_CONNECTION_LIMIT, 4096u,
        MHD_OPTION_NOTIFY_COMPLETED, s_completed, NULL, MHD_OPTION_END);
    bench_check (daemon != NULL, "cannot listen");
    int signal = 0;
    sigwait (&signals, &signal);
    MHD_stop_daemon (daemon);
    return 0;
}
