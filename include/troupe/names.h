/*  =========================================================================
    troupe/names.h - the directory of names

    Place: include/. Every child has a name, its id (child.h), and troupe_ref
    finds it. Here an actor takes further names, and follows those of others.
    A troupe has one directory: the processes of its children share it, other
    troupes have their own. Only for the actor's own callbacks. Questions wait
    for the directory, which does nothing but answer: microseconds within the
    process, a fraction of a millisecond from a child process.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_NAMES_H_INCLUDED
#define TROUPE_NAMES_H_INCLUDED

#include "actor.h"

TROUPE_BEGIN_DECLS

/*  Takes another name for this actor: refs to it lead here, as those to its id do. It is given back with
    troupe_name_unregister or at the end of the incarnation; refs that have found this actor by it still lead here then.
      TROUPE_EADDRINUSE   the name is taken
      TROUPE_EINVAL       it is empty, too long (255 bytes), not only printable characters of ASCII without blanks, or
                          an endpoint ("://" in it)
      TROUPE_ESTATE       this actor has no mailbox, or its incarnation is ending
      TROUPE_EDOWN, TROUPE_ETIMEOUT   from a child process: the directory's process is gone, or does not answer
      TROUPE_ENOMEM, TROUPE_EFILES                                                                         */
TROUPE_API troupe_error_t troupe_name_register (troupe_actor_t *self, const char *name);

//  Gives a name back that this actor has taken so. TROUPE_ENOENT: it has not.
TROUPE_API troupe_error_t troupe_name_unregister (troupe_actor_t *self, const char *name);

//  Looks a name up: writes the endpoint that it stands for ("inproc://users", "ipc://...", "tcp://...") into
//  'endpoint', cut to fit. TROUPE_ENOENT: nobody has it. TROUPE_EINVAL, TROUPE_ENOMEM, TROUPE_EFILES;
//  TROUPE_EDOWN and TROUPE_ETIMEOUT as above.
TROUPE_API troupe_error_t troupe_name_find (troupe_actor_t *self, const char *name, char *endpoint, size_t size);

typedef enum {
    TROUPE_NAME_ADDED = 0,
    TROUPE_NAME_REMOVED
} troupe_name_change_t;

//  A name has come or gone; the strings are valid for the callback. Return as from receive.
typedef int (troupe_name_fn) (troupe_actor_t *self, void *state, troupe_name_change_t change, const char *name,
                              const char *endpoint, void *context);

//  A watch on names. 0 is none, ever.
typedef uint64_t troupe_name_watch_t;

//  Lists the names that begin with 'prefix' ("": all), sorted by their bytes: 'on_name' is called for each, with ADDED,
//  before this function returns; what it returns is ignored. Errors as for troupe_name_find.
TROUPE_API troupe_error_t troupe_names_list (troupe_actor_t *self, const char *prefix, troupe_name_fn *on_name,
                                             void *context);

/*  Follows the names that begin with 'prefix': 'on_name' is called in later turns, once for each that is there and then
    for every change, in the order of the changes. An actor that is restarted keeps its name. *watch_p, if not null, is
    set to a handle; the watch ends with it or with the incarnation. Errors as for troupe_name_find, and TROUPE_ESTATE:
    the incarnation is ending.                                                                             */
TROUPE_API troupe_error_t troupe_names_watch (troupe_actor_t *self, const char *prefix, troupe_name_fn *on_name,
                                              void *context, troupe_name_watch_t *watch_p);

//  Ends a watch: its callback is not called any more. False when there is none of that handle.
TROUPE_API bool troupe_names_unwatch (troupe_actor_t *self, troupe_name_watch_t watch);

TROUPE_END_DECLS

#endif
