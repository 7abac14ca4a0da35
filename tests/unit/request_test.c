/*  =========================================================================
    request_test.c - requests: encoded, decoded, read

    Place: tests/unit, of runtime/core/request/request.c, headers.c and percent.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <stdlib.h>

#include <troupe/route.h>

static const troupe_header_t s_headers [] = {
    { { "Host", 4 }, { "example.org", 11 } },
    { { "X-Empty", 7 }, { "", 0 } },
    { { "Accept", 6 }, { "text/html", 9 } },
    { { "accept", 6 }, { "*/*", 3 } },
};

static const troupe_request_parts_t s_parts = {
    .method = { "POST", 4 }, .path = { "/users/a%20b", 12 }, .query = { "x=1&y=a+b%2B&flag&&=&x=2", 24 },
    .headers = s_headers, .header_count = 4, .body = { "{\"a\":\0}", 7 },
};

//  Encodes into memory of exactly the size, which the caller frees.
static uint8_t *s_encode (const troupe_request_parts_t *parts, size_t *size_p)
{
    size_t size = troupe_request_size (parts);
    uint8_t *data = malloc (size);
    cr_assert_not_null (data);
    cr_assert_eq (troupe_request_encode (parts, data, size, size_p), TROUPE_OK);
    cr_assert_eq (*size_p, size);
    return data;
}

//  What goes in comes out, in place.
Test (request, comes_out_as_it_went_in)
{
    size_t size = 0;
    uint8_t *data = s_encode (&s_parts, &size);
    troupe_request_t request;
    cr_assert_eq (troupe_request_decode (data, size, &request), TROUPE_OK);
    cr_assert_str_eq (request.method.data, "POST");
    cr_assert_str_eq (request.path.data, "/users/a%20b");
    cr_assert_eq (request.path.size, 12);
    cr_assert_eq (request.query.size, 24);
    cr_assert_eq (request.body.size, 7);
    cr_assert_eq (memcmp (request.body.data, "{\"a\":\0}", 7), 0);
    cr_assert ((const uint8_t *) request.body.data + 7 == data + size, "the body is a view");
    cr_assert_eq (request.deadline_us, TROUPE_FOREVER);
    free (data);
}

//  The layout is a contract with other programs: byte by byte.
Test (request, is_laid_out_as_documented)
{
    static const troupe_header_t header = { { "A", 1 }, { "bc", 2 } };
    const troupe_request_parts_t parts = { .method = { "GET", 3 }, .path = { "/", 1 }, .query = { "q", 1 },
                                           .headers = &header, .header_count = 1, .body = { "!", 1 } };
    static const uint8_t expected [] = {
        1, 'Q', 1, 0, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 11, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
        'G', 'E', 'T', 0, '/', 0, 'q', 0, 2, 0, 0, 0, 1, 0, 'A', 0, 'b', 'c', 0, '!'
    };
    size_t size = 0;
    uint8_t *data = s_encode (&parts, &size);
    cr_assert_eq (size, sizeof expected);
    cr_assert_eq (memcmp (data, expected, size), 0);
    free (data);
}

//  Who asks is no header, which anybody could send: it has a place of its own, and none when nobody is known.
Test (request, says_who_asks_apart_from_headers)
{
    const troupe_request_parts_t parts = { .method = { "GET", 3 }, .path = { "/", 1 }, .query = { "q", 1 },
                                           .body = { "!", 1 }, .user = { "ada", 3 } };
    static const uint8_t expected [] = {
        1, 'Q', 0, 0, 3, 0, 3, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
        'G', 'E', 'T', 0, '/', 0, 'q', 0, 'a', 'd', 'a', 0, '!'
    };
    size_t size = 0;
    uint8_t *data = s_encode (&parts, &size);
    troupe_request_t request;
    cr_assert_eq (size, sizeof expected);
    cr_assert_eq (memcmp (data, expected, size), 0);
    cr_assert_eq (troupe_request_decode (data, size, &request), TROUPE_OK);
    cr_assert_str_eq (request.user.data, "ada");
    data [43] = 'x';
    cr_assert_eq (troupe_request_decode (data, size, &request), TROUPE_EPROTO, "the null behind it");
    free (data);
}

static void s_copy_for (const uint8_t *data, size_t size, const char *user)
{
    const size_t room = size + strlen (user) + 1;
    size_t copied = 0, encoded = 0;
    uint8_t *copy = malloc (room);
    cr_assert_not_null (copy);
    cr_assert_eq (troupe_request_copy_for (data, size, troupe_text (user), copy, room, &copied), TROUPE_OK);
    troupe_request_parts_t parts = s_parts;
    parts.user = troupe_text (user);
    uint8_t *expected = s_encode (&parts, &encoded);
    cr_assert_eq (copied, encoded);
    cr_assert_eq (memcmp (copy, expected, copied), 0);
    cr_assert_eq (troupe_request_copy_for (data, size, troupe_text (user), copy, copied - 1, &copied), TROUPE_ETOOBIG);
    free (expected);
    free (copy);
}

//  A door names who asks in a request that came encoded, whoever that names.
Test (request, is_copied_for_another_user)
{
    static const char *const users [] = { "", "ada", "somebody else" };
    for (size_t from = 0; from < 3; from++) {
        troupe_request_parts_t parts = s_parts;
        size_t size = 0;
        parts.user = troupe_text (users [from]);
        uint8_t *data = s_encode (&parts, &size);
        for (size_t to = 0; to < 3; to++)
            s_copy_for (data, size, users [to]);
        cr_assert_eq (troupe_request_copy_for (data, size - 1, troupe_text ("x"), data, size, &size), TROUPE_EPROTO);
        free (data);
    }
}

//  Handlers ask by name; names of headers have no case.
Test (request, finds_headers_in_any_case)
{
    size_t size = 0;
    uint8_t *data = s_encode (&s_parts, &size);
    troupe_request_t request;
    cr_assert_eq (troupe_request_decode (data, size, &request), TROUPE_OK);
    cr_assert_str_eq (troupe_request_header (&request, "HOST").data, "example.org");
    cr_assert_str_eq (troupe_request_header (&request, "accept").data, "text/html", "the first one counts");
    cr_assert_str_eq (troupe_request_header (&request, "x-empty").data, "");
    cr_assert_null (troupe_request_header (&request, "Missing").data);
    free (data);
}

//  A door copies them all, in order.
Test (request, lists_headers_in_order)
{
    size_t size = 0, cursor = 0, count = 0;
    uint8_t *data = s_encode (&s_parts, &size);
    troupe_request_t request;
    cr_assert_eq (troupe_request_decode (data, size, &request), TROUPE_OK);
    troupe_header_t header;
    while (troupe_headers_next (&request.headers, &cursor, &header)) {
        cr_assert (troupe_text_is (header.name, s_headers [count].name.data));
        cr_assert (troupe_text_is (header.value, s_headers [count].value.data));
        count++;
    }
    cr_assert_eq (count, 4);
    free (data);
}

//  Binds with a match of one parameter; the request must be good for it.
static troupe_error_t s_bind (troupe_request_t *request, const char *value, char *buffer, size_t room)
{
    static troupe_route_match_t match;
    match.route = NULL;
    match.param_count = 1;
    match.params [0] = (troupe_param_t) { { "id", 2 }, troupe_text (value) };
    return troupe_request_bind (request, &match, buffer, room);
}

//  Handlers see what was meant, not how it was sent.
Test (request, decodes_params_and_query)
{
    size_t size = 0;
    uint8_t *data = s_encode (&s_parts, &size);
    troupe_request_t request;
    cr_assert_eq (troupe_request_decode (data, size, &request), TROUPE_OK);
    char buffer [256];
    cr_assert_leq (troupe_request_bind_size (&request), sizeof buffer);
    cr_assert_eq (s_bind (&request, "a%20b+%2F", buffer, sizeof buffer), TROUPE_OK);
    cr_assert_str_eq (troupe_request_param (&request, "id").data, "a b+/", "in a path '+' is a plus");
    cr_assert_null (troupe_request_param (&request, "other").data);
    cr_assert_str_eq (troupe_request_query (&request, "x").data, "1");
    cr_assert_str_eq (troupe_request_query (&request, "y").data, "a b+");
    cr_assert_str_eq (troupe_request_query (&request, "flag").data, "");
    cr_assert_null (troupe_request_query (&request, "z").data);
    free (data);
}

//  Forms repeat names; all of them can be had.
Test (request, lists_query_parameters)
{
    size_t size = 0, cursor = 0, count = 0;
    uint8_t *data = s_encode (&s_parts, &size);
    troupe_request_t request;
    char buffer [256];
    cr_assert_eq (troupe_request_decode (data, size, &request), TROUPE_OK);
    cr_assert_eq (s_bind (&request, "a", buffer, sizeof buffer), TROUPE_OK);
    static const char *const names [] = { "x", "y", "flag", "", "x" };
    troupe_param_t param;
    while (troupe_request_query_next (&request, &cursor, &param))
        cr_assert_str_eq (param.name.data, names [count++]);
    cr_assert_eq (count, 5);
    free (data);
}

//  The bound must hold for the worst query, or bind would write beyond its buffer.
Test (request, bind_size_is_enough_for_any_query)
{
    static const char *const queries [] = { "", "a", "&", "=", "a&b", "a&b&c&d", "====", "a=b", "&&&&a", "%41&%41" };
    for (size_t index = 0; index < sizeof queries / sizeof queries [0]; index++) {
        troupe_request_parts_t parts = { .method = { "GET", 3 }, .path = { "/", 1 },
                                         .query = troupe_text (queries [index]) };
        size_t size = 0;
        uint8_t *data = s_encode (&parts, &size);
        troupe_request_t request;
        cr_assert_eq (troupe_request_decode (data, size, &request), TROUPE_OK);
        size_t room = troupe_request_bind_size (&request);
        char *buffer = malloc (room);
        cr_assert_eq (troupe_request_bind (&request, NULL, buffer, room), TROUPE_OK);
        cr_assert_leq (request.decoded_size, room);
        cr_assert_eq (troupe_request_bind (&request, NULL, buffer, room - 1), TROUPE_ETOOBIG);
        free (buffer);
        free (data);
    }
}

//  A bad escape is the caller's mistake, not data.
Test (request, refuses_bad_escapes_in_the_query)
{
    static const char *const bad [] = { "a=%", "a=%4", "a=%zz", "%", "a=%00", "a=1&b=%G0" };
    for (size_t index = 0; index < sizeof bad / sizeof bad [0]; index++) {
        troupe_request_parts_t parts = { .method = { "GET", 3 }, .path = { "/", 1 },
                                         .query = troupe_text (bad [index]) };
        size_t size = 0;
        uint8_t *data = s_encode (&parts, &size);
        troupe_request_t request;
        char buffer [64];
        cr_assert_eq (troupe_request_decode (data, size, &request), TROUPE_OK);
        cr_assert_eq (troupe_request_bind (&request, NULL, buffer, sizeof buffer), TROUPE_EPROTO, "%s", bad [index]);
        free (data);
    }
}

//  Whatever is cut off, nothing outside is read: each copy has exactly its size, so that a sanitizer sees it.
Test (request, refuses_every_prefix)
{
    size_t size = 0;
    uint8_t *data = s_encode (&s_parts, &size);
    for (size_t cut = 0; cut < size; cut++) {
        uint8_t *copy = malloc (cut + 1);
        memcpy (copy, data, cut);
        uint8_t *exact = realloc (copy, cut ? cut : 1);
        troupe_request_t request;
        cr_assert_eq (troupe_request_decode (exact, cut, &request), TROUPE_EPROTO, "%zu bytes", cut);
        free (exact);
    }
    free (data);
}

//  One byte changed anywhere: refused, or still a request whose every text ends where it says.
Test (request, survives_every_changed_byte)
{
    size_t size = 0;
    uint8_t *data = s_encode (&s_parts, &size);
    for (size_t place = 0; place < size; place++)
        for (unsigned value = 0; value < 256; value++) {
            uint8_t kept = data [place];
            data [place] = (uint8_t) value;
            troupe_request_t request;
            if (troupe_request_decode (data, size, &request) == TROUPE_OK) {
                cr_assert_eq (strlen (request.method.data), request.method.size);
                cr_assert_eq (strlen (request.path.data), request.path.size);
                cr_assert_eq (strlen (request.query.data), request.query.size);
                cr_assert ((const uint8_t *) request.body.data + request.body.size == data + size);
            }
            data [place] = kept;
        }
    free (data);
}

//  A null inside a text would be read as two different texts.
Test (request, refuses_a_null_inside_a_text)
{
    troupe_request_parts_t parts = { .method = { "GET", 3 }, .path = { "/a\0b", 4 } };
    size_t size = 0;
    uint8_t *data = s_encode (&parts, &size);
    troupe_request_t request;
    cr_assert_eq (troupe_request_decode (data, size, &request), TROUPE_EPROTO);
    free (data);
}

//  The sender learns it before anything is written.
Test (request, too_big_is_refused_whole)
{
    uint8_t buffer [16] = { 0 };
    size_t size = 77;
    cr_assert_eq (troupe_request_encode (&s_parts, buffer, sizeof buffer, &size), TROUPE_ETOOBIG);
    cr_assert_eq (size, 77);
    cr_assert_eq (buffer [0], 0);
    troupe_request_parts_t parts = s_parts;
    parts.method.size = 70000;
    cr_assert_eq (troupe_request_size (&parts), 0);
}
