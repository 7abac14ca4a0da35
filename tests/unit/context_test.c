/*  =========================================================================
    context_test - czmq's context: its signal handlers, limits and aborts

    Place: tests/unit, of runtime/live/actor/context.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <signal.h>
#include <sys/resource.h>

#include <criterion/criterion.h>
#include <czmq.h>

#include "live/actor/context.h"

static void s_own_handler (int signal_number)
{
    (void) signal_number;
}

//  A program that embeds a troupe has its own ideas about SIGINT.
Test (context, leaves_signal_handlers_as_they_were)
{
    struct sigaction own = { .sa_handler = s_own_handler }, after;
    sigaction (SIGINT, &own, NULL);
    void *context = NULL;
    cr_assert_eq (troupe_context_open (&context), TROUPE_OK);
    sigaction (SIGINT, NULL, &after);
    cr_assert_eq (after.sa_handler, s_own_handler);
    sigaction (SIGTERM, NULL, &after);
    cr_assert_eq (after.sa_handler, SIG_DFL);
    cr_assert_eq (context, zsys_init (), "zauth and other czmq actors must meet ours in one context");
}

//  A program that uses czmq already may rely on zsys_interrupted.
Test (context, leaves_the_handlers_of_a_program_that_uses_czmq)
{
    struct sigaction before, after;
    zsys_init ();
    sigaction (SIGINT, NULL, &before);
    cr_assert_neq (before.sa_handler, SIG_DFL);
    void *context = NULL;
    cr_assert_eq (troupe_context_open (&context), TROUPE_OK);
    cr_assert_eq (troupe_context_open (&context), TROUPE_OK, "it may be repeated");
    sigaction (SIGINT, NULL, &after);
    cr_assert_eq (after.sa_handler, before.sa_handler);
}

//  The default of 1,023 sockets would end at some 300 actors.
Test (context, allows_as_many_sockets_as_descriptors)
{
    struct rlimit files;
    getrlimit (RLIMIT_NOFILE, &files);
    void *context = NULL;
    cr_assert_eq (troupe_context_open (&context), TROUPE_OK);
    cr_assert_geq (zmq_ctx_get (context, ZMQ_MAX_SOCKETS), (int) (files.rlim_max < 65535 ? files.rlim_max : 65535));
}

//  libzmq aborts the process when it begins with one to three descriptors.
Test (context, too_few_descriptors_are_an_error)
{
    struct rlimit files;
    getrlimit (RLIMIT_NOFILE, &files);
    for (rlim_t limit = 4; limit < 24; limit++) {
        files.rlim_cur = limit;
        setrlimit (RLIMIT_NOFILE, &files);
        void *context = NULL;
        troupe_error_t error = troupe_context_open (&context);
        cr_assert (error == TROUPE_EFILES || error == TROUPE_OK, "%s with %d", troupe_error_name (error), (int) limit);
        if (error == TROUPE_OK)
            break;
    }
    cr_assert_not (troupe_context_has_descriptors (16), "it has begun as soon as it could");
}
