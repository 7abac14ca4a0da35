/*  =========================================================================
    smile_fuzz.c - any bytes as a SMILE document

    Place: tests/fuzz, of actors/rpc/smile_*.c. What is well-formed is written
    anew, with all features and with none, and must read the same again.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdlib.h>
#include <string.h>

#include <troupe/smile.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void s_check (bool holds)
{
    if (!holds)
        abort ();
}

static void s_write (troupe_smile_writer_t *writer, const troupe_smile_token_t *token)
{
    switch (token->kind) {
    case TROUPE_SMILE_NULL:       troupe_smile_write_null (writer); break;
    case TROUPE_SMILE_BOOLEAN:    troupe_smile_write_boolean (writer, token->boolean); break;
    case TROUPE_SMILE_INTEGER:    troupe_smile_write_integer (writer, token->integer); break;
    case TROUPE_SMILE_REAL:       troupe_smile_write_real (writer, token->real); break;
    case TROUPE_SMILE_TEXT:       troupe_smile_write_text (writer, token->bytes.data, token->bytes.size); break;
    case TROUPE_SMILE_BINARY:     troupe_smile_write_binary (writer, token->bytes.data, token->bytes.size); break;
    case TROUPE_SMILE_NAME:       troupe_smile_write_name (writer, token->bytes.data, token->bytes.size); break;
    case TROUPE_SMILE_ARRAY:      troupe_smile_begin_array (writer); break;
    case TROUPE_SMILE_ARRAY_END:  troupe_smile_end_array (writer); break;
    case TROUPE_SMILE_OBJECT:     troupe_smile_begin_object (writer); break;
    case TROUPE_SMILE_OBJECT_END: troupe_smile_end_object (writer); break;
    case TROUPE_SMILE_END:        break;
    }
}

//  Copies the document token by token; false when it is none.
static bool s_copy (const void *data, size_t size, troupe_smile_writer_t *writer)
{
    troupe_smile_reader_t *reader = troupe_smile_reader_new ();
    troupe_smile_token_t token;
    troupe_error_t error;
    troupe_smile_reader_begin (reader, data, size, 0);
    while (!(error = troupe_smile_next (reader, &token)) && token.kind != TROUPE_SMILE_END)
        s_write (writer, &token);
    s_check (!error || *troupe_smile_complaint (reader));
    troupe_smile_reader_destroy (&reader);
    return !error;
}

static bool s_same (double one, double other)
{
    return memcmp (&one, &other, sizeof one) == 0;
}

//  Both read the same, token by token.
static void s_compare (troupe_bytes_t one, troupe_bytes_t other)
{
    troupe_smile_reader_t *left = troupe_smile_reader_new (), *right = troupe_smile_reader_new ();
    troupe_smile_token_t a, b;
    troupe_smile_reader_begin (left, one.data, one.size, 0);
    troupe_smile_reader_begin (right, other.data, other.size, 0);
    do {
        s_check (troupe_smile_next (left, &a) == TROUPE_OK && troupe_smile_next (right, &b) == TROUPE_OK);
        s_check (a.kind == b.kind && a.boolean == b.boolean && a.integer == b.integer && s_same (a.real, b.real));
        s_check (a.bytes.size == b.bytes.size);
        s_check (!a.bytes.size || memcmp (a.bytes.data, b.bytes.data, a.bytes.size) == 0);
    } while (a.kind != TROUPE_SMILE_END);
    troupe_smile_reader_destroy (&left);
    troupe_smile_reader_destroy (&right);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    for (unsigned features = 0; features < 8; features += 7) {
        troupe_smile_writer_t *writer = troupe_smile_writer_new (features);
        troupe_bytes_t document;
        if (s_copy (data, size, writer)) {
            s_check (troupe_smile_writer_data (writer, &document) == TROUPE_OK);
            s_compare ((troupe_bytes_t) { data, size }, document);
        }
        troupe_smile_writer_destroy (&writer);
    }
    return 0;
}
