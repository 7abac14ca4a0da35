/*  =========================================================================
    core/request/response_ready.c - whole responses: text, JSON, problems

    Place: runtime/core, above response.c. What handlers answer most often, in
    one call, and what doors and services answer by themselves.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/request/response.h"

#include <troupe/utf8.h>

#include <stdio.h>

#define S_DETAIL_MAX 1000

typedef struct s_status {
    int status;
    const char *text;
} s_status_t;

static const s_status_t s_statuses [] = {
    { 100, "Continue" }, { 101, "Switching Protocols" },
    { 200, "OK" }, { 201, "Created" }, { 202, "Accepted" }, { 203, "Non-Authoritative Information" },
    { 204, "No Content" }, { 205, "Reset Content" }, { 206, "Partial Content" },
    { 300, "Multiple Choices" }, { 301, "Moved Permanently" }, { 302, "Found" }, { 303, "See Other" },
    { 304, "Not Modified" }, { 307, "Temporary Redirect" }, { 308, "Permanent Redirect" },
    { 400, "Bad Request" }, { 401, "Unauthorized" }, { 402, "Payment Required" }, { 403, "Forbidden" },
    { 404, "Not Found" }, { 405, "Method Not Allowed" }, { 406, "Not Acceptable" },
    { 407, "Proxy Authentication Required" }, { 408, "Request Timeout" }, { 409, "Conflict" }, { 410, "Gone" },
    { 411, "Length Required" }, { 412, "Precondition Failed" }, { 413, "Content Too Large" },
    { 414, "URI Too Long" }, { 415, "Unsupported Media Type" }, { 416, "Range Not Satisfiable" },
    { 417, "Expectation Failed" }, { 421, "Misdirected Request" }, { 422, "Unprocessable Content" },
    { 426, "Upgrade Required" }, { 428, "Precondition Required" }, { 429, "Too Many Requests" },
    { 431, "Request Header Fields Too Large" },
    { 500, "Internal Server Error" }, { 501, "Not Implemented" }, { 502, "Bad Gateway" },
    { 503, "Service Unavailable" }, { 504, "Gateway Timeout" }, { 505, "HTTP Version Not Supported" },
};

const char *troupe_status_text (int status)
{
    for (size_t index = 0; index < sizeof s_statuses / sizeof s_statuses [0]; index++)
        if (s_statuses [index].status == status)
            return s_statuses [index].text;
    return "";
}

int troupe_status_of_outcome (troupe_outcome_t outcome)
{
    switch (outcome) {
        case TROUPE_CALL_OK: return 200;
        case TROUPE_CALL_FAILED: return 500;
        case TROUPE_CALL_TIMEOUT: return 504;
        default: return 503;
    }
}

static troupe_error_t s_whole (troupe_response_t *response, int status, const char *type, const char *text)
{
    troupe_error_t error = troupe_response_status (response, status);
    if (!error)
        error = troupe_response_type (response, type);
    if (error)
        return error;
    troupe_response_clear_body (response);
    return troupe_response_body (response, text, text ? strlen (text) : 0);
}

troupe_error_t troupe_response_text (troupe_response_t *response, int status, const char *text)
{
    return s_whole (response, status, "text/plain; charset=utf-8", text);
}

troupe_error_t troupe_response_json (troupe_response_t *response, int status, const char *json)
{
    return s_whole (response, status, "application/json", json);
}

//  --- Problems

//  How many bytes the UTF-8 character at 'text' has; 0 when none begins there.
static size_t s_character_size (const unsigned char *text)
{
    troupe_utf8_t utf8 = { 0, 0, 0 };
    for (size_t size = 0; troupe_utf8_take (&utf8, text [size]) == TROUPE_UTF8_GOOD; size++)
        if (!utf8.left)
            return size + 1;
    return 0;
}

//  Appends text as the inside of a JSON string (RFC 8259, 7).
static troupe_error_t s_json_text (troupe_response_t *response, const char *text)
{
    troupe_error_t error = TROUPE_OK;
    for (const unsigned char *cursor = (const unsigned char *) text; *cursor && !error; ) {
        size_t size = s_character_size (cursor);
        if (size == 0)
            error = troupe_response_body (response, "\xEF\xBF\xBD", 3);
        else if (*cursor == '"' || *cursor == '\\')
            error = troupe_response_bodyf (response, "\\%c", *cursor);
        else if (*cursor < 0x20)
            error = troupe_response_bodyf (response, "\\u%04x", *cursor);
        else
            error = troupe_response_body (response, cursor, size);
        cursor += size ? size : 1;
    }
    return error;
}

static troupe_error_t s_problem (troupe_response_t *response, int status, const char *detail)
{
    troupe_error_t error = troupe_response_status (response, status);
    if (!error)
        error = troupe_response_type (response, "application/problem+json");
    if (!error)
        error = troupe_response_bodyf (response, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d",
                                       troupe_status_text (status), status);
    if (!error && detail) {
        error = troupe_response_bodyf (response, ",\"detail\":\"");
        if (!error)
            error = s_json_text (response, detail);
        if (!error)
            error = troupe_response_bodyf (response, "\"");
    }
    return error ? error : troupe_response_body (response, "}", 1);
}

troupe_error_t troupe_response_problem (troupe_response_t *response, int status, const char *format, ...)
{
    char detail [S_DETAIL_MAX + 1];
    if (status < 100 || status > 599)
        return TROUPE_EINVAL;
    if (format) {
        va_list arguments;
        va_start (arguments, format);
        int length = vsnprintf (detail, sizeof detail, format, arguments);
        va_end (arguments);
        if (length < 0)
            return TROUPE_EINVAL;
    }
    troupe_response_reset (response);
    return s_problem (response, status, format ? detail : NULL);
}
