/*  =========================================================================
    security.c - many knock at once, under TSan: half of them are let in

    Place: tests/thread. libzmq's I/O thread asks, the gatekeeper's thread
    answers and logs, and the main thread listens, connects and changes the
    folder of those who are allowed. Exits 0 when all went as it should.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <czmq.h>

#include "live/actor/context.h"
#include "live/security/security.h"

#define DEADLINE_MS 60000
#define ROUNDS 3
#define PEERS 40u

#define CHECK(condition) \
    do { if (!(condition)) { fprintf (stderr, "line %d: %s\n", __LINE__, #condition); exit (1); } } while (0)

typedef struct {
    troupe_config_t *config;
    troupe_security_t *security;
} s_side_t;

static void *context;

static void s_log (troupe_log_level_t level, const char *line, void *refused)
{
    CHECK (level == TROUPE_LOG_WARNING && strstr (line, "refused 127.0.0.1"));
    ++*(unsigned *) refused;            //  Read once the gatekeeper has been joined
}

static void s_make_certificate (const char *name)
{
    zcert_t *certificate = zcert_new ();
    CHECK (zcert_save (certificate, name) == 0);
    zcert_destroy (&certificate);
}

static void s_open (s_side_t *side, const char *first, const char *second, unsigned *refused)
{
    const char *const settings [] = { first, second, NULL };
    const troupe_logger_t logger = { .level = TROUPE_LOG_INFO, .log = s_log, .context = refused, .descriptor = -1 };
    char why [256];
    *side = (s_side_t) { 0 };
    CHECK (troupe_config_load (&side->config, NULL, settings, why, sizeof why) == TROUPE_OK);
    CHECK (troupe_security_new (&side->security, side->config, context, &logger, why, sizeof why) == TROUPE_OK);
}

static void s_close (s_side_t *side)
{
    troupe_security_destroy (&side->security);
    troupe_config_destroy (&side->config);
}

static void *s_socket (int type, const s_side_t *side, const char *endpoint, bool bind)
{
    char why [256];
    int at_once = 0, patience = DEADLINE_MS, handshake_ms = 300;
    void *socket = zmq_socket (context, type);
    CHECK (socket);
    zmq_setsockopt (socket, ZMQ_LINGER, &at_once, sizeof at_once);
    zmq_setsockopt (socket, ZMQ_RCVTIMEO, &patience, sizeof patience);
    zmq_setsockopt (socket, ZMQ_HANDSHAKE_IVL, &handshake_ms, sizeof handshake_ms);
    CHECK (troupe_security_apply (side->security, socket, endpoint, bind, why, sizeof why) == TROUPE_OK);
    CHECK ((bind ? zmq_bind (socket, endpoint) : zmq_connect (socket, endpoint)) == 0);
    return socket;
}

//  Half of the peers are ada's; bob's are let in once they have been refused and his certificate is copied there.
static void s_round (void)
{
    s_side_t us, ada, bob;
    unsigned refused = 0, unsaid = 0;
    char endpoint [64], peer [16], name [8];
    size_t size = sizeof endpoint;
    void *peers [PEERS];
    s_open (&us, "security/cert=us", "security/allowed=allowed", &refused);
    s_open (&ada, "security/cert=ada", "security/server=us", &unsaid);
    s_open (&bob, "security/cert=bob", "security/server=us", &unsaid);
    void *door = s_socket (ZMQ_ROUTER, &us, "tcp://127.0.0.1:*", true);
    CHECK (zmq_getsockopt (door, ZMQ_LAST_ENDPOINT, endpoint, &size) == 0);
    for (unsigned number = 0; number < PEERS; number++) {
        peers [number] = s_socket (ZMQ_DEALER, number % 2 ? &ada : &bob, endpoint, false);
        CHECK (zmq_send (peers [number], number % 2 ? "ada" : "bob", 3, 0) == 3);
    }
    for (unsigned count = 0; count < PEERS; count++) {
        CHECK (zmq_recv (door, peer, sizeof peer, 0) == 5);
        CHECK (zmq_recv (door, name, sizeof name, 0) == 3);
        CHECK (memcmp (name, count < PEERS / 2 ? "ada" : "bob", 3) == 0);
        CHECK (count != PEERS / 2 - 1 || link ("bob", "allowed/bob") == 0);
    }
    for (unsigned number = 0; number < PEERS; number++)
        zmq_close (peers [number]);
    zmq_close (door);
    s_close (&us);
    s_close (&ada);
    s_close (&bob);
    CHECK (refused == 1 && unsaid == 0 && unlink ("allowed/bob") == 0);
}

int main (void)
{
    static const char *const files [] = { "us", "us_secret", "ada", "ada_secret", "bob", "bob_secret", "allowed/ada" };
    char folder [64];
    const char *base = getenv ("TMPDIR");
    snprintf (folder, sizeof folder, "%s/troupe-XXXXXX", base ? base : P_tmpdir);
    CHECK (mkdtemp (folder) && chdir (folder) == 0 && mkdir ("allowed", 0700) == 0);
    CHECK (troupe_context_open (&context) == TROUPE_OK);
    s_make_certificate ("us");
    s_make_certificate ("ada");
    s_make_certificate ("bob");
    CHECK (link ("ada", "allowed/ada") == 0);
    for (int round = 0; round < ROUNDS; round++)
        s_round ();
    for (size_t index = 0; index < sizeof files / sizeof *files; index++)
        unlink (files [index]);
    CHECK (rmdir ("allowed") == 0 && rmdir (folder) == 0);
    return 0;
}
