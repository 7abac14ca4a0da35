/*  =========================================================================
    live/security/security_key.h - reads the keys in certificate files

    Place: runtime/live, the ground, under security. The files are those of
    czmq's zcert (zcert_save) and pyzmq's zmq.auth.create_certificates: ZPL,
    with curve/public-key and, in FILE_secret, curve/secret-key, each in the
    40 characters of Z85 (RFC 32). zcert_load itself will not do here: it
    falls back to the public file when the secret one is missing, takes
    files open to everybody, leaves copies of the secret key on the heap, and
    parses with zconfig, whose faults live/app/zpl.h tells.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_SECURITY_KEY_H_INCLUDED
#define TROUPE_LIVE_SECURITY_KEY_H_INCLUDED

#include <stddef.h>

#include <troupe/error.h>

#define TROUPE_KEY_SIZE 32          //  Of Curve25519, in bytes
#define TROUPE_KEY_FILE_MAX 16384   //  Bytes of a certificate file

typedef struct troupe_key {
    uint8_t bytes [TROUPE_KEY_SIZE];
} troupe_key_t;

/*  The public key in the certificate 'file'. On an error *key is untouched, and 'why' holds one line that names the
    file and what is wrong with it, and never what is in it:
      TROUPE_ENOENT, TROUPE_EACCES, TROUPE_EIO, TROUPE_EFILES   it cannot be read
      TROUPE_EINVAL   it is no certificate
    Any thread; blocks while the file is read.                                                               */
troupe_error_t troupe_key_read_public (const char *file, troupe_key_t *key, char *why, size_t why_size);

/*  Both keys of the certificate 'file', which are in 'file'_secret. Errors as above, and:
      TROUPE_EACCES   the file belongs to somebody else than this user or root, or others than its owner may read or
                      write it
      TROUPE_EINVAL   the two keys do not belong together
    The caller wipes *secret_key when he needs it no more; no other copy is left. Any thread; blocks while the file is
    read.                                                                                                    */
troupe_error_t troupe_key_read_pair (const char *file, troupe_key_t *public_key, troupe_key_t *secret_key, char *why,
                                     size_t why_size);

#endif
