/*  =========================================================================
    http_transcript.h - what the HTTP parser says of some bytes, as text

    Place: tests/unit, for fuzzing too. Feeds a parser the way a
    stream does: what it has not consumed comes again with more behind it, in
    memory of exactly that size. Between two pieces the shared scratch is
    spoilt, as other connections would.

    A transcript, events separated by " | ":
      GET /a?b 1.1 keep @host [name=value] | body "abc" | end | 400
    "keep" or "close"; then "length N", "chunked", "continue", "expect?" if so.
    Pieces of one body are joined. It ends with "more" in the midst of a
    request. Of responses:
      200 1.1 keep length 3 [name=value] | body "abc" | end
    with "until close" where the end of the connection ends the body. Behind
    the bytes the connection ends.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TESTS_UNIT_HTTP_TRANSCRIPT_H_INCLUDED
#define TESTS_UNIT_HTTP_TRANSCRIPT_H_INCLUDED

#include "http1/parser.h"

//  Feeds pieces that end at 'cuts' (ascending, below 'size') and at 'size'. The caller frees the transcript.
char *http_transcript (const troupe_http_limits_t *limits, const void *data, size_t size,
                       const size_t *cuts, size_t cut_count);

//  The same, an octet at a time.
char *http_transcript_trickle (const troupe_http_limits_t *limits, const void *data, size_t size);

//  The same for responses, to HEAD or not.
char *http_transcript_responses (const troupe_http_limits_t *limits, bool head_only, const void *data, size_t size,
                                 const size_t *cuts, size_t cut_count);
char *http_transcript_responses_trickle (const troupe_http_limits_t *limits, bool head_only, const void *data,
                                         size_t size);

#endif
