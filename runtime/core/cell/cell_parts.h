/*  =========================================================================
    core/cell/cell_parts.h - what the files of the cell offer each other

    Place: runtime/core, inside the cell. Nobody but cell*.c, stream.c and
    watch.c includes this.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_CORE_CELL_PARTS_H_INCLUDED
#define TROUPE_CORE_CELL_PARTS_H_INCLUDED

#include "core/cell/cell.h"
#include "core/packet/control.h"

//  --- cell_peer.c

//  The pack that goes to a peer, which is thereby due to be sent.
troupe_pack_t *troupe_peer_pack (troupe_peer_t *peer);
//  Sends a record to a peer; false when memory is out. A peer that is gone gets nothing.
bool troupe_peer_tell (troupe_peer_t *peer, troupe_record_t *record, const void *payload);
//  Counts mail that has been taken, and gives credit back when half of the window is used up.
void troupe_peer_took (troupe_peer_t *peer, size_t bytes);
//  Tells it how much of its mail has been taken.
void troupe_peer_credit (troupe_peer_t *peer);
void troupe_peer_drop (troupe_peer_t *peer);
void troupe_peer_leave (troupe_peer_t *peer);
//  It has said HELLO: a remote one is answered.
void troupe_peer_greeted (troupe_peer_t *peer, const troupe_record_t *record);
//  Tells it the bounds of the mailbox.
void troupe_peer_welcome (troupe_peer_t *peer);
//  It has sent something else before HELLO.
void troupe_peer_refuse (troupe_peer_t *peer, size_t size);
void troupe_peers_flush (troupe_actor_t *cell);
void troupe_peers_say_gone (troupe_actor_t *cell);
void troupe_peers_clear (troupe_actor_t *cell);

//  --- cell_ref.c

//  Finds the actor behind a ref unless a way there is open.
troupe_error_t troupe_ref_ensure (troupe_ref_t *ref);
/*  Sends a record of mail: against the mailbox's bounds, as its policy says. With a 'frame' the payload is in it and is
    taken over on TROUPE_OK. *dropped_p, if not null, tells that the policy took the message and dropped it.    */
troupe_error_t troupe_ref_submit (troupe_ref_t *ref, troupe_record_t *record, const void *payload,
                                  const troupe_frame_t *frame, bool *dropped_p);
//  Sends a record that is no mail; false when there is no way or no memory.
bool troupe_ref_tell (troupe_ref_t *ref, troupe_record_t *record, const void *payload);
void troupe_ref_credit (troupe_ref_t *ref, uint64_t messages, uint64_t bytes);
//  By how much the sender's window is wider than the mailbox: one that drops its oldest mail must get the newest.
static inline uint64_t troupe_ref_widening (const troupe_ref_t *ref)
{
    return ref->limits.overflow == TROUPE_OVERFLOW_DROP_OLDEST ? 8 : 1;
}
//  The actor is gone for good: calls end with DOWN, monitors are told.
void troupe_ref_gone (troupe_ref_t *ref, const troupe_record_t *record, const troupe_reason_t *reason);
//  The link of a ref is gone: nothing can be sent on it, and it is freed by a later turn's troupe_refs_reap.
void troupe_ref_orphan (troupe_ref_t *ref);
void troupe_refs_reap (troupe_actor_t *cell);
void troupe_refs_flush (troupe_actor_t *cell);
void troupe_refs_close (troupe_actor_t *cell);
void troupe_refs_clear (troupe_actor_t *cell);
//  A message of one's own, as a frame; false when it is small and should be copied.
bool troupe_message_to_frame (troupe_message_t *message, troupe_frame_t *frame);
//  Frees a message whose payload has been handed over as a frame.
void troupe_message_spent (troupe_message_t **message_p);

//  --- cell_remote.c: what is different for a ref that leads out of the process

//  It has been opened, or is about to be closed.
void troupe_remote_open (troupe_ref_t *ref);
void troupe_remote_close (troupe_ref_t *ref);
//  Sends what is packed, or lets it wait.
void troupe_remote_send (troupe_ref_t *ref);
//  Sends one record now, past what waits.
void troupe_remote_tell (troupe_ref_t *ref, troupe_record_t *record, const void *payload);
//  There is more credit.
void troupe_remote_credit (troupe_ref_t *ref);
//  Makes room among what waits, by leaving out what has ended; false when there is nothing of the kind.
bool troupe_remote_tidy (troupe_ref_t *ref);
//  The other side has answered HELLO; false when it was not asked.
bool troupe_remote_welcome (troupe_ref_t *ref, const troupe_record_t *record);
//  The other side speaks another version of the protocol.
void troupe_remote_foreign (troupe_ref_t *ref, unsigned version);

//  --- cell_call.c

troupe_error_t troupe_call_begin (troupe_ref_t *ref, uint16_t tag, const void *data, size_t size,
                                  const troupe_frame_t *frame, int64_t deadline_us, bool idempotent,
                                  troupe_reply_fn *on_reply, void *context, troupe_call_t *call_p);
//  An answer has come: ends its call. False when the incarnation is over.
bool troupe_call_answered (troupe_ref_t *ref, const troupe_record_t *record, troupe_message_t *reply);
//  The next pending entry of a ref, up to that opening, is ended as DOWN; false when there is none or the incarnation
//  is over.
bool troupe_pending_down (troupe_ref_t *ref, uint64_t serial, const troupe_reason_t *reason);
//  The same for a connection that is lost: monitors, and calls that were sent on it.
bool troupe_pending_broken (troupe_ref_t *ref, uint64_t serial, const troupe_reason_t *reason);
//  Whether it is a call that may still be made once more.
bool troupe_pending_may_repeat (const troupe_actor_t *cell, const troupe_pending_t *pending);
//  Makes the calls of a ref up to that opening that may be made once more, to whoever is there next.
void troupe_calls_repeat (troupe_ref_t *ref, uint64_t serial);
//  The incarnation is over: all are forgotten, and the other sides told.
void troupe_pending_forget (troupe_actor_t *cell);
void troupe_pending_clear (troupe_actor_t *cell);
uint32_t troupe_pending_new (troupe_ref_t *ref);
troupe_pending_t *troupe_pending_find (troupe_actor_t *cell, uint64_t id);
uint64_t troupe_pending_id (const troupe_actor_t *cell, const troupe_pending_t *pending);
void troupe_pending_free (troupe_actor_t *cell, troupe_pending_t *pending);
//  Lets it end with 'outcome' in the next turn. False when memory is out.
bool troupe_pending_settle (troupe_actor_t *cell, troupe_pending_t *pending, troupe_outcome_t outcome);

//  --- cell_reply.c

//  Ends a call with an outcome that is not OK, in words.
void troupe_reply_outcome (troupe_peer_t *peer, uint64_t correlation, troupe_outcome_t outcome, const char *text);
//  The incarnation is over: callers get FAILED.
void troupe_callers_fail (troupe_actor_t *cell, const char *text);

//  Frees what is kept for the next callers.
void troupe_callers_clear (troupe_actor_t *cell);

//  --- cell_cancel.c

//  Forgets a call that was given up; true when it was one.
bool troupe_cancelled_take (troupe_actor_t *cell, const troupe_peer_t *peer, uint64_t correlation);
//  What a peer has given up is of no interest any more.
void troupe_cancelled_forget (troupe_peer_t *peer);
void troupe_cancelled_clear (troupe_actor_t *cell);

//  --- cell_follow.c

//  A peer has given a call up: if it was deferred, and its caller followed, that is told.
void troupe_follow_cancelled (troupe_peer_t *peer, uint64_t correlation);
//  A peer that is gone has given up all.
void troupe_follow_gone (troupe_peer_t *peer);
//  When its caller gives up, so is the call that was delegated for it.
void troupe_follow_delegated (troupe_caller_t *caller, troupe_call_t call);
//  The caller is being freed.
void troupe_follow_end (troupe_caller_t *caller);
//  Tells of those that have given up, or forgets them when the incarnation is over.
void troupe_given_up_tell (troupe_actor_t *cell);
void troupe_follows_clear (troupe_actor_t *cell);

//  --- cell_mail.c

//  Handles answers, then mail, up to 'budget' records of it.
void troupe_mail_handle (troupe_actor_t *cell, size_t budget);
//  Answers all mail with DOWN, or buries it.
void troupe_mail_refuse (troupe_actor_t *cell);
void troupe_mail_clear (troupe_actor_t *cell);

//  --- cell_monitor.c

void troupe_watcher_add (troupe_peer_t *peer, uint64_t id);
void troupe_watcher_remove (troupe_peer_t *peer, uint64_t id);
void troupe_watchers_forget_peer (troupe_actor_t *cell, troupe_peer_t *peer);
void troupe_watchers_tell (troupe_actor_t *cell, const troupe_reason_t *reason);
bool troupe_monitor_fire (troupe_actor_t *cell, troupe_pending_t *pending, const troupe_reason_t *reason);
//  DOWN has come from the other side.
bool troupe_monitor_down (troupe_actor_t *cell, const troupe_record_t *record);

//  --- cell_names.c

//  The incarnation is over: gives its names back and ends its watches.
void troupe_names_end (troupe_actor_t *cell);
void troupe_names_clear (troupe_actor_t *cell);

//  --- cell_child.c

//  Forgets the children, which their host has ended.
void troupe_links_clear (troupe_actor_t *cell);
//  Stops the child that was spawned last; false when there is none left.
bool troupe_links_stop_last (troupe_actor_t *cell);

//  --- cell_words.c

//  Logs the words that nobody has failed with; does nothing without any.
void troupe_words_tell (troupe_actor_t *cell);
void troupe_words_drop (troupe_actor_t *cell);
//  "WHAT: " and the words for the error, which are dropped if they fit. False when there are none.
bool troupe_words_take (troupe_actor_t *cell, troupe_error_t error, const char *what, char *text, size_t size);

//  --- cell.c

//  The children are gone: goes on with the end of the incarnation.
void troupe_cell_children_gone (troupe_actor_t *cell);
void troupe_cell_tell_parent (troupe_actor_t *cell, troupe_control_kind_t kind, const troupe_reason_t *reason);

#endif
