/*  =========================================================================
    http_response_fuzz.c - any bytes of a server, cut anywhere, give one verdict

    Place: tests/fuzz. The first two octets say where the rest is cut, and
    whether it answers HEAD; the transcripts of the whole, of the pieces and of
    single octets must agree.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../unit/http_transcript.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void s_same (const char *whole, char *other)
{
    if (strcmp (whole, other) != 0) {
        fprintf (stderr, "whole: %s\npieces: %s\n", whole, other);
        abort ();
    }
    free (other);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    static const troupe_http_limits_t small = { 64, 256, 8, 16, 64 };
    if (size < 3)
        return 0;
    const troupe_http_limits_t *limits = data [0] & 1 ? &small : &troupe_http_limits_default;
    const bool head_only = data [1] & 1;
    size_t cuts [2] = { data [0] % (size - 2), data [1] % (size - 2) };
    if (cuts [0] > cuts [1]) {
        const size_t least = cuts [1];
        cuts [1] = cuts [0];
        cuts [0] = least;
    }
    char *whole = http_transcript_responses (limits, head_only, data + 2, size - 2, NULL, 0);
    s_same (whole, http_transcript_responses (limits, head_only, data + 2, size - 2, cuts, 2));
    if (size < 512)
        s_same (whole, http_transcript_responses_trickle (limits, head_only, data + 2, size - 2));
    free (whole);
    return 0;
}
