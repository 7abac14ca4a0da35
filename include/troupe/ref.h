/*  =========================================================================
    troupe/ref.h - sending: refs, casts, calls, answers, monitors

    Place: include/. A ref belongs to the actor that made it and lives at least
    as long as the incarnation (one of a link: as long as the link). It stays
    good when the actor behind it is restarted, and when that actor moves: only
    the endpoint says where it is.

    Messages from one actor to one ref arrive in the order in which they were
    sent; across senders there is no order. What one turn sends to one ref
    travels as one packet, when the turn ends or at troupe_flush. Nothing here
    blocks, unless the mailbox chose the policy TROUPE_OVERFLOW_BLOCK. Only
    for callbacks of the actor that owns the ref.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_REF_H_INCLUDED
#define TROUPE_REF_H_INCLUDED

#include "actor.h"

TROUPE_BEGIN_DECLS

/*  A ref to a name ("greeter") or an endpoint ("inproc://greeter", "ipc:///run/greeter", "tcp://10.0.0.7:5560").

    Where the actor is in another process, a ref means the same, and besides: the other side may come later, go away and
    come back. While it is not there, what is sent waits here within the mailbox's bounds and its own deadline. When it
    is lost, calls that have been handed to it end with DOWN at once (it may have done their work or not), casts are
    dead letters, monitors are told; what still waits here goes to whoever answers there next. Nothing larger than the
    mailbox's byte limit can be sent: TROUPE_ETOOBIG.

     Asking twice for the same address gives
    the same ref. Whether anybody is there is asked with the first message: a call then ends with NO_SUCH_ACTOR if
    not, a cast is refused. Null when the address is malformed or memory is out.                            */
TROUPE_API troupe_ref_t *troupe_ref (troupe_actor_t *self, const char *address);

//  The address that the ref was made with.
TROUPE_API const char *troupe_ref_address (const troupe_ref_t *ref);

/*  Sends a copy of 'size' bytes, without an answer. Nothing of the caller's changes hands.
      TROUPE_EFULL    the mailbox is at its limit and its policy is to reject; shed it, or try later
      TROUPE_EDOWN    the actor has ended; trying again cannot help
      TROUPE_ENOENT   nobody has that name
      TROUPE_ENOMEM, TROUPE_EFILES   nothing was sent; for want of descriptors only on the first use of a ref
      TROUPE_ETOOBIG  more than the other process takes
      TROUPE_EINVAL, TROUPE_EADDR, TROUPE_EACCES   the endpoint cannot be used: malformed, not to be resolved, or plain
                      TCP beyond this machine (see the configuration 'security/plain')
    A mailbox that drops takes the message with TROUPE_OK; what is dropped is a dead letter.               */
TROUPE_API troupe_error_t troupe_cast (troupe_ref_t *ref, uint16_t tag, const void *data, size_t size);

//  The same with formatted text, which arrives as troupe_message_text.
TROUPE_API troupe_error_t troupe_castf (troupe_ref_t *ref, uint16_t tag, const char *format, ...)
    TROUPE_PRINTF (3, 4);

/*  Sends a message of your own, without copying a large one. On TROUPE_OK the runtime owns it and *message_p
    is null. On any error, as for troupe_cast, the caller still owns it, whole.                             */
TROUPE_API troupe_error_t troupe_cast_message (troupe_ref_t *ref, troupe_message_t **message_p);

/*  Ends a call. 'reply' is a view, valid for the callback: the answer with TROUPE_CALL_OK, the failure in
    words with TROUPE_CALL_FAILED, null otherwise (and the functions of message.h accept null).            */
typedef int (troupe_reply_fn) (troupe_actor_t *self, void *state, troupe_outcome_t outcome,
                               troupe_message_t *reply, void *context);

/*  Sends a copy of 'size' bytes and waits for an answer in the background, for at most 'timeout_ms' (or
    TROUPE_FOREVER). 'on_reply' is called exactly once, never from within this function: in all cases, a full
    mailbox and a missing actor too, unless this incarnation ends first. *call_p, if not null, is set to a
    handle for troupe_call_cancel. TROUPE_EINVAL, TROUPE_ENOMEM, TROUPE_EFILES and TROUPE_ETOOBIG mean
    that no call was begun.                                                                                */
TROUPE_API troupe_error_t troupe_call (troupe_ref_t *ref, uint16_t tag, const void *data, size_t size,
                                       int64_t timeout_ms, troupe_reply_fn *on_reply, void *context,
                                       troupe_call_t *call_p);

/*  The same for work that may be done twice: if the actor is lost before it has answered, the call is made once more
    within its deadline, to whoever is there next, and only then ends with DOWN. Keeps a copy of the payload. The
    message carries the mark (troupe_message_is_idempotent), also when it is delegated.                    */
TROUPE_API troupe_error_t troupe_call_idempotent (troupe_ref_t *ref, uint16_t tag, const void *data, size_t size,
                                                  int64_t timeout_ms, troupe_reply_fn *on_reply, void *context,
                                                  troupe_call_t *call_p);

//  The same mark, and nothing else: for who repeats such calls by itself, as a balancer does.
TROUPE_API troupe_error_t troupe_call_marked (troupe_ref_t *ref, uint16_t tag, const void *data, size_t size,
                                              int64_t timeout_ms, troupe_reply_fn *on_reply, void *context,
                                              troupe_call_t *call_p);

//  troupe_call with a message of your own, which is taken over on TROUPE_OK and still yours on an error.
TROUPE_API troupe_error_t troupe_call_message (troupe_ref_t *ref, troupe_message_t **message_p,
                                               int64_t timeout_ms, troupe_reply_fn *on_reply, void *context,
                                               troupe_call_t *call_p);

//  Gives a call up: 'on_reply' gets CANCELLED in a later turn, the actor drops the work if it has not begun, and can be
//  told if it holds the call (troupe_caller_on_cancel). False when the call has ended already.
TROUPE_API bool troupe_call_cancel (troupe_actor_t *self, troupe_call_t call);

/*  Answers a call with a copy of 'size' bytes. 'message' is the one being handled. Answering a cast does
    nothing. An answer after the deadline is thrown away, one whose caller is gone becomes a dead letter.
      TROUPE_ESTATE   it has been answered, deferred or delegated before
      TROUPE_ENOMEM   not answered                                                                         */
TROUPE_API troupe_error_t troupe_reply (troupe_actor_t *self, troupe_message_t *message,
                                        const void *data, size_t size);

//  The same with formatted text.
TROUPE_API troupe_error_t troupe_replyf (troupe_actor_t *self, troupe_message_t *message,
                                         const char *format, ...) TROUPE_PRINTF (3, 4);

//  The same with a message of your own, tag and all: taken over on TROUPE_OK, still yours on an error.
TROUPE_API troupe_error_t troupe_reply_message (troupe_actor_t *self, troupe_message_t *message,
                                                troupe_message_t **reply_p);

//  Ends a call with FAILED and a reason in words, and goes on living.
TROUPE_API troupe_error_t troupe_reply_failure (troupe_actor_t *self, troupe_message_t *message,
                                                const char *format, ...) TROUPE_PRINTF (3, 4);

/*  Takes the caller out of a message, to answer it in a later turn. A handler that returns without having
    answered, deferred or delegated a call ends it with FAILED; so does the end of the incarnation for every
    caller it holds. Null for a cast, for one answered already, and when memory is out (the call then ends
    with FAILED).                                                                                           */
TROUPE_API troupe_caller_t *troupe_defer (troupe_actor_t *self, troupe_message_t *message);

//  Answers a deferred caller, destroys it and nulls the pointer, regardless of success. Errors as for
//  troupe_reply; a null caller is TROUPE_ESTATE. A failure after the deadline is not even sent: the caller has its
//  TIMEOUT.
TROUPE_API troupe_error_t troupe_answer (troupe_caller_t **caller_p, const void *data, size_t size);
TROUPE_API troupe_error_t troupe_answerf (troupe_caller_t **caller_p, const char *format, ...)
    TROUPE_PRINTF (2, 3);
TROUPE_API troupe_error_t troupe_answer_failure (troupe_caller_t **caller_p, const char *format, ...)
    TROUPE_PRINTF (2, 3);

//  Answers with a message of your own: taken over on TROUPE_OK, still yours on an error.
TROUPE_API troupe_error_t troupe_answer_message (troupe_caller_t **caller_p, troupe_message_t **reply_p);

//  When the deferred caller stops waiting, in microseconds of troupe_now_us.
TROUPE_API int64_t troupe_caller_deadline_us (const troupe_caller_t *caller);

//  Tells that a deferred caller has given its call up. It is still this actor's to answer.
typedef int (troupe_cancelled_fn) (troupe_actor_t *self, void *state, troupe_caller_t *caller, void *context);

/*  Asks to be told when a deferred caller gives its call up: it cancels it (troupe_call_cancel), its incarnation ends,
    or its process or the connection to it is lost. To be asked in the turn that deferred it: of what was given up
    before, only a lost caller is known. 'on_cancelled' is called at most once, never from within this function, and not
    once the caller has been answered; it may be null, for who asks troupe_caller_is_cancelled. That the deadline has
    passed is not told: that is known beforehand. Who has given up still has to be answered, soon or late, which frees
    it: nothing is sent then, and nothing is a dead letter. A call that was delegated is given up with it.
      TROUPE_EINVAL   a null caller
      TROUPE_ESTATE   this has been asked before
      TROUPE_ENOMEM   it will not be told                                                                  */
TROUPE_API troupe_error_t troupe_caller_on_cancel (troupe_caller_t *caller, troupe_cancelled_fn *on_cancelled,
                                                   void *context);

//  Whether a deferred caller for which troupe_caller_on_cancel was asked has given its call up, or has been lost.
TROUPE_API bool troupe_caller_is_cancelled (const troupe_caller_t *caller);

//  Hands a call on: 'ref' gets it with what is left of its deadline, and its outcome is the caller's. A cast
//  is forwarded. Errors as for troupe_reply and troupe_cast; on one, the call is still this actor's to answer.
TROUPE_API troupe_error_t troupe_delegate (troupe_actor_t *self, troupe_message_t *message, troupe_ref_t *ref);

//  Tells that a monitored actor is down, exactly once, and why; the reason is valid for the callback.
typedef int (troupe_down_fn) (troupe_actor_t *self, void *state, troupe_ref_t *ref,
                              const troupe_reason_t *reason, void *context);

/*  Asks to be told when the actor behind 'ref' is down: at the end of its present incarnation, or at once
    when there is none. *monitor_p, if not null, is set to a handle. TROUPE_ENOMEM: nothing was asked.      */
TROUPE_API troupe_error_t troupe_monitor (troupe_ref_t *ref, troupe_down_fn *on_down, void *context,
                                          troupe_monitor_t *monitor_p);

//  Takes a monitor back: its callback is not called any more. False when it has been called already.
TROUPE_API bool troupe_demonitor (troupe_actor_t *self, troupe_monitor_t monitor);

TROUPE_END_DECLS

#endif
