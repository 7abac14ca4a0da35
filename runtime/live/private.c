/*  =========================================================================
    live/private.c - a folder for sockets that only this user can reach

    Place: runtime/live; see private.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define S_NAME "/troupe-XXXXXX"

static bool s_make_in (const char *parent, char *path)
{
    if (!parent || *parent != '/' || strlen (parent) + strlen (S_NAME) > TROUPE_PRIVATE_MAX)
        return false;
    char made [TROUPE_PRIVATE_MAX + 1];
    snprintf (made, sizeof made, "%s%s", parent, S_NAME);
    if (!mkdtemp (made))
        return false;
    memcpy (path, made, sizeof made);
    return true;
}

troupe_error_t troupe_private_make (char path [TROUPE_PRIVATE_MAX + 1])
{
    errno = ENOENT;
    if (s_make_in (getenv ("XDG_RUNTIME_DIR"), path) || s_make_in (getenv ("TMPDIR"), path)
        || s_make_in ("/tmp", path))
        return TROUPE_OK;
    return troupe_error_from_errno (errno);
}

//  Only files: nobody makes folders in it, and a link must not lead out of it.
void troupe_private_remove (const char *path)
{
    int folder = *path ? open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
    DIR *files = folder < 0 ? NULL : fdopendir (folder);
    for (struct dirent *file = files ? readdir (files) : NULL; file; file = readdir (files))
        unlinkat (dirfd (files), file->d_name, 0);
    if (files)
        closedir (files);
    else if (folder >= 0)
        close (folder);
    if (*path)
        rmdir (path);
}

void troupe_private_endpoint (const char *folder, char kind, char *endpoint, size_t size)
{
    uint64_t number = 0;
    if (getrandom (&number, sizeof number, GRND_NONBLOCK) != (ssize_t) sizeof number) {
        struct timespec now;
        clock_gettime (CLOCK_MONOTONIC, &now);
        number = ((uint64_t) now.tv_sec << 30) + (uint64_t) now.tv_nsec;
    }
    snprintf (endpoint, size, "ipc://%s/%c%016" PRIx64, folder, kind, number);
}
