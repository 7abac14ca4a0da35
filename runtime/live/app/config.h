/*  =========================================================================
    config - the program's configuration: a ZPL file, and settings on top

    Place: runtime/live. Made once, before any actor thread, and never changed
    afterwards: every actor reads it at will, and reading writes nothing.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_CONFIG_H_INCLUDED
#define TROUPE_LIVE_CONFIG_H_INCLUDED

#include <troupe/child.h>

typedef struct troupe_config troupe_config_t;

/*  Loads 'file' (null: none) and puts 'settings' on top: "PATH=VALUE" each, ended by null, later ones winning; may be
    null. The caller owns *config_p. On an error it is untouched, and 'why' holds one line without a line end that
    names the file, the line and what is wrong with it:
      TROUPE_ENOENT, TROUPE_EACCES, TROUPE_EIO   the file cannot be read
      TROUPE_EINVAL   the file is no ZPL or sets a path twice, or a setting has no "=" or a malformed path
      TROUPE_ETOOBIG  the file has more than 1 MiB
      TROUPE_ENOMEM
    Blocks while the file is read. */
troupe_error_t troupe_config_load (troupe_config_t **config_p, const char *file, const char *const *settings,
                                   char *why, size_t why_size);

//  Destroys it and nulls the pointer; does nothing with a null one.
void troupe_config_destroy (troupe_config_t **config_p);

//  The text at 'path' ("children/http/listen", a leading slash is ignored), or 'fallback'; lives as long as the
//  configuration, of which null has nothing. Any thread; does not block.
const char *troupe_config_get (const troupe_config_t *config, const char *path, const char *fallback);

//  The number of values, and the path of each, sorted by their bytes; null past the last. Any thread.
size_t troupe_config_size (const troupe_config_t *config);
const char *troupe_config_path (const troupe_config_t *config, size_t index);

/*  Whether every children/ID/... names one of 'children' (ended by a null id), one below them, or an instance of one,
    ID-1. TROUPE_EINVAL and one line in 'why' for the first that does not. */
troupe_error_t troupe_config_check_children (const troupe_config_t *config, const troupe_child_t *children,
                                             char *why, size_t why_size);

#endif
