/*  =========================================================================
    smile_tool.c - holds SMILE documents of another writer against their JSON

    Place: tests/interop, run by smile.sh. Reads lines "FEATURES HEX JSON".
    Those whose SMILE does not read as the JSON are told on standard error.
    Each document goes out again, in the same form, as our own writer writes
    it. Bytes, which JSON has not, stand as {"$binary": [1, 2, 3]}.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <troupe/smile.h>

#define S_BINARY "$binary"

//  --- SMILE to JSON

static json_t *s_read (troupe_smile_reader_t *reader, const troupe_smile_token_t *token);

static json_t *s_read_binary (troupe_bytes_t bytes)
{
    json_t *items = json_array ();
    for (size_t index = 0; index < bytes.size; index++)
        json_array_append_new (items, json_integer (((const uint8_t *) bytes.data) [index]));
    return json_pack ("{so}", S_BINARY, items);
}

static json_t *s_read_array (troupe_smile_reader_t *reader)
{
    json_t *array = json_array ();
    troupe_smile_token_t token;
    while (troupe_smile_next (reader, &token) == TROUPE_OK && token.kind != TROUPE_SMILE_ARRAY_END)
        json_array_append_new (array, s_read (reader, &token));
    return array;
}

static json_t *s_read_object (troupe_smile_reader_t *reader)
{
    json_t *object = json_object ();
    troupe_smile_token_t token;
    while (troupe_smile_next (reader, &token) == TROUPE_OK && token.kind == TROUPE_SMILE_NAME) {
        char *name = strndup (token.bytes.data, token.bytes.size);
        if (troupe_smile_next (reader, &token) == TROUPE_OK)
            json_object_set_new (object, name, s_read (reader, &token));
        free (name);
    }
    return object;
}

static json_t *s_read (troupe_smile_reader_t *reader, const troupe_smile_token_t *token)
{
    switch (token->kind) {
    case TROUPE_SMILE_BOOLEAN: return json_boolean (token->boolean);
    case TROUPE_SMILE_INTEGER: return json_integer (token->integer);
    case TROUPE_SMILE_REAL:    return json_real (token->real);
    case TROUPE_SMILE_TEXT:    return json_stringn (token->bytes.data, token->bytes.size);
    case TROUPE_SMILE_BINARY:  return s_read_binary (token->bytes);
    case TROUPE_SMILE_ARRAY:   return s_read_array (reader);
    case TROUPE_SMILE_OBJECT:  return s_read_object (reader);
    default:                   return json_null ();
    }
}

static json_t *s_decode (const uint8_t *data, size_t size)
{
    troupe_smile_reader_t *reader = troupe_smile_reader_new ();
    troupe_smile_token_t token;
    json_t *document = NULL;
    troupe_smile_reader_begin (reader, data, size, 0);
    if (troupe_smile_next (reader, &token) == TROUPE_OK)
        document = s_read (reader, &token);
    if (troupe_smile_next (reader, &token) != TROUPE_OK || token.kind != TROUPE_SMILE_END) {
        fprintf (stderr, "refused: %s\n", troupe_smile_complaint (reader));
        json_decref (document);
        document = NULL;
    }
    troupe_smile_reader_destroy (&reader);
    return document;
}

//  --- JSON to SMILE

static void s_write_binary (troupe_smile_writer_t *writer, const json_t *items)
{
    uint8_t bytes [64];
    size_t size = json_array_size (items);
    for (size_t index = 0; index < size; index++)
        bytes [index] = (uint8_t) json_integer_value (json_array_get (items, index));
    troupe_smile_write_binary (writer, bytes, size);
}

static void s_write (troupe_smile_writer_t *writer, json_t *value);

static void s_write_object (troupe_smile_writer_t *writer, json_t *object)
{
    const char *name;
    json_t *member;
    if (json_object_get (object, S_BINARY)) {
        s_write_binary (writer, json_object_get (object, S_BINARY));
        return;
    }
    troupe_smile_begin_object (writer);
    json_object_foreach (object, name, member) {
        troupe_smile_write_name (writer, name, strlen (name));
        s_write (writer, member);
    }
    troupe_smile_end_object (writer);
}

static void s_write_array (troupe_smile_writer_t *writer, json_t *array)
{
    troupe_smile_begin_array (writer);
    for (size_t index = 0; index < json_array_size (array); index++)
        s_write (writer, json_array_get (array, index));
    troupe_smile_end_array (writer);
}

static void s_write (troupe_smile_writer_t *writer, json_t *value)
{
    switch (json_typeof (value)) {
    case JSON_OBJECT:  s_write_object (writer, value); break;
    case JSON_ARRAY:   s_write_array (writer, value); break;
    case JSON_STRING:  troupe_smile_write_text (writer, json_string_value (value), json_string_length (value)); break;
    case JSON_INTEGER: troupe_smile_write_integer (writer, json_integer_value (value)); break;
    case JSON_REAL:    troupe_smile_write_real (writer, json_real_value (value)); break;
    case JSON_NULL:    troupe_smile_write_null (writer); break;
    default:           troupe_smile_write_boolean (writer, json_is_true (value));
    }
}

static bool s_print (unsigned features, json_t *document, const char *text)
{
    troupe_smile_writer_t *writer = troupe_smile_writer_new (features);
    troupe_bytes_t bytes = { NULL, 0 };
    s_write (writer, document);
    bool whole = troupe_smile_writer_data (writer, &bytes) == TROUPE_OK;
    printf ("%u ", features);
    for (size_t index = 0; index < bytes.size; index++)
        printf ("%02x", ((const uint8_t *) bytes.data) [index]);
    printf (" %s\n", text);
    troupe_smile_writer_destroy (&writer);
    return whole;
}

//  --- Lines

//  Turns hexadecimal into bytes, in place.
static size_t s_unhex (char *text)
{
    size_t size = strlen (text) / 2;
    for (size_t index = 0; index < size; index++) {
        char digits [3] = { text [2 * index], text [2 * index + 1], 0 };
        text [index] = (char) strtoul (digits, NULL, 16);
    }
    return size;
}

static bool s_take (char *line)
{
    char *next = NULL;
    unsigned features = (unsigned) strtoul (line, &next, 10);
    char *smile = next + 1, *text = strchr (smile, ' ');
    *text++ = 0;
    json_t *expected = json_loads (text, JSON_DECODE_ANY, NULL);
    json_t *document = s_decode ((uint8_t *) smile, s_unhex (smile));
    bool same = expected && document && json_equal (expected, document);
    if (!same)
        fprintf (stderr, "differs: %.300s\n", text);
    same = expected && s_print (features, expected, text) && same;
    json_decref (expected);
    json_decref (document);
    return same;
}

int main (void)
{
    char *line = NULL;
    size_t capacity = 0;
    int wrong = 0;
    for (ssize_t size; (size = getline (&line, &capacity, stdin)) > 0;) {
        line [size - 1] = 0;
        wrong += !s_take (line);
    }
    free (line);
    return wrong ? 1 : 0;
}
