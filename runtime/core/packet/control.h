/*  =========================================================================
    core/packet/control.h - the words on the control lane

    Place: runtime/core. A parent and its child speak over a pipe of their own,
    which mail cannot fill. A word is a head of 16 bytes, little-endian (kind,
    flag, 2 bytes unused, incarnation, abandoned children), and an encoded
    reason behind it or nothing.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_CORE_CONTROL_H_INCLUDED
#define TROUPE_CORE_CONTROL_H_INCLUDED

#include "core/base/reason.h"

typedef enum {
    //  From the child
    TROUPE_CONTROL_STARTED = 1, //  A child process goes on once its parent has said the same: it may crash at once
    TROUPE_CONTROL_ENDED,       //  With a reason; it waits for a word unless it was asked to stop
    TROUPE_CONTROL_GONE,        //  With a reason; its last word
    TROUPE_CONTROL_WEDGED,      //  With a reason: a child process says that its actor hangs
    //  From the parent
    TROUPE_CONTROL_RESTART,
    TROUPE_CONTROL_STOP,        //  Flag: BRUTAL, HALT
    //  From the parent's host to the child's, past the cells
    TROUPE_CONTROL_BIRTH,       //  What a child process is to run; behind the head: see core/packet/birth.h
    TROUPE_CONTROL_BIND,        //  Bind the mailbox at one more endpoint, the text behind the head
    TROUPE_CONTROL_KINDS
} troupe_control_kind_t;

#define TROUPE_CONTROL_BRUTAL 1u    //  Without draining
#define TROUPE_CONTROL_HALT 2u      //  Then wait for a word, with the mailbox as it is
#define TROUPE_CONTROL_LOOKING 4u   //  WEDGED: only what it is doing, while it is waited for to end
#define TROUPE_CONTROL_HEAD 16u
#define TROUPE_CONTROL_MAX (TROUPE_CONTROL_HEAD + TROUPE_REASON_ENCODED_MAX)

typedef struct troupe_control {
    troupe_control_kind_t kind;
    uint8_t flag;
    uint32_t incarnation;
    uint64_t abandoned;
    const uint8_t *reason;      //  Encoded; null for none
    size_t reason_size;
} troupe_control_t;

//  Writes a word into 'buffer' of TROUPE_CONTROL_MAX bytes; returns its size.
size_t troupe_control_write (uint8_t *buffer, const troupe_control_t *control, const troupe_reason_t *reason);

//  Takes a word apart; false when it is malformed. 'control' points into 'data'.
bool troupe_control_read (const uint8_t *data, size_t size, troupe_control_t *control);

#endif
