/*  =========================================================================
    answer_fuzz.c - any bytes as a server's answer in SMILE, JSON or MessagePack

    Place: tests/fuzz, of actors/rpc/document_client.c. The first byte says the
    format. What is read becomes a response that decodes; written as an answer
    it is read again, with the same status.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdlib.h>
#include <string.h>

#include "rpc/document.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void s_check (bool holds)
{
    if (!holds)
        abort ();
}

static void s_check_text (troupe_text_t text)
{
    s_check (strlen (text.data) == text.size);
}

static int s_status_of (troupe_bytes_t response, troupe_response_view_t *view)
{
    troupe_header_t header;
    s_check (troupe_response_decode (response.data, response.size, view) == TROUPE_OK);
    for (size_t cursor = 0; troupe_headers_next (&view->headers, &cursor, &header);) {
        s_check_text (header.name);
        s_check_text (header.value);
    }
    return view->status;
}

//  The body may change its form (bytes become text in base64), the status may not.
static void s_read_again (troupe_format_t format, const troupe_response_view_t *view)
{
    void *answer = NULL, *response = NULL;
    size_t answer_size = 0, size = 0;
    troupe_response_view_t again;
    s_check (troupe_answer_write (format, view, &answer, &answer_size) == TROUPE_OK);
    s_check (troupe_answer_read (format, answer, answer_size, &response, &size) == TROUPE_OK);
    s_check (s_status_of ((troupe_bytes_t) { response, size }, &again) == view->status);
    free (answer);
    free (response);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    static const troupe_format_t formats [] = { TROUPE_FORMAT_JSON, TROUPE_FORMAT_SMILE, TROUPE_FORMAT_MSGPACK };
    if (size == 0)
        return 0;
    const troupe_format_t format = formats [data [0] % 3];
    void *response = NULL;
    size_t response_size = 0;
    troupe_response_view_t view;
    if (troupe_answer_read (format, data + 1, size - 1, &response, &response_size))
        return 0;
    const int status = s_status_of ((troupe_bytes_t) { response, response_size }, &view);
    s_check (status >= 100 && status <= 599);
    s_read_again (format, &view);
    free (response);
    return 0;
}
