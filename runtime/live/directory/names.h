/*  =========================================================================
    live/directory/names.h - the directory: who is called what, and where

    Place: runtime/live. One thread knows all names of a troupe, those of its
    child processes too: it is in the process that was started first, and they
    reach it at ipc://FOLDER/names, in a folder that only their user can open.
    Parents register their children and take the names back; actors take and
    give back further names (aliases); whoever opens a ref looks the name up,
    and is told when its actor is gone. Dead letters go through it to those who
    subscribed; while nobody has, it keeps their senders quiet, so that a flood
    of them costs nobody else anything. Everything is a word of fixed form over
    one ROUTER.

    A word that was sent before another, by whomever in the directory's own
    process, is handled before it: the directory empties its socket before it
    says that there is no such name, or that a name is taken. Words of other
    processes are behind what they have been answered.

    Each mailbox is a place: the endpoint where its own process reaches it, and
    the one where others do. A mailbox that is a thread's has no such endpoint
    until somebody in another process looks for it: then its registrar is told
    to EXPORT it, and the finder is answered when that is done (or after half a
    second of a busy actor, since a connection can wait for it).

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_NAMES_H_INCLUDED
#define TROUPE_LIVE_NAMES_H_INCLUDED

#include <troupe/child.h>
#include <troupe/dead_letter.h>
#include <troupe/names.h>
#include <troupe/reason.h>

#define TROUPE_NAME_MAX 255
#define TROUPE_ENDPOINT_MAX 159
#define TROUPE_PROCESS_MAX 47       //  A process is its troupe_shared_t's prefix

typedef enum {
    //  --- Names of children, by their parents
    TROUPE_NAMES_REGISTER = 1,  //  name, endpoint, reach, process, limits, number; answered with REGISTERED. 'endpoint'
                                //  is where the mailbox is: inproc:// of the sender's process, or ipc://, tcp://, which
                                //  is handed out as it is. 'reach': where other processes reach an inproc:// mailbox;
                                //  "": nowhere yet, it is exported when one looks for it
    TROUPE_NAMES_REGISTERED,    //  number, error
    TROUPE_NAMES_UNREGISTER,    //  name ("": it had none), endpoint, cause: the actor is gone; all its names are free,
                                //  and whoever looked one up gets GONE
    TROUPE_NAMES_DOWN,          //  endpoint, incarnation, reason: the process there has died; those who looked it up
                                //  get the same word. Its names stay
    TROUPE_NAMES_PROCESS_BORN,  //  name: a process that the sender's has started
    TROUPE_NAMES_PROCESS_GONE,  //  name: a process that has ended, and those that it had started with it. What was
                                //  registered from there is gone, those who looked it up get GONE with CRASHED; and
                                //  nobody is there any more who wants to be told anything
    //  --- Names that actors take themselves
    TROUPE_NAMES_ALIAS,         //  name, endpoint, reach, process, limits, number; answered with ANSWER
    TROUPE_NAMES_UNALIAS,       //  name, endpoint, number; answered with ANSWER. Refs that were found by it stay good
    //  --- Looking up
    TROUPE_NAMES_FIND,          //  name, process, number; answered with FOUND
    TROUPE_NAMES_FOUND,         //  number, error, endpoint as the asker's process reaches it, limits
    TROUPE_NAMES_FORGET,        //  name, endpoint: the sender's ref is closed, it wants no GONE
    TROUPE_NAMES_GONE,          //  endpoint, cause: what kind of reason, for those whom the actor could not tell itself
    TROUPE_NAMES_LOOK,          //  name, number; answered with FOUND: 'endpoint' is the public one, no GONE follows
    TROUPE_NAMES_LIST,          //  name: what names begin with, number; answered with LISTED for each, then ANSWER
    TROUPE_NAMES_LISTED,        //  number, name, endpoint: the public one
    TROUPE_NAMES_WATCH,         //  name: what names begin with, watch, number; answered with ANSWER, then CHANGED for
                                //  each name that is there, and for every change
    TROUPE_NAMES_UNWATCH,       //  watch
    TROUPE_NAMES_CHANGED,       //  watch, change, name, endpoint: the public one
    TROUPE_NAMES_ANSWER,        //  number, error
    //  --- Other processes
    TROUPE_NAMES_PRIVATE,       //  number: make the private folder and listen in it, unless that is done; answered with
                                //  FOLDER
    TROUPE_NAMES_FOLDER,        //  number, error; name: the folder's path; endpoint: where the directory is in it
    TROUPE_NAMES_EXPORT,        //  To who registered the mailbox at 'endpoint': have it bound at 'reach' too
    TROUPE_NAMES_EXPORTED,      //  endpoint, reach, error: that has been done
    //  --- Dead letters
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

//  Raw bytes to other processes too, which run the same program. Zero it, and set what its kind says;
//  troupe_directory_tell says which process it comes from.
typedef struct troupe_names_word {
    troupe_names_kind_t kind;
    troupe_error_t error;
    troupe_reason_kind_t cause;
    troupe_name_change_t change;
    uint64_t number;
    uint64_t watch;
    uint32_t incarnation;
    troupe_mailbox_options_t limits;
    troupe_dead_letter_t letter;
    troupe_reason_t reason;             //  Without its cause, which is null
    char name [TROUPE_NAME_MAX + 1];
    char endpoint [TROUPE_ENDPOINT_MAX + 1];
    char reach [TROUPE_ENDPOINT_MAX + 1];
    char process [TROUPE_PROCESS_MAX + 1];
} troupe_names_word_t;

//  Whether what came is a word: of that size, of a kind there is, with strings that end. For words of other processes;
//  takes pointers out.
bool troupe_names_word_check (troupe_names_word_t *word, size_t size);

typedef struct troupe_names troupe_names_t;

//  Starts the directory at 'endpoint'. The caller owns it. Null with *error_p set.
troupe_names_t *troupe_names_new (void *context, const char *endpoint, troupe_error_t *error_p);

//  Ends it, waits for its thread and nulls the pointer; does nothing with a null one. The private folder is removed
//  with all that is in it.
void troupe_names_destroy (troupe_names_t **self_p);

#endif
