/*  =========================================================================
    birth_fuzz - any bytes as the birth of a child process

    Place: tests/fuzz, of runtime/core/packet/birth.c. Whatever is taken is
    written again as the same bytes.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdlib.h>
#include <string.h>

#include "core/packet/birth.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void s_require (bool condition)
{
    if (!condition)
        abort ();
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    troupe_birth_t birth;
    troupe_error_t error = troupe_birth_read (data, size, &birth);
    s_require (error == TROUPE_OK || error == TROUPE_EPROTO);
    if (error)
        return 0;
    size_t written = 0;
    uint8_t *word = troupe_birth_write (&birth, &written);
    s_require (word && written == TROUPE_CONTROL_HEAD + size);
    s_require (memcmp (word + TROUPE_CONTROL_HEAD, data, size) == 0);
    free (word);
    free (birth.settings);
    return 0;
}
