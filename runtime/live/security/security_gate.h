/*  =========================================================================
    live/security/security_gate.h - the gatekeeper: libzmq asks it who may come in

    Place: runtime/live, under security. One thread of the process answers the
    questions of ZAP (RFC 27) at inproc://zeromq.zap.01, where libzmq's I/O
    thread asks them. A key that is allowed gets in; who is not hears nothing,
    finds the connection closed when ZMQ_HANDSHAKE_IVL is over, and may try
    again: it counts as a failure that may pass (300). zauth of czmq, which is made for this, will not do: it
    refuses with 400, which libzmq tells the peer, whose socket then never
    connects again, not even when its key is allowed later; it cannot say whom
    it refused without printing keys; and it ends the process when the program
    has an authenticator already. As with zauth, what other sockets of the
    process let in is asked here too: those with CURVE are judged by the same
    keys, those without any mechanism are let in, and PLAIN is not.

    Who is let in by a key gets a user id, which libzmq writes into its
    messages. Where nobody is asked (ipc, or no CURVE) a peer can write that
    property into its READY itself (RFC 37): so ours begins with a mark that is
    drawn by lot, and that no peer ever sees.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_SECURITY_GATE_H_INCLUDED
#define TROUPE_LIVE_SECURITY_GATE_H_INCLUDED

#include "live/security/security_allowed.h"

#define TROUPE_GATE_ENDPOINT "inproc://zeromq.zap.01"

typedef struct troupe_gate troupe_gate_t;

/*  Starts it, and takes ownership of *allowed_p, which is null afterwards. The caller owns what is returned; 'logger'
    is copied. On failure null with *error_p set, and the caller still owns *allowed_p:
      TROUPE_EADDRINUSE   the process has an authenticator already
      TROUPE_ENOMEM, TROUPE_EFILES, TROUPE_ETHREAD
    Does not block.                                                                                          */
troupe_gate_t *troupe_gate_new (void *context, troupe_allowed_t **allowed_p, const troupe_logger_t *logger,
                                troupe_error_t *error_p);

//  Whom it has let in, by the user id that it gave libzmq: the name of the certificate's file, within 'property'; ""
//  when that is not from here. Any thread.
const char *troupe_gate_user (const troupe_gate_t *self, const char *property);

//  Ends it, waits for its thread and nulls the pointer; does nothing with a null one. Not while a socket listens: with
//  nobody to ask libzmq lets everybody in.
void troupe_gate_destroy (troupe_gate_t **self_p);

#endif
