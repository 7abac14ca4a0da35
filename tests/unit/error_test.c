/*  =========================================================================
    error_test.c - names of errors and outcomes

    Place: tests/unit, of runtime/core/base/error.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <errno.h>

#include <criterion/criterion.h>

#include <troupe/error.h>

//  A new error without words would print as "?", in a log that somebody needs.
Test (error, every_error_has_a_name_and_words)
{
    for (int error = TROUPE_OK; error <= TROUPE_EIO; error++) {
        cr_assert_neq (troupe_error_name ((troupe_error_t) error) [7], '?', "error %d", error);
        cr_assert_str_neq (troupe_error_text ((troupe_error_t) error), "unknown error", "error %d", error);
    }
    cr_assert_str_eq (troupe_error_name (TROUPE_EFULL), "TROUPE_EFULL");
    cr_assert_str_eq (troupe_error_text (TROUPE_EFULL), "the queue is full");
}

//  Numbers may come from another version's peer: they must not lead past a table's end.
Test (error, unknown_numbers_still_have_a_name)
{
    cr_assert_str_eq (troupe_error_name ((troupe_error_t) 1000), "TROUPE_?");
    cr_assert_str_eq (troupe_error_text ((troupe_error_t) -1), "unknown error");
    cr_assert_str_eq (troupe_outcome_name ((troupe_outcome_t) 77), "?");
}

//  Users match on these in logs and traces.
Test (error, outcomes_are_named_as_in_the_header)
{
    cr_assert_str_eq (troupe_outcome_name (TROUPE_CALL_OK), "OK");
    cr_assert_str_eq (troupe_outcome_name (TROUPE_CALL_NO_SUCH_ACTOR), "NO_SUCH_ACTOR");
    cr_assert_str_eq (troupe_outcome_name (TROUPE_CALL_CANCELLED), "CANCELLED");
}

//  What a caller can do about a failure depends on telling these apart.
Test (error, errno_values_become_typed_errors)
{
    cr_assert_eq (troupe_error_from_errno (0), TROUPE_OK);
    cr_assert_eq (troupe_error_from_errno (EADDRINUSE), TROUPE_EADDRINUSE);
    cr_assert_eq (troupe_error_from_errno (EACCES), TROUPE_EACCES);
    cr_assert_eq (troupe_error_from_errno (EMFILE), TROUPE_EFILES);
    cr_assert_eq (troupe_error_from_errno (ENOMEM), TROUPE_ENOMEM);
    cr_assert_eq (troupe_error_from_errno (ECONNREFUSED), TROUPE_EADDR);
    cr_assert_eq (troupe_error_from_errno (EIO), TROUPE_EIO);
    cr_assert_eq (troupe_error_from_errno (987654), TROUPE_EIO);
}
