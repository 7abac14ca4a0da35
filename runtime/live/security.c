/*  =========================================================================
    live/security.c - who may be talked to over tcp

    Place: runtime/live; see security.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/security.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live/security_reach.h"

struct troupe_security {
    bool plain;
};

//  Where complaints go.
typedef struct {
    char *text;
    size_t size;
} s_why_t;

static troupe_error_t s_explain (const s_why_t *why, troupe_error_t error, const char *format, ...)
    TROUPE_PRINTF (3, 4);

static troupe_error_t s_explain (const s_why_t *why, troupe_error_t error, const char *format, ...)
{
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (why->text, why->size, format, arguments);
    va_end (arguments);
    return error;
}

//  --- Making

static troupe_error_t s_read_plain (troupe_security_t *self, const troupe_config_t *config, const s_why_t *why)
{
    const char *plain = troupe_config_get (config, "security/plain", "0");
    if (strcmp (plain, "0") != 0 && strcmp (plain, "1") != 0)
        return s_explain (why, TROUPE_EINVAL, "security/plain is '%s', and can be 0 or 1", plain);
    self->plain = *plain == '1';
    return TROUPE_OK;
}

troupe_error_t troupe_security_new (troupe_security_t **self_p, const troupe_config_t *config, void *context,
                                    const troupe_logger_t *logger, char *why_text, size_t why_size)
{
    (void) context;
    (void) logger;
    s_why_t why = { why_text, why_size };
    troupe_security_t *self = calloc (1, sizeof *self);
    if (!self)
        return s_explain (&why, TROUPE_ENOMEM, "%s", troupe_error_text (TROUPE_ENOMEM));
    troupe_error_t error = s_read_plain (self, config, &why);
    if (error)
        troupe_security_destroy (&self);
    else
        *self_p = self;
    return error;
}

void troupe_security_destroy (troupe_security_t **self_p)
{
    free (*self_p);
    *self_p = NULL;
}

//  --- Applying

static troupe_error_t s_find_reach (const char *endpoint, troupe_reach_t *reach_p, const s_why_t *why)
{
    char host [TROUPE_REACH_HOST_MAX + 1];
    *reach_p = troupe_reach_of_endpoint (endpoint, host);
    if (*reach_p == TROUPE_REACH_MALFORMED)
        return s_explain (why, TROUPE_EINVAL, "%s is not of the form tcp://HOST:PORT", endpoint);
    troupe_error_t error = *reach_p == TROUPE_REACH_NAME ? troupe_reach_of_name (host, reach_p) : TROUPE_OK;
    return error ? s_explain (why, error, "%s: %s: %s", endpoint, host, troupe_error_text (error)) : error;
}

//  Without CURVE whoever reaches a port talks to its actor, and whoever is between two hears and alters all.
static troupe_error_t s_check_plain (const char *endpoint, bool bind, const s_why_t *why)
{
    troupe_reach_t reach;
    troupe_error_t error = s_find_reach (endpoint, &reach, why);
    if (error || reach == TROUPE_REACH_LOOPBACK)
        return error;
    return s_explain (why, TROUPE_EACCES, "%s %s, beyond this machine, takes a certificate: set security/cert and %s, "
                      "or security/plain=1 to do without", bind ? "listening at" : "connecting to", endpoint,
                      bind ? "security/allowed" : "security/server");
}

troupe_error_t troupe_security_apply (const troupe_security_t *self, void *socket, const char *endpoint, bool bind,
                                      char *why_text, size_t why_size)
{
    (void) socket;
    s_why_t why = { why_text, why_size };
    if (strncmp (endpoint, "tcp://", 6) != 0 || (self && self->plain))
        return TROUPE_OK;
    return s_check_plain (endpoint, bind, &why);
}
