/*  =========================================================================
    names_test.c - the directory: names, who is told of an end, dead letters

    Place: tests/live, of runtime/live/directory/names.c. The test speaks to it in its
    own words. Each sequence ends with a search, whose answer is the last: the
    directory handles words in the order in which they came.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>
#include <zmq.h>

#include "live/directory/names.h"

#define S_ENDPOINT "inproc://directory"

static void *s_context;
static troupe_names_t *s_names;

static void s_begin (void)
{
    troupe_error_t error = TROUPE_OK;
    s_context = zmq_ctx_new ();
    s_names = troupe_names_new (s_context, S_ENDPOINT, &error);
    cr_assert_not_null (s_names);
}

static void s_end (void)
{
    troupe_names_destroy (&s_names);
    zmq_ctx_term (s_context);
}

static void *s_client (void)
{
    int at_once = 0, deadline_ms = 10000;
    void *client = zmq_socket (s_context, ZMQ_DEALER);
    zmq_setsockopt (client, ZMQ_LINGER, &at_once, sizeof at_once);
    zmq_setsockopt (client, ZMQ_RCVTIMEO, &deadline_ms, sizeof deadline_ms);
    cr_assert_eq (zmq_connect (client, S_ENDPOINT), 0);
    return client;
}

static void s_say (void *client, troupe_names_kind_t kind, const char *name)
{
    troupe_names_word_t word = { .kind = kind, .number = 7 };
    strcpy (word.name, name);
    strcpy (word.endpoint, "inproc://there");
    cr_assert_eq (zmq_send (client, &word, sizeof word, 0), (int) sizeof word);
}

static troupe_names_word_t s_hear (void *client)
{
    troupe_names_word_t word;
    cr_assert_eq (zmq_recv (client, &word, sizeof word, 0), (int) sizeof word);
    return word;
}

//  The kinds of all words that have come, up to the answer of a search, which is left out.
static const char *s_heard (void *client)
{
    static const char *const names [TROUPE_NAMES_KINDS] = {
        [TROUPE_NAMES_REGISTERED] = "registered ", [TROUPE_NAMES_FOUND] = "found ", [TROUPE_NAMES_GONE] = "gone ",
        [TROUPE_NAMES_SUBSCRIBED] = "subscribed ", [TROUPE_NAMES_DEAD_LETTER] = "letter ",
        [TROUPE_NAMES_QUIET] = "quiet ", [TROUPE_NAMES_LISTEN] = "listen ", [TROUPE_NAMES_ANSWER] = "answer ",
    };
    static char text [512];
    *text = 0;
    s_say (client, TROUPE_NAMES_FIND, "nobody");
    for (;;) {
        troupe_names_word_t word = s_hear (client);
        if (word.kind == TROUPE_NAMES_FOUND && word.error == TROUPE_ENOENT)
            return text;
        if (word.kind == TROUPE_NAMES_LISTED || word.kind == TROUPE_NAMES_CHANGED) {
            strcat (text, word.kind == TROUPE_NAMES_LISTED ? "" : word.change == TROUPE_NAME_ADDED ? "+" : "-");
            strcat (strcat (text, word.name), " ");
        }
        else
            strcat (text, names [word.kind]);
    }
}

//  Two of one name would take each other's mail.
Test (names, taken_name_is_refused_until_it_is_free)
{
    s_begin ();
    void *one = s_client ();
    s_say (one, TROUPE_NAMES_REGISTER, "a");
    cr_assert_eq (s_hear (one).error, TROUPE_OK);
    s_say (one, TROUPE_NAMES_REGISTER, "a");
    cr_assert_eq (s_hear (one).error, TROUPE_EADDRINUSE);
    s_say (one, TROUPE_NAMES_UNREGISTER, "a");
    s_say (one, TROUPE_NAMES_REGISTER, "a");
    cr_assert_eq (s_hear (one).error, TROUPE_OK);
    zmq_close (one);
    s_end ();
}

//  The directory's memory is bounded by who is interested, not by how often they have asked.
Test (names, end_is_told_once_however_often_one_has_looked)
{
    s_begin ();
    void *one = s_client ();
    s_say (one, TROUPE_NAMES_REGISTER, "a");
    for (int count = 0; count < 3; count++)
        s_say (one, TROUPE_NAMES_FIND, "a");
    s_say (one, TROUPE_NAMES_UNREGISTER, "a");
    cr_assert_str_eq (s_heard (one), "registered found found found gone ");
    zmq_close (one);
    s_end ();
}

//  Actors that come and go look names up: what they have closed is not remembered.
Test (names, closed_refs_are_forgotten)
{
    s_begin ();
    void *one = s_client ();
    s_say (one, TROUPE_NAMES_REGISTER, "a");
    s_say (one, TROUPE_NAMES_FIND, "a");
    s_say (one, TROUPE_NAMES_FORGET, "a");
    s_say (one, TROUPE_NAMES_FORGET, "nobody");
    s_say (one, TROUPE_NAMES_UNREGISTER, "a");
    cr_assert_str_eq (s_heard (one), "registered found ");
    zmq_close (one);
    s_end ();
}

//  A flood of letters that nobody reads costs their sender a word, and the directory nothing.
Test (names, senders_are_quiet_while_nobody_listens)
{
    s_begin ();
    void *sender = s_client (), *reader = s_client ();
    s_say (sender, TROUPE_NAMES_DEAD_LETTER, "");
    s_say (sender, TROUPE_NAMES_DEAD_LETTER, "");
    cr_assert_str_eq (s_heard (sender), "quiet ");
    s_say (reader, TROUPE_NAMES_SUBSCRIBE, "");
    cr_assert_str_eq (s_heard (reader), "subscribed ");
    cr_assert_str_eq (s_heard (sender), "listen ");
    s_say (sender, TROUPE_NAMES_DEAD_LETTER, "");
    cr_assert_str_eq (s_heard (sender), "");
    cr_assert_str_eq (s_heard (reader), "letter ");
    s_say (reader, TROUPE_NAMES_LEAVE, "");
    cr_assert_str_eq (s_heard (reader), "");
    s_say (sender, TROUPE_NAMES_DEAD_LETTER, "");
    cr_assert_str_eq (s_heard (sender), "quiet ");
    zmq_close (sender);
    zmq_close (reader);
    s_end ();
}

//  A restarted reader subscribes again, from the same socket.
Test (names, reader_that_subscribes_again_gets_each_letter_once)
{
    s_begin ();
    void *one = s_client ();
    s_say (one, TROUPE_NAMES_SUBSCRIBE, "");
    s_say (one, TROUPE_NAMES_SUBSCRIBE, "");
    s_say (one, TROUPE_NAMES_DEAD_LETTER, "");
    cr_assert_str_eq (s_heard (one), "subscribed subscribed letter ");
    zmq_close (one);
    s_end ();
}

//  What an actor has taken besides its own name ends with it, and is nobody else's to give back.
Test (names, aliases_go_with_the_actor)
{
    s_begin ();
    void *one = s_client ();
    s_say (one, TROUPE_NAMES_REGISTER, "a");
    s_say (one, TROUPE_NAMES_ALIAS, "b");
    s_say (one, TROUPE_NAMES_ALIAS, "b");
    cr_assert_eq (s_hear (one).error, TROUPE_OK);
    cr_assert_eq (s_hear (one).error, TROUPE_OK);
    cr_assert_eq (s_hear (one).error, TROUPE_EADDRINUSE);
    s_say (one, TROUPE_NAMES_UNALIAS, "a");
    cr_assert_eq (s_hear (one).error, TROUPE_ENOENT);
    s_say (one, TROUPE_NAMES_FIND, "b");
    cr_assert_str_eq (s_hear (one).endpoint, "inproc://there");
    s_say (one, TROUPE_NAMES_UNREGISTER, "a");
    s_say (one, TROUPE_NAMES_LIST, "");
    cr_assert_str_eq (s_heard (one), "gone answer ");
    zmq_close (one);
    s_end ();
}

//  Refs that lead to an actor stay good when it has one name less, and are told when it is gone.
Test (names, finders_of_an_alias_that_was_given_back_are_told_of_the_end)
{
    s_begin ();
    void *one = s_client ();
    s_say (one, TROUPE_NAMES_ALIAS, "b");
    s_say (one, TROUPE_NAMES_FIND, "b");
    s_say (one, TROUPE_NAMES_UNALIAS, "b");
    cr_assert_str_eq (s_heard (one), "answer found answer ");
    s_say (one, TROUPE_NAMES_UNREGISTER, "");
    cr_assert_str_eq (s_heard (one), "gone ");
    zmq_close (one);
    s_end ();
}

//  A list and a watch are exact: what is there now, in order, and each change after that.
Test (names, lists_and_watches_tell_each_name_once)
{
    s_begin ();
    void *one = s_client (), *other = s_client ();
    s_say (one, TROUPE_NAMES_ALIAS, "bb");
    s_say (one, TROUPE_NAMES_ALIAS, "a");
    s_say (one, TROUPE_NAMES_ALIAS, "ba");
    cr_assert_str_eq (s_heard (one), "answer answer answer ");
    s_say (one, TROUPE_NAMES_LIST, "b");
    s_say (other, TROUPE_NAMES_WATCH, "b");
    cr_assert_str_eq (s_heard (one), "ba bb answer ");
    cr_assert_str_eq (s_heard (other), "answer +ba +bb ");
    s_say (one, TROUPE_NAMES_UNALIAS, "ba");
    s_say (one, TROUPE_NAMES_UNALIAS, "a");
    s_say (one, TROUPE_NAMES_ALIAS, "ba");
    cr_assert_str_eq (s_heard (one), "answer answer answer ");
    cr_assert_str_eq (s_heard (other), "-ba +ba ");
    s_say (other, TROUPE_NAMES_UNWATCH, "");
    cr_assert_str_eq (s_heard (other), "");
    s_say (one, TROUPE_NAMES_UNREGISTER, "");
    cr_assert_str_eq (s_heard (one), "");
    cr_assert_str_eq (s_heard (other), "");
    zmq_close (one);
    zmq_close (other);
    s_end ();
}

//  Its cost is for each name the same, however many there are: with tens of thousands a quadratic table would not end.
Test (names, thousands_of_names_are_found_listed_and_given_back)
{
    s_begin ();
    void *one = s_client ();
    char name [32];
    for (int index = 0; index < 20000; index++) {
        snprintf (name, sizeof name, "n%05d", index);
        s_say (one, TROUPE_NAMES_ALIAS, name);
    }
    for (int index = 0; index < 20000; index++)
        cr_assert_eq (s_hear (one).error, TROUPE_OK);
    s_say (one, TROUPE_NAMES_LIST, "n1");
    for (int index = 10000; index < 20000; index++) {
        snprintf (name, sizeof name, "n%05d", index);
        cr_assert_str_eq (s_hear (one).name, name);
    }
    cr_assert_eq (s_hear (one).kind, TROUPE_NAMES_ANSWER);
    s_say (one, TROUPE_NAMES_LOOK, "n04711");
    cr_assert_str_eq (s_hear (one).endpoint, "inproc://n04711");
    s_say (one, TROUPE_NAMES_UNREGISTER, "");
    cr_assert_str_eq (s_heard (one), "");
    zmq_close (one);
    s_end ();
}
