/*  =========================================================================
    subject.h - the actor that all facts of the suite are about

    Place: tests/conformance. One behavior that does what its messages' tags
    say; it does not know where it runs. The payload is text unless the tag
    says something else. Others in the suite run it too: the actors that the
    subject lives with, and those that speak to it.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_TESTS_SUBJECT_H_INCLUDED
#define TROUPE_TESTS_SUBJECT_H_INCLUDED

#include <troupe.h>

enum {
    SUBJECT_ECHO = 1,   //  Answers with the payload, whatever it is
    SUBJECT_FAIL,       //  Fails, with 5 and the text
    SUBJECT_REFUSE,     //  Answers with a failure and goes on
    SUBJECT_FORGET,     //  Answers nothing
    SUBJECT_EXIT,       //  Ends normally
    SUBJECT_CRASH,      //  A signal's number: ends its process by it; "exit": by exit (3)
    SUBJECT_HOLD,       //  A folder: writes to its FIFO "within", waits for a byte in "release"
    SUBJECT_LATER,      //  Milliseconds: answers then, also when it is draining
    SUBJECT_DEFER,      //  Keeps the caller and never answers
    SUBJECT_LEFT,       //  Answers how much of the caller's time is left: "for ever", or milliseconds
    SUBJECT_LIFE,       //  Answers "life N", of its incarnation
    SUBJECT_NUMBER,     //  A uint32_t, or one with more behind it: taken down, and answered with "N"
    SUBJECT_NUMBERS,    //  Answers those taken down since: "1 2 3", "none"; more than eight as "1 .. 10000 in order"
    SUBJECT_DELEGATE,   //  An address: hands the message on to it; at the end of the way "NAME for SENDER"
    SUBJECT_CALL,       //  "ADDRESS TAG TIMEOUT TEXT": calls, and answers "OUTCOME TEXT"
    SUBJECT_CAST,       //  "ADDRESS TAG TEXT": casts, and answers with the error's name
    SUBJECT_SEND,       //  "ADDRESS COUNT SIZE": casts that many numbers in one turn; answers "ok", or the refused
    SUBJECT_KEEP,       //  Keeps the message itself
    SUBJECT_KEPT,       //  Answers with what it has kept
    SUBJECT_CONFIG,     //  A path of the configuration: answers with the text there
    SUBJECT_OPTION,     //  The same below its own name
    SUBJECT_ARGS,       //  Answers with the bytes that it was started with
    SUBJECT_NAME,       //  Answers with its name
    SUBJECT_CLOCK,      //  Answers with its clock's milliseconds
    SUBJECT_LOG,        //  Logs the text as a warning
    SUBJECT_PROCESS,    //  Answers with the number of its process
    SUBJECT_DOWN,       //  An address: monitors it; SUBJECT_NUMBERS then tells "down:KIND" too
    SUBJECT_FOLLOW,     //  Keeps the caller until it gives up; with an address: delegates that there, as above
    SUBJECT_GIVEN_UP,   //  Answers how many of them have: "1 of 2"
    SUBJECT_MARK,       //  Answers "idempotent", or "once"; with an address: delegates
    SUBJECT_LAST
};

extern const troupe_behavior_t subject_behavior;

//  --- Of the behavior's parts

#define SUBJECT_NUMBERS_KEPT 8

typedef struct subject {
    uint32_t first [SUBJECT_NUMBERS_KEPT];
    uint32_t count, last, broken;       //  How many; the last one; which one was not one more than that before it
    size_t args_size, later;            //  How many callers wait for their time
    unsigned followed, given_up;        //  How many callers are kept until they give up; and how many have
    char args [64];
    char down [64];
    troupe_message_t *kept;
} subject_t;

typedef int (subject_fn) (troupe_actor_t *self, subject_t *subject, troupe_message_t *message);

//  What it says of itself and of where it is, and what it does to others.
subject_fn subject_left, subject_life, subject_config, subject_option, subject_args, subject_name, subject_clock,
    subject_log, subject_process, subject_delegate, subject_call, subject_cast, subject_send, subject_down,
    subject_follow, subject_given_up, subject_mark;

#endif
