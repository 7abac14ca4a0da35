/*  =========================================================================
    core/packet/birth.h - what a child process is to run, as bytes

    Place: runtime/core, the ground: bytes only. The first words on the control
    lane between a parent and the process of its child. The process speaks
    first: a head of kind BIRTH (control.h) whose incarnation is the version of
    this protocol, which says that it is a program of this kind and listens.
    The parent answers with a head of the same form and what stands here behind
    it: 9 words of 8 bytes, then the strings. All is little-endian; a string is
    its size in 8 bytes, its bytes, and a null.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_CORE_BIRTH_H_INCLUDED
#define TROUPE_CORE_BIRTH_H_INCLUDED

#include "core/packet/control.h"

#include <troupe/child.h>

//  Programs of different versions do not understand each other. The form of the head itself never changes.
#define TROUPE_BIRTH_VERSION 2u

//  Strings are never null; "" means that there is none.
typedef struct troupe_birth {
    uint32_t incarnation;           //  The first that the process runs
    bool supervisor;                //  'behavior' is the id of a supervisor
    bool polls;                     //  As troupe_shared_t
    troupe_log_level_t log_level;
    troupe_mailbox_options_t mailbox;
    int64_t wedged_ms;
    uint64_t stack_bytes;
    const char *id;                 //  The child's name
    const char *behavior;           //  What it runs, by name
    const char *endpoint;           //  Where its mailbox is
    const char *directory;          //  Where its names are
    const char *prefix;             //  Of the process's own endpoints
    const void *args;               //  For start
    size_t args_size;
    const char **settings;          //  The whole configuration, "PATH=VALUE" each
    size_t setting_count;
} troupe_birth_t;

//  The word to be sent, head and all, in memory that the caller owns and frees; *size_p is its size. Null when memory
//  is out.
uint8_t *troupe_birth_write (const troupe_birth_t *birth, size_t *size_p);

/*  Takes the bytes behind the head apart. The strings lie in 'data'; only 'settings', ended by null, is memory of its
    own, which the caller frees. TROUPE_EPROTO: malformed; TROUPE_ENOMEM. 'birth' is untouched then.       */
troupe_error_t troupe_birth_read (const uint8_t *data, size_t size, troupe_birth_t *birth);

#endif
