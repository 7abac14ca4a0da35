/*  =========================================================================
    smile_test.c - facts about SMILE, byte by byte

    Place: tests/unit, of actors/rpc/smile_*.c. The bytes are what Jackson
    2.7.8 writes for the same documents; tests/interop/smile.sh asks it for
    many more.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <troupe/smile.h>

#define S_ALL (TROUPE_SMILE_SHARED_NAMES | TROUPE_SMILE_SHARED_VALUES | TROUPE_SMILE_RAW_BINARY)

//  --- Documents as text: {"a":[1,<01ff>]}, with an error in brackets at the end

typedef struct {
    char text [8192];
    size_t size;
} s_text_t;

static void s_add (s_text_t *self, const char *format, ...) __attribute__ ((__format__ (__printf__, 2, 3)));

static void s_add (s_text_t *self, const char *format, ...)
{
    va_list arguments;
    va_start (arguments, format);
    int size = vsnprintf (self->text + self->size, sizeof self->text - self->size, format, arguments);
    va_end (arguments);
    self->size += (size_t) size;
    cr_assert (self->size < sizeof self->text);
}

static void s_add_bytes (s_text_t *self, troupe_bytes_t bytes)
{
    s_add (self, "<");
    for (size_t index = 0; index < bytes.size; index++)
        s_add (self, "%02x", ((const uint8_t *) bytes.data) [index]);
    s_add (self, "> ");
}

static void s_add_token (s_text_t *self, const troupe_smile_token_t *token)
{
    static const char *const marks [] = { [TROUPE_SMILE_NULL] = "null ", [TROUPE_SMILE_ARRAY] = "[ ",
        [TROUPE_SMILE_ARRAY_END] = "] ", [TROUPE_SMILE_OBJECT] = "{ ", [TROUPE_SMILE_OBJECT_END] = "} " };
    const void *bytes = token->bytes.data;
    switch (token->kind) {
    case TROUPE_SMILE_BOOLEAN: s_add (self, "%s ", token->boolean ? "true" : "false"); break;
    case TROUPE_SMILE_INTEGER: s_add (self, "%lld ", (long long) token->integer); break;
    case TROUPE_SMILE_REAL:    s_add (self, "%.17g ", token->real); break;
    case TROUPE_SMILE_BINARY:  s_add_bytes (self, token->bytes); break;
    case TROUPE_SMILE_NAME:    s_add (self, "%.*s: ", (int) token->bytes.size, (const char *) bytes); break;
    case TROUPE_SMILE_TEXT:    s_add (self, "'%.*s' ", (int) token->bytes.size, (const char *) bytes); break;
    default:                   s_add (self, "%s", marks [token->kind]);
    }
}

//  A document in words; valid until the next call. It is read out of memory of just its size, so that ASan sees a step
//  too far.
static const char *s_read (const void *data, size_t size, unsigned depth)
{
    static s_text_t text;
    uint8_t *copy = malloc (size ? size : 1);
    troupe_smile_reader_t *reader = troupe_smile_reader_new ();
    troupe_smile_token_t token;
    troupe_error_t error;
    text.size = 0;
    *text.text = 0;
    memcpy (copy, data, size);
    troupe_smile_reader_begin (reader, copy, size, depth);
    while (!(error = troupe_smile_next (reader, &token)) && token.kind != TROUPE_SMILE_END)
        s_add_token (&text, &token);
    if (error)
        s_add (&text, "(%s: %s)", troupe_error_name (error), troupe_smile_complaint (reader));
    else if (text.size)
        text.text [--text.size] = 0;
    troupe_smile_reader_destroy (&reader);
    free (copy);
    return text.text;
}

#define S_READS(bytes, expected) \
    cr_assert_str_eq (s_read (":)\n" bytes, sizeof (":)\n" bytes) - 1, 0), expected)

//  --- Reading

//  The request of the article, as Cheshire writes it.
Test (smile, reads_a_map_that_jackson_wrote)
{
    S_READS ("\x01\xFA\x85method\x42GET\x83path\x45/users\x83" "body\x21\xFB",
             "{ method: 'GET' path: '/users' body: null }");
}

//  Every kind of number has its own token.
Test (smile, reads_numbers)
{
    S_READS ("\x03\xF8\x28\x03\x7E\x00\x00\x00\x29\x01\x40\x03\x00\x00\x00\x00\x00\x00\x00\x24\x09\x98\x24\xA1"
             "\x25\x01\x00\x00\x00\x00\x00\x80\xC1\xDF\xF9", "[ 1.5 -2.75 300 -17 1099511627776 -1 -16 ]");
}

//  The widest numbers that there is room for.
Test (smile, reads_the_least_and_the_most)
{
    S_READS ("\x00\x25\x03\x7F\x7F\x7F\x7F\x7F\x7F\x7F\x7F\xBF", "-9223372036854775808");
    S_READS ("\x00\x24\x1F\x7F\x7F\x7F\xBF", "-2147483648");
}

//  What has no room is refused rather than rounded.
Test (smile, refuses_big_numbers)
{
    S_READS ("\x00\x26\x8D\x00", "(TROUPE_ENOTSUP: byte 5: a number that has no room in 64 bits)");
    S_READS ("\x00\x2A\x84\x81\x3E\x01", "(TROUPE_ENOTSUP: byte 5: a number that has no room in 64 bits)");
    S_READS ("\x00\x24\x20\x00\x00\x00\x80", "(TROUPE_EPROTO: byte 10: the number is malformed)");
    S_READS ("\x00\x25\x04\x00\x00\x00\x00\x00\x00\x00\x00\x80", "(TROUPE_EPROTO: byte 15: the number is malformed)");
}

//  Names and texts that come again are references to where they were.
Test (smile, reads_shared_names_and_values)
{
    S_READS ("\x03\xF8\xFA\x80\x61\x41on\xFB\xFA\x40\x01\xFB\x01\xF9", "[ { a: 'on' } { a: 'on' } 'on' ]");
    S_READS ("\x01\xFA\x40\x21\xFB", "{ (TROUPE_EPROTO: byte 6: it refers to a text that has not been)");
    S_READS ("\x00\xF8\x41on\x01\xF9", "[ 'on' (TROUPE_EPROTO: byte 9: it refers to a text that has not been)");
}

//  Long texts end with a mark, short ones begin with their size.
Test (smile, reads_long_and_empty_texts)
{
    S_READS ("\x00\xF8\xE0long\xFC\xE4\xC3\xA9\xFC\x20\x80\xC3\xA9\xF9", "[ 'long' '\xC3\xA9' '' '\xC3\xA9' ]");
    S_READS ("\x00\xFA\x20\x21\x34key\xFC\x21\xC0\xC3\xA9\x21\xFB", "{ : null key: null \xC3\xA9: null }");
    S_READS ("\x00\xE0never", "(TROUPE_EPROTO: byte 5: the document is cut off)");
}

//  7 bits a byte, the rest in the last; or as they are, when that was announced.
Test (smile, reads_binary)
{
    S_READS ("\x00\xE8\x88\x00\x40\x40\x3F\x78\x14\x0C\x07\x04\x00", "<010203ff05060708>");
    S_READS ("\x04\xFD\x83\x01\xFE\xFF", "<01feff>");
    S_READS ("\x00\xFD\x81\x01", "(TROUPE_EPROTO: byte 5: raw binary has not been announced)");
    S_READS ("\x00\xE8\x80", "<>");
    S_READS ("\x00\xE8\x88\x00", "(TROUPE_EPROTO: byte 6: the document is cut off)");
}

//  One value, and nothing but the mark of the end behind it.
Test (smile, a_document_is_one_value)
{
    S_READS ("\x00\x21\xFF", "null");
    S_READS ("\x00\x21\x21", "null (TROUPE_EPROTO: byte 5: there is something behind the end)");
    S_READS ("\x00", "(TROUPE_EPROTO: byte 4: the document is cut off)");
    S_READS ("\x00\xFF", "(TROUPE_EPROTO: byte 4: there is no such token)");
    S_READS ("\x08\x21", "(TROUPE_EPROTO: byte 4: this is another version of SMILE)");
    cr_assert_str_eq (s_read ("{}", 2, 0), "(TROUPE_EPROTO: byte 0: this is not SMILE)");
    cr_assert_str_eq (s_read ("", 0, 0), "(TROUPE_EPROTO: byte 0: this is not SMILE)");
}

//  A name stands only in an object, and an end only where something began.
Test (smile, refuses_what_is_out_of_place)
{
    S_READS ("\x00\xFA\x21", "{ (TROUPE_EPROTO: byte 5: a name is expected)");
    S_READS ("\x00\xFA\x80\x61\xFB", "{ a: (TROUPE_EPROTO: byte 7: there is no such token)");
    S_READS ("\x00\xF9", "(TROUPE_EPROTO: byte 4: there is no such token)");
    S_READS ("\x00\xF8\xFB", "[ (TROUPE_EPROTO: byte 5: there is no such token)");
    S_READS ("\x00\xFA\xF9", "{ (TROUPE_EPROTO: byte 5: a name is expected)");
}

//  RFC 3629: overlong forms, surrogates and what is above U+10FFFF are no text.
Test (smile, refuses_what_is_not_utf8)
{
    S_READS ("\x00\x80\xC0\x80", "(TROUPE_EPROTO: byte 7: the text is not UTF-8)");
    S_READS ("\x00\x81\xED\xA0\x80", "(TROUPE_EPROTO: byte 8: the text is not UTF-8)");
    S_READS ("\x00\x82\xF4\x90\x80\x80", "(TROUPE_EPROTO: byte 9: the text is not UTF-8)");
    S_READS ("\x00\x40\xC3", "(TROUPE_EPROTO: byte 6: the text is not UTF-8)");
    S_READS ("\x00\x41\xC3\xA9", "(TROUPE_EPROTO: byte 7: the text is not ASCII)");
}

//  A peer cannot make the reader's caller recurse as deep as it likes.
Test (smile, bounds_depth)
{
    cr_assert_str_eq (s_read (":)\n\x00\xF8\xF8\xF9\xF9", 8, 2), "[ [ ] ]");
    cr_assert_str_eq (s_read (":)\n\x00\xF8\xF8\xF9\xF9", 8, 1), "[ (TROUPE_ETOOBIG: byte 6: it is nested too deep)");
}

//  Cut anywhere, a document is an error and nothing outside it is read.
Test (smile, every_cut_is_noticed)
{
    static const char whole [] = ":)\n\x07\xFA\x85method\x42GET\x83path\xE4/us\xC3\xA9rs\xFC\x83" "body\xF8\x24\x09\x98"
        "\x29\x01\x40\x03\x00\x00\x00\x00\x00\x00\x00\xE8\x83\x00\x40\x40\x03\xFD\x81\x01\x01\xF9\x40\x21\xFB";
    cr_assert_null (strchr (s_read (whole, sizeof whole - 1, 0), '('));
    for (size_t size = 0; size < sizeof whole - 1; size++)
        cr_assert_not_null (strstr (s_read (whole, size, 0), "TROUPE_EPROTO"), "cut at %zu", size);
}

//  --- Writing

static void s_expect (const troupe_smile_writer_t *writer, const char *bytes, size_t size)
{
    troupe_bytes_t document = { NULL, 0 };
    cr_assert_eq (troupe_smile_writer_data (writer, &document), TROUPE_OK);
    cr_assert_eq (document.size, size, "%zu bytes", document.size);
    cr_assert_arr_eq ((const char *) document.data, bytes, size);
}

static void s_name (troupe_smile_writer_t *writer, const char *name)
{
    troupe_smile_write_name (writer, name, strlen (name));
}

static void s_text (troupe_smile_writer_t *writer, const char *text)
{
    troupe_smile_write_text (writer, text, strlen (text));
}

//  The same bytes as Jackson, so that answers to it look like its own.
Test (smile, writes_as_jackson_does)
{
    static const char expected [] = ":)\n\x01\xFA\x85method\x42GET\x83path\x45/users\x83" "body\x21\xFB";
    troupe_smile_writer_t *writer = troupe_smile_writer_new (TROUPE_SMILE_SHARED_NAMES);
    troupe_smile_begin_object (writer);
    s_name (writer, "method");
    s_text (writer, "GET");
    s_name (writer, "path");
    s_text (writer, "/users");
    s_name (writer, "body");
    troupe_smile_write_null (writer);
    troupe_smile_end_object (writer);
    s_expect (writer, expected, sizeof expected - 1);
    troupe_smile_writer_destroy (&writer);
}

//  Small, 32 bits, 64 bits.
Test (smile, writes_numbers)
{
    static const char expected [] = ":)\n\x00\xF8\xC0\xDF\xDE\x24\xA0\x24\x09\x98\x24\x1F\x7F\x7F\x7F\xBF"
        "\x25\x01\x00\x00\x00\x00\x00\x80\x25\x03\x7F\x7F\x7F\x7F\x7F\x7F\x7F\x7F\xBF"
        "\x29\x01\x40\x03\x00\x00\x00\x00\x00\x00\x00\xF9";
    static const int64_t numbers [] = { 0, -16, 15, 16, 300, INT32_MIN, INT64_C (1) << 40, INT64_MIN };
    troupe_smile_writer_t *writer = troupe_smile_writer_new (0);
    troupe_smile_begin_array (writer);
    for (size_t index = 0; index < sizeof numbers / sizeof *numbers; index++)
        troupe_smile_write_integer (writer, numbers [index]);
    troupe_smile_write_real (writer, -2.75);
    troupe_smile_end_array (writer);
    s_expect (writer, expected, sizeof expected - 1);
    troupe_smile_writer_destroy (&writer);
}

//  References of one byte and of two; never one whose low byte is 0xFE or 0xFF; and anew after 1,024.
Test (smile, refers_to_texts_that_have_been)
{
    char text [16];
    troupe_smile_writer_t *writer = troupe_smile_writer_new (TROUPE_SMILE_SHARED_VALUES);
    troupe_bytes_t document;
    troupe_smile_begin_array (writer);
    for (int index = 0; index < 600; index++) {
        snprintf (text, sizeof text, "s%d", index);
        s_text (writer, text);
    }
    static const int again [] = { 30, 31, 253, 254, 255, 256, 510, 511, 512 };
    for (size_t index = 0; index < sizeof again / sizeof *again; index++) {
        snprintf (text, sizeof text, "s%d", again [index]);
        s_text (writer, text);
    }
    troupe_smile_end_array (writer);
    static const char tail [] = "\x1F\xEC\x1F\xEC\xFD\x43s254\x43s255\xED\x00\x43s510\x43s511\xEE\x00\xF9";
    cr_assert_eq (troupe_smile_writer_data (writer, &document), TROUPE_OK);
    cr_assert_arr_eq ((const char *) document.data + document.size - (sizeof tail - 1), tail, sizeof tail - 1);
    troupe_smile_writer_destroy (&writer);
}

//  Readers disagree on whether a long name counts, so nothing is referred to behind one.
Test (smile, refers_to_no_name_behind_a_long_one)
{
    char long_name [70];
    troupe_bytes_t document;
    memset (long_name, 'k', sizeof long_name);
    troupe_smile_writer_t *writer = troupe_smile_writer_new (TROUPE_SMILE_SHARED_NAMES);
    troupe_smile_begin_object (writer);
    s_name (writer, "a");
    troupe_smile_write_null (writer);
    troupe_smile_write_name (writer, long_name, sizeof long_name);
    troupe_smile_write_null (writer);
    s_name (writer, "a");
    troupe_smile_write_null (writer);
    troupe_smile_end_object (writer);
    cr_assert_eq (troupe_smile_writer_data (writer, &document), TROUPE_OK);
    cr_assert_arr_eq ((const char *) document.data + document.size - 4, "\x80\x61\x21\xFB", 4);
    troupe_smile_writer_destroy (&writer);
}

//  Every size of binary comes back, packed and raw.
Test (smile, binary_comes_back)
{
    uint8_t bytes [40];
    for (size_t index = 0; index < sizeof bytes; index++)
        bytes [index] = (uint8_t) (index * 37 + 200);
    troupe_smile_reader_t *reader = troupe_smile_reader_new ();
    for (size_t size = 0; size <= sizeof bytes; size++)
        for (unsigned features = 0; features <= S_ALL; features += TROUPE_SMILE_RAW_BINARY) {
            troupe_smile_writer_t *writer = troupe_smile_writer_new (features);
            troupe_bytes_t document;
            troupe_smile_token_t token;
            troupe_smile_write_binary (writer, bytes, size);
            cr_assert_eq (troupe_smile_writer_data (writer, &document), TROUPE_OK);
            troupe_smile_reader_begin (reader, document.data, document.size, 0);
            cr_assert_eq (troupe_smile_next (reader, &token), TROUPE_OK);
            cr_assert_eq (token.bytes.size, size);
            cr_assert (size == 0 || memcmp (token.bytes.data, bytes, size) == 0, "%zu bytes", size);
            troupe_smile_writer_destroy (&writer);
        }
    troupe_smile_reader_destroy (&reader);
}

//  A document is handed out only when it is one; what went wrong first is told.
Test (smile, an_unfinished_document_is_not_handed_out)
{
    troupe_bytes_t document;
    troupe_smile_writer_t *writer = troupe_smile_writer_new (S_ALL);
    cr_assert_eq (troupe_smile_writer_data (writer, &document), TROUPE_ESTATE);
    troupe_smile_begin_object (writer);
    cr_assert_eq (troupe_smile_writer_data (writer, &document), TROUPE_ESTATE);
    troupe_smile_write_null (writer);
    troupe_smile_end_object (writer);
    cr_assert_eq (troupe_smile_writer_data (writer, &document), TROUPE_ESTATE);
    troupe_smile_writer_reset (writer);
    s_text (writer, "\xC0\x80");
    cr_assert_eq (troupe_smile_writer_data (writer, &document), TROUPE_EINVAL);
    troupe_smile_writer_reset (writer);
    for (int depth = 0; depth <= TROUPE_SMILE_DEPTH_MAX; depth++)
        troupe_smile_begin_array (writer);
    cr_assert_eq (troupe_smile_writer_data (writer, &document), TROUPE_ETOOBIG);
    troupe_smile_writer_reset (writer);
    troupe_smile_write_null (writer);
    cr_assert_eq (troupe_smile_writer_data (writer, &document), TROUPE_OK);
    troupe_smile_write_null (writer);
    cr_assert_eq (troupe_smile_writer_data (writer, &document), TROUPE_ESTATE);
    troupe_smile_writer_destroy (&writer);
}
