/*  =========================================================================
    live/children/private.h - a folder for sockets that only this user can reach

    Place: runtime/live, the ground: system calls only. Child processes and
    their parents talk through sockets in it. Whoever makes it removes it, with
    all that is in it by then.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_PRIVATE_H_INCLUDED
#define TROUPE_LIVE_PRIVATE_H_INCLUDED

#include <troupe/error.h>

//  A socket's path may have 107 bytes; this leaves room for the name within the folder.
#define TROUPE_PRIVATE_MAX 71

/*  Makes a folder of mode 0700 below $XDG_RUNTIME_DIR, or else $TMPDIR, or else /tmp, and writes its path, which has at
    most TROUPE_PRIVATE_MAX bytes, to 'path'. Whatever of these is not an absolute path, too long, or cannot be written
    to, is passed over. *lock_p is a descriptor that says that its maker lives: it is locked (flock(2)) as long as it is
    open. Folders in the same place that makers who were killed have left behind are removed: this user's, that nobody
    holds locked, with nothing in them but sockets, one of them called "names".
      TROUPE_EACCES, TROUPE_ENOENT, TROUPE_EIO   there is no place for it
      TROUPE_EFILES                              no descriptor is left                                     */
troupe_error_t troupe_private_make (char path [TROUPE_PRIVATE_MAX + 1], int *lock_p);

//  Removes the folder with the files in it, and closes 'lock'. Does nothing with an empty path.
void troupe_private_remove (const char *path, int lock);

//  Writes the endpoint of a new socket in the folder, "ipc://FOLDER/c0123456789abcdef", which nobody else has.
void troupe_private_endpoint (const char *folder, char kind, char *endpoint, size_t size);

#endif
