/*  =========================================================================
    request_fuzz.c - any bytes as a request, a response, and a path

    Place: tests/fuzz, of runtime/core/request/request.c, response.c and route_match.c.
    What is decoded is read in full; what is well-formed encodes to the same
    bytes again.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdlib.h>
#include <string.h>

#include <troupe/route.h>

#define S_HEADERS_MAX 64

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void s_check (bool holds)
{
    if (!holds)
        abort ();
}

static const troupe_route_t s_routes [] = {
    { .method = "GET", .pattern = "/" },
    { .method = "GET", .pattern = "/users/:id" },
    { .method = "POST", .pattern = "/users/me" },
    { .method = "GET", .pattern = "/:a/:b/:c" },
    { .method = "GET", .pattern = "/files/*rest" },
    { .method = NULL }
};

//  Texts end where their size says.
static void s_check_text (troupe_text_t text)
{
    s_check (strlen (text.data) == text.size);
}

//  Encoding what was decoded gives the same bytes.
static void s_encode_again (const troupe_request_t *request, const uint8_t *data, size_t size)
{
    troupe_header_t headers [S_HEADERS_MAX];
    size_t count = 0;
    size_t cursor = 0;
    while (count < S_HEADERS_MAX && troupe_headers_next (&request->headers, &cursor, &headers [count])) {
        s_check_text (headers [count].name);
        s_check_text (headers [count].value);
        count++;
    }
    if (count < request->headers.count)
        return;
    s_check_text (request->user);
    troupe_request_parts_t parts = { request->method, request->path, request->query, headers, count, request->body,
                                     request->user };
    size_t room = troupe_request_size (&parts), encoded = 0;
    s_check (room == size);
    uint8_t *buffer = malloc (room);
    s_check (buffer && troupe_request_encode (&parts, buffer, room, &encoded) == TROUPE_OK);
    s_check (encoded == size && memcmp (buffer, data, size) == 0);
    free (buffer);
}

//  Routes and binds in a buffer of just the size that was asked for.
static void s_route (troupe_request_t *request)
{
    troupe_router_t *router = NULL;
    troupe_route_match_t match;
    s_check (troupe_router_new (s_routes, &router, NULL, 0) == TROUPE_OK);
    troupe_route_outcome_t outcome = troupe_router_match (router, request->method, request->path, &match);
    size_t room = troupe_request_bind_size (request);
    char *buffer = malloc (room);
    s_check (buffer != NULL);
    if (!troupe_request_bind (request, outcome == TROUPE_ROUTE_FOUND ? &match : NULL, buffer, room)) {
        troupe_param_t param;
        for (size_t cursor = 0; troupe_request_query_next (request, &cursor, &param); )
            s_check_text (param.value);
        for (size_t index = 0; index < request->param_count; index++)
            s_check_text (request->params [index].value);
    }
    free (buffer);
    troupe_router_destroy (&router);
}

//  Any bytes are a path to somebody.
static void s_match (const uint8_t *data, size_t size)
{
    troupe_request_t request;
    size_t path = size / 2;
    memset (&request, 0, sizeof request);
    request.method = troupe_text ("GET");
    request.path = (troupe_text_t) { (const char *) data, path };
    request.query = (troupe_text_t) { (const char *) data + path, size - path };
    s_route (&request);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    troupe_request_t request;
    troupe_response_view_t view;
    if (troupe_request_decode (data, size, &request) == TROUPE_OK) {
        s_check_text (request.method);
        s_check_text (request.path);
        s_check_text (request.query);
        s_encode_again (&request, data, size);
        s_route (&request);
    }
    if (troupe_response_decode (data, size, &view) == TROUPE_OK) {
        troupe_header_t header;
        for (size_t cursor = 0; troupe_headers_next (&view.headers, &cursor, &header); )
            s_check_text (header.value);
    }
    if (size)
        s_match (data, size);
    return 0;
}
