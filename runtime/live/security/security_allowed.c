/*  =========================================================================
    live/security/security_allowed.c - the keys in a folder of public certificates

    Place: runtime/live; see security_allowed.h. Whether something has changed
    is seen by a sum over all files' names, numbers, sizes and times.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/security/security_allowed.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/hash.h"
#include "live/security/security_refusal.h"

//  The sum of a folder that was not read, or not to its end.
#define S_UNKNOWN 0u

typedef struct {
    troupe_key_t key;
    char name [TROUPE_ALLOWED_NAME_MAX + 1];    //  Of the file
} s_member_t;

struct troupe_allowed {
    char *folder;
    troupe_logger_t logger;
    uint64_t sum;               //  Of the folder when it was read last
    bool lost;                  //  It could not be read, which was logged
    s_member_t *members;
    size_t count, capacity;
};

//  --- What has changed

static bool s_counts (const char *name)
{
    static const char secret [] = "_secret";
    size_t size = strlen (name), tail = sizeof secret - 1;
    return *name != '.' && (size < tail || strcmp (name + size - tail, secret) != 0);
}

//  The next file that counts; null at the end.
static const char *s_next (DIR *files)
{
    const struct dirent *entry;
    do
        entry = readdir (files);
    while (entry && !s_counts (entry->d_name));
    return entry ? entry->d_name : NULL;
}

static uint64_t s_sum_up (DIR *files)
{
    uint64_t sum = TROUPE_HASH_NOTHING;
    for (const char *name = s_next (files); name; name = s_next (files)) {
        struct stat status;
        if (fstatat (dirfd (files), name, &status, 0))
            continue;
        sum = troupe_hash_bytes (sum, name, strlen (name) + 1);
        sum = troupe_hash_bytes (sum, &status.st_ino, sizeof status.st_ino);
        sum = troupe_hash_bytes (sum, &status.st_size, sizeof status.st_size);
        sum = troupe_hash_bytes (sum, &status.st_mtim, sizeof status.st_mtim);
        sum = troupe_hash_bytes (sum, &status.st_ctim, sizeof status.st_ctim);
    }
    return sum == S_UNKNOWN ? S_UNKNOWN + 1 : sum;
}

//  --- Reading

static troupe_error_t s_keep (troupe_allowed_t *self, const troupe_key_t *key, const char *name)
{
    if (self->count == self->capacity) {
        size_t capacity = self->capacity ? 2 * self->capacity : 16;
        s_member_t *members = reallocarray (self->members, capacity, sizeof *members);
        if (!members)
            return TROUPE_ENOMEM;
        self->members = members;
        self->capacity = capacity;
    }
    s_member_t *member = &self->members [self->count++];
    member->key = *key;
    snprintf (member->name, sizeof member->name, "%s", name);
    return TROUPE_OK;
}

//  One file: what is no certificate is said and left out.
static troupe_error_t s_read_file (troupe_allowed_t *self, const char *name)
{
    char path [PATH_MAX], why [PATH_MAX + 128];
    troupe_key_t key;
    struct stat status;
    int length = snprintf (path, sizeof path, "%s/%s", self->folder, name);
    if (length < 0 || (size_t) length >= sizeof path || (stat (path, &status) == 0 && S_ISDIR (status.st_mode)))
        return TROUPE_OK;
    troupe_error_t error = troupe_key_read_public (path, &key, why, sizeof why);
    if (!error)
        return s_keep (self, &key, name);
    troupe_security_say (&self->logger, TROUPE_LOG_WARNING, "security/allowed: %s", why);
    return error == TROUPE_EFILES ? error : TROUPE_OK;
}

//  The sum is taken first: what changes meanwhile is seen the next time.
static troupe_error_t s_read (troupe_allowed_t *self, DIR *files, uint64_t sum)
{
    troupe_error_t error = TROUPE_OK;
    self->count = 0;
    rewinddir (files);
    for (const char *name = s_next (files); name && !error; name = s_next (files))
        error = s_read_file (self, name);
    self->sum = error ? S_UNKNOWN : sum;
    return error;
}

static void s_refresh (troupe_allowed_t *self)
{
    DIR *files = opendir (self->folder);
    if (!files) {
        if (!self->lost)
            troupe_security_say (&self->logger, TROUPE_LOG_ERROR, "security/allowed: %s: %s: nobody is let in",
                                 self->folder, strerror (errno));
        self->lost = true;
        self->sum = S_UNKNOWN;
        self->count = 0;
        return;
    }
    self->lost = false;
    uint64_t sum = s_sum_up (files);
    if (sum != self->sum)
        s_read (self, files, sum);
    closedir (files);
}

//  --- From outside

static troupe_error_t s_open (troupe_allowed_t *self, char *why, size_t why_size)
{
    struct stat status;
    DIR *files = opendir (self->folder);
    if (!files || fstat (dirfd (files), &status)) {
        troupe_error_t error = errno == ENOTDIR ? TROUPE_EINVAL : troupe_error_from_errno (errno);
        snprintf (why, why_size, "security/allowed: %s: %s", self->folder, strerror (errno));
        if (files)
            closedir (files);
        return error;
    }
    troupe_error_t error = TROUPE_EACCES;
    if (status.st_mode & S_IWOTH)
        snprintf (why, why_size, "security/allowed: %s: everybody may write to it: chmod o-w", self->folder);
    else {
        error = s_read (self, files, s_sum_up (files));
        snprintf (why, why_size, "security/allowed: %s: %s", self->folder, troupe_error_text (error));
    }
    closedir (files);
    return error;
}

//  The program may go to another folder later.
static char *s_absolute (const char *folder)
{
    char path [2 * PATH_MAX], here [PATH_MAX];
    if (*folder == '/' || !getcwd (here, sizeof here))
        return strdup (folder);
    snprintf (path, sizeof path, "%s/%s", here, folder);
    return strdup (path);
}

troupe_error_t troupe_allowed_new (troupe_allowed_t **self_p, const char *folder, const troupe_logger_t *logger,
                                   char *why, size_t why_size)
{
    troupe_allowed_t *self = calloc (1, sizeof *self);
    troupe_error_t error = TROUPE_ENOMEM;
    if (self)
        self->folder = s_absolute (folder);
    if (self && self->folder) {
        self->logger = *logger;
        error = s_open (self, why, why_size);
    }
    else
        snprintf (why, why_size, "%s", troupe_error_text (error));
    if (error)
        troupe_allowed_destroy (&self);
    else
        *self_p = self;
    return error;
}

void troupe_allowed_destroy (troupe_allowed_t **self_p)
{
    troupe_allowed_t *self = *self_p;
    if (!self)
        return;
    free (self->folder);
    free (self->members);
    free (self);
    *self_p = NULL;
}

const char *troupe_allowed_find (troupe_allowed_t *self, const uint8_t *key)
{
    const char *found = NULL;
    s_refresh (self);
    for (size_t index = 0; index < self->count; index++) {
        const s_member_t *member = &self->members [index];
        if (memcmp (member->key.bytes, key, TROUPE_KEY_SIZE) == 0 && (!found || strcmp (member->name, found) < 0))
            found = member->name;
    }
    return found;
}
