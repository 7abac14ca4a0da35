/*  =========================================================================
    http_writer_test.c - what leaves the ingress is HTTP, whatever came in

    Place: tests/unit, of actors/http/writer.c and date.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "http/date.h"
#include "http/writer.h"

#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"

//  An encoded response, whose fields need not be such as the builder would take.
typedef struct encoded {
    uint8_t bytes [512];
    size_t size;
    uint16_t count;
} encoded_t;

static void s_put_number (encoded_t *self, uint64_t number, unsigned octets)
{
    for (unsigned index = 0; index < octets; index++)
        self->bytes [self->size++] = (uint8_t) (number >> (8 * index));
}

static void s_add (encoded_t *self, const char *name, const char *value)
{
    s_put_number (self, strlen (value), 4);
    s_put_number (self, strlen (name), 2);
    memcpy (self->bytes + self->size, name, strlen (name) + 1);
    self->size += strlen (name) + 1;
    memcpy (self->bytes + self->size, value, strlen (value) + 1);
    self->size += strlen (value) + 1;
    self->count++;
}

//  What is written for a status and fields; "" when nothing is. Valid until the next call.
static const char *s_written (int status, const encoded_t *fields, uint64_t length, bool chunked, bool keep_alive)
{
    static char text [1024];
    const troupe_headers_t headers = { fields->bytes, fields->size, fields->count };
    const troupe_http_answer_t answer = {
        .status = status, .headers = &headers, .length = length, .chunked = chunked, .minor = 1,
        .keep_alive = keep_alive, .date = DATE,
    };
    const size_t size = troupe_http_answer_write (&answer, text);
    cr_assert_leq (size, troupe_http_answer_room (&answer));
    text [size] = 0;
    return text;
}

//  The order and the framing that every client reads.
Test (http_writer, an_answer_has_status_date_fields_and_framing)
{
    encoded_t fields = { .size = 0 };
    s_add (&fields, "Content-Type", "text/plain");
    s_add (&fields, "X-Empty", "");
    cr_assert_str_eq (s_written (200, &fields, 13, false, true),
                      "HTTP/1.1 200 OK\r\nDate: " DATE "\r\nContent-Type: text/plain\r\nX-Empty: \r\n"
                      "Content-Length: 13\r\n\r\n");
    cr_assert_str_eq (s_written (404, &fields, 0, false, false),
                      "HTTP/1.1 404 Not Found\r\nDate: " DATE "\r\nContent-Type: text/plain\r\nX-Empty: \r\n"
                      "Content-Length: 0\r\nConnection: close\r\n\r\n");
    cr_assert_str_eq (s_written (599, &(encoded_t) { .size = 0 }, UINT64_MAX, false, true),
                      "HTTP/1.1 599 \r\nDate: " DATE "\r\nContent-Length: 18446744073709551615\r\n\r\n");
}

//  RFC 9110 6.4.1: a length there would make some peers wait for a body.
Test (http_writer, statuses_without_a_body_have_no_framing)
{
    const encoded_t none = { .size = 0 };
    cr_assert_str_eq (s_written (204, &none, 0, false, true), "HTTP/1.1 204 No Content\r\nDate: " DATE "\r\n\r\n");
    cr_assert_str_eq (s_written (304, &none, 5, false, true), "HTTP/1.1 304 Not Modified\r\nDate: " DATE "\r\n\r\n");
}

//  A handler that sets them could make the next answer seem a part of its own.
Test (http_writer, fields_of_the_door_are_not_the_handlers)
{
    encoded_t fields = { .size = 0 };
    static const char *const names [] = { "content-length", "Transfer-Encoding", "CONNECTION", "Date", "Keep-Alive",
                                          "TE", "Trailer", "Upgrade", "Proxy-Connection" };
    for (size_t index = 0; index < sizeof names / sizeof *names; index++)
        s_add (&fields, names [index], "7");
    s_add (&fields, "Data", "kept");
    cr_assert_str_eq (s_written (200, &fields, 1, false, true),
                      "HTTP/1.1 200 OK\r\nDate: " DATE "\r\nData: kept\r\nContent-Length: 1\r\n\r\n");
}

//  Response splitting: what another program's worker sends is looked at here.
Test (http_writer, a_field_that_breaks_the_framing_is_refused)
{
    static const struct { const char *name, *value; } bad [] = {
        { "X", "a\r\nSet-Cookie: b" }, { "X", "a\nb" }, { "X", "a\rb" }, { "X", "\x01" }, { "X", "\x7f" },
        { "", "a" }, { "X Y", "a" }, { "X:", "a" }, { "X\r\nY", "a" }, { "caf\xe9", "a" },
    };
    for (size_t index = 0; index < sizeof bad / sizeof *bad; index++) {
        encoded_t fields = { .size = 0 };
        s_add (&fields, bad [index].name, bad [index].value);
        cr_assert_str_empty (s_written (200, &fields, 0, false, true), "field %zu", index);
    }
}

//  100 and 101 are not answers to a request; 600 is nothing at all.
Test (http_writer, only_final_statuses_are_answers)
{
    const encoded_t none = { .size = 0 };
    static const int bad [] = { -1, 0, 100, 101, 199, 600, 65535 };
    for (size_t index = 0; index < sizeof bad / sizeof *bad; index++)
        cr_assert_str_empty (s_written (bad [index], &none, 0, false, true), "%d", bad [index]);
}

//  RFC 9112 9.3: an old client keeps the connection only when it is told.
Test (http_writer, http_1_0_is_told_that_it_may_go_on)
{
    char text [512];
    const troupe_http_answer_t answer = { .status = 200, .length = 2, .minor = 0, .keep_alive = true, .date = DATE };
    text [troupe_http_answer_write (&answer, text)] = 0;
    cr_assert_str_eq (text, "HTTP/1.1 200 OK\r\nDate: " DATE "\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\n");
}

//  RFC 9112 7.1, with the parser's own eyes: sizes in hexadecimal, one end.
Test (http_writer, chunks_are_framed)
{
    const encoded_t none = { .size = 0 };
    char line [TROUPE_HTTP_CHUNK_ROOM + 1];
    cr_assert_str_eq (s_written (200, &none, 9, true, true),
                      "HTTP/1.1 200 OK\r\nDate: " DATE "\r\nTransfer-Encoding: chunked\r\n\r\n");
    line [troupe_http_chunk_write (26, true, line)] = 0;
    cr_assert_str_eq (line, "1a\r\n");
    line [troupe_http_chunk_write (1, false, line)] = 0;
    cr_assert_str_eq (line, "\r\n1\r\n");
    line [troupe_http_chunk_write (UINT64_MAX, false, line)] = 0;
    cr_assert_str_eq (line, "\r\nffffffffffffffff\r\n");
    line [troupe_http_chunk_write (0, false, line)] = 0;
    cr_assert_str_eq (line, "\r\n0\r\n\r\n");
}

//  RFC 9110 5.6.7: its own example, leap years, and the ends of the calendar.
Test (http_date, is_an_imf_fixdate)
{
    static const struct { int64_t seconds; const char *text; } facts [] = {
        { 784111777, "Sun, 06 Nov 1994 08:49:37 GMT" },
        { 0, "Thu, 01 Jan 1970 00:00:00 GMT" },
        { -5, "Thu, 01 Jan 1970 00:00:00 GMT" },
        { 951782400, "Tue, 29 Feb 2000 00:00:00 GMT" },
        { 951868799, "Tue, 29 Feb 2000 23:59:59 GMT" },
        { 951868800, "Wed, 01 Mar 2000 00:00:00 GMT" },
        { 1735689599, "Tue, 31 Dec 2024 23:59:59 GMT" },
        { 4107542400, "Mon, 01 Mar 2100 00:00:00 GMT" },
        { INT64_C (253402300799), "Fri, 31 Dec 9999 23:59:59 GMT" },
        { INT64_MAX, "Fri, 31 Dec 9999 23:59:59 GMT" },
    };
    char text [TROUPE_HTTP_DATE_SIZE + 1];
    for (size_t index = 0; index < sizeof facts / sizeof *facts; index++) {
        troupe_http_date_print (facts [index].seconds, text);
        cr_assert_str_eq (text, facts [index].text, "%lld: %s", (long long) facts [index].seconds, text);
    }
}
