/*  =========================================================================
    document_smile.c - documents in SMILE

    Place: actors/rpc; see document.h. The reader bounds the depth, so that
    recursion is safe.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

//  --- Reading

typedef struct {
    troupe_smile_reader_t *reader;
    troupe_smile_token_t token;
    troupe_error_t error;
} s_source_t;

static bool s_next (s_source_t *self)
{
    if (!self->error)
        self->error = troupe_smile_next (self->reader, &self->token);
    return !self->error;
}

//  Null, with the error noted, when there is no memory.
static json_t *s_made (s_source_t *self, json_t *value)
{
    if (!value && !self->error)
        self->error = TROUPE_ENOMEM;
    return value;
}

static json_t *s_value (s_source_t *self);

static json_t *s_array (s_source_t *self)
{
    json_t *array = s_made (self, json_array ());
    while (array && s_next (self) && self->token.kind != TROUPE_SMILE_ARRAY_END)
        if (json_array_append_new (array, s_value (self)))
            s_made (self, NULL);
    return array;
}

static json_t *s_object (s_source_t *self)
{
    json_t *object = s_made (self, json_object ());
    while (object && s_next (self) && self->token.kind == TROUPE_SMILE_NAME) {
        char *name = strndup (self->token.bytes.data, self->token.bytes.size);
        json_t *value = name && s_next (self) ? s_value (self) : NULL;
        if (!name || json_object_set_new (object, name, value))
            s_made (self, NULL);
        free (name);
    }
    return object;
}

//  The value whose first token has been read. Null only with an error.
static json_t *s_value (s_source_t *self)
{
    const troupe_smile_token_t *token = &self->token;
    switch (token->kind) {
    case TROUPE_SMILE_BOOLEAN:
        return json_boolean (token->boolean);
    case TROUPE_SMILE_INTEGER:
        return s_made (self, json_integer (token->integer));
    case TROUPE_SMILE_REAL:
        return s_made (self, json_real (token->real));
    case TROUPE_SMILE_TEXT:
        return s_made (self, json_stringn (token->bytes.data, token->bytes.size));
    case TROUPE_SMILE_BINARY:
        return s_made (self, troupe_document_base64 (token->bytes));
    case TROUPE_SMILE_ARRAY:
        return s_array (self);
    case TROUPE_SMILE_OBJECT:
        return s_object (self);
    default:
        return json_null ();
    }
}

//  The reader's bytes are gone with its next token.
static void s_bytes (s_source_t *self, troupe_document_t *body)
{
    size_t size = self->token.bytes.size;
    body->memory = malloc (size ? size : 1);
    if (!body->memory) {
        s_made (self, NULL);
        return;
    }
    memcpy (body->memory, self->token.bytes.data, size);
    body->is_bytes = true;
    body->bytes = (troupe_bytes_t) { body->memory, size };
}

static void s_member (s_source_t *self, json_t *map, troupe_document_t *body)
{
    bool is_body = self->token.bytes.size == 4 && memcmp (self->token.bytes.data, "body", 4) == 0;
    char *name = strndup (self->token.bytes.data, self->token.bytes.size);
    if (!name)
        s_made (self, NULL);
    if (name && s_next (self)) {
        if (is_body)
            troupe_document_clear (body);
        if (is_body && self->token.kind == TROUPE_SMILE_BINARY)
            s_bytes (self, body);
        else if (is_body)
            body->tree = s_value (self);
        else if (json_object_set_new (map, name, s_value (self)))
            s_made (self, NULL);
    }
    free (name);
}

static void s_map (s_source_t *self, json_t *map, troupe_document_t *body, char *why, size_t why_size)
{
    if (s_next (self) && self->token.kind != TROUPE_SMILE_OBJECT) {
        self->error = TROUPE_EPROTO;
        snprintf (why, why_size, "the document is no map");
    }
    while (s_next (self) && self->token.kind == TROUPE_SMILE_NAME)
        s_member (self, map, body);
    s_next (self);
}

troupe_error_t troupe_smile_read_map (const void *data, size_t size, json_t **map_p, troupe_document_t *body, char *why,
                                      size_t why_size)
{
    s_source_t self = { .reader = troupe_smile_reader_new () };
    json_t *map = json_object ();
    if (self.reader && map) {
        troupe_smile_reader_begin (self.reader, data, size, TROUPE_DOCUMENT_DEPTH);
        s_map (&self, map, body, why, why_size);
        if (*troupe_smile_complaint (self.reader))
            snprintf (why, why_size, "%s", troupe_smile_complaint (self.reader));
    }
    else
        self.error = TROUPE_ENOMEM;
    troupe_smile_reader_destroy (&self.reader);
    *map_p = map;
    return self.error;
}

//  --- Writing

static void s_write (troupe_smile_writer_t *writer, json_t *value);

static void s_write_object (troupe_smile_writer_t *writer, json_t *object)
{
    const char *name;
    json_t *member;
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
    case JSON_OBJECT:
        s_write_object (writer, value);
        break;
    case JSON_ARRAY:
        s_write_array (writer, value);
        break;
    case JSON_STRING:
        troupe_smile_write_text (writer, json_string_value (value), json_string_length (value));
        break;
    case JSON_INTEGER:
        troupe_smile_write_integer (writer, json_integer_value (value));
        break;
    case JSON_REAL:
        troupe_smile_write_real (writer, json_real_value (value));
        break;
    case JSON_NULL:
        troupe_smile_write_null (writer);
        break;
    default:
        troupe_smile_write_boolean (writer, json_is_true (value));
    }
}

static void s_write_map (troupe_smile_writer_t *writer, json_t *head, const troupe_document_t *body)
{
    const char *name;
    json_t *member;
    troupe_smile_begin_object (writer);
    json_object_foreach (head, name, member) {
        troupe_smile_write_name (writer, name, strlen (name));
        s_write (writer, member);
    }
    troupe_smile_write_name (writer, "body", 4);
    if (body->is_bytes)
        troupe_smile_write_binary (writer, body->bytes.data, body->bytes.size);
    else if (body->tree)
        s_write (writer, body->tree);
    else
        troupe_smile_write_null (writer);
    troupe_smile_end_object (writer);
}

troupe_error_t troupe_smile_write_map (json_t *head, const troupe_document_t *body, void **data_p, size_t *size_p)
{
    troupe_smile_writer_t *writer = troupe_smile_writer_new (TROUPE_SMILE_SHARED_NAMES);
    troupe_bytes_t document = { NULL, 0 };
    if (!writer)
        return TROUPE_ENOMEM;
    s_write_map (writer, head, body);
    troupe_error_t error = troupe_smile_writer_data (writer, &document);
    void *data = error ? NULL : malloc (document.size);
    if (data) {
        memcpy (data, document.data, document.size);
        *data_p = data;
        *size_p = document.size;
    }
    troupe_smile_writer_destroy (&writer);
    return data || error ? error : TROUPE_ENOMEM;
}
