/*  =========================================================================
    reason_test.c - reasons in words and as bytes

    Place: tests/unit, of runtime/core/base/reason.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <string.h>

#include <criterion/criterion.h>

#include "core/base/random.h"
#include "core/base/reason.h"

static troupe_reason_t s_reason (troupe_reason_kind_t kind, int code, const char *actor, uint32_t incarnation,
                                 const char *text, const troupe_reason_t *cause)
{
    troupe_reason_t reason;
    troupe_reason_set (&reason, kind, code, actor, incarnation, text, cause);
    return reason;
}

static void s_assert_same (const troupe_reason_t *one, const troupe_reason_t *other)
{
    for (; one && other; one = one->cause, other = other->cause) {
        cr_assert_eq (one->kind, other->kind);
        cr_assert_eq (one->code, other->code);
        cr_assert_eq (one->incarnation, other->incarnation);
        cr_assert_str_eq (one->actor, other->actor);
        cr_assert_str_eq (one->text, other->text);
    }
    cr_assert_eq (one, NULL);
    cr_assert_eq (other, NULL);
}

//  The line in the log is what an operator sees of a failure: the whole story, on one line.
Test (reason, prints_the_chain_on_one_line)
{
    troupe_reason_t cause = s_reason (TROUPE_REASON_CRASHED, 11, "db", 9, "SIGSEGV", NULL);
    troupe_reason_t reason = s_reason (TROUPE_REASON_FAILED, 5, "users", 2, "no such\ntable", &cause);
    char line [256];
    cr_assert_str_eq (troupe_reason_print (&reason, line, sizeof line),
                      "users#2 FAILED (5): no such table, because db#9 CRASHED (11): SIGSEGV");
}

//  Parts that say nothing are left out.
Test (reason, prints_only_what_there_is)
{
    troupe_reason_t reason = s_reason (TROUPE_REASON_NORMAL, 0, NULL, 0, NULL, NULL);
    char line [64];
    cr_assert_str_eq (troupe_reason_print (&reason, line, sizeof line), "NORMAL");
    cr_assert_str_eq (troupe_reason_print (NULL, line, sizeof line), "");
}

//  Log lines have a fixed size.
Test (reason, print_is_cut_to_fit)
{
    troupe_reason_t reason = s_reason (TROUPE_REASON_FAILED, 5, "users", 2, "no such table", NULL);
    char line [10] = "xxxxxxxxx";
    cr_assert_str_eq (troupe_reason_print (&reason, line, 8), "users#2");
    cr_assert_eq (line [8], 'x');
    line [0] = 'y';
    troupe_reason_print (&reason, line, 0);
    cr_assert_eq (line [0], 'y');
}

//  Half a character would make the whole line invalid for whoever parses it.
Test (reason, text_is_cut_between_characters)
{
    char text [200];
    memset (text, 'a', sizeof text);
    memcpy (text + TROUPE_REASON_TEXT_MAX - 1, "\xC3\xA9", 2);
    text [sizeof text - 1] = 0;
    troupe_reason_t reason = s_reason (TROUPE_REASON_FAILED, 1, "a", 1, text, NULL);
    cr_assert_eq (strlen (reason.text), TROUPE_REASON_TEXT_MAX - 1);
}

//  A transient child is restarted after everything else.
Test (reason, normal_and_shutdown_are_normal)
{
    for (int kind = TROUPE_REASON_NORMAL; kind <= TROUPE_REASON_NO_SUCH_ACTOR; kind++) {
        troupe_reason_t reason = s_reason ((troupe_reason_kind_t) kind, 0, "", 0, "", NULL);
        cr_assert_eq (troupe_reason_is_normal (&reason), kind <= TROUPE_REASON_SHUTDOWN);
        cr_assert_neq (troupe_reason_kind_name ((troupe_reason_kind_t) kind) [0], '?');
    }
    cr_assert_not (troupe_reason_is_normal (NULL));
}

//  The event that brings a reason is gone before the supervisor gives up because of it.
Test (reason, copy_outlives_the_original)
{
    troupe_reason_t cause = s_reason (TROUPE_REASON_FAILED, 3, "disk", 1, "full", NULL);
    troupe_reason_t reason = s_reason (TROUPE_REASON_INTENSITY, 0, "root", 1, "too many", &cause);
    troupe_reason_t *copy = troupe_reason_copy (&reason);
    s_assert_same (copy, &reason);
    cr_assert_neq (copy->cause, &cause);
    troupe_reason_destroy (&copy);
    cr_assert_eq (copy, NULL);
    troupe_reason_destroy (&copy);
    troupe_reason_destroy (NULL);
}

//  Supervisors may be nested deeper than a reason can tell.
Test (reason, endless_chains_are_cut)
{
    troupe_reason_t reason = s_reason (TROUPE_REASON_FAILED, 1, "loop", 1, "", NULL);
    reason.cause = &reason;
    troupe_reason_t *copy = troupe_reason_copy (&reason);
    int links = 0;
    for (const troupe_reason_t *link = copy; link; link = link->cause)
        links++;
    cr_assert_eq (links, TROUPE_REASON_CHAIN_MAX);
    troupe_reason_destroy (&copy);
    uint8_t buffer [TROUPE_REASON_ENCODED_MAX];
    cr_assert_gt (troupe_reason_encode (&reason, buffer, sizeof buffer), 0);
    cr_assert_eq (buffer [0], TROUPE_REASON_CHAIN_MAX);
}

//  A child process or another machine tells its end with these bytes: byte order is fixed.
Test (reason, encoding_is_little_endian_and_documented)
{
    troupe_reason_t reason = s_reason (TROUPE_REASON_FAILED, -2, "ab", 0x01020304, "c", NULL);
    static const uint8_t expected [] = { 1, 2, 2, 1, 0xFE, 0xFF, 0xFF, 0xFF, 4, 3, 2, 1, 'a', 'b', 'c' };
    uint8_t buffer [64];
    cr_assert_eq (troupe_reason_encode (&reason, buffer, sizeof buffer), sizeof expected);
    cr_assert_arr_eq (buffer, expected, sizeof expected);
}

//  Nothing of the story may be lost on the way to the supervisor.
Test (reason, survives_the_round_trip)
{
    troupe_reason_t root = s_reason (TROUPE_REASON_CRASHED, 11, "db", 9, "SIGSEGV", NULL);
    troupe_reason_t middle = s_reason (TROUPE_REASON_FAILED, -5, "", 0, "", &root);
    troupe_reason_t reason = s_reason (TROUPE_REASON_INTENSITY, 0, "users", 2, "gave up", &middle);
    uint8_t buffer [TROUPE_REASON_ENCODED_MAX];
    size_t size = troupe_reason_encode (&reason, buffer, sizeof buffer);
    troupe_reason_t *decoded = troupe_reason_decode (buffer, size);
    s_assert_same (decoded, &reason);
    troupe_reason_destroy (&decoded);
}

//  Encode asks for room first; a buffer that is one byte short stays as it was.
Test (reason, encode_writes_all_or_nothing)
{
    troupe_reason_t reason = s_reason (TROUPE_REASON_FAILED, 1, "a", 1, "b", NULL);
    uint8_t buffer [14] = { 0xEE };
    size_t needed = troupe_reason_encode (&reason, NULL, 0);
    cr_assert_eq (needed, 14);
    cr_assert_eq (troupe_reason_encode (&reason, buffer, needed - 1), needed);
    cr_assert_eq (buffer [0], 0xEE);
    cr_assert_eq (troupe_reason_encode (NULL, buffer, sizeof buffer), 0);
}

//  The bytes come from outside: each way of being cut or bent must be noticed, and no byte read past the end.
Test (reason, malformed_bytes_are_refused)
{
    troupe_reason_t cause = s_reason (TROUPE_REASON_FAILED, 1, "cause", 1, "text", NULL);
    troupe_reason_t reason = s_reason (TROUPE_REASON_FAILED, 1, "actor", 1, "text", &cause);
    uint8_t buffer [TROUPE_REASON_ENCODED_MAX];
    size_t size = troupe_reason_encode (&reason, buffer, sizeof buffer);
    for (size_t cut = 0; cut < size; cut++)
        cr_assert_eq (troupe_reason_decode (buffer, cut), NULL, "cut at %zu", cut);
    cr_assert_eq (troupe_reason_decode (buffer, size + 1), NULL, "trailing byte");
    buffer [1] = 200;
    cr_assert_eq (troupe_reason_decode (buffer, size), NULL, "unknown kind");
    buffer [1] = TROUPE_REASON_FAILED;
    buffer [13] = 0;
    cr_assert_eq (troupe_reason_decode (buffer, size), NULL, "null byte within a name");
}

//  Whatever is decoded encodes to the same bytes again; under ASan this also shows any read out of bounds.
Test (reason, decode_takes_only_what_encode_writes)
{
    troupe_reason_t cause = s_reason (TROUPE_REASON_FAILED, 1, "ab", 1, "cd", NULL);
    troupe_reason_t reason = s_reason (TROUPE_REASON_FAILED, 1, "e", 1, "", &cause);
    uint8_t original [64], bent [64], again [64];
    size_t size = troupe_reason_encode (&reason, original, sizeof original);
    troupe_random_state_t random;
    troupe_random_seed (&random, 20);
    for (int round = 0; round < 20000; round++) {
        memcpy (bent, original, size);
        for (uint64_t changes = troupe_random_limit (&random, 4); changes-- > 0; )
            bent [troupe_random_limit (&random, size)] = (uint8_t) troupe_random_limit (&random, 256);
        troupe_reason_t *decoded = troupe_reason_decode (bent, size);
        if (decoded) {
            cr_assert_eq (troupe_reason_encode (decoded, again, sizeof again), size);
            cr_assert_arr_eq (again, bent, size);
        }
        troupe_reason_destroy (&decoded);
    }
}
