/*  =========================================================================
    security_test - who gets in over tcp, and what the others notice: nothing

    Place: tests/live, of runtime/live/security/security.c and security_gate.c, with real
    sockets on loopback.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <zmq.h>

#include "live/security/security_refusal.h"
#include "security_world.h"

#define REFUSED "WARNING refused 127.0.0.1: its key is not in security/allowed"

typedef security_world_side_t side_t;
typedef security_world_socket_t socket_t;

static side_t us, ada;
static socket_t door;

//  Listens with the certificate "us"; ada's is let in.
static void s_begin (void)
{
    security_world_begin ();
    security_world_make ("us");
    security_world_make ("ada");
    security_world_make ("bob");
    security_world_allow ("ada");
    security_world_open (&us, "security/cert=us", "security/allowed=allowed", NULL);
    security_world_open (&ada, "security/cert=ada", "security/server=us", NULL);
    security_world_listen (&door, &us, "tcp://127.0.0.1:*");
}

static void s_end (void)
{
    security_world_hang_up (&door);
    security_world_close (&ada);
    security_world_close (&us);
    cr_assert_not (security_world_has_line (), "nothing else is logged: %s", security_world_line ());
    security_world_end ();
}

//  Whatever the others did, whoever is allowed is served as before.
static void s_serves_ada (void)
{
    socket_t visitor;
    security_world_connect (&visitor, &ada, door.endpoint);
    security_world_talk (&visitor, &door, "hello");
    cr_assert_not (security_world_has_heard (&door), "what others sent has not got in");
    security_world_hang_up (&visitor);
}

Test (security, those_who_know_each_other_talk, .timeout = 60)
{
    s_begin ();
    s_serves_ada ();
    s_serves_ada ();
    s_end ();
}

//  The peer must not learn that there is anything here, nor give up for ever: its key may be allowed later.
Test (security, an_unknown_key_hears_nothing_and_gets_in_once_it_is_allowed, .timeout = 60)
{
    side_t bob;
    socket_t visitor;
    s_begin ();
    security_world_open (&bob, "security/cert=bob", "security/server=us", NULL);
    security_world_connect (&visitor, &bob, door.endpoint);
    cr_assert_geq (zmq_send (visitor.socket, "let me in", 9, 0), 0);
    security_world_await_silent_end (&visitor);
    security_world_await_silent_end (&visitor);
    cr_assert_str_eq (security_world_line (), REFUSED);
    cr_assert_not (security_world_has_line (), "one line an address and minute");
    s_serves_ada ();

    security_world_allow ("bob");
    char peer [8], text [16] = "";
    cr_assert_gt (zmq_recv (door.socket, peer, sizeof peer, 0), 0);
    cr_assert_gt (zmq_recv (door.socket, text, sizeof text, 0), 0);
    cr_assert_str_eq (text, "let me in", "what it sent has waited");
    security_world_hang_up (&visitor);
    security_world_close (&bob);
    s_end ();
}

//  A key is taken away because somebody else may have it.
Test (security, a_key_that_is_taken_away_stays_out_from_the_next_connection_on, .timeout = 60)
{
    socket_t visitor;
    s_begin ();
    s_serves_ada ();
    security_world_forbid ("ada");
    security_world_connect (&visitor, &ada, door.endpoint);
    security_world_await_silent_end (&visitor);
    cr_assert_str_eq (security_world_line (), REFUSED);
    cr_assert_not (security_world_has_heard (&door));
    security_world_hang_up (&visitor);
    s_end ();
}

//  Somebody else at the address must not be taken for the one whom the certificate names.
Test (security, who_expects_another_key_does_not_talk_to_us, .timeout = 60)
{
    side_t misled;
    socket_t visitor;
    s_begin ();
    security_world_open (&misled, "security/cert=ada", "security/server=bob", NULL);
    security_world_connect (&visitor, &misled, door.endpoint);
    cr_assert_geq (zmq_send (visitor.socket, "secret", 6, 0), 0);
    security_world_event_t event = security_world_await (&door);
    cr_assert_eq (event.event, ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL);
    cr_assert_str_eq (troupe_refusal_text (event.event, event.value), "it expects somebody with another key here");
    security_world_await_silent_end (&visitor);
    s_serves_ada ();
    security_world_hang_up (&visitor);
    security_world_close (&misled);
    s_end ();
}

//  Without CURVE everybody could get in.
Test (security, plain_peers_do_not_get_in, .timeout = 60)
{
    socket_t visitor;
    s_begin ();
    security_world_connect (&visitor, NULL, door.endpoint);
    cr_assert_geq (zmq_send (visitor.socket, "hello", 5, 0), 0);
    security_world_event_t event = security_world_await (&door);
    cr_assert_eq (event.event, ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL);
    cr_assert_str_eq (troupe_refusal_text (event.event, event.value),
                      "one side has a certificate and the other has none");
    s_serves_ada ();
    security_world_hang_up (&visitor);
    s_end ();
}

//  Whoever has a certificate must not speak to somebody who has none.
Test (security, nothing_is_said_to_a_plain_port, .timeout = 60)
{
    socket_t visitor, plain;
    s_begin ();
    security_world_listen (&plain, NULL, "tcp://127.0.0.1:*");
    security_world_connect (&visitor, &ada, plain.endpoint);
    cr_assert_geq (zmq_send (visitor.socket, "secret", 6, 0), 0);
    cr_assert_eq (security_world_await (&visitor).event, ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL);
    cr_assert_eq (security_world_await (&plain).event, ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL);
    cr_assert_not (security_world_has_heard (&plain));
    security_world_hang_up (&visitor);
    security_world_hang_up (&plain);
    s_end ();
}

//  A port scanner is not a peer.
Test (security, garbage_does_not_get_in, .timeout = 60)
{
    s_begin ();
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
    address.sin_port = htons ((uint16_t) atoi (strrchr (door.endpoint, ':') + 1));
    static const char *const texts [] = { "GET / HTTP/1.1\r\nHost: x\r\nAccept: everything\r\n\r\n", "\xff",
                                          "\xff\0\0\0\0\0\0\0\x01\x7f\3\0CURVE", NULL };
    for (const char *const *text = texts; *text; text++) {
        int raw = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        cr_assert_eq (connect (raw, (struct sockaddr *) &address, sizeof address), 0);
        cr_assert_gt (send (raw, *text, *text == texts [2] ? 17 : strlen (*text), MSG_NOSIGNAL), 0);
        security_world_await_end_of (raw);
    }
    s_serves_ada ();
    s_end ();
}

//  A mailbox is bound for its own tree of processes as well, and those have no certificates.
Test (security, ipc_on_the_same_socket_needs_no_certificate, .timeout = 60)
{
    socket_t child;
    char why [256];
    s_begin ();
    cr_assert_eq (troupe_security_apply (us.security, door.socket, "ipc://door", true, why, sizeof why), TROUPE_OK);
    cr_assert_eq (zmq_bind (door.socket, "ipc://door"), 0);
    security_world_connect (&child, &us, "ipc://door");
    security_world_talk (&child, &door, "hello from home");
    security_world_hang_up (&child);

    socket_t visitor;
    security_world_connect (&visitor, NULL, door.endpoint);
    cr_assert_eq (security_world_await (&visitor).event, ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL, "tcp still needs one");
    security_world_hang_up (&visitor);
    s_serves_ada ();
    s_end ();
}

//  What is said must not be read by whoever is between the two.
Test (security, what_is_said_cannot_be_read_on_the_way, .timeout = 60)
{
    socket_t visitor;
    s_begin ();
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    int listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq (bind (listener, (struct sockaddr *) &address, size), 0);
    cr_assert_eq (listen (listener, 1), 0);
    getsockname (listener, (struct sockaddr *) &address, &size);
    char middle [64], text [64] = "";
    snprintf (middle, sizeof middle, "tcp://127.0.0.1:%u", ntohs (address.sin_port));
    security_world_connect (&visitor, &ada, middle);
    cr_assert_geq (zmq_send (visitor.socket, "the secret", 10, 0), 0);

    int here = accept (listener, NULL, NULL), there = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_port = htons ((uint16_t) atoi (strrchr (door.endpoint, ':') + 1));
    cr_assert_eq (connect (there, (struct sockaddr *) &address, size), 0);
    zmq_pollitem_t items [] = { { .fd = here, .events = ZMQ_POLLIN }, { .fd = there, .events = ZMQ_POLLIN },
                                { .socket = door.socket, .events = ZMQ_POLLIN } };
    while (!items [2].revents) {
        static char bytes [65536];
        cr_assert_gt (zmq_poll (items, 3, SECURITY_WORLD_MS), 0);
        for (int from = 0; from < 2; from++) {
            ssize_t count = items [from].revents ? read (items [from].fd, bytes, sizeof bytes) : 0;
            cr_assert_null (memmem (bytes, (size_t) (count > 0 ? count : 0), "secret", 6));
            cr_assert_eq (count > 0 ? write (items [!from].fd, bytes, (size_t) count) : count, count);
        }
    }
    cr_assert_gt (zmq_recv (door.socket, text, sizeof text, 0), 0);
    cr_assert_eq (zmq_recv (door.socket, text, sizeof text, 0), 10);
    cr_assert_arr_eq (text, "the secret", 10);
    close (here);
    close (there);
    close (listener);
    security_world_hang_up (&visitor);
    s_end ();
}

//  What the program says when it is started with these settings, and its exit status.
static int s_start_program (const char *settings, char *said, size_t size)
{
    char command [512];
    snprintf (command, sizeof command, "%s %s 2>&1 </dev/null", APP_PROGRAM, settings);
    FILE *program = popen (command, "r");
    cr_assert_not_null (program);
    size_t length = fread (said, 1, size - 1, program);
    said [length] = 0;
    int status = pclose (program);
    return WIFEXITED (status) ? WEXITSTATUS (status) : -1;
}

//  A service manager sees the status; whoever reads the log must be led to the file.
Test (security, a_program_with_unusable_certificates_does_not_start, .timeout = 60)
{
    static const char *const cases [] [2] = {
        { "--set security/cert=nobody", "nobody_secret: No such file or directory" },
        { "--set security/cert=bob", "bob_secret: a secret key must not be open to its group or to others: chmod 600" },
        { "--set security/cert=ada --set security/server=text", "text: it is no certificate" },
        { "--set security/cert=ada --set security/allowed=nowhere", "/nowhere: No such file" },
        { "--set security/crt=ada", "security/crt: security has cert, allowed, server and plain" },
    };
    char said [2048];
    security_world_begin ();
    security_world_make ("ada");
    security_world_make ("bob");
    chmod ("bob_secret", 0644);
    FILE *text = fopen ("text", "w");
    fputs ("not a certificate\n", text);
    fclose (text);
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        cr_assert_eq (s_start_program (cases [index] [0], said, sizeof said), 2, "%s", said);
        cr_assert_not_null (strstr (said, cases [index] [1]), "%s", said);
    }
    cr_assert_eq (s_start_program ("--mode exit --set security/cert=ada --set security/allowed=allowed", said,
                                   sizeof said), 0, "%s", said);
    security_world_end ();
}
