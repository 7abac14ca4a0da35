/*  =========================================================================
    live/security/security_allowed.h - the keys in a folder of public certificates

    Place: runtime/live, under security_gate. The folder is what czmq calls a
    certificate store: every file in it is a certificate, but for those whose
    name begins with "." or ends with "_secret"; subfolders don't count. It is
    looked at again at each question, and read again when a file in it has come,
    gone or changed. zcertstore will not do here: it ends the process when two
    files have the same key.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_SECURITY_ALLOWED_H_INCLUDED
#define TROUPE_LIVE_SECURITY_ALLOWED_H_INCLUDED

#include "live/app/log.h"
#include "live/security/security_key.h"

//  Bytes of a file's name.
#define TROUPE_ALLOWED_NAME_MAX 255u

//  Owned by one thread.
typedef struct troupe_allowed troupe_allowed_t;

/*  Reads the folder. The caller owns *self_p; 'logger' is copied. On an error *self_p is untouched, and 'why' holds one
    line that names the folder:
      TROUPE_ENOENT, TROUPE_EACCES, TROUPE_EFILES   it cannot be read
      TROUPE_EINVAL   it is no folder
      TROUPE_EACCES   everybody may write to it
      TROUPE_ENOMEM
    A file that is no certificate is logged and does not count. Blocks while files are read.                 */
troupe_error_t troupe_allowed_new (troupe_allowed_t **self_p, const char *folder, const troupe_logger_t *logger,
                                   char *why, size_t why_size);

//  Frees it and nulls the pointer; does nothing with a null one.
void troupe_allowed_destroy (troupe_allowed_t **self_p);

//  The name of the folder's certificate of this key just now, of several the first by the alphabet; null when there is
//  none, and for all while the folder cannot be read or memory is out. Valid until the next call. Blocks while files
//  are looked at.
const char *troupe_allowed_find (troupe_allowed_t *self, const uint8_t *key);

#endif
