/*  =========================================================================
    make_cert.c - makes a certificate for CURVE: FILE without the secret key, FILE_secret with it

    Place: tests/interop, for scripts. Called as  make_cert FILE.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <czmq.h>

int main (int argc, char **argv)
{
    zcert_t *certificate = argc == 2 ? zcert_new () : NULL;
    int status = certificate ? zcert_save (certificate, argv [1]) : 2;
    zcert_destroy (&certificate);
    return status;
}
