/*  =========================================================================
    live/children/offspring.h - the host's half of a link, and its three kinds

    Place: runtime/live. What all children have in common is in offspring.c:
    the link, the name, the words, those that were given up. Where a child runs
    makes its kind: a thread here (thread.c), a process of its own (process.c),
    or elsewhere (elsewhere.c), where somebody else runs it.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_OFFSPRING_H_INCLUDED
#define TROUPE_LIVE_OFFSPRING_H_INCLUDED

#include "core/packet/control.h"
#include "live/actor/live.h"

//  What a kind does. Functions that are null do nothing.
typedef struct troupe_offspring_kind {
    //  Gets what can be had before the name is known, and fills in 'endpoint'; then starts the child. On an error
    //  'close' follows.
    troupe_error_t (*open) (troupe_offspring_t *self);
    troupe_error_t (*start) (troupe_offspring_t *self);
    //  A word for the child, or for whoever speaks for it.
    void (*tell) (troupe_offspring_t *self, const void *data, size_t size);
    //  It has been given up, and shall end all the same: 'gone' is set when it has.
    void (*abandon) (troupe_offspring_t *self);
    //  It has said that it is gone: waits for what little is left of it.
    void (*finish) (troupe_offspring_t *self);
    //  It was given up and has not ended, and the actor's own thread ends now.
    void (*leave) (troupe_offspring_t *self);
    //  Frees what the kind holds.
    void (*close) (troupe_offspring_t *self);
    void (*describe) (troupe_offspring_t *self, char *text, size_t size);
} troupe_offspring_kind_t;

typedef struct troupe_process troupe_process_t;

struct troupe_offspring {
    const troupe_offspring_kind_t *kind;
    troupe_live_t *parent;
    troupe_link_t *link;            //  Null for a zombie
    uint64_t number;
    bool gone;                      //  A zombie that has ended
    troupe_offspring_t *next;       //  Among zombies
    troupe_offspring_t *next_unnamed;   //  Among those whose name the directory has yet to confirm, in order
    bool unnamed;
    troupe_mailbox_options_t limits;
    char name [TROUPE_NAME_MAX + 1];            //  As registered; "" for none
    char endpoint [TROUPE_ENDPOINT_MAX + 1];    //  Of its mailbox

    void *control;                  //  Our end of the control lane
    troupe_source_t source;         //  Of that
    troupe_live_t *child;           //  A thread's; null otherwise
    pthread_t thread;
    troupe_process_t *process;      //  A process's
    uint64_t timer;                 //  Elsewhere: of its next word
    bool usable;                    //  Its endpoint could be used once
};

extern const troupe_offspring_kind_t troupe_offspring_thread;
extern const troupe_offspring_kind_t troupe_offspring_process;
extern const troupe_offspring_kind_t troupe_offspring_elsewhere;

//  Where children's words go instead, in a process that only hosts one.
typedef struct troupe_relay {
    void (*hear) (void *context, const uint8_t *data, size_t size);     //  Everything that the child says
    void *context;
    uint32_t incarnation;           //  The child's first
} troupe_relay_t;

//  A word from the child. Its last one frees 'self'.
void troupe_offspring_hear (troupe_offspring_t *self, const uint8_t *data, size_t size);

//  A word that the child cannot say itself.
void troupe_offspring_speak (troupe_offspring_t *self, troupe_control_kind_t kind, const troupe_reason_t *reason);

//  Begins to wait for words on 'control', by 'ready'.
troupe_error_t troupe_offspring_listen (troupe_offspring_t *self,
                                        void (*ready) (troupe_source_t *source, unsigned events));

/*  Where an endpoint says that a child runs: its kind, and the name that it goes by (TROUPE_NAME_MAX + 1 bytes).
    TROUPE_EINVAL: it is malformed. Pure.                                                                   */
troupe_error_t troupe_offspring_place (const troupe_child_t *spec, const troupe_offspring_kind_t **kind_p, char *name);

//  Whether a tcp:// endpoint is where to listen: its host is a wildcard.
bool troupe_offspring_listens (const char *endpoint);

#endif
