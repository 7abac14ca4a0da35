/*  =========================================================================
    document_client.c - questions to, and answers of, programs of other languages

    Place: actors/rpc; see document.h. What document.c does for a door, the
    other way round.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "document.h"

#include <stdlib.h>
#include <string.h>

//  --- Questions

//  The path with its query; null when memory is out.
static json_t *s_path (const troupe_request_t *request)
{
    size_t size = request->path.size + request->query.size + 1;
    char *text = malloc (size);
    if (!text)
        return NULL;
    memcpy (text, request->path.data, request->path.size);
    size = request->path.size;
    if (request->query.size) {
        text [size] = '?';
        memcpy (text + size + 1, request->query.data, request->query.size);
        size += request->query.size + 1;
    }
    json_t *path = json_stringn (text, size);
    free (text);
    return path;
}

//  What is no text in UTF-8 is left out.
static json_t *s_headers (const troupe_headers_t *headers)
{
    json_t *map = json_object ();
    troupe_header_t header;
    for (size_t cursor = 0; map && troupe_headers_next (headers, &cursor, &header);)
        json_object_set_new (map, header.name.data, json_stringn (header.value.data, header.value.size));
    return map;
}

troupe_error_t troupe_question_write (troupe_format_t format, const troupe_request_t *request, void **data_p,
                                      size_t *size_p)
{
    troupe_response_view_t content = { .headers = request->headers, .body = request->body };
    json_t *head = json_pack ("{s:s, s:o}", "method", request->method.data, "path", s_path (request));
    if (head && request->headers.count && json_object_set_new (head, "headers", s_headers (&request->headers))) {
        json_decref (head);
        head = NULL;
    }
    return troupe_document_write_map (format, head, &content, data_p, size_p);
}

//  --- Answers

static void s_add_headers (troupe_response_t *response, json_t *map, const char *type)
{
    const char *name;
    json_t *value;
    bool typed = false;
    json_object_foreach (map, name, value) {
        typed = typed || troupe_text_same (troupe_text (name), troupe_text ("Content-Type"));
        if (json_is_string (value))
            troupe_response_header (response, name, json_string_value (value));
    }
    if (type && !typed)
        troupe_response_type (response, type);
}

static troupe_error_t s_encode (troupe_response_t *response, void **data_p, size_t *size_p)
{
    troupe_bytes_t encoded = troupe_response_encoded (response);
    void *data = encoded.data ? malloc (encoded.size) : NULL;
    if (!data)
        return TROUPE_ENOMEM;
    memcpy (data, encoded.data, encoded.size);
    *data_p = data;
    *size_p = encoded.size;
    return TROUPE_OK;
}

static troupe_error_t s_respond (json_t *map, const troupe_document_t *body, void **data_p, size_t *size_p)
{
    json_int_t status = json_integer_value (json_object_get (map, "status"));
    if (status < 100 || status > 599)
        return TROUPE_EPROTO;
    troupe_response_t *response = troupe_response_new ();
    if (!response)
        return TROUPE_ENOMEM;
    troupe_bytes_t bytes;
    char *made;
    const char *type = troupe_document_body (body, &bytes, &made);
    troupe_response_status (response, (int) status);
    s_add_headers (response, json_object_get (map, "headers"), type);
    troupe_error_t error = type && !bytes.data ? TROUPE_ENOMEM : TROUPE_OK;
    if (!error)
        troupe_response_body (response, bytes.data, bytes.size);
    if (!error)
        error = s_encode (response, data_p, size_p);
    free (made);
    troupe_response_destroy (&response);
    return error;
}

troupe_error_t troupe_answer_read (troupe_format_t format, const void *data, size_t size, void **data_p,
                                   size_t *size_p)
{
    json_t *map = NULL;
    troupe_document_t body = { 0 };
    char why [128];
    troupe_error_t error = troupe_document_read_map (format, data, size, &map, &body, why, sizeof why);
    if (!error)
        error = s_respond (map, &body, data_p, size_p);
    troupe_document_clear (&body);
    json_decref (map);
    return error;
}
