/*  =========================================================================
    smile_writer.c - writes SMILE

    Place: actors/rpc; see troupe/smile.h. What has been written short may be
    referred to by what comes later: a hash table knows where in the document
    it stands. Readers differ in whether long names count among those that may
    be referred to, so after the first long one no name is referred to any more.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "smile.h"

#include <stdlib.h>
#include <string.h>

#define S_SLOTS 2048u           //  Twice as many as there can be entries
#define S_NEAR_TEXTS 31u        //  References to so many take one byte
#define S_NEAR_NAMES 64u

//  Texts of the document that may be referred to, by their hash.
typedef struct {
    uint16_t slots [S_SLOTS];   //  Which entry + 1; 0: none
    uint32_t places [TROUPE_SMILE_SHARED_MAX];
    uint8_t sizes [TROUPE_SMILE_SHARED_MAX];
    size_t count;
    bool used;
} s_table_t;

struct troupe_smile_writer {
    uint8_t *data;
    size_t size, capacity;
    unsigned features, depth;
    troupe_error_t error;
    bool in_object [TROUPE_SMILE_DEPTH_MAX + 1];
    bool wants_name, done;
    s_table_t names, values;
};

//  --- Life

static bool s_reserve (troupe_smile_writer_t *self, size_t size)
{
    if (size <= self->capacity - self->size)
        return !self->error;
    size_t capacity = self->capacity ? self->capacity : 256;
    while (capacity - self->size < size && capacity <= UINT32_MAX / 2)
        capacity *= 2;
    uint8_t *data = capacity - self->size >= size ? realloc (self->data, capacity) : NULL;
    if (!data) {
        self->error = self->error ? self->error : TROUPE_ENOMEM;
        return false;
    }
    self->data = data;
    self->capacity = capacity;
    return !self->error;
}

static void s_append (troupe_smile_writer_t *self, const void *bytes, size_t size)
{
    if (!s_reserve (self, size))
        return;
    if (size)
        memcpy (self->data + self->size, bytes, size);
    self->size += size;
}

static void s_byte (troupe_smile_writer_t *self, unsigned byte)
{
    s_append (self, &(uint8_t) { (uint8_t) byte }, 1);
}

static void s_clear_table (s_table_t *table)
{
    memset (table->slots, 0, sizeof table->slots);
    table->count = 0;
}

void troupe_smile_writer_reset (troupe_smile_writer_t *self)
{
    self->size = 0;
    self->depth = 0;
    self->error = TROUPE_OK;
    self->in_object [0] = self->wants_name = self->done = false;
    s_clear_table (&self->names);
    s_clear_table (&self->values);
    self->names.used = self->features & TROUPE_SMILE_SHARED_NAMES;
    self->values.used = self->features & TROUPE_SMILE_SHARED_VALUES;
    s_append (self, TROUPE_SMILE_MARK, 3);
    s_byte (self, self->features & 7);
}

troupe_smile_writer_t *troupe_smile_writer_new (unsigned features)
{
    troupe_smile_writer_t *self = calloc (1, sizeof *self);
    if (!self)
        return NULL;
    self->features = features;
    troupe_smile_writer_reset (self);
    if (self->error)
        troupe_smile_writer_destroy (&self);
    return self;
}

void troupe_smile_writer_destroy (troupe_smile_writer_t **self_p)
{
    troupe_smile_writer_t *self = self_p ? *self_p : NULL;
    if (!self)
        return;
    *self_p = NULL;
    free (self->data);
    free (self);
}

//  --- What may be referred to

//  FNV-1a.
static size_t s_slot (const uint8_t *text, size_t size)
{
    uint32_t hash = UINT32_C (0x811C9DC5);
    for (size_t index = 0; index < size; index++)
        hash = (hash ^ text [index]) * UINT32_C (0x01000193);
    return (hash ^ hash >> 16) % S_SLOTS;
}

//  The slot of a text, or the free one where it would stand.
static uint16_t *s_find (troupe_smile_writer_t *self, s_table_t *table, const void *text, size_t size)
{
    size_t slot = s_slot (text, size);
    for (;; slot = (slot + 1) % S_SLOTS) {
        uint16_t *place = &table->slots [slot];
        if (!*place || (table->sizes [*place - 1] == size
                        && memcmp (self->data + table->places [*place - 1], text, size) == 0))
            return place;
    }
}

//  The text has been written at the end of the document. The newest of its kind is referred to.
static void s_remember (troupe_smile_writer_t *self, s_table_t *table, size_t size)
{
    if (!table->used || self->error)
        return;
    if (table->count == TROUPE_SMILE_SHARED_MAX)
        s_clear_table (table);
    size_t place = self->size - size;
    uint16_t *slot = s_find (self, table, self->data + place, size);
    table->places [table->count] = (uint32_t) place;
    table->sizes [table->count] = (uint8_t) size;
    *slot = (uint16_t) ++table->count;
}

//  Writes a reference in place of a text that has been written; false when there is none, or none that may be used:
//  the bytes 0xFE and 0xFF are kept out of documents, so that they can end one.
static bool s_refer (troupe_smile_writer_t *self, s_table_t *table, const void *text, size_t size, unsigned near,
                     unsigned near_token, unsigned far_token)
{
    if (!table->used || self->error || size > TROUPE_SMILE_SHORT_MAX)
        return false;
    unsigned entry = *s_find (self, table, text, size);
    if (!entry || ((entry - 1) & 0xFF) >= 0xFE)
        return false;
    unsigned index = entry - 1;
    if (index < near)
        s_byte (self, near_token + index);
    else {
        s_byte (self, far_token + (index >> 8));
        s_byte (self, index & 0xFF);
    }
    return true;
}

//  --- Where things may stand

static void s_fault (troupe_smile_writer_t *self, troupe_error_t error)
{
    if (!self->error)
        self->error = error;
}

//  A value is next; false when none may be.
static bool s_value (troupe_smile_writer_t *self)
{
    if (self->done || self->wants_name)
        s_fault (self, TROUPE_ESTATE);
    self->done = self->depth == 0;
    self->wants_name = self->in_object [self->depth];
    return !self->error;
}

static void s_enter (troupe_smile_writer_t *self, bool object)
{
    if (!s_value (self))
        return;
    if (self->depth == TROUPE_SMILE_DEPTH_MAX) {
        s_fault (self, TROUPE_ETOOBIG);
        return;
    }
    self->done = false;
    self->in_object [++self->depth] = object;
    self->wants_name = object;
    s_byte (self, object ? TROUPE_SMILE_OBJECT_TOKEN : TROUPE_SMILE_ARRAY_TOKEN);
}

static void s_leave (troupe_smile_writer_t *self, bool object)
{
    if (!self->depth || self->in_object [self->depth] != object || self->wants_name != object) {
        s_fault (self, TROUPE_ESTATE);
        return;
    }
    s_byte (self, object ? TROUPE_SMILE_OBJECT_END_TOKEN : TROUPE_SMILE_ARRAY_END_TOKEN);
    self->depth--;
    self->done = self->depth == 0;
    self->wants_name = self->in_object [self->depth];
}

void troupe_smile_begin_array (troupe_smile_writer_t *self)
{
    s_enter (self, false);
}

void troupe_smile_end_array (troupe_smile_writer_t *self)
{
    s_leave (self, false);
}

void troupe_smile_begin_object (troupe_smile_writer_t *self)
{
    s_enter (self, true);
}

void troupe_smile_end_object (troupe_smile_writer_t *self)
{
    s_leave (self, true);
}

//  --- Numbers

//  A VInt: 7 bits a byte, the most significant first; the last byte has 6 and its high bit set.
static void s_vint (troupe_smile_writer_t *self, uint64_t value)
{
    uint8_t bytes [10];
    size_t at = sizeof bytes;
    bytes [--at] = (uint8_t) (0x80 | (value & 0x3F));
    for (value >>= 6; value; value >>= 7)
        bytes [--at] = (uint8_t) (value & 0x7F);
    s_append (self, bytes + at, sizeof bytes - at);
}

void troupe_smile_write_null (troupe_smile_writer_t *self)
{
    if (s_value (self))
        s_byte (self, TROUPE_SMILE_NULL_TOKEN);
}

void troupe_smile_write_boolean (troupe_smile_writer_t *self, bool value)
{
    if (s_value (self))
        s_byte (self, value ? TROUPE_SMILE_TRUE_TOKEN : TROUPE_SMILE_FALSE_TOKEN);
}

void troupe_smile_write_integer (troupe_smile_writer_t *self, int64_t value)
{
    if (!s_value (self))
        return;
    uint64_t zigzag = (uint64_t) value << 1 ^ (value < 0 ? UINT64_MAX : 0);
    if (zigzag < 32) {
        s_byte (self, TROUPE_SMILE_SMALL_INTEGER + (unsigned) zigzag);
        return;
    }
    s_byte (self, zigzag <= UINT32_MAX ? TROUPE_SMILE_INT32 : TROUPE_SMILE_INT64);
    s_vint (self, zigzag);
}

void troupe_smile_write_real (troupe_smile_writer_t *self, double value)
{
    uint64_t bits;
    uint8_t groups [11] = { TROUPE_SMILE_DOUBLE };
    if (!s_value (self))
        return;
    memcpy (&bits, &value, sizeof bits);
    for (size_t group = 10; group > 0; group--, bits >>= 7)
        groups [group] = bits & 0x7F;
    s_append (self, groups, sizeof groups);
}

//  --- Texts and bytes

//  Writes the token for the size, and the text, which is remembered.
static void s_short (troupe_smile_writer_t *self, s_table_t *table, unsigned token, const char *text, size_t size)
{
    s_byte (self, token);
    s_append (self, text, size);
    s_remember (self, table, size);
}

static void s_long (troupe_smile_writer_t *self, unsigned token, const char *text, size_t size)
{
    s_byte (self, token);
    s_append (self, text, size);
    s_byte (self, TROUPE_SMILE_TEXT_END);
}

static bool s_check (troupe_smile_writer_t *self, const char *text, size_t size, bool *ascii_p)
{
    if (!troupe_smile_is_utf8 ((const uint8_t *) text, size, ascii_p))
        s_fault (self, TROUPE_EINVAL);
    return !self->error;
}

void troupe_smile_write_text (troupe_smile_writer_t *self, const char *text, size_t size)
{
    bool ascii = true;
    if (!s_value (self) || !s_check (self, text, size, &ascii))
        return;
    unsigned size_token = (unsigned) size - (ascii ? 1u : 2u);
    if (!size)
        s_byte (self, TROUPE_SMILE_EMPTY_TEXT);
    else if (s_refer (self, &self->values, text, size, S_NEAR_TEXTS, 1, TROUPE_SMILE_SHARED_LONG))
        return;
    else if (size <= TROUPE_SMILE_SHORT_MAX)
        s_short (self, &self->values, (ascii ? TROUPE_SMILE_TINY_ASCII : TROUPE_SMILE_TINY_UNICODE) + size_token, text,
                 size);
    else
        s_long (self, ascii ? TROUPE_SMILE_LONG_ASCII : TROUPE_SMILE_LONG_UNICODE, text, size);
}

void troupe_smile_write_name (troupe_smile_writer_t *self, const char *name, size_t size)
{
    bool ascii = true;
    if (!self->wants_name)
        s_fault (self, TROUPE_ESTATE);
    if (!s_check (self, name, size, &ascii))
        return;
    self->wants_name = false;
    if (!size)
        s_byte (self, TROUPE_SMILE_EMPTY_TEXT);
    else if (s_refer (self, &self->names, name, size, S_NEAR_NAMES, TROUPE_SMILE_SHARED_NAME,
                      TROUPE_SMILE_SHARED_NAME_LONG))
        return;
    else if (ascii && size <= TROUPE_SMILE_SHORT_MAX)
        s_short (self, &self->names, TROUPE_SMILE_ASCII_NAME + (unsigned) size - 1u, name, size);
    else if (size <= TROUPE_SMILE_SHORT_UNICODE_NAME_MAX)
        s_short (self, &self->names, TROUPE_SMILE_UNICODE_NAME + (unsigned) size - 2u, name, size);
    else {
        self->names.used = false;
        s_long (self, TROUPE_SMILE_LONG_NAME, name, size);
    }
}

//  7 bits a byte; the last one has what is left, in its low bits.
static void s_pack (troupe_smile_writer_t *self, const uint8_t *bytes, size_t size)
{
    if (!s_reserve (self, size + (size + 6) / 7))
        return;
    uint8_t *out = self->data + self->size;
    unsigned held = 0, bits = 0;
    for (size_t index = 0; index < size; index++) {
        held = held << 8 | bytes [index];
        for (bits += 8; bits >= 7; bits -= 7)
            *out++ = held >> (bits - 7) & 0x7F;
        held &= (1u << bits) - 1;
    }
    if (bits)
        *out++ = (uint8_t) held;
    self->size = (size_t) (out - self->data);
}

void troupe_smile_write_binary (troupe_smile_writer_t *self, const void *data, size_t size)
{
    bool raw = self->features & TROUPE_SMILE_RAW_BINARY;
    if (!s_value (self))
        return;
    s_byte (self, raw ? TROUPE_SMILE_BINARY_RAW : TROUPE_SMILE_BINARY_7BIT);
    s_vint (self, size);
    if (raw)
        s_append (self, data, size);
    else
        s_pack (self, data, size);
}

troupe_error_t troupe_smile_writer_data (const troupe_smile_writer_t *self, troupe_bytes_t *document)
{
    if (self->error || !self->done)
        return self->error ? self->error : TROUPE_ESTATE;
    *document = (troupe_bytes_t) { self->data, self->size };
    return TROUPE_OK;
}
