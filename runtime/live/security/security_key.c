/*  =========================================================================
    live/security/security_key.c - reads the keys in certificate files

    Place: runtime/live; see security_key.h. All that has held a secret is
    wiped before its memory is given back.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/security/security_key.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include "live/app/zpl.h"

#define S_TEXT_SIZE 40u         //  Of a key in Z85

//  What a file said: the keys as text, "" for one that it does not have.
typedef struct {
    char public_key [S_TEXT_SIZE + 1];
    char secret_key [S_TEXT_SIZE + 1];
    char text [TROUPE_KEY_FILE_MAX];
} s_certificate_t;

//  Where complaints go, and about which file.
typedef struct {
    const char *file;
    char *text;
    size_t size;
} s_why_t;

static troupe_error_t s_explain (const s_why_t *why, troupe_error_t error, const char *what)
{
    snprintf (why->text, why->size, "%s: %s", why->file, what);
    return error;
}

static troupe_error_t s_explain_system (const s_why_t *why)
{
    return s_explain (why, troupe_error_from_errno (errno), strerror (errno));
}

//  --- The file

//  A secret that others can read is none, and one that others can write is theirs.
static troupe_error_t s_check (int descriptor, bool secret, const s_why_t *why)
{
    struct stat status;
    if (fstat (descriptor, &status))
        return s_explain_system (why);
    if (!S_ISREG (status.st_mode))
        return s_explain (why, TROUPE_EINVAL, "it is no certificate but another kind of file");
    if (secret && (status.st_mode & (S_IRWXG | S_IRWXO)))
        return s_explain (why, TROUPE_EACCES, "a secret key must not be open to its group or to others: chmod 600");
    if (secret && status.st_uid != geteuid () && status.st_uid != 0)
        return s_explain (why, TROUPE_EACCES, "a secret key must belong to the user who runs this, or to root");
    return TROUPE_OK;
}

static void s_keep (char *key, const char *value, size_t size)
{
    if (size == S_TEXT_SIZE)
        memcpy (key, value, size);
}

static troupe_error_t s_on_value (void *context, unsigned line, const char *path, const char *value, size_t size)
{
    (void) line;
    s_certificate_t *certificate = context;
    if (strcmp (path, "curve/public-key") == 0)
        s_keep (certificate->public_key, value, size);
    if (strcmp (path, "curve/secret-key") == 0)
        s_keep (certificate->secret_key, value, size);
    return TROUPE_OK;
}

static troupe_error_t s_read (int descriptor, s_certificate_t *certificate, const s_why_t *why)
{
    size_t size = 0;
    for (ssize_t count = 1; count && size < sizeof certificate->text; size += (size_t) count) {
        count = read (descriptor, certificate->text + size, sizeof certificate->text - size);
        if (count < 0)
            return s_explain_system (why);
    }
    troupe_zpl_fault_t fault;
    if (size == sizeof certificate->text
        || troupe_zpl_read (certificate->text, size, s_on_value, certificate, &fault))
        return s_explain (why, TROUPE_EINVAL, "it is no certificate");
    return TROUPE_OK;
}

static troupe_error_t s_load (s_certificate_t *certificate, bool secret, const s_why_t *why)
{
    //  Non-blocking: a pipe in its place must not hold the program up.
    int descriptor = open (why->file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (descriptor < 0)
        return s_explain_system (why);
    troupe_error_t error = s_check (descriptor, secret, why);
    if (!error)
        error = s_read (descriptor, certificate, why);
    close (descriptor);
    return error;
}

//  --- The keys

static troupe_error_t s_take_public (const s_certificate_t *certificate, troupe_key_t *key, const s_why_t *why)
{
    troupe_key_t decoded;
    if (!*certificate->public_key || !zmq_z85_decode (decoded.bytes, certificate->public_key))
        return s_explain (why, TROUPE_EINVAL, "it is no certificate: it has no curve/public-key of 40 characters");
    *key = decoded;
    return TROUPE_OK;
}

//  libzmq would take a pair that does not belong together, and then nobody could be reached or come in.
static troupe_error_t s_take_secret (const s_certificate_t *certificate, troupe_key_t *key, const s_why_t *why)
{
    troupe_key_t decoded;
    char belonging [S_TEXT_SIZE + 1];
    if (!*certificate->secret_key || !zmq_z85_decode (decoded.bytes, certificate->secret_key))
        return s_explain (why, TROUPE_EINVAL, "it is no certificate: it has no curve/secret-key of 40 characters");
    bool belongs = zmq_curve_public (belonging, certificate->secret_key) == 0
                && strcmp (belonging, certificate->public_key) == 0;
    if (belongs)
        *key = decoded;
    explicit_bzero (&decoded, sizeof decoded);
    return belongs ? TROUPE_OK : s_explain (why, TROUPE_EINVAL, "its public and secret key do not belong together");
}

troupe_error_t troupe_key_read_public (const char *file, troupe_key_t *key, char *why_text, size_t why_size)
{
    s_why_t why = { file, why_text, why_size };
    s_certificate_t certificate = { .public_key = "" };
    troupe_error_t error = s_load (&certificate, false, &why);
    if (!error)
        error = s_take_public (&certificate, key, &why);
    explicit_bzero (&certificate, sizeof certificate);
    return error;
}

troupe_error_t troupe_key_read_pair (const char *file, troupe_key_t *public_key, troupe_key_t *secret_key,
                                     char *why_text, size_t why_size)
{
    char secret_file [PATH_MAX];
    int length = snprintf (secret_file, sizeof secret_file, "%s_secret", file);
    s_why_t why = { secret_file, why_text, why_size };
    if (length < 0 || (size_t) length >= sizeof secret_file)
        return s_explain (&why, TROUPE_EINVAL, "the name is too long");
    troupe_key_t found;
    s_certificate_t certificate = { .public_key = "" };
    troupe_error_t error = s_load (&certificate, true, &why);
    if (!error)
        error = s_take_public (&certificate, &found, &why);
    if (!error)
        error = s_take_secret (&certificate, secret_key, &why);
    if (!error)
        *public_key = found;
    explicit_bzero (&certificate, sizeof certificate);
    return error;
}
