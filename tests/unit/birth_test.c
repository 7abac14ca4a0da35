/*  =========================================================================
    birth_test - what a child process is to run, there and back

    Place: tests/unit, of runtime/core/packet/birth.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "core/packet/birth.h"

static const char *s_settings [] = { "log=info", "children/users/table=a=b", NULL };

static const troupe_birth_t s_birth = {
    .incarnation = 7, .supervisor = true, .polls = true, .log_level = TROUPE_LOG_WARNING,
    .mailbox = { .limit_messages = 5, .limit_bytes = UINT64_C (1) << 40, .overflow = TROUPE_OVERFLOW_DROP_OLDEST,
                 .block_ms = 12 },
    .wedged_ms = TROUPE_FOREVER, .stack_bytes = 1 << 20, .id = "users-1", .behavior = "users",
    .endpoint = "ipc:///run/x/m1", .directory = "ipc:///run/x/names",
    .prefix = "inproc://troupe-1", .args = "a\0b", .args_size = 3, .settings = s_settings, .setting_count = 2,
};

static troupe_error_t s_read (const uint8_t *word, size_t size, troupe_birth_t *birth)
{
    return troupe_birth_read (word + TROUPE_CONTROL_HEAD, size - TROUPE_CONTROL_HEAD, birth);
}

//  The child is what its spec says, wherever it runs.
Test (birth, comes_out_as_it_went_in)
{
    size_t size = 0;
    troupe_birth_t read;
    uint8_t *word = troupe_birth_write (&s_birth, &size);
    cr_assert_eq (s_read (word, size, &read), TROUPE_OK);
    cr_expect_eq (read.incarnation, 7);
    cr_expect (read.supervisor && read.polls);
    cr_expect_eq (read.log_level, TROUPE_LOG_WARNING);
    cr_expect_eq (read.mailbox.limit_bytes, UINT64_C (1) << 40);
    cr_expect_eq (read.mailbox.limit_messages, 5);
    cr_expect_eq (read.mailbox.overflow, TROUPE_OVERFLOW_DROP_OLDEST);
    cr_expect_eq (read.mailbox.block_ms, 12);
    cr_expect_eq (read.wedged_ms, TROUPE_FOREVER);
    cr_expect_eq (read.stack_bytes, 1 << 20);
    cr_expect_str_eq (read.id, "users-1");
    cr_expect_str_eq (read.behavior, "users");
    cr_expect_str_eq (read.endpoint, "ipc:///run/x/m1");
    cr_expect_str_eq (read.directory, "ipc:///run/x/names");
    cr_expect_str_eq (read.prefix, "inproc://troupe-1");
    cr_expect (read.args_size == 3 && memcmp (read.args, "a\0b", 4) == 0);
    cr_expect_eq (read.setting_count, 2);
    cr_expect_str_eq (read.settings [1], "children/users/table=a=b");
    cr_expect_null (read.settings [2]);
    free (read.settings);
    free (word);
}

//  Its head says who speaks, to programs of other versions too.
Test (birth, begins_with_kind_and_version)
{
    size_t size = 0;
    troupe_control_t head;
    uint8_t *word = troupe_birth_write (&s_birth, &size);
    cr_assert (troupe_control_read (word, size, &head));
    cr_expect_eq (head.kind, TROUPE_CONTROL_BIRTH);
    cr_expect_eq (head.incarnation, TROUPE_BIRTH_VERSION);
    free (word);
}

//  What is cut off or longer than it says is not run in part.
Test (birth, of_another_size_is_refused)
{
    size_t size = 0;
    troupe_birth_t read;
    uint8_t *word = troupe_birth_write (&s_birth, &size);
    for (size_t cut = TROUPE_CONTROL_HEAD; cut < size; cut++) {
        uint8_t *copy = malloc (cut);
        memcpy (copy, word, cut);
        cr_assert_eq (s_read (copy, cut, &read), TROUPE_EPROTO, "%zu of %zu", cut, size);
        free (copy);
    }
    cr_assert_eq (s_read (word, size + 1, &read), TROUPE_EPROTO);
    free (word);
}

//  Numbers that mean nothing, sizes beyond the end, strings with a null inside.
Test (birth, that_makes_no_sense_is_refused)
{
    static const size_t places [] = { 4, 8, 20, 33, 64, 72 };     //  Behind the head; high bytes of words, first sizes
    size_t size = 0;
    troupe_birth_t read;
    for (size_t index = 0; index < sizeof places / sizeof places [0]; index++) {
        uint8_t *word = troupe_birth_write (&s_birth, &size);
        word [TROUPE_CONTROL_HEAD + places [index]] = 0xFF;
        cr_assert_eq (s_read (word, size, &read), TROUPE_EPROTO, "at %zu", places [index]);
        free (word);
    }
    uint8_t *word = troupe_birth_write (&s_birth, &size);
    word [TROUPE_CONTROL_HEAD + 72 + 8 + 2] = 0;
    cr_assert_eq (s_read (word, size, &read), TROUPE_EPROTO, "a null within the id");
    free (word);
}
