/*  =========================================================================
    document.c - questions and answers of callers of other languages

    Place: actors/rpc; see document.h. JSON is read and written here, by
    jansson; the other two formats have files of their own.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http1/scan.h"
#include "smile.h"

#define S_HEADERS_MAX 100u
#define S_TYPE "Content-Type"

void troupe_document_clear (troupe_document_t *self)
{
    json_decref (self->tree);
    free (self->memory);
    *self = (troupe_document_t) { 0 };
}

void troupe_question_clear (troupe_question_t *question)
{
    troupe_document_clear (&question->body);
    json_decref (question->map);
    *question = (troupe_question_t) { 0 };
}

//  --- Which format

static bool s_is_blank (uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

bool troupe_format_recognise (const void *data, size_t size, troupe_format_t *format)
{
    const uint8_t *bytes = data;
    if (size >= 3 && memcmp (bytes, TROUPE_SMILE_MARK, 3) == 0) {
        *format = TROUPE_FORMAT_SMILE;
        return true;
    }
    if (size && ((bytes [0] & 0xF0) == 0x80 || bytes [0] == 0xDE || bytes [0] == 0xDF)) {
        *format = TROUPE_FORMAT_MSGPACK;
        return true;
    }
    size_t at = 0;
    while (at < size && s_is_blank (bytes [at]))
        at++;
    *format = TROUPE_FORMAT_JSON;
    return at < size && bytes [at] == '{';
}

//  --- Base64 (RFC 4648, section 4)

json_t *troupe_document_base64 (troupe_bytes_t bytes)
{
    static const char digits [] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *data = bytes.data;
    size_t size = (bytes.size + 2) / 3 * 4, out = 0;
    char *text = malloc (size + 1);
    if (!text)
        return NULL;
    for (size_t at = 0; at < bytes.size; at += 3) {
        size_t left = bytes.size - at;
        uint32_t group = (uint32_t) data [at] << 16 | (left > 1 ? (uint32_t) data [at + 1] << 8 : 0)
                         | (left > 2 ? data [at + 2] : 0);
        text [out++] = digits [group >> 18];
        text [out++] = digits [group >> 12 & 63];
        text [out++] = left > 1 ? digits [group >> 6 & 63] : '=';
        text [out++] = left > 2 ? digits [group & 63] : '=';
    }
    json_t *value = json_stringn_nocheck (text, size);
    free (text);
    return value;
}

//  --- Reading

//  jansson recurses as deep as the text does.
static bool s_is_too_deep (const char *text, size_t size)
{
    unsigned depth = 0;
    bool quoted = false;
    for (size_t at = 0; at < size; at++) {
        char byte = text [at];
        if (quoted && byte == '\\')
            at++;
        else if (byte == '"')
            quoted = !quoted;
        else if (!quoted && (byte == '[' || byte == '{') && ++depth > TROUPE_DOCUMENT_DEPTH)
            return true;
        else if (!quoted && (byte == ']' || byte == '}') && depth)
            depth--;
    }
    return false;
}

static troupe_error_t s_json_read_map (const void *data, size_t size, json_t **map_p, troupe_document_t *body,
                                       char *why, size_t why_size)
{
    json_error_t error;
    if (s_is_too_deep (data, size)) {
        snprintf (why, why_size, "it is nested too deep");
        return TROUPE_ETOOBIG;
    }
    *map_p = json_loadb (data, size, JSON_REJECT_DUPLICATES, &error);
    if (!*map_p) {
        snprintf (why, why_size, "line %d, column %d: %s", error.line, error.column, error.text);
        return json_error_code (&error) == json_error_out_of_memory ? TROUPE_ENOMEM : TROUPE_EPROTO;
    }
    body->tree = json_incref (json_object_get (*map_p, "body"));
    return TROUPE_OK;
}

troupe_error_t troupe_document_read_map (troupe_format_t format, const void *data, size_t size, json_t **map_p,
                                         troupe_document_t *body, char *why, size_t why_size)
{
    switch (format) {
    case TROUPE_FORMAT_SMILE:
        return troupe_smile_read_map (data, size, map_p, body, why, why_size);
    case TROUPE_FORMAT_MSGPACK:
        return troupe_msgpack_read_map (data, size, map_p, body, why, why_size);
    default:
        return s_json_read_map (data, size, map_p, body, why, why_size);
    }
}

static troupe_error_t s_check (troupe_question_t *question, char *why, size_t why_size)
{
    question->method = json_string_value (json_object_get (question->map, "method"));
    question->path = json_string_value (json_object_get (question->map, "path"));
    json_t *headers = json_object_get (question->map, "headers");
    question->headers = headers && !json_is_null (headers) ? headers : NULL;
    const char *wrong = !question->method ? "'method' is missing, or no text"
                      : !question->path ? "'path' is missing, or no text"
                      : question->headers && !json_is_object (question->headers) ? "'headers' is no map" : NULL;
    if (wrong)
        snprintf (why, why_size, "%s", wrong);
    return wrong ? TROUPE_EPROTO : TROUPE_OK;
}

troupe_error_t troupe_question_read (troupe_format_t format, const void *data, size_t size,
                                     troupe_question_t *question, char *why, size_t why_size)
{
    *question = (troupe_question_t) { 0 };
    snprintf (why, why_size, "%s", troupe_error_text (TROUPE_ENOMEM));
    troupe_error_t error = troupe_document_read_map (format, data, size, &question->map, &question->body, why,
                                                     why_size);
    return error ? error : s_check (question, why, why_size);
}

//  --- A question as a request

const char *troupe_document_body (const troupe_document_t *body, troupe_bytes_t *bytes, char **made_p)
{
    *bytes = (troupe_bytes_t) { "", 0 };
    *made_p = NULL;
    if (body->is_bytes) {
        *bytes = body->bytes;
        return "application/octet-stream";
    }
    if (!body->tree || json_is_null (body->tree))
        return NULL;
    if (json_is_string (body->tree)) {
        *bytes = (troupe_bytes_t) { json_string_value (body->tree), json_string_length (body->tree) };
        return "text/plain; charset=utf-8";
    }
    *made_p = json_dumps (body->tree, JSON_COMPACT | JSON_ENCODE_ANY);
    *bytes = (troupe_bytes_t) { *made_p, *made_p ? strlen (*made_p) : 0 };
    return "application/json";
}

static bool s_is_all (const char *text, uint8_t classes)
{
    const uint8_t *bytes = (const uint8_t *) text, *end = bytes + strlen (text);
    return troupe_http_skip (bytes, end, classes) == end;
}

//  A name is a token (RFC 9110, 5.6.2), a value has no control characters.
static bool s_is_field (const char *name, const char *value)
{
    return *name && s_is_all (name, TROUPE_HTTP_TOKEN) && value && s_is_all (value, TROUPE_HTTP_VALUE);
}

//  The type of the body is known already.
static bool s_is_type (const char *name)
{
    return troupe_text_same (troupe_text (name), troupe_text (S_TYPE));
}

//  How many headers; SIZE_MAX when one of them cannot be.
static size_t s_headers (json_t *map, const char *type, troupe_header_t *headers)
{
    size_t count = 0;
    const char *name;
    json_t *value;
    if (type)
        headers [count++] = (troupe_header_t) { troupe_text (S_TYPE), troupe_text (type) };
    json_object_foreach (map, name, value) {
        if (count == S_HEADERS_MAX || !s_is_field (name, json_string_value (value)))
            return SIZE_MAX;
        if (!s_is_type (name))
            headers [count++] = (troupe_header_t) { troupe_text (name), troupe_text (json_string_value (value)) };
    }
    return count;
}

static bool s_is_path (const char *path)
{
    if (*path != '/' && strcmp (path, "*") != 0)
        return false;
    for (; *path; path++)
        if ((unsigned char) *path <= ' ' || (unsigned char) *path >= 127 || *path == '#')
            return false;
    return true;
}

static troupe_error_t s_encode (const troupe_request_parts_t *parts, void **data_p, size_t *size_p)
{
    size_t size = troupe_request_size (parts);
    void *data = size ? malloc (size) : NULL;
    if (!data)
        return size ? TROUPE_ENOMEM : TROUPE_ETOOBIG;
    *data_p = data;
    return troupe_request_encode (parts, data, size, size_p);
}

troupe_error_t troupe_question_encode (const troupe_question_t *question, const char *user, void **data_p,
                                       size_t *size_p, char *why, size_t why_size)
{
    troupe_header_t headers [S_HEADERS_MAX];
    troupe_bytes_t body;
    char *made;
    const char *type = troupe_document_body (&question->body, &body, &made);
    size_t path_size = strcspn (question->path, "?");
    const char *query = question->path [path_size] ? question->path + path_size + 1 : "";
    troupe_request_parts_t parts = { .method = troupe_text (question->method), .query = troupe_text (query),
        .path = { question->path, path_size }, .headers = headers, .body = body, .user = troupe_text (user),
        .header_count = s_headers (question->headers, type, headers) };
    troupe_error_t error = TROUPE_EPROTO;
    if (type && !body.data)
        error = TROUPE_ENOMEM;
    else if (parts.header_count != SIZE_MAX && s_is_path (question->path))
        error = s_encode (&parts, data_p, size_p);
    if (error)
        snprintf (why, why_size, "%s", error != TROUPE_EPROTO ? troupe_error_text (error)
                                 : parts.header_count == SIZE_MAX ? "'headers' has one that cannot be sent"
                                 : "'path' is no path");
    free (made);
    return error;
}

//  --- A response as an answer

static bool s_is_json (troupe_text_t type)
{
    size_t size = type.data ? strcspn (type.data, "; \t") : 0;
    troupe_text_t media = { type.data, size };
    troupe_text_t suffix = { size > 5 ? type.data + size - 5 : "", size > 5 ? 5 : 0 };
    return troupe_text_same (media, troupe_text ("application/json"))
           || troupe_text_same (suffix, troupe_text ("+json"));
}

static bool s_is_text (troupe_text_t type)
{
    return type.size > 5 && troupe_text_same ((troupe_text_t) { type.data, 5 }, troupe_text ("text/"));
}

//  The body of a response as a value; null tree and no bytes for none. False when memory is out.
static bool s_take_body (const troupe_response_view_t *response, troupe_document_t *body)
{
    troupe_bytes_t bytes = response->body;
    troupe_text_t type = troupe_headers_find (&response->headers, S_TYPE);
    if (!bytes.size)
        return true;
    if (s_is_json (type) && !s_is_too_deep (bytes.data, bytes.size))
        body->tree = json_loadb (bytes.data, bytes.size, JSON_DECODE_ANY, NULL);
    if (body->tree)
        return true;
    if ((s_is_json (type) || s_is_text (type)) && troupe_smile_is_utf8 (bytes.data, bytes.size, NULL)) {
        body->tree = json_stringn_nocheck (bytes.data, bytes.size);
        return body->tree;
    }
    body->is_bytes = true;
    body->bytes = bytes;
    return true;
}

//  'body' has no bytes any more when it comes back.
static troupe_error_t s_json_write_map (json_t *head, troupe_document_t *body, void **data_p, size_t *size_p)
{
    if (body->is_bytes)
        body->tree = troupe_document_base64 (body->bytes);
    if (body->is_bytes && !body->tree)
        return TROUPE_ENOMEM;
    json_t *member = body->tree ? json_incref (body->tree) : json_null ();
    char *text = json_object_set_new (head, "body", member) == 0 ? json_dumps (head, JSON_COMPACT) : NULL;
    *data_p = text ? text : *data_p;
    *size_p = text ? strlen (text) : *size_p;
    return text ? TROUPE_OK : TROUPE_ENOMEM;
}

troupe_error_t troupe_document_write_map (troupe_format_t format, json_t *head,
                                          const troupe_response_view_t *content, void **data_p, size_t *size_p)
{
    troupe_document_t body = { 0 };
    troupe_error_t error = TROUPE_ENOMEM;
    if (head && s_take_body (content, &body))
        error = format == TROUPE_FORMAT_SMILE ? troupe_smile_write_map (head, &body, data_p, size_p)
              : format == TROUPE_FORMAT_MSGPACK ? troupe_msgpack_write_map (head, &body, data_p, size_p)
              : s_json_write_map (head, &body, data_p, size_p);
    troupe_document_clear (&body);
    json_decref (head);
    return error;
}

troupe_error_t troupe_answer_write (troupe_format_t format, const troupe_response_view_t *response, void **data_p,
                                    size_t *size_p)
{
    return troupe_document_write_map (format, json_pack ("{s:i}", "status", response->status), response, data_p,
                                      size_p);
}
