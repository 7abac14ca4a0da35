/*  =========================================================================
    document_msgpack.c - documents in MessagePack

    Place: actors/rpc; see document.h. libmsgpack makes room for as many
    elements as an array says it has before it has seen them, so the bytes are
    gone over first: whatever is announced must be there.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "document.h"

#include <msgpack.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

//  libmsgpack nests no deeper.
#define S_DEPTH 31u

//  --- Going over it

typedef struct {
    const uint8_t *data;
    size_t size, at;
} s_bytes_t;

//  An integer of 1, 2 or 4 bytes, big-endian. False when it is cut off.
static bool s_count (s_bytes_t *self, unsigned width, uint64_t *count_p)
{
    uint64_t count = 0;
    if (width > self->size - self->at)
        return false;
    while (width--)
        count = count << 8 | self->data [self->at++];
    *count_p = count;
    return true;
}

static bool s_skip (s_bytes_t *self, uint64_t size)
{
    if (size > self->size - self->at)
        return false;
    self->at += (size_t) size;
    return true;
}

//  How many bytes follow a token above 0xBF, of its size and of its value; of arrays and maps, how many elements. See
//  the table of formats in the MessagePack specification.
static bool s_follow (s_bytes_t *self, uint8_t token, uint64_t *elements_p)
{
    static const uint8_t fixed [] = { [0xCA - 0xC0] = 4, [0xCB - 0xC0] = 8, [0xCC - 0xC0] = 1, [0xCD - 0xC0] = 2,
        [0xCE - 0xC0] = 4, [0xCF - 0xC0] = 8, [0xD0 - 0xC0] = 1, [0xD1 - 0xC0] = 2, [0xD2 - 0xC0] = 4,
        [0xD3 - 0xC0] = 8, [0xD4 - 0xC0] = 2, [0xD5 - 0xC0] = 3, [0xD6 - 0xC0] = 5, [0xD7 - 0xC0] = 9,
        [0xD8 - 0xC0] = 17, [0xDF - 0xC0] = 0 };
    static const uint8_t sized [] = { [0xC4 - 0xC0] = 1, [0xC5 - 0xC0] = 2, [0xC6 - 0xC0] = 4, [0xC7 - 0xC0] = 1,
        [0xC8 - 0xC0] = 2, [0xC9 - 0xC0] = 4, [0xD9 - 0xC0] = 1, [0xDA - 0xC0] = 2, [0xDB - 0xC0] = 4,
        [0xDC - 0xC0] = 2, [0xDD - 0xC0] = 4, [0xDE - 0xC0] = 2, [0xDF - 0xC0] = 4 };
    uint64_t count = 0;
    bool extension = token >= 0xC7 && token <= 0xC9;
    if (token == 0xC1)
        return false;
    if (!s_count (self, sized [token - 0xC0], &count))
        return false;
    if (token >= 0xDC) {
        *elements_p = token >= 0xDE ? 2 * count : count;
        return true;
    }
    return s_skip (self, count + extension + fixed [token - 0xC0]);
}

//  Goes over one value. False when it is cut off or nested too deep.
static bool s_walk (s_bytes_t *self, unsigned depth)
{
    uint64_t elements = 0;
    if (self->at == self->size)
        return false;
    uint8_t token = self->data [self->at++];
    if (token >= 0x80 && token < 0x90)
        elements = 2u * (token & 0x0Fu);
    else if (token >= 0x90 && token < 0xA0)
        elements = token & 0x0Fu;
    else if (token >= 0xA0 && token < 0xC0)
        return s_skip (self, token & 0x1Fu);
    else if (token >= 0xC0 && token < 0xE0 && !s_follow (self, token, &elements))
        return false;
    if (elements > self->size - self->at || (elements && depth == 0))
        return false;
    while (elements--)
        if (!s_walk (self, depth - 1))
            return false;
    return true;
}

static bool s_is_whole (const void *data, size_t size)
{
    s_bytes_t bytes = { data, size, 0 };
    return s_walk (&bytes, S_DEPTH) && bytes.at == size;
}

//  --- Reading

//  What is empty has no address in libmsgpack.
static const char *s_pointer (const char *data)
{
    return data ? data : "";
}

static json_t *s_value (const msgpack_object *object, troupe_error_t *error);

//  Null, with the error noted, when there is no memory or the text is none.
static json_t *s_made (json_t *value, troupe_error_t *error, troupe_error_t otherwise)
{
    if (!value && !*error)
        *error = otherwise;
    return value;
}

static json_t *s_array (const msgpack_object_array *items, troupe_error_t *error)
{
    json_t *array = s_made (json_array (), error, TROUPE_ENOMEM);
    for (uint32_t index = 0; array && !*error && index < items->size; index++)
        if (json_array_append_new (array, s_value (&items->ptr [index], error)))
            s_made (NULL, error, TROUPE_ENOMEM);
    return array;
}

//  The key of a member as a string, which the caller frees; null, with the error noted, when it is no text.
static char *s_key (const msgpack_object *key, troupe_error_t *error)
{
    bool text = key->type == MSGPACK_OBJECT_STR;
    char *name = text ? strndup (s_pointer (key->via.str.ptr), key->via.str.size) : NULL;
    if (!name && !*error)
        *error = text ? TROUPE_ENOMEM : TROUPE_EPROTO;
    return name;
}

static json_t *s_map (const msgpack_object_map *members, troupe_error_t *error)
{
    json_t *map = s_made (json_object (), error, TROUPE_ENOMEM);
    for (uint32_t index = 0; map && !*error && index < members->size; index++) {
        char *name = s_key (&members->ptr [index].key, error);
        json_t *value = name ? s_value (&members->ptr [index].val, error) : NULL;
        if (name && json_object_set_new (map, name, value))
            s_made (NULL, error, TROUPE_EPROTO);
        free (name);
    }
    return map;
}

static json_t *s_value (const msgpack_object *object, troupe_error_t *error)
{
    switch (object->type) {
    case MSGPACK_OBJECT_NIL:
        return json_null ();
    case MSGPACK_OBJECT_BOOLEAN:
        return json_boolean (object->via.boolean);
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
        return object->via.u64 > INT64_MAX ? s_made (NULL, error, TROUPE_ENOTSUP)
                                           : s_made (json_integer ((json_int_t) object->via.u64), error, TROUPE_ENOMEM);
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        return s_made (json_integer (object->via.i64), error, TROUPE_ENOMEM);
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
        return s_made (json_real (object->via.f64), error, TROUPE_EPROTO);
    case MSGPACK_OBJECT_STR:
        return s_made (json_stringn (s_pointer (object->via.str.ptr), object->via.str.size), error, TROUPE_EPROTO);
    case MSGPACK_OBJECT_BIN:
        return s_made (troupe_document_base64 ((troupe_bytes_t) { object->via.bin.ptr, object->via.bin.size }), error,
                       TROUPE_ENOMEM);
    case MSGPACK_OBJECT_ARRAY:
        return s_array (&object->via.array, error);
    case MSGPACK_OBJECT_MAP:
        return s_map (&object->via.map, error);
    default:
        return s_made (NULL, error, TROUPE_ENOTSUP);
    }
}

static troupe_error_t s_member (const msgpack_object_kv *member, json_t *map, troupe_document_t *body)
{
    troupe_error_t error = TROUPE_OK;
    char *name = s_key (&member->key, &error);
    bool is_body = name && strcmp (name, "body") == 0;
    if (is_body)
        troupe_document_clear (body);
    if (is_body && member->val.type == MSGPACK_OBJECT_BIN) {
        body->is_bytes = true;
        body->bytes = (troupe_bytes_t) { s_pointer (member->val.via.bin.ptr), member->val.via.bin.size };
    }
    else if (is_body)
        body->tree = s_value (&member->val, &error);
    else if (name && json_object_set_new (map, name, s_value (&member->val, &error)))
        error = error ? error : TROUPE_EPROTO;
    free (name);
    return error;
}

//  Bytes of the body are views of the message: libmsgpack copies neither texts nor bytes.
troupe_error_t troupe_msgpack_read_map (const void *data, size_t size, json_t **map_p, troupe_document_t *body,
                                        char *why, size_t why_size)
{
    msgpack_unpacked unpacked;
    size_t offset = 0;
    snprintf (why, why_size, "the document is malformed, or no map of texts");
    if (!s_is_whole (data, size))
        return TROUPE_EPROTO;
    json_t *map = json_object ();
    troupe_error_t error = map ? TROUPE_OK : TROUPE_ENOMEM;
    msgpack_unpacked_init (&unpacked);
    if (msgpack_unpack_next (&unpacked, data, size, &offset) != MSGPACK_UNPACK_SUCCESS)
        error = TROUPE_ENOMEM;
    else if (unpacked.data.type != MSGPACK_OBJECT_MAP)
        error = TROUPE_EPROTO;
    for (uint32_t index = 0; !error && index < unpacked.data.via.map.size; index++)
        error = s_member (&unpacked.data.via.map.ptr [index], map, body);
    msgpack_unpacked_destroy (&unpacked);
    if (error == TROUPE_ENOTSUP)
        snprintf (why, why_size, "a number that has no room in 64 bits, or an extension");
    *map_p = map;
    return error;
}

//  --- Writing

static void s_write_text (msgpack_packer *packer, const char *text, size_t size)
{
    msgpack_pack_str (packer, size);
    msgpack_pack_str_body (packer, text, size);
}

static void s_write (msgpack_packer *packer, json_t *value);

static void s_write_object (msgpack_packer *packer, json_t *object)
{
    const char *name;
    json_t *member;
    msgpack_pack_map (packer, json_object_size (object));
    json_object_foreach (object, name, member) {
        s_write_text (packer, name, strlen (name));
        s_write (packer, member);
    }
}

static void s_write (msgpack_packer *packer, json_t *value)
{
    switch (json_typeof (value)) {
    case JSON_OBJECT:
        s_write_object (packer, value);
        break;
    case JSON_ARRAY:
        msgpack_pack_array (packer, json_array_size (value));
        for (size_t index = 0; index < json_array_size (value); index++)
            s_write (packer, json_array_get (value, index));
        break;
    case JSON_STRING:
        s_write_text (packer, json_string_value (value), json_string_length (value));
        break;
    case JSON_INTEGER:
        msgpack_pack_int64 (packer, json_integer_value (value));
        break;
    case JSON_REAL:
        msgpack_pack_double (packer, json_real_value (value));
        break;
    case JSON_TRUE:
        msgpack_pack_true (packer);
        break;
    case JSON_FALSE:
        msgpack_pack_false (packer);
        break;
    default:
        msgpack_pack_nil (packer);
    }
}

//  A buffer that remembers that memory ran out.
typedef struct {
    char *data;
    size_t size, capacity;
    bool failed;
} s_buffer_t;

static int s_append (void *context, const char *data, size_t size)
{
    s_buffer_t *self = context;
    if (self->failed || size > self->capacity - self->size) {
        size_t capacity = self->capacity * 2 > self->size + size ? self->capacity * 2 : self->size + size + 256;
        char *grown = self->failed ? NULL : realloc (self->data, capacity);
        self->failed = !grown;
        if (!grown)
            return -1;
        self->data = grown;
        self->capacity = capacity;
    }
    if (size)
        memcpy (self->data + self->size, data, size);
    self->size += size;
    return 0;
}

troupe_error_t troupe_msgpack_write_map (json_t *head, const troupe_document_t *body, void **data_p, size_t *size_p)
{
    const char *name;
    json_t *member;
    s_buffer_t buffer = { 0 };
    msgpack_packer packer;
    msgpack_packer_init (&packer, &buffer, s_append);
    msgpack_pack_map (&packer, json_object_size (head) + 1);
    json_object_foreach (head, name, member) {
        s_write_text (&packer, name, strlen (name));
        s_write (&packer, member);
    }
    s_write_text (&packer, "body", 4);
    if (body->is_bytes) {
        msgpack_pack_bin (&packer, body->bytes.size);
        msgpack_pack_bin_body (&packer, body->bytes.data, body->bytes.size);
    }
    else if (body->tree)
        s_write (&packer, body->tree);
    else
        msgpack_pack_nil (&packer);
    if (buffer.failed) {
        free (buffer.data);
        return TROUPE_ENOMEM;
    }
    *data_p = buffer.data;
    *size_p = buffer.size;
    return TROUPE_OK;
}
