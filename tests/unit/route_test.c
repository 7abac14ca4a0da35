/*  =========================================================================
    route_test.c - which route answers, and which tables are refused

    Place: tests/unit, of runtime/core/request/route_compile.c and route_match.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <stdio.h>

#include <troupe/route.h>

static const troupe_route_t s_table [] = {
    { .method = "GET", .pattern = "/", .deadline_ms = 250 },
    { .method = "GET", .pattern = "/users" },
    { .method = "POST", .pattern = "/users" },
    { .method = "GET", .pattern = "/users/:id" },
    { .method = "DELETE", .pattern = "/users/:id" },
    { .method = "GET", .pattern = "/users/me" },
    { .method = "PUT", .pattern = "/users/:user/posts/:post" },
    { .method = "GET", .pattern = "/files/*rest" },
    { .method = "GET", .pattern = "/files/:name/info" },
    { .method = "GET", .pattern = "/slash/" },
    { .method = "GET", .pattern = "/caf\xC3\xA9" },
    { .method = "HEAD", .pattern = "/headed" },
    { .method = "GET", .pattern = "/headed" },
    { .method = "OPTIONS", .pattern = "/asked" },
    { .method = NULL }
};

//  Matches and prints what was found: the pattern and its parameters, the Allow list, or the outcome's name.
static const char *s_match (const char *method, const char *path)
{
    static char text [1024];
    troupe_router_t *router = NULL;
    troupe_route_match_t match;
    cr_assert_eq (troupe_router_new (s_table, &router, NULL, 0), TROUPE_OK);
    troupe_route_outcome_t outcome = troupe_router_match (router, troupe_text (method), troupe_text (path), &match);
    int length = 0;
    switch (outcome) {
        case TROUPE_ROUTE_FOUND:
            length = snprintf (text, sizeof text, "%s%s", match.head ? "head of " : "", match.route->pattern);
            for (size_t index = 0; index < match.param_count; index++)
                length += snprintf (text + length, sizeof text - (size_t) length, " %s=%.*s",
                                    match.params [index].name.data, (int) match.params [index].value.size,
                                    match.params [index].value.data);
            break;
        case TROUPE_ROUTE_NOT_FOUND: strcpy (text, "not found"); break;
        case TROUPE_ROUTE_METHOD_NOT_ALLOWED: snprintf (text, sizeof text, "not allowed: %s", match.allow); break;
        case TROUPE_ROUTE_OPTIONS: snprintf (text, sizeof text, "options: %s", match.allow); break;
        case TROUPE_ROUTE_BAD_PATH: strcpy (text, "bad path"); break;
        default: cr_assert_fail ("outcome %d", (int) outcome);
    }
    troupe_router_destroy (&router);
    cr_assert_null (router);
    return text;
}

#define s_matches(method, path, expected) cr_assert_str_eq (s_match (method, path), expected, "%s %s gave %s", \
    method, path, s_match (method, path))

//  What every table is for.
Test (router, finds_literals_and_parameters)
{
    s_matches ("GET", "/", "/");
    s_matches ("GET", "/users", "/users");
    s_matches ("POST", "/users", "/users");
    s_matches ("GET", "/users/17", "/users/:id id=17");
    s_matches ("PUT", "/users/a/posts/b", "/users/:user/posts/:post user=a post=b");
}

//  "me" must not be taken for somebody's id.
Test (router, literal_beats_parameter)
{
    s_matches ("GET", "/users/me", "/users/me");
}

//  The more specific pattern has no DELETE, the other one has: there is an answer, so it is given.
Test (router, steps_back_to_a_pattern_that_has_the_method)
{
    s_matches ("DELETE", "/users/me", "/users/:id id=me");
}

//  Half of a pattern is no match, and neither is one segment more.
Test (router, matches_whole_paths_only)
{
    s_matches ("GET", "/user", "not found");
    s_matches ("GET", "/userss", "not found");
    s_matches ("GET", "/users/1/2", "not found");
    s_matches ("GET", "/users/1/posts", "not found");
}

//  Two resources for RFC 3986; a parameter is never empty.
Test (router, a_slash_at_the_end_counts)
{
    s_matches ("GET", "/users/", "not found");
    s_matches ("GET", "/slash", "not found");
    s_matches ("GET", "/slash/", "/slash/");
    s_matches ("GET", "//users", "not found");
    s_matches ("GET", "/users//posts/1", "not found");
}

//  A prefix of paths that one handler serves.
Test (router, rest_takes_what_is_left)
{
    s_matches ("GET", "/files/a/b.txt", "/files/*rest rest=a/b.txt");
    s_matches ("GET", "/files/", "/files/*rest rest=");
    s_matches ("GET", "/files", "not found");
}

//  The rest is the last resort.
Test (router, longest_pattern_beats_rest)
{
    s_matches ("GET", "/files/a/info", "/files/:name/info name=a");
    s_matches ("GET", "/files/a/info/b", "/files/*rest rest=a/info/b");
}

//  405 must list what would be allowed (RFC 9110, 15.5.6).
Test (router, wrong_method_lists_the_allowed_ones)
{
    s_matches ("PUT", "/users", "not allowed: GET, HEAD, POST, OPTIONS");
    s_matches ("PATCH", "/users/1", "not allowed: GET, HEAD, DELETE, OPTIONS");
    s_matches ("get", "/users", "not allowed: GET, HEAD, POST, OPTIONS");
}

//  All patterns that take the path count, not only the most specific one.
Test (router, allow_unites_all_patterns_of_the_path)
{
    s_matches ("POST", "/users/me", "not allowed: GET, HEAD, DELETE, OPTIONS");
}

//  HEAD is GET without a body, unless a route says otherwise.
Test (router, head_is_answered_by_get)
{
    s_matches ("HEAD", "/users/17", "head of /users/:id id=17");
    s_matches ("HEAD", "/headed", "/headed");
    s_matches ("PUT", "/headed", "not allowed: GET, HEAD, OPTIONS");
    s_matches ("HEAD", "/asked", "not allowed: OPTIONS");
}

//  The table knows the answer, so no handler is needed.
Test (router, options_is_answered_by_the_table)
{
    s_matches ("OPTIONS", "/users", "options: GET, HEAD, POST, OPTIONS");
    s_matches ("OPTIONS", "/asked", "/asked");
    s_matches ("OPTIONS", "/nowhere", "not found");
    s_matches ("OPTIONS", "*", "options: GET, POST, DELETE, PUT, HEAD, OPTIONS");
    s_matches ("GET", "*", "bad path");
}

//  Escapes of the same character are the same path (RFC 3986, 6.2.2.2).
Test (router, compares_decoded)
{
    s_matches ("GET", "/%75sers/17", "/users/:id id=17");
    s_matches ("GET", "/caf%C3%A9", "/caf\xC3\xA9");
    s_matches ("GET", "/caf%c3%a9", "/caf\xC3\xA9");
}

//  An encoded slash is data, not structure; in the rest nobody could tell the two apart any more.
Test (router, encoded_slash_stays_in_its_segment)
{
    s_matches ("GET", "/users/a%2Fb", "/users/:id id=a%2Fb");
    s_matches ("GET", "/users%2F17", "not found");
    s_matches ("GET", "/files/a%2Fb", "bad path");
    s_matches ("GET", "/files/a%2fb", "bad path");
}

//  What two readers could read differently is refused before anybody acts on it.
Test (router, refuses_ambiguous_paths)
{
    static const char *const bad [] = {
        "", "users", "/%", "/%4", "/%zz", "/%4g", "/%00", "/a%00b", "/users/%", "/users/a%2",
        "/.", "/..", "/users/../x", "/%2e%2E/x", "/users/.%2e", "/files/./a", "/files/%2e%2e/a",
        "/a b", "/a?b", "/a#b", "/a\x01", "/a\x7F", "/\xC0\xAF", "/%C0%AF", "/%ED%A0%80", "/%F4%90%80%80",
        "/%E0%80%AF", "/%C3", "/%C3/%A9", "/%80", "/%FF",
    };
    for (size_t index = 0; index < sizeof bad / sizeof bad [0]; index++)
        s_matches ("GET", bad [index], "bad path");
    s_matches ("GET", "/users/...", "/users/:id id=...");
    s_matches ("GET", "/users/.x", "/users/:id id=.x");
    s_matches ("GET", "/users/%F4%8F%BF%BF", "/users/:id id=%F4%8F%BF%BF");
}

//  A path ends where its size says, wherever its bytes lie.
Test (router, reads_nothing_behind_the_path)
{
    troupe_router_t *router = NULL;
    troupe_route_match_t match;
    cr_assert_eq (troupe_router_new (s_table, &router, NULL, 0), TROUPE_OK);
    troupe_text_t cut = { "/users/%41", 9 };
    cr_assert_eq (troupe_router_match (router, troupe_text ("GET"), cut, &match), TROUPE_ROUTE_BAD_PATH);
    cut.size = 6;
    cr_assert_eq (troupe_router_match (router, troupe_text ("GET"), cut, &match), TROUPE_ROUTE_FOUND);
    cr_assert_eq (match.route, &s_table [1]);
    troupe_router_destroy (&router);
}

//  The route's own deadline, or the one that all doors share.
Test (router, deadline_has_a_default)
{
    cr_assert_eq (troupe_route_deadline_ms (&s_table [0]), 250);
    cr_assert_eq (troupe_route_deadline_ms (&s_table [1]), TROUPE_ROUTE_DEADLINE_MS);
    cr_assert_eq (troupe_route_deadline_ms (NULL), TROUPE_ROUTE_DEADLINE_MS);
}

//  Compiles a table of two routes, and gives the complaint; "" when it is taken.
static const char *s_complaint (const char *method, const char *one, const char *two)
{
    static char text [256];
    const troupe_route_t table [] = {
        { .method = method, .pattern = one }, { .method = two ? "GET" : NULL, .pattern = two }, { .method = NULL }
    };
    troupe_router_t *router = NULL;
    text [0] = 0;
    troupe_error_t error = troupe_router_new (table, &router, text, sizeof text);
    cr_assert_eq (error, text [0] ? TROUPE_EINVAL : TROUPE_OK);
    cr_assert_eq (router == NULL, error != TROUPE_OK);
    troupe_router_destroy (&router);
    return text;
}

//  Which of the two would answer, nobody could say.
Test (router, refuses_two_routes_for_the_same_paths)
{
    cr_assert_str_eq (s_complaint ("GET", "/a", "/a"), "GET /a: another route takes the same paths");
    cr_assert_str_eq (s_complaint ("GET", "/a/:x", "/a/:y"), "GET /a/:y: another route takes the same paths");
    cr_assert_str_eq (s_complaint ("GET", "/*x", "/*y"), "GET /*y: another route takes the same paths");
    cr_assert_str_eq (s_complaint ("POST", "/a", "/a"), "");
    cr_assert_str_eq (s_complaint ("GET", "/a/:x", "/a/*x"), "");
}

//  A typing error in a table is found when it is compiled, and named.
Test (router, refuses_malformed_patterns)
{
    static const char *const bad [] = {
        NULL, "", "a", "/:", "/:1a", "/:a-b", "/*", "/*a/b", "/:a/:a", "/a b", "/%20", "/a?b", "/a#b", "/..", "/a/./b",
    };
    for (size_t index = 0; index < sizeof bad / sizeof bad [0]; index++)
        cr_assert_str_not_empty (s_complaint ("GET", bad [index], NULL), "taken: %s", bad [index]);
    cr_assert_str_eq (s_complaint ("get", "/", NULL), "get /: a method is 1 to 15 capital letters");
    cr_assert_str_not_empty (s_complaint ("ABCDEFGHIJKLMNOP", "/", NULL));
    cr_assert_str_eq (s_complaint ("GET", "/a:b", NULL), "");
}

//  Parameters have a fixed place, so that matching allocates nothing.
Test (router, bounds_the_parameters)
{
    cr_assert_str_eq (s_complaint ("GET", "/:a/:b/:c/:d/:e/:f/:g/:h/:i/:j/:k/:l/:m/:n/:o/:p", NULL), "");
    cr_assert_str_not_empty (s_complaint ("GET", "/:a/:b/:c/:d/:e/:f/:g/:h/:i/:j/:k/:l/:m/:n/:o/:p/:q", NULL));
}

//  No route is an answer too: everything is not found.
Test (router, takes_an_empty_table)
{
    static const troupe_route_t empty [] = { { .method = NULL } };
    troupe_router_t *router = NULL;
    troupe_route_match_t match;
    cr_assert_eq (troupe_router_new (empty, &router, NULL, 0), TROUPE_OK);
    cr_assert_eq (troupe_router_match (router, troupe_text ("GET"), troupe_text ("/"), &match), TROUPE_ROUTE_NOT_FOUND);
    troupe_router_destroy (&router);
    troupe_router_destroy (&router);
}
