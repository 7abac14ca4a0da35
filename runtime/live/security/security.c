/*  =========================================================================
    live/security/security.c - who may be talked to over tcp

    Place: runtime/live; see security.h. What is configured is read and judged
    by the first half; the second one applies it.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/security/security.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "live/security/security_gate.h"
#include "live/security/security_reach.h"
#include "live/app/explain.h"
#include "live/app/zpl.h"

//  The key of whoever listens at an endpoint.
typedef struct {
    const char *endpoint;           //  The configuration's
    troupe_key_t key;
} s_server_t;

struct troupe_security {
    bool plain;
    bool curve;                     //  There is a certificate
    bool has_default;               //  There is a key for endpoints that are not listed
    troupe_key_t public_key;
    troupe_key_t secret_key;
    troupe_key_t default_key;
    s_server_t *servers;
    size_t server_count;
    troupe_gate_t *gate;            //  Null: nobody may connect
};

//  --- Making

//  What is set, or null; set to nothing is not set.
static const char *s_get (const troupe_config_t *config, const char *path)
{
    const char *value = troupe_config_get (config, path, "");
    return *value ? value : NULL;
}

//  A misspelt name would leave a door open, or one closed, without a word.
static troupe_error_t s_check_names (const troupe_config_t *config, bool *any_p, const troupe_why_t *why)
{
    static const char prefix [] = "security/", *const names [] = { "allowed", "cert", "plain", "server" };
    for (size_t index = 0; index < troupe_config_size (config); index++) {
        const char *path = troupe_config_path (config, index);
        if (strncmp (path, prefix, sizeof prefix - 1) != 0)
            continue;
        size_t known = 0;
        while (known < sizeof names / sizeof *names && strcmp (path + sizeof prefix - 1, names [known]) != 0)
            known++;
        if (known == sizeof names / sizeof *names)
            return troupe_explain (why, TROUPE_EINVAL, "%s: security has cert, allowed, server and plain", path);
        *any_p = true;
    }
    return TROUPE_OK;
}

static troupe_error_t s_read_plain (troupe_security_t *self, const troupe_config_t *config, const troupe_why_t *why)
{
    const char *plain = troupe_config_get (config, "security/plain", "0");
    if (strcmp (plain, "0") != 0 && strcmp (plain, "1") != 0)
        return troupe_explain (why, TROUPE_EINVAL, "security/plain is '%s', and can be 0 or 1", plain);
    self->plain = *plain == '1';
    return TROUPE_OK;
}

static troupe_error_t s_check_alone (const troupe_config_t *config, const troupe_why_t *why)
{
    const char *lonely = s_get (config, "security/allowed") ? "security/allowed"
                       : s_get (config, "security/server") ? "security/server" : NULL;
    return lonely ? troupe_explain (why, TROUPE_EINVAL, "%s means nothing without security/cert", lonely) : TROUPE_OK;
}

static troupe_error_t s_read_cert (troupe_security_t *self, const char *file, const troupe_why_t *why)
{
    if (self->plain)
        return troupe_explain (why, TROUPE_EINVAL, "security/cert and security/plain contradict each other: with a "
                               "certificate nothing is plain");
    if (!zmq_has ("curve"))
        return troupe_explain (why, TROUPE_ENOTSUP, "security/cert: this libzmq was built without CURVE");
    self->curve = true;
    return troupe_key_read_pair (file, &self->public_key, &self->secret_key, why->text, why->size);
}

static troupe_error_t s_read_default (troupe_security_t *self, const troupe_config_t *config, const troupe_why_t *why)
{
    const char *file = s_get (config, "security/server");
    if (!file)
        return TROUPE_OK;
    self->has_default = true;
    return troupe_key_read_public (file, &self->default_key, why->text, why->size);
}

static troupe_error_t s_read_server (troupe_security_t *self, const char *endpoint, const char *file,
                                     const troupe_why_t *why)
{
    s_server_t *servers = reallocarray (self->servers, self->server_count + 1, sizeof *servers);
    if (!servers)
        return troupe_explain (why, TROUPE_ENOMEM, "%s", troupe_error_text (TROUPE_ENOMEM));
    self->servers = servers;
    servers [self->server_count].endpoint = endpoint;
    troupe_error_t error = troupe_key_read_public (file, &servers [self->server_count].key, why->text, why->size);
    self->server_count += !error;
    return error;
}

//  children/ID/server is ours where children/ID/endpoint is tcp, and otherwise the child's own matter.
static troupe_error_t s_read_servers (troupe_security_t *self, const troupe_config_t *config, const troupe_why_t *why)
{
    troupe_error_t error = TROUPE_OK;
    for (size_t index = 0; index < troupe_config_size (config) && !error; index++) {
        const char *path = troupe_config_path (config, index), *id = path + strlen ("children/");
        if (strncmp (path, "children/", strlen ("children/")) != 0 || strcmp (id + strcspn (id, "/"), "/server") != 0)
            continue;
        char sibling [TROUPE_ZPL_PATH_MAX + 3];
        snprintf (sibling, sizeof sibling, "children/%.*s/endpoint", (int) strcspn (id, "/"), id);
        const char *endpoint = troupe_config_get (config, sibling, "");
        const char *file = s_get (config, path);
        if (file && strncmp (endpoint, "tcp://", 6) == 0)
            error = s_read_server (self, endpoint, file, why);
    }
    return error;
}

static troupe_error_t s_open_gate (troupe_security_t *self, const troupe_config_t *config, void *context,
                                   const troupe_logger_t *logger, const troupe_why_t *why)
{
    const char *folder = s_get (config, "security/allowed");
    troupe_allowed_t *allowed = NULL;
    if (!folder)
        return TROUPE_OK;
    troupe_error_t error = troupe_allowed_new (&allowed, folder, logger, why->text, why->size);
    if (error)
        return error;
    self->gate = troupe_gate_new (context, &allowed, logger, &error);
    if (self->gate)
        return TROUPE_OK;
    troupe_allowed_destroy (&allowed);
    if (error == TROUPE_EADDRINUSE)
        return troupe_explain (why, error, "security/allowed: the process has an authenticator at %s already, and can "
                               "have one", TROUPE_GATE_ENDPOINT);
    return troupe_explain (why, error, "security/allowed: %s", troupe_error_text (error));
}

static troupe_error_t s_read (troupe_security_t *self, const troupe_config_t *config, void *context,
                              const troupe_logger_t *logger, const troupe_why_t *why)
{
    const char *file = s_get (config, "security/cert");
    troupe_error_t error = s_read_plain (self, config, why);
    if (!error && !file)
        return s_check_alone (config, why);
    if (!error)
        error = s_read_cert (self, file, why);
    if (!error)
        error = s_read_default (self, config, why);
    if (!error)
        error = s_read_servers (self, config, why);
    return error ? error : s_open_gate (self, config, context, logger, why);
}

troupe_error_t troupe_security_new (troupe_security_t **self_p, const troupe_config_t *config, void *context,
                                    const troupe_logger_t *logger, char *why_text, size_t why_size)
{
    troupe_why_t why = { why_text, why_size };
    bool any = false;
    troupe_error_t error = s_check_names (config, &any, &why);
    if (error || !any) {
        if (!error)
            *self_p = NULL;
        return error;
    }
    troupe_security_t *self = calloc (1, sizeof *self);
    error = self ? s_read (self, config, context, logger, &why)
                 : troupe_explain (&why, TROUPE_ENOMEM, "%s", troupe_error_text (TROUPE_ENOMEM));
    if (error)
        troupe_security_destroy (&self);
    else
        *self_p = self;
    return error;
}

void troupe_security_destroy (troupe_security_t **self_p)
{
    troupe_security_t *self = *self_p;
    if (!self)
        return;
    troupe_gate_destroy (&self->gate);
    free (self->servers);
    explicit_bzero (self, sizeof *self);
    free (self);
    *self_p = NULL;
}

//  --- Applying

static troupe_error_t s_find_reach (const char *endpoint, troupe_reach_t *reach_p, const troupe_why_t *why)
{
    char host [TROUPE_REACH_HOST_MAX + 1];
    *reach_p = troupe_reach_of_endpoint (endpoint, host);
    if (*reach_p == TROUPE_REACH_MALFORMED)
        return troupe_explain (why, TROUPE_EINVAL, "%s is not of the form tcp://HOST:PORT", endpoint);
    troupe_error_t error = *reach_p == TROUPE_REACH_NAME ? troupe_reach_of_name (host, reach_p) : TROUPE_OK;
    return error ? troupe_explain (why, error, "%s: %s: %s", endpoint, host, troupe_error_text (error)) : error;
}

//  Without CURVE whoever reaches a port talks to its actor, and whoever is between two hears and alters all.
static troupe_error_t s_check_plain (const char *endpoint, bool bind, const troupe_why_t *why)
{
    troupe_reach_t reach;
    troupe_error_t error = s_find_reach (endpoint, &reach, why);
    if (error || reach == TROUPE_REACH_LOOPBACK)
        return error;
    return troupe_explain (why, TROUPE_EACCES, "%s reaches beyond this machine: set security/cert and security/%s, or "
                           "security/plain=1", endpoint, bind ? "allowed" : "server");
}

static bool s_set_key (void *socket, int option, const troupe_key_t *key)
{
    return zmq_setsockopt (socket, option, key->bytes, sizeof key->bytes) == 0;
}

static troupe_error_t s_fault (const char *endpoint, const troupe_why_t *why)
{
    troupe_error_t error = troupe_error_from_errno (zmq_errno ());
    return troupe_explain (why, error, "%s: CURVE: %s", endpoint, zmq_strerror (zmq_errno ()));
}

//  libzmq lets everybody in who has our public key when nobody answers its questions: no gate, no listening.
static troupe_error_t s_apply_bind (const troupe_security_t *self, void *socket, const char *endpoint,
                                    const troupe_why_t *why)
{
    int yes = 1;
    if (!self->gate)
        return troupe_explain (why, TROUPE_EACCES, "%s: nobody could connect: set security/allowed, the folder of the "
                               "certificates that may", endpoint);
    if (zmq_setsockopt (socket, ZMQ_CURVE_SERVER, &yes, sizeof yes) == 0
        && s_set_key (socket, ZMQ_CURVE_SECRETKEY, &self->secret_key))
        return TROUPE_OK;
    return s_fault (endpoint, why);
}

static const troupe_key_t *s_find_server (const troupe_security_t *self, const char *endpoint)
{
    for (size_t index = 0; index < self->server_count; index++)
        if (strcmp (self->servers [index].endpoint, endpoint) == 0)
            return &self->servers [index].key;
    return self->has_default ? &self->default_key : NULL;
}

//  Null, with 'why', when nobody has said who should be there.
static const troupe_key_t *s_need_server (const troupe_security_t *self, const char *endpoint, const troupe_why_t *why)
{
    const troupe_key_t *server = s_find_server (self, endpoint);
    if (!server)
        troupe_explain (why, TROUPE_EACCES, "%s: it is not known who should be there: set security/server, or "
                        "children/ID/server beside children/ID/endpoint", endpoint);
    return server;
}

static troupe_error_t s_apply_connect (const troupe_security_t *self, void *socket, const char *endpoint,
                                       const troupe_why_t *why)
{
    const troupe_key_t *server = s_need_server (self, endpoint, why);
    if (!server)
        return TROUPE_EACCES;
    if (s_set_key (socket, ZMQ_CURVE_SERVERKEY, server)
        && s_set_key (socket, ZMQ_CURVE_PUBLICKEY, &self->public_key)
        && s_set_key (socket, ZMQ_CURVE_SECRETKEY, &self->secret_key))
        return TROUPE_OK;
    return s_fault (endpoint, why);
}

const char *troupe_security_user (const troupe_security_t *self, const char *property)
{
    return property && self->gate ? troupe_gate_user (self->gate, property) : "";
}

troupe_error_t troupe_security_allows (const troupe_security_t *self, const char *endpoint, char *why_text,
                                       size_t why_size)
{
    troupe_why_t why = { why_text, why_size };
    if (self && self->plain)
        return TROUPE_OK;
    if (!self || !self->curve)
        return s_check_plain (endpoint, false, &why);
    return s_need_server (self, endpoint, &why) ? TROUPE_OK : TROUPE_EACCES;
}

//  A mailbox may be bound at a tcp endpoint first and at one of ipc later.
static void s_take_off (void *socket)
{
    int no = 0;
    zmq_setsockopt (socket, ZMQ_CURVE_SERVER, &no, sizeof no);
}

troupe_error_t troupe_security_apply (const troupe_security_t *self, void *socket, const char *endpoint, bool bind,
                                      char *why_text, size_t why_size)
{
    troupe_why_t why = { why_text, why_size };
    bool tcp = strncmp (endpoint, "tcp://", 6) == 0;
    if (!tcp && self && self->curve)
        s_take_off (socket);
    if (!tcp || (self && self->plain))
        return TROUPE_OK;
    if (!self || !self->curve)
        return s_check_plain (endpoint, bind, &why);
    return bind ? s_apply_bind (self, socket, endpoint, &why) : s_apply_connect (self, socket, endpoint, &why);
}
