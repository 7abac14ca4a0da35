/*  =========================================================================
    live/children/private.c - a folder for sockets that only this user can reach

    Place: runtime/live; see private.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/children/private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define S_PREFIX "troupe-"
#define S_NAME "/" S_PREFIX "XXXXXX"
//  The directory's socket: every folder has it from its beginning on.
#define S_MARK "names"
//  A folder is given up when somebody who sweeps has just looked at it.
#define S_TRIES 16

static int s_open (int place, const char *path)
{
    return openat (place, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

//  --- Removing

//  Only files: nobody makes folders in it, and a link must not lead out of it.
static void s_empty (int folder)
{
    int again = s_open (folder, ".");
    DIR *files = again < 0 ? NULL : fdopendir (again);
    for (struct dirent *file = files ? readdir (files) : NULL; file; file = readdir (files))
        unlinkat (again, file->d_name, 0);
    if (files)
        closedir (files);
    else if (again >= 0)
        close (again);
}

void troupe_private_remove (const char *path, int lock)
{
    if (!*path)
        return;
    if (lock >= 0)
        s_empty (lock);
    rmdir (path);
    if (lock >= 0)
        close (lock);
}

//  --- What others have left behind

//  Whether all that is in it are sockets, the directory's among them.
static bool s_has_sockets_only (int folder)
{
    bool marked = false, only = true;
    int again = s_open (folder, ".");
    DIR *files = again < 0 ? NULL : fdopendir (again);
    for (struct dirent *file = files ? readdir (files) : NULL; file && only; file = readdir (files)) {
        struct stat status;
        if (strcmp (file->d_name, ".") == 0 || strcmp (file->d_name, "..") == 0)
            continue;
        only = fstatat (again, file->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISSOCK (status.st_mode);
        marked |= strcmp (file->d_name, S_MARK) == 0;
    }
    if (files)
        closedir (files);
    else if (again >= 0)
        close (again);
    return marked && only;
}

static bool s_is_mine (int folder)
{
    struct stat status;
    return fstat (folder, &status) == 0 && status.st_uid == geteuid () && (status.st_mode & 07777) == 0700;
}

//  Its maker would hold it locked if it lived. While it is removed we do, so that nobody takes it for a new one.
static void s_sweep_one (int place, const char *name)
{
    int folder = s_open (place, name);
    if (folder < 0)
        return;
    if (s_is_mine (folder) && flock (folder, LOCK_EX | LOCK_NB) == 0 && s_has_sockets_only (folder)) {
        s_empty (folder);
        unlinkat (place, name, AT_REMOVEDIR);
    }
    close (folder);
}

static void s_sweep (const char *parent)
{
    DIR *entries = opendir (parent);
    for (struct dirent *entry = entries ? readdir (entries) : NULL; entry; entry = readdir (entries))
        if (strncmp (entry->d_name, S_PREFIX, sizeof S_PREFIX - 1) == 0
            && strlen (entry->d_name) == sizeof S_NAME - 2)
            s_sweep_one (dirfd (entries), entry->d_name);
    if (entries)
        closedir (entries);
}

//  --- Making

//  Locks what has just been made. False when somebody is just looking whether it can go. Where nothing can be locked
//  nobody else can lock it either, and it is never swept.
static bool s_lock (const char *path, int *lock_p)
{
    *lock_p = s_open (AT_FDCWD, path);
    if (*lock_p < 0)
        return false;
    if (flock (*lock_p, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return true;
    close (*lock_p);
    errno = EAGAIN;
    return false;
}

static bool s_make_one (const char *parent, char *path, int *lock_p)
{
    char made [TROUPE_PRIVATE_MAX + 1];
    snprintf (made, sizeof made, "%s%s", parent, S_NAME);
    if (!mkdtemp (made))
        return false;
    if (!s_lock (made, lock_p)) {
        int fault = errno;
        rmdir (made);
        errno = fault;
        return false;
    }
    memcpy (path, made, sizeof made);
    return true;
}

static bool s_make_in (const char *parent, char *path, int *lock_p)
{
    bool made = false;
    if (!parent || *parent != '/' || strlen (parent) + strlen (S_NAME) > TROUPE_PRIVATE_MAX)
        return false;
    for (int attempt = 0; attempt < S_TRIES && !made; attempt++) {
        made = s_make_one (parent, path, lock_p);
        if (!made && errno != EAGAIN)
            return false;
    }
    if (made)
        s_sweep (parent);
    return made;
}

troupe_error_t troupe_private_make (char path [TROUPE_PRIVATE_MAX + 1], int *lock_p)
{
    errno = ENOENT;
    *lock_p = -1;
    if (s_make_in (getenv ("XDG_RUNTIME_DIR"), path, lock_p) || s_make_in (getenv ("TMPDIR"), path, lock_p)
        || s_make_in ("/tmp", path, lock_p))
        return TROUPE_OK;
    *lock_p = -1;
    return errno == EMFILE || errno == ENFILE ? TROUPE_EFILES : troupe_error_from_errno (errno);
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
