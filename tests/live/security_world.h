/*  =========================================================================
    security_world.h - certificates, sockets that use them, and what is seen of it

    Place: tests/live. One folder of a test's own with the certificates that it
    names, sockets on loopback made ready by troupe_security_apply, what their
    monitors tell, and the log. Every wait is for an event, with a deadline.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_TESTS_SECURITY_WORLD_H_INCLUDED
#define TROUPE_TESTS_SECURITY_WORLD_H_INCLUDED

#include "live/security/security.h"

//  No test waits longer for anything.
#define SECURITY_WORLD_MS 20000

//  One side of a conversation. Side by side with the others' they have the same process and context.
typedef struct {
    troupe_config_t *config;
    troupe_security_t *security;
} security_world_side_t;

//  A socket and the monitor of its connections.
typedef struct {
    void *socket;
    void *monitor;
    char endpoint [128];            //  Where it is bound
} security_world_socket_t;

//  What a socket's monitor tells of a handshake.
typedef struct {
    unsigned event;                 //  ZMQ_EVENT_...
    uint64_t value;
} security_world_event_t;

//  Makes the folder, with an empty one "allowed" in it, and goes there; removes it.
void security_world_begin (void);
void security_world_end (void);

//  Makes a certificate, "NAME" and "NAME_secret", and lets it in, or no more.
void security_world_make (const char *name);
void security_world_allow (const char *name);
void security_world_forbid (const char *name);

//  A side with these settings, ended by null: at most four. It must be possible.
void security_world_open (security_world_side_t *side, const char *first, const char *second, const char *third);
void security_world_close (security_world_side_t *side);

//  A ROUTER at a port of its own, and a DEALER to an endpoint; without CURVE for a null side.
void security_world_listen (security_world_socket_t *made, const security_world_side_t *side, const char *endpoint);
void security_world_connect (security_world_socket_t *made, const security_world_side_t *side, const char *endpoint);
void security_world_hang_up (security_world_socket_t *made);

//  Sends 'text' from a DEALER, and waits for it at the ROUTER, which answers with the same; waits for that.
void security_world_talk (security_world_socket_t *dealer, security_world_socket_t *router, const char *text);
//  Whether there is something to be read just now.
bool security_world_has_heard (const security_world_socket_t *reader);

//  Waits for the next end of a handshake, good or bad.
security_world_event_t security_world_await (security_world_socket_t *watched);
//  Waits until it has lost a connection. Meanwhile no handshake may have ended, good or bad, but by NO_DETAIL.
void security_world_await_silent_end (security_world_socket_t *watched);

//  Waits until the other side closes a stream socket, and closes it here.
void security_world_await_end_of (int descriptor);

//  Takes a line, from any thread: for the options of whole troupes.
void security_world_log (troupe_log_level_t level, const char *line, void *unused);
//  Waits for the next line of the log, without its time; lives until the next.
const char *security_world_line (void);
bool security_world_has_line (void);

#endif
