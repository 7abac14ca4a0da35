/*  =========================================================================
    rpc_call/words.c - questions and answers as documents

    Place: samples/rpc_call. JSON by jansson, SMILE by troupe, MessagePack by
    msgpack-c: the same map in each.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "words.h"

#include <stdlib.h>
#include <string.h>

#include <msgpack.h>

words_t words_find (const char *name)
{
    static const char *const names [] = { "troupe", "json", "smile", "msgpack" };
    unsigned words = 0;
    while (words < WORDS_NONE && strcmp (names [words], name) != 0)
        words++;
    return (words_t) words;
}

//  --- SMILE

static void s_smile_write (troupe_smile_writer_t *writer, const json_t *value)
{
    size_t index;
    const char *name;
    json_t *member;
    switch (json_typeof (value)) {
    case JSON_OBJECT:
        troupe_smile_begin_object (writer);
        json_object_foreach ((json_t *) (uintptr_t) value, name, member) {
            troupe_smile_write_name (writer, name, strlen (name));
            s_smile_write (writer, member);
        }
        troupe_smile_end_object (writer);
        break;
    case JSON_ARRAY:
        troupe_smile_begin_array (writer);
        json_array_foreach (value, index, member)
            s_smile_write (writer, member);
        troupe_smile_end_array (writer);
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

static void *s_smile (const json_t *map, size_t *size_p)
{
    troupe_smile_writer_t *writer = troupe_smile_writer_new (TROUPE_SMILE_SHARED_NAMES);
    troupe_bytes_t bytes = { NULL, 0 };
    void *data = NULL;
    if (writer)
        s_smile_write (writer, map);
    if (writer && troupe_smile_writer_data (writer, &bytes) == TROUPE_OK)
        data = malloc (bytes.size);
    if (data)
        memcpy (data, bytes.data, bytes.size);
    *size_p = bytes.size;
    troupe_smile_writer_destroy (&writer);
    return data;
}

//  A text as it is; what is no UTF-8 says only how large it is.
static json_t *s_text (const void *data, size_t size)
{
    json_t *text = json_stringn (data, size);
    return text ? text : json_sprintf ("(%zu bytes)", size);
}

static json_t *s_smile_read (troupe_smile_reader_t *reader, const troupe_smile_token_t *token);

//  Takes over 'name', which is null within an array.
static bool s_smile_member (troupe_smile_reader_t *reader, json_t *all, json_t *name, troupe_smile_token_t *token)
{
    const bool there = !name || troupe_smile_next (reader, token) == TROUPE_OK;
    json_t *value = there ? s_smile_read (reader, token) : NULL;
    const int failed = !value ? -1 : name ? json_object_set (all, json_string_value (name), value)
                                          : json_array_append (all, value);
    json_decref (name);
    json_decref (value);
    return failed == 0;
}

static json_t *s_smile_members (troupe_smile_reader_t *reader, json_t *all)
{
    troupe_smile_token_t token;
    while (all && troupe_smile_next (reader, &token) == TROUPE_OK) {
        if (token.kind == TROUPE_SMILE_ARRAY_END || token.kind == TROUPE_SMILE_OBJECT_END)
            return all;
        json_t *name = token.kind == TROUPE_SMILE_NAME ? s_text (token.bytes.data, token.bytes.size) : NULL;
        if (!s_smile_member (reader, all, name, &token))
            break;
    }
    json_decref (all);
    return NULL;
}

//  The value that begins with this token; null when there is none.
static json_t *s_smile_read (troupe_smile_reader_t *reader, const troupe_smile_token_t *token)
{
    switch (token->kind) {
    case TROUPE_SMILE_NULL:
        return json_null ();
    case TROUPE_SMILE_BOOLEAN:
        return json_boolean (token->boolean);
    case TROUPE_SMILE_INTEGER:
        return json_integer (token->integer);
    case TROUPE_SMILE_REAL:
        return json_real (token->real);
    case TROUPE_SMILE_TEXT:
    case TROUPE_SMILE_BINARY:
        return s_text (token->bytes.data, token->bytes.size);
    case TROUPE_SMILE_ARRAY:
        return s_smile_members (reader, json_array ());
    case TROUPE_SMILE_OBJECT:
        return s_smile_members (reader, json_object ());
    default:
        return NULL;
    }
}

static json_t *s_from_smile (const void *data, size_t size)
{
    troupe_smile_reader_t *reader = troupe_smile_reader_new ();
    troupe_smile_token_t token;
    json_t *map = NULL;
    if (reader) {
        troupe_smile_reader_begin (reader, data, size, 0);
        if (troupe_smile_next (reader, &token) == TROUPE_OK)
            map = s_smile_read (reader, &token);
    }
    troupe_smile_reader_destroy (&reader);
    return map;
}

//  --- MessagePack

static void s_pack (msgpack_packer *packer, const json_t *value)
{
    size_t index;
    const char *name;
    json_t *member;
    switch (json_typeof (value)) {
    case JSON_OBJECT:
        msgpack_pack_map (packer, json_object_size (value));
        json_object_foreach ((json_t *) (uintptr_t) value, name, member) {
            msgpack_pack_str_with_body (packer, name, strlen (name));
            s_pack (packer, member);
        }
        break;
    case JSON_ARRAY:
        msgpack_pack_array (packer, json_array_size (value));
        json_array_foreach (value, index, member)
            s_pack (packer, member);
        break;
    case JSON_STRING:
        msgpack_pack_str_with_body (packer, json_string_value (value), json_string_length (value));
        break;
    case JSON_INTEGER:
        msgpack_pack_int64 (packer, json_integer_value (value));
        break;
    case JSON_REAL:
        msgpack_pack_double (packer, json_real_value (value));
        break;
    case JSON_NULL:
        msgpack_pack_nil (packer);
        break;
    default:
        json_is_true (value) ? msgpack_pack_true (packer) : msgpack_pack_false (packer);
    }
}

static void *s_msgpack (const json_t *map, size_t *size_p)
{
    msgpack_sbuffer buffer;
    msgpack_packer packer;
    msgpack_sbuffer_init (&buffer);
    msgpack_packer_init (&packer, &buffer, msgpack_sbuffer_write);
    s_pack (&packer, map);
    *size_p = buffer.size;
    return msgpack_sbuffer_release (&buffer);
}

static json_t *s_unpack (const msgpack_object *object);

static json_t *s_unpack_map (const msgpack_object_map *map)
{
    json_t *all = json_object ();
    for (uint32_t index = 0; index < map->size; index++) {
        json_t *name = s_unpack (&map->ptr [index].key);
        if (json_is_string (name))
            json_object_set_new (all, json_string_value (name), s_unpack (&map->ptr [index].val));
        json_decref (name);
    }
    return all;
}

static json_t *s_unpack (const msgpack_object *object)
{
    json_t *all;
    switch (object->type) {
    case MSGPACK_OBJECT_MAP:
        return s_unpack_map (&object->via.map);
    case MSGPACK_OBJECT_ARRAY:
        all = json_array ();
        for (uint32_t index = 0; index < object->via.array.size; index++)
            json_array_append_new (all, s_unpack (&object->via.array.ptr [index]));
        return all;
    case MSGPACK_OBJECT_STR:
        return s_text (object->via.str.ptr, object->via.str.size);
    case MSGPACK_OBJECT_BIN:
        return s_text (object->via.bin.ptr, object->via.bin.size);
    case MSGPACK_OBJECT_BOOLEAN:
        return json_boolean (object->via.boolean);
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        return json_integer (object->via.i64);
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
        return json_real (object->via.f64);
    default:
        return json_null ();
    }
}

static json_t *s_from_msgpack (const void *data, size_t size)
{
    msgpack_unpacked unpacked;
    json_t *map = NULL;
    msgpack_unpacked_init (&unpacked);
    if (msgpack_unpack_next (&unpacked, data, size, NULL) == MSGPACK_UNPACK_SUCCESS)
        map = s_unpack (&unpacked.data);
    msgpack_unpacked_destroy (&unpacked);
    return map;
}

//  --- All of them

void *words_write (words_t words, const json_t *map, size_t *size_p)
{
    if (words == WORDS_SMILE)
        return s_smile (map, size_p);
    if (words == WORDS_MSGPACK)
        return s_msgpack (map, size_p);
    char *text = json_dumps (map, JSON_COMPACT);
    *size_p = text ? strlen (text) : 0;
    return text;
}

json_t *words_read (words_t words, const void *data, size_t size)
{
    json_t *map = words == WORDS_SMILE ? s_from_smile (data, size)
                : words == WORDS_MSGPACK ? s_from_msgpack (data, size) : json_loadb (data, size, 0, NULL);
    if (json_is_object (map))
        return map;
    json_decref (map);
    return NULL;
}
