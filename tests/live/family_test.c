/*  =========================================================================
    family_test - actors in several processes that talk to each other

    Place: tests/live, of all that lies between two processes of one troupe:
    the directory, exports, lines and ports. "here" is a thread of the test's
    process, "one" and "two" are child processes.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "family_world.h"

//  --- Calls and casts

//  Nobody in the parent's process knows that a child may look for it until one does.
Test (family, a_child_process_calls_a_thread_of_its_parents, .timeout = 60)
{
    troupe_t *troupe = family_new ();
    cr_expect_str_eq (family_ask (troupe, "one", "call here echo hello"), "OK OK hello");
    cr_expect_str_eq (family_ask (troupe, "two", "call here echo again"), "OK OK again");
    cr_expect_str_eq (family_ask (troupe, "here", "call one echo back"), "OK OK back");
    family_end (troupe);
}

//  Siblings in processes reach each other, and themselves, by name.
Test (family, processes_call_each_other_and_themselves, .timeout = 60)
{
    troupe_t *troupe = family_new ();
    cr_expect_str_eq (family_ask (troupe, "one", "call two echo hello"), "OK OK hello");
    cr_expect_str_eq (family_ask (troupe, "two", "call one echo hello"), "OK OK hello");
    cr_expect_str_eq (family_ask (troupe, "one", "call one echo self"), "OK OK self");
    cr_expect_str_eq (family_ask (troupe, "one", "call nobody echo"), "OK NO_SUCH_ACTOR");
    cr_expect_str_eq (family_ask (troupe, "one", "call two fail"), "OK FAILED told to");
    family_end (troupe);
}

//  Both wait for the directory while the other one waits for them.
Test (family, two_that_look_for_each_other_at_once_find_each_other, .timeout = 60)
{
    troupe_t *troupe = family_new ();
    for (int round = 0; round < 5; round++) {
        family_ask_later (troupe, "one", "call two echo 1");
        family_ask_later (troupe, "two", "call one echo 2");
        family_ask_later (troupe, "here", "call one call here echo 3");
        family_ask_later (troupe, "one", "call here call one echo 4");
        const char *notes = world_notes (troupe, 4);
        cr_expect_not_null (strstr (notes, "OK:OK 1"), "%s", notes);
        cr_expect_not_null (strstr (notes, "OK:OK 2"), "%s", notes);
        cr_expect_not_null (strstr (notes, "OK:OK OK 3"), "%s", notes);
        cr_expect_not_null (strstr (notes, "OK:OK OK 4"), "%s", notes);
        cr_expect_str_eq (family_ask (troupe, "one", "call two fail"), "OK FAILED told to");
    }
    family_end (troupe);
}

//  What one sends to another arrives in order, whichever process it is in.
Test (family, casts_keep_their_order_between_processes, .timeout = 60)
{
    static const char *const ways [] [2] = { { "one", "two" }, { "one", "here" }, { "here", "one" }, { "two", "two" } };
    troupe_t *troupe = family_new ();
    for (size_t way = 0; way < sizeof ways / sizeof ways [0]; way++) {
        for (int number = 1; number <= 4; number++)
            cr_expect_str_eq (family_ask (troupe, ways [way] [0], "cast %s %d", ways [way] [1], number),
                              "OK TROUPE_OK");
        cr_expect_str_eq (family_ask (troupe, ways [way] [1], "notes 4"), "OK 1 2 3 4", "%s to %s", ways [way] [0],
                          ways [way] [1]);
    }
    family_end (troupe);
}

//  What is larger than a pack, and than a socket's buffer, gets through whole.
Test (family, large_payloads_get_through, .timeout = 60)
{
    static const char *const ways [] [2] = { { "one", "two" }, { "one", "here" }, { "here", "one" }, { "one", "one" } };
    static const size_t sizes [] = { 5000, 300000, 20000000 };
    troupe_t *troupe = family_new ();
    for (size_t way = 0; way < sizeof ways / sizeof ways [0]; way++)
        for (size_t index = 0; index < sizeof sizes / sizeof sizes [0]; index++) {
            char expected [32];
            snprintf (expected, sizeof expected, "OK OK %zu", sizes [index]);
            cr_expect_str_eq (family_ask (troupe, ways [way] [0], "large %zu %s", sizes [index], ways [way] [1]),
                              expected);
        }
    cr_expect_str_eq (family_ask (troupe, "one", "large 100000000 two"), "OK TROUPE_ETOOBIG");
    family_end (troupe);
}

//  --- Deadlines and ends

//  Time is the same in all processes of a machine.
Test (family, deadlines_hold_between_processes, .timeout = 60)
{
    troupe_t *troupe = family_new ();
    cr_expect_str_eq (family_ask (troupe, "one", "try 50 two never"), "OK TIMEOUT");
    cr_expect_str_eq (family_ask (troupe, "one", "try 50 here never"), "OK TIMEOUT");
    cr_expect_str_eq (family_ask (troupe, "here", "try 50 one never"), "OK TIMEOUT");
    cr_expect_str_eq (family_ask (troupe, "one", "try 50 one never"), "OK TIMEOUT");
    family_end (troupe);
}

//  A call that a process had taken ends when that does, whoever made it; the next one finds its next life.
Test (family, calls_end_with_the_process_that_had_them, .timeout = 60)
{
    troupe_t *troupe = family_new ();
    family_ask_later (troupe, "one", "call two never");
    family_ask_later (troupe, "here", "call two never");
    cr_expect_str_eq (family_ask (troupe, "one", "call two echo there"), "OK OK there");
    cr_expect_str_eq (family_ask (troupe, "here", "call two echo there"), "OK OK there");
    cr_expect_str_eq (family_ask (troupe, "one", "call two segv"), "OK DOWN");
    cr_expect_str_eq (world_notes (troupe, 2), "OK:DOWN OK:DOWN");
    cr_expect_str_eq (family_ask (troupe, "one", "call two echo again"), "OK OK again");
    cr_expect_str_eq (family_ask (troupe, "here", "call two echo again"), "OK OK again");
    family_end (troupe);
}

//  Everybody learns the same, once.
Test (family, monitors_tell_siblings_and_parents_why, .timeout = 60)
{
    static const char *const ends [] [2] = {
        { "segv", "CRASHED:11:SIGSEGV" }, { "exit 3", "CRASHED:0:exit status 3" }, { "fail", "FAILED:5:told to" },
    };
    char expected [128];
    troupe_t *troupe = family_new ();
    for (size_t index = 0; index < sizeof ends / sizeof ends [0]; index++) {
        family_ask_later (troupe, "one", "monitor two");
        family_ask_later (troupe, "here", "monitor two");
        cr_expect_str_eq (family_ask (troupe, "one", "call two echo there"), "OK OK there");
        cr_expect_str_eq (family_ask (troupe, "here", "call two echo there"), "OK OK there");
        family_ask (troupe, "two", "%s", ends [index] [0]);
        snprintf (expected, sizeof expected, "OK:%s OK:%s", ends [index] [1], ends [index] [1]);
        cr_expect_str_eq (world_notes (troupe, 2), expected);
    }
    family_end (troupe);
}

//  A thread is watched from another process as from its own.
Test (family, a_thread_is_monitored_from_a_process, .timeout = 60)
{
    troupe_t *troupe = family_new ();
    family_ask_later (troupe, "one", "monitor here");
    cr_expect_str_eq (family_ask (troupe, "one", "call here echo there"), "OK OK there");
    cr_expect_str_eq (family_ask (troupe, "one", "call here fail"), "OK FAILED told to");
    cr_expect_str_eq (world_notes (troupe, 1), "OK:FAILED:5:told to");
    cr_expect_str_eq (family_ask (troupe, "one", "call here echo again"), "OK OK again");
    family_end (troupe);
}

//  Who is busy cannot open a way to itself; who wants one waits within its own deadline, and for nobody else.
Test (family, who_is_busy_when_it_is_looked_for_is_found_later, .timeout = 60)
{
    char folder [64];
    troupe_t *troupe = family_new ();
    family_gate_make (folder);
    family_ask_later (troupe, "here", "hold %s", folder);
    family_gate_await (folder);
    cr_expect_str_eq (family_ask (troupe, "one", "try 200 here echo early"), "OK TIMEOUT");
    family_ask_later (troupe, "one", "call here echo late");
    family_ask_later (troupe, "two", "call here echo late");
    cr_expect_str_eq (family_ask (troupe, "one", "call two echo meanwhile"), "OK OK meanwhile");
    family_gate_open (folder);
    cr_expect_str_eq (world_notes (troupe, 3), "OK:held OK:OK late OK:OK late");
    family_gate_remove (folder);
    family_end (troupe);
}

//  --- Names

//  A name is the whole troupe's, wherever it was taken.
Test (family, names_are_taken_and_followed_from_processes, .timeout = 60)
{
    troupe_t *troupe = family_new ();
    cr_expect_str_eq (family_ask (troupe, "two", "watch alias"), "OK TROUPE_OK");
    cr_expect_str_eq (family_ask (troupe, "here", "watch alias"), "OK TROUPE_OK");
    cr_expect_str_eq (family_ask (troupe, "one", "register alias-1"), "OK TROUPE_OK");
    cr_expect_str_eq (family_ask (troupe, "here", "register alias-2"), "OK TROUPE_OK");
    cr_expect_str_eq (family_ask (troupe, "here", "register alias-1"), "OK TROUPE_EADDRINUSE");
    cr_expect_str_eq (family_ask (troupe, "two", "notes 2"), "OK +alias-1 +alias-2");
    cr_expect_str_eq (family_ask (troupe, "here", "notes 2"), "OK +alias-1 +alias-2");
    cr_expect_str_eq (family_ask (troupe, "two", "list alias"), "OK alias-1 alias-2");
    cr_expect_str_eq (family_ask (troupe, "two", "call alias-1 echo one"), "OK OK one");
    cr_expect_str_eq (family_ask (troupe, "one", "call alias-2 echo here"), "OK OK here");
    cr_expect_str_eq (family_ask (troupe, "here", "call alias-1 echo one"), "OK OK one");
    cr_expect_str_eq (family_ask (troupe, "one", "find alias-2"), "OK inproc://alias-2");
    cr_expect_str_eq (family_ask (troupe, "one", "unregister alias-1"), "OK TROUPE_OK");
    cr_expect_str_eq (family_ask (troupe, "two", "notes 1"), "OK -alias-1");
    family_end (troupe);
}

//  What a process had taken is free as soon as it is known to be gone; its own name stays for its next life.
Test (family, names_go_with_their_process, .timeout = 60)
{
    troupe_t *troupe = family_new ();
    cr_expect_str_eq (family_ask (troupe, "two", "watch "), "OK TROUPE_OK");
    const char *first = family_ask (troupe, "two", "notes 3");
    cr_expect_str_eq (first, "OK +here +one +two");
    cr_expect_str_eq (family_ask (troupe, "one", "register alias"), "OK TROUPE_OK");
    cr_expect_str_eq (family_ask (troupe, "two", "notes 1"), "OK +alias");
    cr_expect_str_eq (family_ask (troupe, "one", "segv"), "DOWN");
    cr_expect_str_eq (family_ask (troupe, "two", "notes 1"), "OK -alias");
    cr_expect_str_eq (family_ask (troupe, "one", "register alias"), "OK TROUPE_OK");
    cr_expect_str_eq (family_ask (troupe, "two", "call alias echo next"), "OK OK next");
    family_end (troupe);
}
