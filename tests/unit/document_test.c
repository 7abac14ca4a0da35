/*  =========================================================================
    document_test.c - facts about questions and answers of other languages

    Place: tests/unit, of actors/rpc/document*.c. One question in three formats
    is one request; one response is an answer in the format of the question.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/document.h"

#define S_BYTES(text) text, sizeof (text) - 1

//  A message as "FORMAT METHOD PATH ?QUERY [name: value] type: body", or the error with what is wrong. Valid until the
//  next call.
static const char *s_ask (const void *data, size_t size)
{
    static char text [1024];
    static const char *const formats [] = { "json", "smile", "msgpack" };
    char why [160] = "";
    troupe_format_t format = TROUPE_FORMAT_JSON;
    troupe_question_t question;
    troupe_request_t request;
    void *encoded = NULL;
    size_t encoded_size = 0;
    if (!troupe_format_recognise (data, size, &format))
        return "unknown";
    troupe_error_t error = troupe_question_read (format, data, size, &question, why, sizeof why);
    if (!error)
        error = troupe_question_encode (&question, "", &encoded, &encoded_size, why, sizeof why);
    if (error)
        snprintf (text, sizeof text, "%s %s (%s)", formats [format], troupe_error_name (error), why);
    else {
        cr_assert_eq (troupe_request_decode (encoded, encoded_size, &request), TROUPE_OK);
        int at = snprintf (text, sizeof text, "%s %s %s ?%s", formats [format], request.method.data, request.path.data,
                           request.query.data);
        troupe_header_t header;
        for (size_t cursor = 0; troupe_headers_next (&request.headers, &cursor, &header);)
            at += snprintf (text + at, sizeof text - (size_t) at, " [%s: %s]", header.name.data, header.value.data);
        snprintf (text + at, sizeof text - (size_t) at, " %.*s", (int) request.body.size,
                  (const char *) request.body.data);
    }
    free (encoded);
    troupe_question_clear (&question);
    return text;
}

#define S_ASKS(bytes, expected) cr_assert_str_eq (s_ask (S_BYTES (bytes)), expected)

//  The article's request, and the same in the other two formats.
Test (document, one_question_in_three_formats)
{
    S_ASKS (":)\n\x01\xFA\x85method\x42GET\x83path\x45/users\x83" "body\x21\xFB", "smile GET /users ? ");
    S_ASKS ("{\"method\": \"GET\", \"path\": \"/users\", \"body\": null}", "json GET /users ? ");
    S_ASKS ("\x83\xA6method\xA3GET\xA4path\xA6/users\xA4" "body\xC0", "msgpack GET /users ? ");
}

//  A body keeps its kind: bytes, text, or a value.
Test (document, a_body_has_the_type_of_its_kind)
{
    S_ASKS (" {\"method\":\"POST\",\"path\":\"/a?b=1\",\"body\":{\"n\":[1,2.5,true]}}",
            "json POST /a ?b=1 [Content-Type: application/json] {\"n\":[1,2.5,true]}");
    S_ASKS ("{\"method\":\"POST\",\"path\":\"/\",\"body\":\"text\"}",
            "json POST / ? [Content-Type: text/plain; charset=utf-8] text");
    S_ASKS (":)\n\x05\xFA\x85method\x43POST\x83path\x40/\x83" "body\xFD\x83" "abc\xFB",
            "smile POST / ? [Content-Type: application/octet-stream] abc");
    S_ASKS ("\x83\xA6method\xA4POST\xA4path\xA1/\xA4" "body\xC4\x03" "abc",
            "msgpack POST / ? [Content-Type: application/octet-stream] abc");
}

//  Bytes inside a value, where JSON has none, are base64.
Test (document, bytes_inside_a_value_are_base64)
{
    S_ASKS ("\x83\xA6method\xA4POST\xA4path\xA1/\xA4" "body\x94\xC4\x01" "f\xC4\x02" "fo\xC4\x03" "foo\xC4\x00",
            "msgpack POST / ? [Content-Type: application/json] [\"Zg==\",\"Zm8=\",\"Zm9v\",\"\"]");
}

//  Headers may come along, but for the type, which the body decides.
Test (document, headers_may_come_along)
{
    S_ASKS ("{\"method\":\"GET\",\"path\":\"/\",\"headers\":{\"Authorization\":\"Bearer x\",\"content-type\":\"a/b\"}}",
            "json GET / ? [Authorization: Bearer x] ");
    S_ASKS ("{\"method\":\"GET\",\"path\":\"/\",\"headers\":{\"a b\":\"x\"}}",
            "json TROUPE_EPROTO ('headers' has one that cannot be sent)");
}

//  What is wrong is told in words that can be sent back.
Test (document, what_is_malformed_is_told)
{
    S_ASKS ("{\"method\":1,\"path\":\"/\"}", "json TROUPE_EPROTO ('method' is missing, or no text)");
    S_ASKS ("{\"method\":\"GET\"}", "json TROUPE_EPROTO ('path' is missing, or no text)");
    S_ASKS ("{\"method\":\"GET\",\"path\":\"/\",\"headers\":[]}", "json TROUPE_EPROTO ('headers' is no map)");
    S_ASKS ("{\"a\":1,\"a\":2}", "json TROUPE_EPROTO (line 1, column 10: duplicate object key near '\"a\"')");
    S_ASKS (":)\n\x01\xF8\xF9", "smile TROUPE_EPROTO (the document is no map)");
    S_ASKS (":)\n\x01\xFA\x80" "a\x26\x81\x01\xFB",
            "smile TROUPE_ENOTSUP (byte 8: a number that has no room in 64 bits)");
    S_ASKS ("\xDF\xFF\xFF\xFF\xFF", "msgpack TROUPE_EPROTO (the document is malformed, or no map of texts)");
    S_ASKS ("\x81\xA1" "a\xDD\xFF\xFF\xFF\xFF",
            "msgpack TROUPE_EPROTO (the document is malformed, or no map of texts)");
    S_ASKS ("\x81\xA1" "a\xCF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
            "msgpack TROUPE_ENOTSUP (a number that has no room in 64 bits, or an extension)");
    S_ASKS ("hello", "unknown");
    S_ASKS ("", "unknown");
}

//  A path is what may stand in a request line, whoever sends it.
Test (document, a_path_is_a_path)
{
    S_ASKS ("{\"method\":\"GET\",\"path\":\"users\"}", "json TROUPE_EPROTO ('path' is no path)");
    S_ASKS ("{\"method\":\"GET\",\"path\":\"/a b\"}", "json TROUPE_EPROTO ('path' is no path)");
}

//  A peer decides neither how deep we recurse nor how much we allocate.
Test (document, depth_is_bounded)
{
    char text [512], *at = text;
    memcpy (at, "\x81\xA1" "a", 3);
    memset (at + 3, 0x91, 100);
    at [103] = 1;
    cr_assert_str_eq (s_ask (text, 104), "msgpack TROUPE_EPROTO (the document is malformed, or no map of texts)");
    int size = snprintf (text, sizeof text, "{\"a\":");
    memset (text + size, '[', 100);
    cr_assert_str_eq (s_ask (text, (size_t) size + 100), "json TROUPE_ETOOBIG (it is nested too deep)");
}

//  --- Answers

//  An answer to a response of that type and body, in hexadecimal unless it is JSON; valid until the next call.
static const char *s_answer (troupe_format_t format, int status, const char *type, const char *body)
{
    static char text [512];
    void *data = NULL;
    size_t size = 0;
    troupe_response_t *response = troupe_response_new ();
    troupe_response_view_t view;
    troupe_response_status (response, status);
    if (type)
        troupe_response_type (response, type);
    troupe_response_body (response, body, strlen (body));
    troupe_bytes_t encoded = troupe_response_encoded (response);
    cr_assert_eq (troupe_response_decode (encoded.data, encoded.size, &view), TROUPE_OK);
    cr_assert_eq (troupe_answer_write (format, &view, &data, &size), TROUPE_OK);
    if (format == TROUPE_FORMAT_JSON)
        snprintf (text, sizeof text, "%.*s", (int) size, (char *) data);
    else
        for (size_t at = 0; at < size; at++)
            snprintf (text + 2 * at, 3, "%02x", ((uint8_t *) data) [at]);
    free (data);
    troupe_response_destroy (&response);
    return text;
}

//  The type of the response says what the body is to the caller.
Test (document, an_answer_has_status_and_body)
{
    cr_assert_str_eq (s_answer (TROUPE_FORMAT_JSON, 200, "application/json", "[{\"id\":1}]"),
                      "{\"status\":200,\"body\":[{\"id\":1}]}");
    cr_assert_str_eq (s_answer (TROUPE_FORMAT_JSON, 404, "application/problem+json; a=b", "{\"status\":404}"),
                      "{\"status\":404,\"body\":{\"status\":404}}");
    cr_assert_str_eq (s_answer (TROUPE_FORMAT_JSON, 200, "text/plain", "1"), "{\"status\":200,\"body\":\"1\"}");
    cr_assert_str_eq (s_answer (TROUPE_FORMAT_JSON, 200, "image/png", "abc"), "{\"status\":200,\"body\":\"YWJj\"}");
    cr_assert_str_eq (s_answer (TROUPE_FORMAT_JSON, 204, NULL, ""), "{\"status\":204,\"body\":null}");
    cr_assert_str_eq (s_answer (TROUPE_FORMAT_JSON, 200, "application/json", "{"), "{\"status\":200,\"body\":\"{\"}");
}

//  The bytes that Jackson and msgpack read.
Test (document, answers_in_smile_and_msgpack)
{
    cr_assert_str_eq (s_answer (TROUPE_FORMAT_SMILE, 404, NULL, ""), "3a290a01fa85737461747573240ca883626f647921fb");
    cr_assert_str_eq (s_answer (TROUPE_FORMAT_SMILE, 200, "image/png", "a"),
                      "3a290a01fa8573746174757324069083626f6479e8813001fb");
    cr_assert_str_eq (s_answer (TROUPE_FORMAT_MSGPACK, 200, "text/plain", "a"), "82a6737461747573ccc8a4626f6479a161");
    cr_assert_str_eq (s_answer (TROUPE_FORMAT_MSGPACK, 200, "a/b", "a"), "82a6737461747573ccc8a4626f6479c40161");
}
