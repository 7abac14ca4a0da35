/*  =========================================================================
    names_memory_test.c - names while memory runs out

    Place: tests/unit, of runtime/core/cell/cell_names.c and the tables of the
    directory (runtime/live/names_*.c). The first, second, third ... allocation
    fails while names are taken, looked up, followed and given back: what was
    refused is not there, what was not refused is, and nothing leaks (this runs
    under ASan too).

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>
#include <zmq.h>

#include "core/cell/cell_parts.h"
#include "live/directory/names_parts.h"
#include "scarce.h"

//  --- An actor's own

static unsigned s_registered, s_watched;

static troupe_error_t s_register (troupe_actor_t *cell, const char *name)
{
    (void) cell;
    (void) name;
    s_registered++;
    return TROUPE_OK;
}

static troupe_error_t s_unregister (troupe_actor_t *cell, const char *name)
{
    (void) cell;
    (void) name;
    s_registered--;
    return TROUPE_OK;
}

static troupe_error_t s_watch (troupe_actor_t *cell, const char *prefix, uint64_t number)
{
    (void) cell;
    (void) prefix;
    (void) number;
    s_watched++;
    return TROUPE_OK;
}

static void s_unwatch (troupe_actor_t *cell, uint64_t number)
{
    (void) cell;
    (void) number;
    s_watched--;
}

static int s_on_name (troupe_actor_t *self, void *state, troupe_name_change_t change, const char *name,
                      const char *endpoint, void *context)
{
    (void) self;
    (void) state;
    (void) change;
    (void) name;
    (void) endpoint;
    (void) context;
    return 0;
}

static void s_take_and_end (void)
{
    static const troupe_host_t host = { .name_register = s_register, .name_unregister = s_unregister,
                                        .name_watch = s_watch, .name_unwatch = s_unwatch };
    troupe_actor_t cell = { .host = &host, .has_parent = true, .cell_state = TROUPE_CELL_RUNNING };
    unsigned registered = 0, watched = 0;
    s_registered = s_watched = 0;
    for (int index = 0; index < 6; index++) {
        char name [16];
        snprintf (name, sizeof name, "n%d", index);
        registered += !troupe_name_register (&cell, name);
        watched += !troupe_names_watch (&cell, name, s_on_name, NULL, NULL);
    }
    cr_assert_eq (registered, s_registered);
    cr_assert_eq (watched, s_watched);
    troupe_names_end (&cell);
    cr_assert (s_registered == 0 && s_watched == 0);
}

//  What the directory knows of an actor is what the actor gives back.
Test (names_memory, an_actor_gives_back_all_that_it_got)
{
    scarce_sweep (s_take_and_end);
}

//  --- The directory's tables

static void *s_socket;

static troupe_names_letter_t s_letter (troupe_names_kind_t kind, unsigned number)
{
    troupe_names_letter_t letter = { .peer = number, .word = { .kind = kind, .number = number } };
    snprintf (letter.word.name, sizeof letter.word.name, "name-%u", number);
    snprintf (letter.word.endpoint, sizeof letter.word.endpoint, "inproc://place-%u", number % 7);
    snprintf (letter.word.process, sizeof letter.word.process, "process-%u", number % 3);
    return letter;
}

static void s_all (troupe_names_t *names, troupe_names_kind_t kind,
                   void (*take) (troupe_names_t *self, const troupe_names_letter_t *letter))
{
    for (unsigned number = 0; number < 20; number++) {
        troupe_names_letter_t letter = s_letter (kind, number);
        take (names, &letter);
    }
}

static void s_use_tables (void)
{
    troupe_names_t names = { .socket = s_socket, .folder_lock = -1 };
    s_all (&names, TROUPE_NAMES_PROCESS_BORN, troupe_names_on_process_born);
    s_all (&names, TROUPE_NAMES_WATCH, troupe_names_on_watch);
    s_all (&names, TROUPE_NAMES_REGISTER, troupe_names_on_register);
    s_all (&names, TROUPE_NAMES_SUBSCRIBE, troupe_names_on_subscribe);
    s_all (&names, TROUPE_NAMES_FIND, troupe_names_on_find);
    s_all (&names, TROUPE_NAMES_LIST, troupe_names_on_list);
    s_all (&names, TROUPE_NAMES_FORGET, troupe_names_on_forget);
    s_all (&names, TROUPE_NAMES_LEAVE, troupe_names_on_leave);
    s_all (&names, TROUPE_NAMES_DEAD_LETTER, troupe_names_on_publish);
    s_all (&names, TROUPE_NAMES_UNREGISTER, troupe_names_on_unregister);
    for (unsigned number = 0; number < 20; number++)
        cr_assert_null (troupe_names_entry (&names, s_letter (TROUPE_NAMES_FIND, number).word.name));
    s_all (&names, TROUPE_NAMES_PROCESS_GONE, troupe_names_on_process_gone);
    troupe_names_watches_clear (&names);
    troupe_names_table_clear (&names);
    troupe_names_letters_clear (&names);
    troupe_names_processes_clear (&names);
}

//  A name that was refused is free, and one that was given back is too, whatever could not be had meanwhile.
Test (names_memory, tables_are_whole_whatever_fails)
{
    void *context = zmq_ctx_new ();
    int mandatory = 1;
    s_socket = zmq_socket (context, ZMQ_ROUTER);
    zmq_setsockopt (s_socket, ZMQ_ROUTER_MANDATORY, &mandatory, sizeof mandatory);
    scarce_sweep (s_use_tables);
    zmq_close (s_socket);
    zmq_ctx_term (context);
}
