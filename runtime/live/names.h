/*  =========================================================================
    live/names.h - the directory: who is called what, and where

    Place: runtime/live. One thread of each troupe knows all names. Parents
    register their children and take the names back; whoever opens a ref looks
    the name up, and is told when its actor is gone. Dead letters go through
    it to those who subscribed; while nobody has, it keeps their senders quiet,
    so that a flood of them costs nobody else anything. Everything is a word of
    fixed form over one ROUTER, inside one process.

    A word that was sent before another, by whomever, is handled before it:
    the directory empties its socket before it says that there is no such
    name, or that a name is taken.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_NAMES_H_INCLUDED
#define TROUPE_LIVE_NAMES_H_INCLUDED

#include <troupe/child.h>
#include <troupe/dead_letter.h>

#define TROUPE_NAME_MAX 255
#define TROUPE_ENDPOINT_MAX 159

typedef enum {
    TROUPE_NAMES_REGISTER = 1,  //  name, endpoint, limits, number; answered with REGISTERED
    TROUPE_NAMES_REGISTERED,    //  number, error
    TROUPE_NAMES_UNREGISTER,    //  name, endpoint, cause; whoever looked it up gets GONE
    TROUPE_NAMES_FIND,          //  name, number; answered with FOUND
    TROUPE_NAMES_FOUND,         //  number, error, endpoint, limits
    TROUPE_NAMES_FORGET,        //  name, endpoint: the sender's ref is closed, it wants no GONE
    TROUPE_NAMES_GONE,          //  endpoint, cause: what kind of reason, for those whom the actor could not tell itself
    TROUPE_NAMES_SUBSCRIBE,     //  number; to dead letters: answered with SUBSCRIBED once all who are quiet will hear
                                //  LISTEN
    TROUPE_NAMES_SUBSCRIBED,    //  number, error
    TROUPE_NAMES_DEAD_LETTER,   //  letter; answered with QUIET when nobody has subscribed
    TROUPE_NAMES_QUIET,         //  Nobody wants letters: send none until LISTEN
    TROUPE_NAMES_LISTEN,        //  Somebody does
    TROUPE_NAMES_LEAVE,         //  The sender wants no letters any more, and will send none
    TROUPE_NAMES_STOP,          //  Ends the directory
    TROUPE_NAMES_KINDS
} troupe_names_kind_t;

typedef struct troupe_names_word troupe_names_word_t;
struct troupe_names_word {
    troupe_names_kind_t kind;
    troupe_error_t error;
    troupe_reason_kind_t cause;
    uint64_t number;
    troupe_mailbox_options_t limits;
    troupe_dead_letter_t letter;
    char name [TROUPE_NAME_MAX + 1];
    char endpoint [TROUPE_ENDPOINT_MAX + 1];
    troupe_names_word_t *next;  //  For whoever keeps a list of them
};

typedef struct troupe_names troupe_names_t;

//  Starts the directory at 'endpoint'. The caller owns it. Null with *error_p set.
troupe_names_t *troupe_names_new (void *context, const char *endpoint, troupe_error_t *error_p);

//  Ends it, waits for its thread and nulls the pointer; does nothing with a null one.
void troupe_names_destroy (troupe_names_t **self_p);

#endif
