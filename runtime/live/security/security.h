/*  =========================================================================
    live/security/security.h - who may be talked to over tcp: CURVE, or nobody beyond loopback

    Place: runtime/live. Made once, with the troupe, and never changed: every
    actor thread applies it to its own tcp sockets. Without any configuration
    tcp is plain, and stays on loopback: 127.0.0.0/8 and ::1, and names and
    interfaces all of whose addresses are such. inproc and ipc never use CURVE:
    ipc is guarded by the permissions of its folder.

    Who is refused hears nothing and may try again. libzmq itself gives up for
    ever where a handshake shows that only one side uses CURVE
    (ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL at the one who connects) or where an
    authenticator other than ours refuses (..._FAILED_AUTH): such a socket has
    to be made anew to try again.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_SECURITY_H_INCLUDED
#define TROUPE_LIVE_SECURITY_H_INCLUDED

#include "live/app/config.h"
#include "live/app/log.h"

/*  The configuration is:
        security/cert       this program's certificate, as zcert_save makes it: FILE, and FILE_secret, which holds the
                            secret key. With it every tcp socket uses CURVE (RFC 26), on loopback too
        security/allowed    the folder of the public certificates that may connect; needed to listen. What is put into
                            it or taken away counts from the next connection on; connections that stand are left alone
        security/server     the public certificate of whoever is connected to
        children/ID/server  the same for the endpoint of one child, which children/ID/endpoint says
        security/plain      1: tcp without CURVE beyond loopback too. Whoever reaches the port can then talk to its
                            actor
    Files are named as seen from the folder in which the program was started. Set to nothing is not set.     */
typedef struct troupe_security troupe_security_t;

/*  Reads what is configured. The caller owns *self_p, which is null when nothing is. 'config' must live as long;
    'context' is libzmq's; 'logger' is copied. On an error *self_p is untouched, and 'why' holds one line without a
    line end:
      TROUPE_ENOENT   a file or folder is missing
      TROUPE_EACCES   it cannot be read, or a secret file is open to its group or to others
      TROUPE_EINVAL   a file is no certificate, or what is configured contradicts itself or has a name that does not
                      exist
      TROUPE_ENOTSUP  libzmq was built without CURVE
      TROUPE_EADDRINUSE  the program runs an authenticator of its own (inproc://zeromq.zap.01, RFC 27): there can be
                      one in a process
      TROUPE_ENOMEM, TROUPE_EFILES, TROUPE_ETHREAD
    Blocks while files are read. For the thread that makes the troupe.                                       */
troupe_error_t troupe_security_new (troupe_security_t **self_p, const troupe_config_t *config, void *context,
                                    const troupe_logger_t *logger, char *why, size_t why_size);

//  Ends it, wipes its keys and nulls the pointer; does nothing with a null one. Not while a thread may still use it:
//  from then on no new tcp connection is let in.
void troupe_security_destroy (troupe_security_t **self_p);

/*  Makes a socket of libzmq ready for 'endpoint', before it is bound ('bind') or connected to it, and again before each
    further one: for tcp CURVE, or nothing when plain tcp will do; without CURVE for inproc and ipc. Null 'self':
    nothing is configured. On an error the socket must not be bound or connected, and 'why' holds one line without a
    line end:
      TROUPE_EACCES   what is configured does not allow this; the line says what to set
      TROUPE_EADDR    the host's name means nothing
      TROUPE_EINVAL   the endpoint is malformed
      TROUPE_ENOMEM
    Any thread. Blocks only for a name other than localhost while neither a certificate nor plain tcp is configured: as
    long as the system's resolver takes. What the name means then is not what it may mean at a later reconnect; who
    cannot rely on his names configures a certificate.                                                       */
troupe_error_t troupe_security_apply (const troupe_security_t *self, void *socket, const char *endpoint, bool bind,
                                      char *why, size_t why_size);

/*  Who has sent a message, by what libzmq says of it (the property User-Id; null: nothing): the name of a file in
    security/allowed, within 'property'. "" when our gatekeeper was not asked: a peer may say of itself what it
    likes where nobody was asked, and that looks the same to libzmq. Any thread.                             */
const char *troupe_security_user (const troupe_security_t *self, const char *property);

//  Whether a socket could be made ready to be connected to a tcp 'endpoint', without one: errors as above.
troupe_error_t troupe_security_allows (const troupe_security_t *self, const char *endpoint, char *why,
                                       size_t why_size);

#endif
