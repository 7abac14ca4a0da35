/*  =========================================================================
    response_test.c - responses: built, encoded, decoded

    Place: tests/unit, of runtime/core/request/response.c and response_ready.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include <troupe/response.h>

//  Encodes, decodes and prints: "200 [A: b] [C: d] body".
static const char *s_print (troupe_response_t *response)
{
    static char text [4096];
    troupe_bytes_t bytes = troupe_response_encoded (response);
    troupe_response_view_t view;
    cr_assert_not_null (bytes.data);
    cr_assert_eq (troupe_response_decode (bytes.data, bytes.size, &view), TROUPE_OK);
    int length = snprintf (text, sizeof text, "%d", view.status);
    troupe_header_t header;
    for (size_t cursor = 0; troupe_headers_next (&view.headers, &cursor, &header); )
        length += snprintf (text + length, sizeof text - (size_t) length, " [%s: %s]",
                            header.name.data, header.value.data);
    snprintf (text + length, sizeof text - (size_t) length, " %.*s",
              (int) view.body.size, (const char *) view.body.data);
    return text;
}

//  A handler that does nothing has answered 200 with nothing.
Test (response, begins_as_empty_200)
{
    troupe_response_t *response = troupe_response_new ();
    cr_assert_str_eq (s_print (response), "200 ");
    troupe_response_destroy (&response);
    cr_assert_null (response);
    troupe_response_destroy (&response);
}

//  In whichever order a handler fills it, it travels in the same one.
Test (response, takes_headers_behind_the_body)
{
    troupe_response_t *response = troupe_response_new ();
    cr_assert_eq (troupe_response_body (response, "one ", 4), TROUPE_OK);
    cr_assert_eq (troupe_response_header (response, "A", "b"), TROUPE_OK);
    cr_assert_eq (troupe_response_bodyf (response, "and %d", 2), TROUPE_OK);
    cr_assert_eq (troupe_response_header (response, "C", ""), TROUPE_OK);
    cr_assert_eq (troupe_response_status (response, 404), TROUPE_OK);
    cr_assert_str_eq (s_print (response), "404 [A: b] [C: ] one and 2");
    troupe_response_destroy (&response);
}

//  The common cases take one call, and do not add up.
Test (response, text_and_json_replace_body_and_type)
{
    troupe_response_t *response = troupe_response_new ();
    cr_assert_eq (troupe_response_header (response, "X", "y"), TROUPE_OK);
    cr_assert_eq (troupe_response_text (response, 200, "Hello"), TROUPE_OK);
    cr_assert_str_eq (s_print (response), "200 [X: y] [Content-Type: text/plain; charset=utf-8] Hello");
    cr_assert_eq (troupe_response_json (response, 201, "{}"), TROUPE_OK);
    cr_assert_str_eq (s_print (response), "201 [X: y] [Content-Type: application/json] {}");
    troupe_response_destroy (&response);
}

//  RFC 9457, with everything that JSON needs escaped.
Test (response, problem_is_json)
{
    troupe_response_t *response = troupe_response_new ();
    cr_assert_eq (troupe_response_problem (response, 404, "no \"%s\"\n\xC3\xA9\xFF", "x\\y"), TROUPE_OK);
    cr_assert_str_eq (s_print (response), "404 [Content-Type: application/problem+json] "
        "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,"
        "\"detail\":\"no \\\"x\\\\y\\\"\\u000a\xC3\xA9\xEF\xBF\xBD\"}");
    cr_assert_eq (troupe_response_problem (response, 500, NULL), TROUPE_OK);
    cr_assert_str_eq (s_print (response), "500 [Content-Type: application/problem+json] "
        "{\"type\":\"about:blank\",\"title\":\"Internal Server Error\",\"status\":500}");
    troupe_response_destroy (&response);
}

//  A secret that a handler had begun to send does not leave with its failure.
Test (response, problem_drops_what_there_was)
{
    troupe_response_t *response = troupe_response_new ();
    troupe_response_header (response, "Set-Cookie", "secret");
    troupe_response_body (response, "half", 4);
    cr_assert_eq (troupe_response_problem (response, 400, NULL), TROUPE_OK);
    cr_assert_null (strstr (s_print (response), "secret"));
    cr_assert_null (strstr (s_print (response), "half"));
    troupe_response_destroy (&response);
}

//  A user's text in a header must not become a header, or a whole response, of its own.
Test (response, refuses_header_injection)
{
    troupe_response_t *response = troupe_response_new ();
    static const char *const values [] = { "a\r\nB: c", "a\nb", "a\rb", "a\x01", "a\x7F", NULL };
    for (size_t index = 0; index < sizeof values / sizeof values [0]; index++)
        cr_assert_eq (troupe_response_header (response, "A", values [index]), TROUPE_EINVAL);
    static const char *const names [] = { "", "A B", "A:", "A\r\n", "\xC3\xA9", NULL };
    for (size_t index = 0; index < sizeof names / sizeof names [0]; index++)
        cr_assert_eq (troupe_response_header (response, names [index], "b"), TROUPE_EINVAL);
    cr_assert_eq (troupe_response_status (response, 99), TROUPE_EINVAL);
    cr_assert_eq (troupe_response_status (response, 600), TROUPE_EINVAL);
    cr_assert_str_eq (s_print (response), "200 ");
    troupe_response_destroy (&response);
}

//  One response serves request after request; nothing of one is seen in the next, large or small.
Test (response, begins_again_clean)
{
    troupe_response_t *response = troupe_response_new ();
    char *large = calloc (1, 100000);
    memset (large, 'x', 99999);
    cr_assert_eq (troupe_response_bodyf (response, "%s", large), TROUPE_OK);
    troupe_bytes_t bytes = troupe_response_encoded (response);
    cr_assert_eq (bytes.size, 24 + 99999);
    troupe_response_reset (response);
    cr_assert_str_eq (s_print (response), "200 ");
    troupe_response_header (response, "A", "b");
    troupe_response_reset (response);
    cr_assert_str_eq (s_print (response), "200 ");
    free (large);
    troupe_response_destroy (&response);
}

//  Whatever is cut off, nothing outside is read.
Test (response, refuses_every_prefix)
{
    troupe_response_t *response = troupe_response_new ();
    troupe_response_text (response, 200, "Hello");
    troupe_bytes_t bytes = troupe_response_encoded (response);
    for (size_t cut = 0; cut < bytes.size; cut++) {
        uint8_t *copy = malloc (cut ? cut : 1);
        memcpy (copy, bytes.data, cut);
        troupe_response_view_t view;
        cr_assert_eq (troupe_response_decode (copy, cut, &view), TROUPE_EPROTO);
        free (copy);
    }
    troupe_response_destroy (&response);
}

//  Doors report the outcomes of calls alike.
Test (response, every_outcome_has_a_status)
{
    cr_assert_eq (troupe_status_of_outcome (TROUPE_CALL_OK), 200);
    cr_assert_eq (troupe_status_of_outcome (TROUPE_CALL_FAILED), 500);
    cr_assert_eq (troupe_status_of_outcome (TROUPE_CALL_TIMEOUT), 504);
    cr_assert_eq (troupe_status_of_outcome (TROUPE_CALL_FULL), 503);
    cr_assert_eq (troupe_status_of_outcome (TROUPE_CALL_DOWN), 503);
    cr_assert_str_eq (troupe_status_text (405), "Method Not Allowed");
    cr_assert_str_eq (troupe_status_text (299), "");
}
