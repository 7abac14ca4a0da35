/*  =========================================================================
    smile_reader.c - reads SMILE, token by token

    Place: actors/rpc; see troupe/smile.h. Texts and names lie in the document
    in one piece, so that tokens, and the tables of what may be referred to,
    are views of it. Only 7-bit binary has to be unpacked.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "smile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

//  Names or values that a short token may refer to.
typedef struct {
    troupe_bytes_t items [TROUPE_SMILE_SHARED_MAX];
    size_t count;
    bool used;              //  The document says that it may refer to them
} s_table_t;

struct troupe_smile_reader {
    const uint8_t *data;
    size_t size, at;
    troupe_error_t error;
    unsigned depth, depth_limit;
    bool in_object [TROUPE_SMILE_DEPTH_MAX + 1];    //  By depth
    bool wants_name;        //  The next token is a name, or the object's end
    bool begun, done;       //  The head has been read; the one value of the document has
    bool raw;               //  Raw binary is allowed
    s_table_t names, values;
    uint8_t *binary;        //  What the last 7-bit binary was
    size_t binary_capacity;
    char complaint [96];
};

//  --- Life

troupe_smile_reader_t *troupe_smile_reader_new (void)
{
    troupe_smile_reader_t *self = malloc (sizeof *self);
    if (!self)
        return NULL;
    self->binary = NULL;
    self->binary_capacity = 0;
    troupe_smile_reader_begin (self, "", 0, 0);
    return self;
}

void troupe_smile_reader_destroy (troupe_smile_reader_t **self_p)
{
    troupe_smile_reader_t *self = self_p ? *self_p : NULL;
    if (!self)
        return;
    *self_p = NULL;
    free (self->binary);
    free (self);
}

void troupe_smile_reader_begin (troupe_smile_reader_t *self, const void *data, size_t size, unsigned depth_limit)
{
    self->data = data;
    self->size = size;
    self->at = 0;
    self->error = TROUPE_OK;
    self->depth = 0;
    self->depth_limit = depth_limit && depth_limit < TROUPE_SMILE_DEPTH_MAX ? depth_limit : TROUPE_SMILE_DEPTH_MAX;
    self->in_object [0] = self->wants_name = self->begun = self->done = self->raw = false;
    self->names.count = self->values.count = 0;
    *self->complaint = 0;
}

const char *troupe_smile_complaint (const troupe_smile_reader_t *self)
{
    return self->complaint;
}

//  --- Bytes

static troupe_error_t s_refuse (troupe_smile_reader_t *self, troupe_error_t error, const char *text)
{
    self->error = error;
    snprintf (self->complaint, sizeof self->complaint, "byte %zu: %s", self->at, text);
    return error;
}

static troupe_error_t s_cut_off (troupe_smile_reader_t *self)
{
    return s_refuse (self, TROUPE_EPROTO, "the document is cut off");
}

//  Takes 'size' bytes; null when there are fewer.
static const uint8_t *s_take (troupe_smile_reader_t *self, size_t size)
{
    if (size > self->size - self->at)
        return NULL;
    const uint8_t *bytes = self->data + self->at;
    self->at += size;
    return bytes;
}

//  A VInt: 7 bits a byte, the most significant first; the last byte has its high bit set and 6 bits.
static troupe_error_t s_vint (troupe_smile_reader_t *self, uint64_t most, uint64_t *value_p)
{
    uint64_t value = 0;
    for (;;) {
        const uint8_t *byte = s_take (self, 1);
        if (!byte)
            return s_cut_off (self);
        bool last = *byte & 0x80;
        unsigned bits = last ? 6 : 7;
        if ((last && *byte & 0x40) || value > most >> bits)
            return s_refuse (self, TROUPE_EPROTO, "the number is malformed");
        value = value << bits | (*byte & (last ? 0x3Fu : 0x7Fu));
        if (!last)
            continue;
        *value_p = value;
        return value <= most ? TROUPE_OK : s_refuse (self, TROUPE_EPROTO, "the number is malformed");
    }
}

static int64_t s_unzigzag (uint64_t value)
{
    return (int64_t) (value >> 1) ^ -(int64_t) (value & 1);
}

//  Big-endian groups of 7 bits.
static troupe_error_t s_groups (troupe_smile_reader_t *self, size_t count, uint64_t *value_p)
{
    const uint8_t *bytes = s_take (self, count);
    if (!bytes)
        return s_cut_off (self);
    uint64_t value = 0;
    for (size_t index = 0; index < count; index++) {
        if (bytes [index] & 0x80)
            return s_refuse (self, TROUPE_EPROTO, "the number is malformed");
        value = value << 7 | bytes [index];
    }
    *value_p = value;
    return TROUPE_OK;
}

//  --- Texts

static troupe_error_t s_check_text (troupe_smile_reader_t *self, troupe_bytes_t text, bool ascii_only)
{
    bool ascii;
    if (!troupe_smile_is_utf8 (text.data, text.size, &ascii))
        return s_refuse (self, TROUPE_EPROTO, "the text is not UTF-8");
    return ascii || !ascii_only ? TROUPE_OK : s_refuse (self, TROUPE_EPROTO, "the text is not ASCII");
}

static troupe_error_t s_sized_text (troupe_smile_reader_t *self, size_t size, bool ascii, troupe_bytes_t *text)
{
    *text = (troupe_bytes_t) { s_take (self, size), size };
    return text->data ? s_check_text (self, *text, ascii) : s_cut_off (self);
}

static troupe_error_t s_long_text (troupe_smile_reader_t *self, bool ascii, troupe_bytes_t *text)
{
    const uint8_t *begin = self->data + self->at;
    const uint8_t *end = memchr (begin, TROUPE_SMILE_TEXT_END, self->size - self->at);
    if (!end)
        return s_cut_off (self);
    *text = (troupe_bytes_t) { begin, (size_t) (end - begin) };
    self->at += text->size + 1;
    return s_check_text (self, *text, ascii);
}

//  When a table is full it begins anew with the next one.
static void s_remember (s_table_t *table, troupe_bytes_t text)
{
    if (!table->used)
        return;
    if (table->count == TROUPE_SMILE_SHARED_MAX)
        table->count = 0;
    table->items [table->count++] = text;
}

static troupe_error_t s_refer (troupe_smile_reader_t *self, const s_table_t *table, size_t index, troupe_bytes_t *text)
{
    if (index >= table->count)
        return s_refuse (self, TROUPE_EPROTO, "it refers to a text that has not been");
    *text = table->items [index];
    return TROUPE_OK;
}

//  The second byte of a reference of 10 bits.
static troupe_error_t s_refer_far (troupe_smile_reader_t *self, const s_table_t *table, uint8_t first,
                                   troupe_bytes_t *text)
{
    const uint8_t *second = s_take (self, 1);
    return second ? s_refer (self, table, (size_t) (first & 3) << 8 | *second, text) : s_cut_off (self);
}

//  --- Names

static troupe_error_t s_fresh_name (troupe_smile_reader_t *self, uint8_t token, troupe_bytes_t *name)
{
    troupe_error_t error;
    if (token == TROUPE_SMILE_LONG_NAME)
        error = s_long_text (self, false, name);
    else if (token < TROUPE_SMILE_UNICODE_NAME)
        error = s_sized_text (self, token - TROUPE_SMILE_ASCII_NAME + 1u, true, name);
    else
        error = s_sized_text (self, token - TROUPE_SMILE_UNICODE_NAME + 2u, false, name);
    if (!error)
        s_remember (&self->names, *name);
    return error;
}

static troupe_error_t s_name (troupe_smile_reader_t *self, uint8_t token, troupe_bytes_t *name)
{
    *name = (troupe_bytes_t) { "", 0 };
    if (token == TROUPE_SMILE_EMPTY_TEXT)
        return TROUPE_OK;
    if (token >= TROUPE_SMILE_SHARED_NAME_LONG && token < TROUPE_SMILE_LONG_NAME)
        return s_refer_far (self, &self->names, token, name);
    if (token >= TROUPE_SMILE_SHARED_NAME && token < TROUPE_SMILE_ASCII_NAME)
        return s_refer (self, &self->names, token - TROUPE_SMILE_SHARED_NAME, name);
    if (token == TROUPE_SMILE_LONG_NAME || (token >= TROUPE_SMILE_ASCII_NAME && token < TROUPE_SMILE_ARRAY_TOKEN))
        return s_fresh_name (self, token, name);
    self->at--;
    return s_refuse (self, TROUPE_EPROTO, "a name is expected");
}

//  --- Values

static troupe_error_t s_integer (troupe_smile_reader_t *self, uint64_t most, troupe_smile_token_t *token)
{
    uint64_t value = 0;
    troupe_error_t error = s_vint (self, most, &value);
    token->kind = TROUPE_SMILE_INTEGER;
    token->integer = s_unzigzag (value);
    return error;
}

static troupe_error_t s_float (troupe_smile_reader_t *self, troupe_smile_token_t *token)
{
    uint64_t groups = 0;
    float value;
    troupe_error_t error = s_groups (self, 5, &groups);
    uint32_t bits = (uint32_t) groups;
    memcpy (&value, &bits, sizeof value);
    token->kind = TROUPE_SMILE_REAL;
    token->real = (double) value;
    return error;
}

static troupe_error_t s_double (troupe_smile_reader_t *self, troupe_smile_token_t *token)
{
    uint64_t bits = 0;
    troupe_error_t error = s_groups (self, 10, &bits);
    memcpy (&token->real, &bits, sizeof token->real);
    token->kind = TROUPE_SMILE_REAL;
    return error;
}

static bool s_reserve (troupe_smile_reader_t *self, size_t size)
{
    if (size <= self->binary_capacity)
        return true;
    uint8_t *binary = realloc (self->binary, size);
    if (!binary)
        return false;
    self->binary = binary;
    self->binary_capacity = size;
    return true;
}

//  8 bits out of bytes with 7 each; the last one has what is left, in its low bits.
static void s_unpack (const uint8_t *packed, size_t size, uint8_t *bytes)
{
    unsigned held = 0, bits = 0;
    for (size_t done = 0; done < size;) {
        size_t left_bits = (size - done) * 8 - bits;
        unsigned fresh = left_bits < 7 ? (unsigned) left_bits : 7;
        held = held << fresh | (*packed++ & ((1u << fresh) - 1));
        bits += fresh;
        if (bits < 8)
            continue;
        bits -= 8;
        bytes [done++] = (uint8_t) (held >> bits);
        held &= (1u << bits) - 1;
    }
}

static troupe_error_t s_packed_binary (troupe_smile_reader_t *self, size_t size, troupe_bytes_t *bytes)
{
    const uint8_t *packed = s_take (self, size + (size + 6) / 7);
    if (!packed)
        return s_cut_off (self);
    if (!s_reserve (self, size))
        return s_refuse (self, TROUPE_ENOMEM, "out of memory");
    if (size)
        s_unpack (packed, size, self->binary);
    *bytes = (troupe_bytes_t) { size ? self->binary : (const void *) "", size };
    return TROUPE_OK;
}

static troupe_error_t s_binary (troupe_smile_reader_t *self, bool raw, troupe_smile_token_t *token)
{
    uint64_t size = 0;
    if (raw && !self->raw)
        return s_refuse (self, TROUPE_EPROTO, "raw binary has not been announced");
    troupe_error_t error = s_vint (self, INT32_MAX, &size);
    token->kind = TROUPE_SMILE_BINARY;
    if (error || !raw)
        return error ? error : s_packed_binary (self, (size_t) size, &token->bytes);
    token->bytes = (troupe_bytes_t) { s_take (self, (size_t) size), (size_t) size };
    return token->bytes.data ? TROUPE_OK : s_cut_off (self);
}

//  Short texts, which are remembered: 1 to 64 bytes of ASCII, 2 to 65 of other UTF-8.
static troupe_error_t s_short_text (troupe_smile_reader_t *self, uint8_t first, troupe_bytes_t *text)
{
    bool ascii = first < TROUPE_SMILE_TINY_UNICODE;
    size_t size = ascii ? first - TROUPE_SMILE_TINY_ASCII + 1u : first - TROUPE_SMILE_TINY_UNICODE + 2u;
    troupe_error_t error = s_sized_text (self, size, ascii, text);
    if (!error)
        s_remember (&self->values, *text);
    return error;
}

static troupe_error_t s_text (troupe_smile_reader_t *self, uint8_t first, troupe_smile_token_t *token)
{
    token->kind = TROUPE_SMILE_TEXT;
    if (first > 0 && first < TROUPE_SMILE_EMPTY_TEXT)
        return s_refer (self, &self->values, first - 1u, &token->bytes);
    if ((first & 0xFC) == TROUPE_SMILE_SHARED_LONG)
        return s_refer_far (self, &self->values, first, &token->bytes);
    if (first == TROUPE_SMILE_LONG_ASCII || first == TROUPE_SMILE_LONG_UNICODE)
        return s_long_text (self, first == TROUPE_SMILE_LONG_ASCII, &token->bytes);
    if (first >= TROUPE_SMILE_TINY_ASCII && first < TROUPE_SMILE_SMALL_INTEGER)
        return s_short_text (self, first, &token->bytes);
    self->at--;
    return s_refuse (self, TROUPE_EPROTO, "there is no such token");
}

static troupe_error_t s_enter (troupe_smile_reader_t *self, bool object, troupe_smile_token_t *token)
{
    if (self->depth == self->depth_limit)
        return s_refuse (self, TROUPE_ETOOBIG, "it is nested too deep");
    self->in_object [++self->depth] = object;
    token->kind = object ? TROUPE_SMILE_OBJECT : TROUPE_SMILE_ARRAY;
    self->wants_name = object;
    return TROUPE_OK;
}

static troupe_error_t s_leave (troupe_smile_reader_t *self, bool object, troupe_smile_token_t *token)
{
    token->kind = object ? TROUPE_SMILE_OBJECT_END : TROUPE_SMILE_ARRAY_END;
    self->depth--;
    return TROUPE_OK;
}

static troupe_error_t s_value (troupe_smile_reader_t *self, uint8_t first, troupe_smile_token_t *token)
{
    switch (first) {
    case TROUPE_SMILE_EMPTY_TEXT:
        token->kind = TROUPE_SMILE_TEXT;
        token->bytes.data = "";
        return TROUPE_OK;
    case TROUPE_SMILE_NULL_TOKEN:
        token->kind = TROUPE_SMILE_NULL;
        return TROUPE_OK;
    case TROUPE_SMILE_FALSE_TOKEN:
    case TROUPE_SMILE_TRUE_TOKEN:
        token->kind = TROUPE_SMILE_BOOLEAN;
        token->boolean = first == TROUPE_SMILE_TRUE_TOKEN;
        return TROUPE_OK;
    case TROUPE_SMILE_INT32:
        return s_integer (self, UINT32_MAX, token);
    case TROUPE_SMILE_INT64:
        return s_integer (self, UINT64_MAX, token);
    case TROUPE_SMILE_FLOAT:
        return s_float (self, token);
    case TROUPE_SMILE_DOUBLE:
        return s_double (self, token);
    case TROUPE_SMILE_BIG_INTEGER:
    case TROUPE_SMILE_BIG_DECIMAL:
        return s_refuse (self, TROUPE_ENOTSUP, "a number that has no room in 64 bits");
    case TROUPE_SMILE_BINARY_7BIT:
    case TROUPE_SMILE_BINARY_RAW:
        return s_binary (self, first == TROUPE_SMILE_BINARY_RAW, token);
    case TROUPE_SMILE_ARRAY_TOKEN:
    case TROUPE_SMILE_OBJECT_TOKEN:
        return s_enter (self, first == TROUPE_SMILE_OBJECT_TOKEN, token);
    default:
        if ((first & 0xE0) != TROUPE_SMILE_SMALL_INTEGER)
            return s_text (self, first, token);
        token->kind = TROUPE_SMILE_INTEGER;
        token->integer = s_unzigzag (first & 0x1F);
        return TROUPE_OK;
    }
}

//  --- The document

static troupe_error_t s_head (troupe_smile_reader_t *self)
{
    const uint8_t *head = s_take (self, TROUPE_SMILE_HEAD_SIZE);
    if (!head || memcmp (head, TROUPE_SMILE_MARK, 3) != 0)
        return s_refuse (self, TROUPE_EPROTO, "this is not SMILE");
    if (head [3] & 0xF8)
        return s_refuse (self, TROUPE_EPROTO, "this is another version of SMILE");
    self->names.used = head [3] & TROUPE_SMILE_SHARED_NAMES;
    self->values.used = head [3] & TROUPE_SMILE_SHARED_VALUES;
    self->raw = head [3] & TROUPE_SMILE_RAW_BINARY;
    self->begun = true;
    return TROUPE_OK;
}

//  Behind the value there is nothing, or the mark of the end.
static troupe_error_t s_end (troupe_smile_reader_t *self, troupe_smile_token_t *token)
{
    token->kind = TROUPE_SMILE_END;
    if (self->at < self->size && self->data [self->at] == TROUPE_SMILE_END_TOKEN)
        self->at++;
    return self->at == self->size ? TROUPE_OK : s_refuse (self, TROUPE_EPROTO, "there is something behind the end");
}

static troupe_error_t s_member (troupe_smile_reader_t *self, uint8_t first, troupe_smile_token_t *token)
{
    if (self->wants_name && first == TROUPE_SMILE_OBJECT_END_TOKEN)
        return s_leave (self, true, token);
    if (self->wants_name) {
        token->kind = TROUPE_SMILE_NAME;
        return s_name (self, first, &token->bytes);
    }
    bool in_array = self->depth && !self->in_object [self->depth];
    if (in_array && first == TROUPE_SMILE_ARRAY_END_TOKEN)
        return s_leave (self, false, token);
    return s_value (self, first, token);
}

troupe_error_t troupe_smile_next (troupe_smile_reader_t *self, troupe_smile_token_t *token)
{
    *token = (troupe_smile_token_t) { .kind = TROUPE_SMILE_END };
    if (self->error || (!self->begun && s_head (self)))
        return self->error;
    if (self->done)
        return s_end (self, token);
    const uint8_t *first = s_take (self, 1);
    if (!first)
        return s_cut_off (self);
    troupe_error_t error = s_member (self, *first, token);
    if (error)
        return error;
    self->wants_name = self->in_object [self->depth] && token->kind != TROUPE_SMILE_NAME;
    self->done = self->depth == 0;
    return TROUPE_OK;
}
