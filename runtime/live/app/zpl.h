/*  =========================================================================
    zpl - reads ZPL, the text of configuration files

    Place: runtime/live, under config. Pure: text in, values out. The format
    is https://rfc.zeromq.org/spec/4/ as zconfig of czmq reads it. zconfig
    itself will not do here: it prints its complaints to standard output
    without the file's name, asserts when memory is out, and reads past the
    end of a text that has a line of more than 1,024 bytes.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_ZPL_H_INCLUDED
#define TROUPE_LIVE_ZPL_H_INCLUDED

#include <troupe/error.h>

#define TROUPE_ZPL_PATH_MAX 511
#define TROUPE_ZPL_DEPTH_MAX 16

//  Takes one value: 'path' like "children/http/listen", ended by null; 'value' is 'size' bytes, not ended. An error
//  that it returns ends the reading.
typedef troupe_error_t (troupe_zpl_fn) (void *context, unsigned line, const char *path, const char *value, size_t size);

//  What is wrong, and in which line; 'what' is a static string, or null when 'on_value' failed.
typedef struct troupe_zpl_fault {
    unsigned line;
    const char *what;
} troupe_zpl_fault_t;

//  Reads 'size' bytes of ZPL and hands every NAME = VALUE to 'on_value', in order. TROUPE_EINVAL and *fault for text
//  that is no ZPL, or the error of 'on_value'. A name without "=" only opens a section. Any thread; does not block.
troupe_error_t troupe_zpl_read (const char *text, size_t size, troupe_zpl_fn *on_value, void *context,
                                troupe_zpl_fault_t *fault);

//  What is wrong with a path of 'size' bytes, in words; null when it is well formed: names of letters, digits and
//  "$-_@.&+", separated by single slashes.
const char *troupe_zpl_path_fault (const char *path, size_t size);

#endif
