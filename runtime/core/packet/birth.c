/*  =========================================================================
    core/packet/birth.c - what a child process is to run, as bytes

    Place: runtime/core; see birth.h. The parent is trusted, but a program of
    another make may be at the other end: every size is checked.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/packet/birth.h"
#include "core/packet/envelope.h"

#include <stdlib.h>

#define S_WORDS 9u
#define S_STRINGS 5u
#define S_SUPERVISOR 1u
#define S_POLLS 2u

//  --- Writing

static void s_strings_of (const troupe_birth_t *birth, const char **strings)
{
    const char *all [S_STRINGS] = { birth->id, birth->behavior, birth->endpoint, birth->directory, birth->prefix };
    memcpy (strings, all, sizeof all);
}

static size_t s_size (const troupe_birth_t *birth, const char **strings)
{
    size_t size = TROUPE_CONTROL_HEAD + 8 * S_WORDS + 9 + birth->args_size;
    for (size_t index = 0; index < S_STRINGS; index++)
        size += 9 + strlen (strings [index]);
    for (size_t index = 0; index < birth->setting_count; index++)
        size += 9 + strlen (birth->settings [index]);
    return size;
}

static uint8_t *s_write_words (uint8_t *place, const troupe_birth_t *birth)
{
    uint64_t flags = (birth->supervisor ? S_SUPERVISOR : 0) | (birth->polls ? S_POLLS : 0);
    const uint64_t words [S_WORDS] = {
        birth->incarnation | flags << 32, (uint64_t) birth->log_level, birth->mailbox.limit_messages,
        birth->mailbox.limit_bytes, (uint64_t) birth->mailbox.overflow, (uint64_t) birth->mailbox.block_ms,
        (uint64_t) birth->wedged_ms, birth->stack_bytes, birth->setting_count,
    };
    for (size_t index = 0; index < S_WORDS; index++, place += 8)
        troupe_store64 (place, words [index]);
    return place;
}

static uint8_t *s_write_string (uint8_t *place, const void *text, size_t size)
{
    troupe_store64 (place, size);
    if (size)
        memcpy (place + 8, text, size);
    place [8 + size] = 0;
    return place + 9 + size;
}

uint8_t *troupe_birth_write (const troupe_birth_t *birth, size_t *size_p)
{
    const char *strings [S_STRINGS];
    s_strings_of (birth, strings);
    size_t size = s_size (birth, strings);
    uint8_t *word = malloc (size + TROUPE_CONTROL_MAX);
    if (!word)
        return NULL;
    troupe_control_t head = { .kind = TROUPE_CONTROL_BIRTH, .incarnation = TROUPE_BIRTH_VERSION };
    uint8_t *place = s_write_words (word + troupe_control_write (word, &head, NULL), birth);
    for (size_t index = 0; index < S_STRINGS; index++)
        place = s_write_string (place, strings [index], strlen (strings [index]));
    place = s_write_string (place, birth->args, birth->args_size);
    for (size_t index = 0; index < birth->setting_count; index++)
        place = s_write_string (place, birth->settings [index], strlen (birth->settings [index]));
    *size_p = size;
    return word;
}

//  --- Reading

typedef struct {
    const uint8_t *data;
    size_t left;
    bool malformed;
} s_reader_t;

static uint64_t s_word (s_reader_t *self)
{
    if (self->left < 8) {
        self->malformed = true;
        return 0;
    }
    uint64_t word = troupe_load64 (self->data);
    self->data += 8;
    self->left -= 8;
    return word;
}

//  A word that means something only up to 'most'.
static uint64_t s_word_to (s_reader_t *self, uint64_t most)
{
    uint64_t word = s_word (self);
    self->malformed |= word > most;
    return word;
}

static const uint8_t *s_bytes (s_reader_t *self, size_t *size_p)
{
    uint64_t size = s_word (self);
    if (self->malformed || size >= self->left || self->data [size]) {
        self->malformed = true;
        *size_p = 0;
        return (const uint8_t *) "";
    }
    const uint8_t *bytes = self->data;
    self->data += size + 1;
    self->left -= (size_t) size + 1;
    *size_p = (size_t) size;
    return bytes;
}

static const char *s_string (s_reader_t *self)
{
    size_t size;
    const uint8_t *bytes = s_bytes (self, &size);
    self->malformed |= memchr (bytes, 0, size) != NULL;
    return (const char *) bytes;
}

static void s_read_words (s_reader_t *reader, troupe_birth_t *birth)
{
    uint64_t first = s_word_to (reader, (uint64_t) (S_SUPERVISOR | S_POLLS) << 32 | UINT32_MAX);
    birth->incarnation = (uint32_t) first;
    birth->supervisor = first >> 32 & S_SUPERVISOR;
    birth->polls = first >> 32 & S_POLLS;
    birth->log_level = (troupe_log_level_t) s_word_to (reader, TROUPE_LOG_ERROR);
    birth->mailbox.limit_messages = (uint32_t) s_word_to (reader, UINT32_MAX);
    birth->mailbox.limit_bytes = s_word (reader);
    birth->mailbox.overflow = (troupe_overflow_t) s_word_to (reader, TROUPE_OVERFLOW_DROP_OLDEST);
    birth->mailbox.block_ms = (int64_t) s_word (reader);
    birth->wedged_ms = (int64_t) s_word (reader);
    birth->stack_bytes = s_word (reader);
    birth->setting_count = s_word (reader);
}

static void s_read_strings (s_reader_t *reader, troupe_birth_t *birth)
{
    const char **const places [S_STRINGS] = { &birth->id, &birth->behavior, &birth->endpoint, &birth->directory,
                                              &birth->prefix };
    for (size_t index = 0; index < S_STRINGS; index++)
        *places [index] = s_string (reader);
    birth->args = s_bytes (reader, &birth->args_size);
}

//  A setting takes 9 bytes at least, so what is left bounds their number.
static troupe_error_t s_read_settings (s_reader_t *reader, troupe_birth_t *birth)
{
    if (reader->malformed || birth->setting_count > reader->left / 9)
        return TROUPE_EPROTO;
    birth->settings = calloc (birth->setting_count + 1, sizeof *birth->settings);
    if (!birth->settings)
        return TROUPE_ENOMEM;
    for (size_t index = 0; index < birth->setting_count; index++)
        birth->settings [index] = s_string (reader);
    if (!reader->malformed && !reader->left)
        return TROUPE_OK;
    free (birth->settings);
    return TROUPE_EPROTO;
}

troupe_error_t troupe_birth_read (const uint8_t *data, size_t size, troupe_birth_t *birth)
{
    s_reader_t reader = { .data = data, .left = size };
    troupe_birth_t read = { .incarnation = 0 };
    s_read_words (&reader, &read);
    s_read_strings (&reader, &read);
    troupe_error_t error = s_read_settings (&reader, &read);
    if (!error)
        *birth = read;
    return error;
}
