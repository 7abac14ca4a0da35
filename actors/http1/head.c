/*  =========================================================================
    head.c - the head of a message: limits, and room for one

    Place: actors/http1/. See head.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "head.h"

#include <stdlib.h>

const troupe_http_limits_t troupe_http_limits_default = {
    .request_line_bytes = 8192,
    .header_bytes = 16384,
    .header_fields = 100,
    .chunk_extension_bytes = 4096,
    .body_bytes = 1048576,
};

troupe_http_scratch_t *troupe_http_scratch_new (const troupe_http_limits_t *limits)
{
    return calloc (1, sizeof (troupe_http_scratch_t) + (limits->header_fields + 1u) * sizeof (troupe_header_t));
}

void troupe_http_scratch_destroy (troupe_http_scratch_t **self_p)
{
    if (self_p == NULL)
        return;
    free (*self_p);
    *self_p = NULL;
}
