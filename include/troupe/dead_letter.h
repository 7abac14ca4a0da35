/*  =========================================================================
    troupe/dead_letter.h - messages that nobody could take

    Place: include/. Every message that is not delivered is counted by reason,
    logged (throttled: the first at once, then a count a second), and told to
    whoever asked for it.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_DEAD_LETTER_H_INCLUDED
#define TROUPE_DEAD_LETTER_H_INCLUDED

#include "ref.h"

TROUPE_BEGIN_DECLS

typedef enum {
    TROUPE_DEAD_DOWN = 0,       //  The actor had ended
    TROUPE_DEAD_NO_SUCH_ACTOR,  //  Nobody has that name
    TROUPE_DEAD_OVERFLOW,       //  A mailbox that drops was full
    TROUPE_DEAD_EXPIRED,        //  Its deadline passed before it was taken from the mailbox
    TROUPE_DEAD_LATE_REPLY,     //  The answer came after the call had ended
    TROUPE_DEAD_NO_CALLER,      //  The answer's receiver is gone
    TROUPE_DEAD_UNHANDLED,      //  The behavior takes no such message
    TROUPE_DEAD_MALFORMED,      //  It could not be decoded
    TROUPE_DEAD_REASONS         //  How many there are
} troupe_dead_reason_t;

typedef struct troupe_dead_letter {
    troupe_dead_reason_t reason;
    uint16_t tag;
    uint64_t count;             //  How many alike this stands for: usually 1
    uint64_t size;              //  Of the payload; 0 when it is not known any more
    char from [64];             //  Names; "" when there is none
    char to [64];
} troupe_dead_letter_t;

//  The name of a reason, "OVERFLOW"; a static string, never null. Any thread.
TROUPE_API const char *troupe_dead_reason_name (troupe_dead_reason_t reason);

//  Return as from receive. The letter is valid for the callback.
typedef int (troupe_dead_letter_fn) (troupe_actor_t *self, void *state,
                                     const troupe_dead_letter_t *letter, void *context);

//  Tells this actor of every dead letter of the troupe from now on, until its incarnation ends.
//  TROUPE_ENOMEM, TROUPE_EFILES: not subscribed. Only for the actor's own callbacks; waits
//  for the directory's answer, which takes microseconds.
TROUPE_API troupe_error_t troupe_dead_letters (troupe_actor_t *self, troupe_dead_letter_fn *on_letter, void *context);

//  How many dead letters of that reason this actor has seen itself, as sender or receiver, in all its incarnations.
TROUPE_API uint64_t troupe_dead_letter_count (const troupe_actor_t *self, troupe_dead_reason_t reason);

//  Counts, logs and tells of a message from this actor that did not get to 'to', a name in words, which may be outside
//  of the troupe: for actors at the edge. Only for the actor's own callbacks; does not block.
TROUPE_API void troupe_dead_letter_add (troupe_actor_t *self, troupe_dead_reason_t reason, uint16_t tag, size_t size,
                                        const char *to);

TROUPE_END_DECLS

#endif
