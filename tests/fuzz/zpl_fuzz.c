/*  =========================================================================
    zpl_fuzz - any bytes as a configuration file

    Place: tests/fuzz, of runtime/live/app/zpl.c. Whatever the text: paths are well
    formed, values lie inside of it, lines only go forward, faults have words.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdlib.h>
#include <string.h>

#include "live/app/zpl.h"

typedef struct {
    const char *text;
    size_t size;
    unsigned line;
} s_text_t;

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void s_require (bool condition)
{
    if (!condition)
        abort ();
}

static troupe_error_t s_on_value (void *context, unsigned line, const char *path, const char *value, size_t size)
{
    s_text_t *text = context;
    s_require (!troupe_zpl_path_fault (path, strlen (path)));
    s_require (value >= text->text && value + size <= text->text + text->size);
    s_require (!memchr (value, '\n', size) && line > text->line);
    text->line = line;
    return TROUPE_OK;
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    s_text_t text = { (const char *) data, size, 0 };
    troupe_zpl_fault_t fault;
    troupe_error_t error = troupe_zpl_read (text.text, size, s_on_value, &text, &fault);
    s_require (error == TROUPE_OK || (error == TROUPE_EINVAL && fault.what && fault.line > text.line));
    return 0;
}
