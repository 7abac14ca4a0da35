/*  =========================================================================
    live/directory/names_parts.h - what the files of the directory offer each other

    Place: runtime/live, inside the directory (names.h). names.c is its thread
    and what it takes and sends; names_table.c the names, their places and who
    has looked them up; names_export.c the ways from other processes;
    names_watch.c lists and watches; names_letters.c dead letters. Nothing here
    leaves the directory's thread.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_NAMES_PARTS_H_INCLUDED
#define TROUPE_LIVE_NAMES_PARTS_H_INCLUDED

#include "live/directory/names.h"
#include "live/directory/names_index.h"
#include "live/children/private.h"

#include <pthread.h>

//  Somebody who speaks to the directory: the number in the routing id that libzmq has given it.
typedef uint32_t troupe_names_peer_t;

typedef struct troupe_names_letter {
    troupe_names_peer_t peer;
    troupe_names_word_t word;
} troupe_names_letter_t;

typedef struct troupe_names_place troupe_names_place_t;
typedef struct troupe_names_entry troupe_names_entry_t;
typedef struct troupe_names_finder troupe_names_finder_t;
typedef struct troupe_names_waiter troupe_names_waiter_t;
typedef struct troupe_names_watch troupe_names_watch_t;
typedef struct troupe_names_member troupe_names_member_t;
typedef struct troupe_names_process troupe_names_process_t;

//  A mailbox. It is there as long as it has a name, or somebody who has looked one up.
struct troupe_names_place {
    troupe_names_node_t node;           //  By its endpoint
    troupe_names_peer_t registrar;
    char *endpoint;                     //  As its own process reaches it
    char reach [TROUPE_ENDPOINT_MAX + 1];   //  As others do; "": not yet
    char process [TROUPE_PROCESS_MAX + 1];
    troupe_mailbox_options_t limits;
    bool given;                         //  'reach' came with the name
    bool exporting;                     //  'reach' is being made,
    bool late;                          //  and that takes long
    int64_t patience_us;                //  Then its waiters are answered all the same
    troupe_names_entry_t *entries;
    troupe_names_finder_t *finders;
    troupe_names_waiter_t *waiters;
    troupe_names_place_t *next_exporting;
};

//  A name.
struct troupe_names_entry {
    troupe_names_node_t node;           //  By the name
    troupe_names_place_t *place;
    troupe_names_entry_t *next, *previous;  //  Of the same place
    bool alias;
    char name [];
};

//  Somebody who wants to be told when a place is gone.
struct troupe_names_finder {
    troupe_names_node_t node;           //  By place and peer
    troupe_names_place_t *place;
    troupe_names_finder_t *next, *previous; //  Of the same place
    troupe_names_peer_t peer;
    uint64_t process;                   //  The hash of the process that it is in
    size_t count;                       //  How often it has looked, less how often it has forgotten
    bool far;                           //  It was told 'reach'
};

//  Somebody who waits for an export.
struct troupe_names_waiter {
    troupe_names_waiter_t *next;
    troupe_names_peer_t peer;
    uint64_t process, number;
};

//  Somebody who follows names.
struct troupe_names_watch {
    troupe_names_watch_t *next;
    troupe_names_peer_t peer;
    uint64_t process, number;
    size_t size;                        //  Of the prefix
    char prefix [];
};

//  One of those who want dead letters, or know that nobody does.
struct troupe_names_member {
    troupe_names_node_t node;           //  By its peer
    troupe_names_peer_t peer;
    uint64_t process;
};

//  A process that has been started, and by which.
struct troupe_names_process {
    troupe_names_process_t *next;
    uint64_t parent;
    char name [TROUPE_PROCESS_MAX + 1];
};

struct troupe_names {
    pthread_t thread;
    void *socket;               //  The directory's own; handed over with the thread's creation
    void *stopper;              //  The maker's, to end the thread with: at the end there may be no descriptor for it
    void *context;
    char endpoint [64];
    char folder [TROUPE_PRIVATE_MAX + 1];   //  "": there is none yet
    int folder_lock;            //  Held as long as there is one
    char door [TROUPE_ENDPOINT_MAX + 1];    //  Where other processes reach the directory
    troupe_names_index_t entries, places, finders;
    troupe_names_place_t *exporting;        //  Those with somebody who waits
    uint64_t exports;                       //  So far
    troupe_names_watch_t *watches, *last_watch;
    troupe_names_index_t subscribers, quiet;
    troupe_names_process_t *processes;
    bool stopping;
};

//  --- names.c

//  False when the peer is gone.
bool troupe_names_send (troupe_names_t *self, troupe_names_peer_t peer, const troupe_names_word_t *word);
//  Sends a word of that kind with the number of the question and an error.
void troupe_names_answer (troupe_names_t *self, const troupe_names_letter_t *letter, troupe_names_kind_t kind,
                          troupe_error_t error);

//  --- names_table.c

troupe_names_entry_t *troupe_names_entry (const troupe_names_t *self, const char *name);
troupe_names_place_t *troupe_names_place (const troupe_names_t *self, const char *endpoint);
//  Frees a place that nobody has to do with any more.
void troupe_names_place_release (troupe_names_t *self, troupe_names_place_t *place);
//  Where a name is, for people: its public endpoint.
void troupe_names_show (const troupe_names_entry_t *entry, char *endpoint, size_t size);
void troupe_names_on_register (troupe_names_t *self, const troupe_names_letter_t *letter);
void troupe_names_on_unregister (troupe_names_t *self, const troupe_names_letter_t *letter);
void troupe_names_on_alias (troupe_names_t *self, const troupe_names_letter_t *letter);
void troupe_names_on_unalias (troupe_names_t *self, const troupe_names_letter_t *letter);
void troupe_names_on_down (troupe_names_t *self, const troupe_names_letter_t *letter);
//  Everything that was registered from a process is gone, and everybody in it.
void troupe_names_table_without (troupe_names_t *self, const char *process);
void troupe_names_table_clear (troupe_names_t *self);

//  --- names_find.c

void troupe_names_on_find (troupe_names_t *self, const troupe_names_letter_t *letter);
void troupe_names_on_look (troupe_names_t *self, const troupe_names_letter_t *letter);
void troupe_names_on_forget (troupe_names_t *self, const troupe_names_letter_t *letter);
//  Tells an asker that the place is there, and remembers that it knows.
void troupe_names_answer_found (troupe_names_t *self, troupe_names_place_t *place, troupe_names_waiter_t asker,
                                bool far);
//  Tells those who have looked the place up, each by the endpoint that it knows.
void troupe_names_tell_finders (troupe_names_t *self, troupe_names_place_t *place, troupe_names_word_t *word,
                                bool far_only);
void troupe_names_finders_clear (troupe_names_t *self, troupe_names_place_t *place);
void troupe_names_finders_without (troupe_names_t *self, troupe_names_place_t *place, uint64_t process);

//  --- names_export.c

//  Answers a search from another process for a place that is not reached from there: at once with an error, or later.
void troupe_names_export (troupe_names_t *self, troupe_names_place_t *place, const troupe_names_letter_t *letter);
void troupe_names_on_exported (troupe_names_t *self, const troupe_names_letter_t *letter);
//  Answers all who wait for a place.
void troupe_names_answer_waiters (troupe_names_t *self, troupe_names_place_t *place, troupe_error_t error);
//  The place is freed.
void troupe_names_not_exported (troupe_names_t *self, const troupe_names_place_t *place);
//  Nobody in that process waits any more.
void troupe_names_waiters_without (troupe_names_place_t *place, uint64_t process);
//  Answers those who have waited long enough. How long until it has to be called again, in ms; -1: no need.
long troupe_names_export_time (troupe_names_t *self);
void troupe_names_on_private (troupe_names_t *self, const troupe_names_letter_t *letter);

//  --- names_watch.c

void troupe_names_on_list (troupe_names_t *self, const troupe_names_letter_t *letter);
void troupe_names_on_watch (troupe_names_t *self, const troupe_names_letter_t *letter);
void troupe_names_on_unwatch (troupe_names_t *self, const troupe_names_letter_t *letter);
//  A name has come or is about to go: tells those who follow it.
void troupe_names_changed (troupe_names_t *self, const troupe_names_entry_t *entry, troupe_name_change_t change);
void troupe_names_watches_without (troupe_names_t *self, uint64_t process);
void troupe_names_watches_clear (troupe_names_t *self);

//  --- names_letters.c

void troupe_names_on_subscribe (troupe_names_t *self, const troupe_names_letter_t *letter);
void troupe_names_on_publish (troupe_names_t *self, const troupe_names_letter_t *letter);
void troupe_names_on_leave (troupe_names_t *self, const troupe_names_letter_t *letter);
void troupe_names_letters_without (troupe_names_t *self, uint64_t process);
void troupe_names_letters_clear (troupe_names_t *self);

//  --- names_process.c

void troupe_names_on_process_born (troupe_names_t *self, const troupe_names_letter_t *letter);
void troupe_names_on_process_gone (troupe_names_t *self, const troupe_names_letter_t *letter);
void troupe_names_processes_clear (troupe_names_t *self);

#endif
