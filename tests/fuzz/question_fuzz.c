/*  =========================================================================
    question_fuzz.c - any bytes as a question in SMILE, JSON or MessagePack

    Place: tests/fuzz, of actors/rpc/document*.c. What is read becomes a request
    that decodes; its body, sent back, is an answer in the same format.

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

static void s_answer (troupe_format_t format, const troupe_request_t *request)
{
    troupe_response_view_t response = { .status = 200, .headers = request->headers, .body = request->body };
    troupe_format_t answered;
    void *answer = NULL;
    size_t size = 0;
    s_check (troupe_answer_write (format, &response, &answer, &size) == TROUPE_OK);
    s_check (troupe_format_recognise (answer, size, &answered) && answered == format);
    free (answer);
}

static void s_encode (troupe_format_t format, const troupe_question_t *question)
{
    char why [160] = "";
    void *encoded = NULL;
    size_t size = 0;
    troupe_request_t request;
    if (troupe_question_encode (question, "", &encoded, &size, why, sizeof why)) {
        s_check (*why);
        return;
    }
    s_check (troupe_request_decode (encoded, size, &request) == TROUPE_OK);
    s_answer (format, &request);
    free (encoded);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    char why [160] = "";
    troupe_format_t format;
    troupe_question_t question;
    if (!troupe_format_recognise (data, size, &format))
        return 0;
    if (troupe_question_read (format, data, size, &question, why, sizeof why) == TROUPE_OK)
        s_encode (format, &question);
    else
        s_check (*why);
    troupe_question_clear (&question);
    return 0;
}
