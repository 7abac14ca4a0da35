/*  =========================================================================
    security_fault_test - security without memory, descriptors or threads

    Place: tests/unit, of runtime/live/security/security.c, security_allowed.c and
    security_gate.c. The linker sends what they ask of the system here (see
    CMakeLists.txt); the first, the second, ... of it fails, until the scenario
    passes. Nothing may end the process, leak, or stay behind.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <czmq.h>

#include "live/actor/context.h"
#include "live/security/security.h"

void *__real_calloc (size_t count, size_t size);
void *__real_reallocarray (void *memory, size_t count, size_t size);
char *__real_strdup (const char *text);
int __real_eventfd (unsigned count, int flags);
void *__real_zmq_socket (void *context, int type);
int __real_pthread_create (pthread_t *thread, const pthread_attr_t *attributes, void *(*start) (void *),
                           void *argument);
void *__wrap_calloc (size_t count, size_t size);
void *__wrap_reallocarray (void *memory, size_t count, size_t size);
char *__wrap_strdup (const char *text);
int __wrap_eventfd (unsigned count, int flags);
void *__wrap_zmq_socket (void *context, int type);
int __wrap_pthread_create (pthread_t *thread, const pthread_attr_t *attributes, void *(*start) (void *),
                           void *argument);

static long left = -1;          //  So many requests succeed, and the next one fails; below 0: all succeed
static troupe_error_t expected; //  What follows from the one that failed

static bool s_fails (troupe_error_t error)
{
    if (left < 0 || left-- > 0)
        return false;
    expected = error;
    errno = error == TROUPE_EFILES ? EMFILE : ENOMEM;
    return true;
}

void *__wrap_calloc (size_t count, size_t size)
{
    return s_fails (TROUPE_ENOMEM) ? NULL : __real_calloc (count, size);
}

void *__wrap_reallocarray (void *memory, size_t count, size_t size)
{
    return s_fails (TROUPE_ENOMEM) ? NULL : __real_reallocarray (memory, count, size);
}

char *__wrap_strdup (const char *text)
{
    return s_fails (TROUPE_ENOMEM) ? NULL : __real_strdup (text);
}

int __wrap_eventfd (unsigned count, int flags)
{
    return s_fails (TROUPE_EFILES) ? -1 : __real_eventfd (count, flags);
}

void *__wrap_zmq_socket (void *context, int type)
{
    return s_fails (TROUPE_EFILES) ? NULL : __real_zmq_socket (context, type);
}

int __wrap_pthread_create (pthread_t *thread, const pthread_attr_t *attributes, void *(*start) (void *),
                           void *argument)
{
    return s_fails (TROUPE_ETHREAD) ? EAGAIN : __real_pthread_create (thread, attributes, start, argument);
}

static void s_log (troupe_log_level_t level, const char *line, void *context)
{
    (void) level;
    (void) line;
    (void) context;
}

static char folder [64];

static void s_make (void)
{
    const char *base = getenv ("TMPDIR");
    snprintf (folder, sizeof folder, "%s/troupe-XXXXXX", base ? base : P_tmpdir);
    cr_assert_not_null (mkdtemp (folder));
    cr_assert_eq (chdir (folder), 0);
    zcert_t *cert = zcert_new ();
    mkdir ("allowed", 0700);
    zcert_save (cert, "us");
    zcert_save_public (cert, "allowed/us");
    zcert_destroy (&cert);
}

static void s_clear (void)
{
    unlink ("us");
    unlink ("us_secret");
    unlink ("allowed/us");
    rmdir ("allowed");
    cr_assert_eq (rmdir (folder), 0);
}

//  One attempt, with at most one request failing; whether it came to the end.
static bool s_try (void *context, const troupe_config_t *config, long number)
{
    const troupe_logger_t logger = { .log = s_log, .descriptor = -1 };
    troupe_security_t *security = NULL;
    char why [256] = "";
    left = number;
    troupe_error_t error = troupe_security_new (&security, config, context, &logger, why, sizeof why);
    left = -1;
    if (error) {
        cr_assert_null (security);
        cr_assert_eq (error, expected, "request %ld: %s: %s", number, troupe_error_name (error), why);
        cr_assert (*why && !strchr (why, '\n'));
        return false;
    }
    troupe_security_destroy (&security);
    return true;
}

//  A program that is started on a machine that is full must say so, not abort.
Test (security_fault, each_failure_is_a_typed_error, .timeout = 60)
{
    static const char *const settings [] = { "security/cert=us", "security/server=us", "security/allowed=allowed",
                                             "children/a/endpoint=tcp://192.0.2.1:1", "children/a/server=us", NULL };
    char why [256];
    void *context = NULL;
    troupe_config_t *config = NULL;
    cr_assert_eq (troupe_context_open (&context), TROUPE_OK);
    s_make ();
    cr_assert_eq (troupe_config_load (&config, NULL, settings, why, sizeof why), TROUPE_OK);
    long number = 0;
    while (!s_try (context, config, number))
        number++;
    cr_assert_geq (number, 7, "it asks for memory, descriptors and a thread: %ld", number);
    troupe_config_destroy (&config);
    s_clear ();
}
