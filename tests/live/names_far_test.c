/*  =========================================================================
    names_far_test.c - the directory and other processes

    Place: tests/live, of runtime/live/directory/names_export.c and names_process.c. What
    another process would say is said here from a context of its own, through
    the private folder.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <zmq.h>

#include "live/directory/names.h"

#define S_ENDPOINT "inproc://directory"
#define S_HERE "inproc://here"
#define S_THERE "inproc://there"
#define S_MAILBOX S_HERE ".1/mail"

static void *s_context, *s_other;
static troupe_names_t *s_names;
static char s_folder [TROUPE_NAME_MAX + 1], s_door [TROUPE_ENDPOINT_MAX + 1];

static void *s_client (void *context, const char *endpoint)
{
    int at_once = 0, deadline_ms = 10000;
    void *client = zmq_socket (context, ZMQ_DEALER);
    zmq_setsockopt (client, ZMQ_LINGER, &at_once, sizeof at_once);
    zmq_setsockopt (client, ZMQ_RCVTIMEO, &deadline_ms, sizeof deadline_ms);
    cr_assert_eq (zmq_connect (client, endpoint), 0);
    return client;
}

static void *s_near (void)
{
    return s_client (s_context, S_ENDPOINT);
}

static void *s_far (void)
{
    return s_client (s_other, s_door);
}

static void s_send (void *client, troupe_names_word_t word)
{
    cr_assert_eq (zmq_send (client, &word, sizeof word, 0), (int) sizeof word);
}

//  A word of that process about the mailbox of the first.
static void s_say (void *client, troupe_names_kind_t kind, const char *name, const char *process)
{
    troupe_names_word_t word = { .kind = kind, .number = 7 };
    strcpy (word.name, name);
    strcpy (word.endpoint, S_MAILBOX);
    strcpy (word.process, process);
    s_send (client, word);
}

static troupe_names_word_t s_hear (void *client, troupe_names_kind_t kind)
{
    troupe_names_word_t word = { 0 };
    cr_assert_eq (zmq_recv (client, &word, sizeof word, 0), (int) sizeof word);
    cr_assert_eq (word.kind, kind, "%d came, not %d", (int) word.kind, (int) kind);
    return word;
}

//  Nothing is in front of the answer of a search.
static void s_hear_nothing (void *client, const char *process)
{
    s_say (client, TROUPE_NAMES_FIND, "nobody", process);
    cr_assert_eq (s_hear (client, TROUPE_NAMES_FOUND).error, TROUPE_ENOENT);
}

static void s_begin (void)
{
    troupe_error_t error = TROUPE_OK;
    s_context = zmq_ctx_new ();
    s_other = zmq_ctx_new ();
    s_names = troupe_names_new (s_context, S_ENDPOINT, &error);
    cr_assert_not_null (s_names);
    void *asker = s_near ();
    s_say (asker, TROUPE_NAMES_PRIVATE, "", S_HERE);
    troupe_names_word_t folder = s_hear (asker, TROUPE_NAMES_FOLDER);
    cr_assert_eq (folder.error, TROUPE_OK);
    strcpy (s_folder, folder.name);
    strcpy (s_door, folder.endpoint);
    zmq_close (asker);
}

static void s_end (void)
{
    zmq_ctx_term (s_other);
    troupe_names_destroy (&s_names);
    zmq_ctx_term (s_context);
    struct stat status;
    cr_assert (stat (s_folder, &status) < 0);
}

static void *s_registrar (void)
{
    void *parent = s_near ();
    s_say (parent, TROUPE_NAMES_REGISTER, "a", S_HERE);
    cr_assert_eq (s_hear (parent, TROUPE_NAMES_REGISTERED).error, TROUPE_OK);
    return parent;
}

static void s_say_exported (void *parent, const char *reach, troupe_error_t error)
{
    troupe_names_word_t word = { .kind = TROUPE_NAMES_EXPORTED, .error = error };
    strcpy (word.endpoint, S_MAILBOX);
    strcpy (word.reach, reach);
    s_send (parent, word);
}

//  Sockets in it are doors to actors: only their user may open them.
Test (names_far, folder_is_private_and_goes_with_the_directory)
{
    s_begin ();
    struct stat status;
    cr_assert_eq (stat (s_folder, &status), 0);
    cr_assert_eq (status.st_mode & 0777, 0700);
    void *asker = s_near ();
    s_say (asker, TROUPE_NAMES_PRIVATE, "", S_HERE);
    cr_assert_str_eq (s_hear (asker, TROUPE_NAMES_FOLDER).name, s_folder);
    zmq_close (asker);
    char path [TROUPE_NAME_MAX + 8];
    snprintf (path, sizeof path, "%s/names", s_folder);
    cr_assert_eq (unlink (path), 0);
    snprintf (path, sizeof path, "%s/other", s_folder);
    FILE *file = fopen (path, "w");
    cr_assert_not_null (file);
    fclose (file);
    s_end ();
}

//  A socket is only made for whom somebody looks for, and once.
Test (names_far, mailbox_is_exported_once_when_another_process_looks_for_it)
{
    s_begin ();
    void *parent = s_registrar (), *far = s_far (), *second = s_far (), *near = s_near ();
    s_say (near, TROUPE_NAMES_FIND, "a", S_HERE);
    cr_assert_str_eq (s_hear (near, TROUPE_NAMES_FOUND).endpoint, S_MAILBOX);
    s_say (far, TROUPE_NAMES_FIND, "a", S_THERE);
    troupe_names_word_t export = s_hear (parent, TROUPE_NAMES_EXPORT);
    cr_assert_str_eq (export.endpoint, S_MAILBOX);
    s_say_exported (parent, export.reach, TROUPE_OK);
    cr_assert_str_eq (s_hear (far, TROUPE_NAMES_FOUND).endpoint, export.reach);
    s_say (second, TROUPE_NAMES_FIND, "a", S_THERE);
    cr_assert_str_eq (s_hear (second, TROUPE_NAMES_FOUND).endpoint, export.reach);
    s_say (far, TROUPE_NAMES_LOOK, "a", S_THERE);
    cr_assert_str_eq (s_hear (far, TROUPE_NAMES_FOUND).endpoint, "inproc://a");
    s_say (parent, TROUPE_NAMES_UNREGISTER, "a", S_HERE);
    cr_assert_str_eq (s_hear (near, TROUPE_NAMES_GONE).endpoint, S_MAILBOX);
    cr_assert_str_eq (s_hear (far, TROUPE_NAMES_GONE).endpoint, export.reach);
    cr_assert_str_eq (s_hear (second, TROUPE_NAMES_GONE).endpoint, export.reach);
    s_hear_nothing (parent, S_HERE);
    zmq_close (parent);
    zmq_close (far);
    zmq_close (second);
    zmq_close (near);
    s_end ();
}

//  Whoever looks gets an answer, whatever becomes of the export.
Test (names_far, failed_exports_and_vanished_actors_answer_the_finders)
{
    s_begin ();
    void *parent = s_registrar (), *far = s_far ();
    s_say (far, TROUPE_NAMES_FIND, "a", S_THERE);
    s_say_exported (parent, s_hear (parent, TROUPE_NAMES_EXPORT).reach, TROUPE_EFILES);
    cr_assert_eq (s_hear (far, TROUPE_NAMES_FOUND).error, TROUPE_EFILES);
    s_say (far, TROUPE_NAMES_FIND, "a", S_THERE);
    s_hear (parent, TROUPE_NAMES_EXPORT);
    s_say (parent, TROUPE_NAMES_UNREGISTER, "a", S_HERE);
    cr_assert_eq (s_hear (far, TROUPE_NAMES_FOUND).error, TROUPE_ENOENT);
    s_hear_nothing (far, S_THERE);
    zmq_close (parent);
    zmq_close (far);
    s_end ();
}

//  An actor that computes for minutes keeps its callers' messages waiting, not their handlers.
Test (names_far, busy_actor_is_found_where_it_will_be)
{
    s_begin ();
    void *parent = s_registrar (), *far = s_far ();
    s_say (far, TROUPE_NAMES_FIND, "a", S_THERE);
    troupe_names_word_t export = s_hear (parent, TROUPE_NAMES_EXPORT);
    troupe_names_word_t found = s_hear (far, TROUPE_NAMES_FOUND);
    cr_assert_eq (found.error, TROUPE_OK);
    cr_assert_str_eq (found.endpoint, export.reach);
    s_say_exported (parent, export.reach, TROUPE_EFILES);
    troupe_names_word_t gone = s_hear (far, TROUPE_NAMES_GONE);
    cr_assert_str_eq (gone.endpoint, export.reach);
    cr_assert_eq (gone.cause, TROUPE_REASON_UNREACHABLE);
    zmq_close (parent);
    zmq_close (far);
    s_end ();
}

//  A process that crashes is started again under its name, and whoever uses it learns why it is gone.
Test (names_far, death_of_a_process_is_told_and_its_name_stays)
{
    s_begin ();
    void *parent = s_near (), *far = s_far ();
    troupe_names_word_t word = { .kind = TROUPE_NAMES_REGISTER, .name = "p", .endpoint = "ipc:///p",
                                 .process = S_HERE };
    s_send (parent, word);
    cr_assert_eq (s_hear (parent, TROUPE_NAMES_REGISTERED).error, TROUPE_OK);
    s_say (far, TROUPE_NAMES_FIND, "p", S_THERE);
    cr_assert_str_eq (s_hear (far, TROUPE_NAMES_FOUND).endpoint, "ipc:///p");
    troupe_names_word_t down = { .kind = TROUPE_NAMES_DOWN, .endpoint = "ipc:///p", .incarnation = 3,
                                 .reason = { .kind = TROUPE_REASON_CRASHED, .code = 11, .text = "SIGSEGV" } };
    s_send (parent, down);
    troupe_names_word_t told = s_hear (far, TROUPE_NAMES_DOWN);
    cr_assert_str_eq (told.endpoint, "ipc:///p");
    cr_assert_eq (told.incarnation, 3);
    cr_assert_eq (told.reason.code, 11);
    cr_assert_str_eq (told.reason.text, "SIGSEGV");
    s_say (far, TROUPE_NAMES_LOOK, "p", S_THERE);
    cr_assert_str_eq (s_hear (far, TROUPE_NAMES_FOUND).endpoint, "ipc:///p");
    zmq_close (parent);
    zmq_close (far);
    s_end ();
}

//  What a process has registered dies with it, and with it the processes that it had started.
Test (names_far, names_of_a_process_go_with_it)
{
    s_begin ();
    void *root = s_near (), *child = s_far (), *grandchild = s_far ();
    s_say (root, TROUPE_NAMES_PROCESS_BORN, "child", S_HERE);
    s_say (root, TROUPE_NAMES_WATCH, "", S_HERE);
    cr_assert_eq (s_hear (root, TROUPE_NAMES_ANSWER).error, TROUPE_OK);
    s_say (child, TROUPE_NAMES_PROCESS_BORN, "grandchild", "child");
    s_hear_nothing (child, "child");
    troupe_names_word_t word = { .kind = TROUPE_NAMES_ALIAS, .name = "c", .endpoint = "inproc://c",
                                 .process = "child" };
    s_send (child, word);
    cr_assert_eq (s_hear (child, TROUPE_NAMES_ANSWER).error, TROUPE_OK);
    troupe_names_word_t other = { .kind = TROUPE_NAMES_ALIAS, .name = "g", .endpoint = "inproc://g",
                                  .reach = "ipc:///g", .process = "grandchild" };
    s_send (grandchild, other);
    cr_assert_eq (s_hear (grandchild, TROUPE_NAMES_ANSWER).error, TROUPE_OK);
    s_say (root, TROUPE_NAMES_FIND, "g", S_HERE);
    cr_assert_str_eq (s_hear (root, TROUPE_NAMES_CHANGED).name, "c");
    cr_assert_str_eq (s_hear (root, TROUPE_NAMES_CHANGED).endpoint, "ipc:///g");
    cr_assert_str_eq (s_hear (root, TROUPE_NAMES_FOUND).endpoint, "ipc:///g");
    s_say (root, TROUPE_NAMES_PROCESS_GONE, "child", S_HERE);
    cr_assert_str_eq (s_hear (root, TROUPE_NAMES_CHANGED).name, "c");
    cr_assert_eq (s_hear (root, TROUPE_NAMES_CHANGED).change, TROUPE_NAME_REMOVED);
    troupe_names_word_t gone = s_hear (root, TROUPE_NAMES_GONE);
    cr_assert_str_eq (gone.endpoint, "ipc:///g");
    cr_assert_eq (gone.cause, TROUPE_REASON_CRASHED);
    s_hear_nothing (root, S_HERE);
    zmq_close (root);
    zmq_close (child);
    zmq_close (grandchild);
    s_end ();
}

//  Bytes of other processes are looked at before they are believed.
Test (names_far, what_is_no_word_is_passed_over)
{
    s_begin ();
    void *far = s_far ();
    troupe_names_word_t word = { .kind = TROUPE_NAMES_ALIAS, .endpoint = "inproc://x" };
    memset (word.name, 'x', sizeof word.name);
    s_send (far, word);
    strcpy (word.name, "x");
    word.kind = TROUPE_NAMES_KINDS;
    s_send (far, word);
    word.kind = (troupe_names_kind_t) -1;
    s_send (far, word);
    word.kind = TROUPE_NAMES_DEAD_LETTER;
    word.letter.reason = (troupe_dead_reason_t) 99;
    s_send (far, word);
    cr_assert_eq (zmq_send (far, "short", 5, 0), 5);
    cr_assert_eq (zmq_send (far, "", 0, ZMQ_SNDMORE), 0);
    cr_assert_eq (zmq_send (far, "more", 4, 0), 4);
    s_hear_nothing (far, S_THERE);
    s_say (far, TROUPE_NAMES_LIST, "", S_THERE);
    s_hear (far, TROUPE_NAMES_ANSWER);
    zmq_close (far);
    s_end ();
}
