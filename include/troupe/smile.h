/*  =========================================================================
    troupe/smile.h - SMILE: JSON's documents in bytes

    Place: include/. Reads and writes the binary format that Jackson and
    Cheshire speak (the "Smile data format" of FasterXML, version 0, with
    shared names, shared values and raw binary). A reader goes through a
    document token by token and copies nothing; a writer builds one. Nothing
    here blocks. A reader or writer belongs to one thread at a time.

    Numbers of more than 64 bits and decimal numbers are refused with
    TROUPE_ENOTSUP, since nothing here could hold them without loss.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_SMILE_H_INCLUDED
#define TROUPE_SMILE_H_INCLUDED

#include "error.h"

TROUPE_BEGIN_DECLS

//  What a document begins with; a fourth byte with its features follows.
#define TROUPE_SMILE_MARK "\x3A\x29\x0A"
#define TROUPE_SMILE_DEPTH_MAX 128

typedef enum {
    TROUPE_SMILE_END = 0,       //  The document is over, and was whole
    TROUPE_SMILE_NULL,
    TROUPE_SMILE_BOOLEAN,       //  'boolean'
    TROUPE_SMILE_INTEGER,       //  'integer'
    TROUPE_SMILE_REAL,          //  'real'
    TROUPE_SMILE_TEXT,          //  'bytes', which are UTF-8
    TROUPE_SMILE_BINARY,        //  'bytes'
    TROUPE_SMILE_ARRAY,
    TROUPE_SMILE_ARRAY_END,
    TROUPE_SMILE_OBJECT,
    TROUPE_SMILE_OBJECT_END,
    TROUPE_SMILE_NAME           //  Of a member, whose value is next: 'bytes', which are UTF-8
} troupe_smile_kind_t;

//  One token. Bytes are views into the document, or (BINARY) into the reader: valid until the next token.
typedef struct troupe_smile_token {
    troupe_smile_kind_t kind;
    bool boolean;
    int64_t integer;
    double real;
    troupe_bytes_t bytes;
} troupe_smile_token_t;

typedef struct troupe_smile_reader troupe_smile_reader_t;

//  Makes a reader, which the caller owns. Null when memory is out.
TROUPE_API troupe_smile_reader_t *troupe_smile_reader_new (void);

//  Destroys it and nulls the pointer; does nothing with a null one.
TROUPE_API void troupe_smile_reader_destroy (troupe_smile_reader_t **self_p);

//  Begins to read a document, which stays the caller's and must live as long as it is read. 'depth_limit' bounds how
//  deep arrays and objects may be nested: 0 means TROUPE_SMILE_DEPTH_MAX, which is also the most.
TROUPE_API void troupe_smile_reader_begin (troupe_smile_reader_t *self, const void *data, size_t size,
                                           unsigned depth_limit);

/*  Reads the next token. The bytes may be anything: nothing outside of them is ever read, and an error repeats itself.
      TROUPE_EPROTO    this is no SMILE document, or not a whole one, or there is something behind it
      TROUPE_ETOOBIG   it is nested too deep
      TROUPE_ENOTSUP   a number that has no room in 64 bits
      TROUPE_ENOMEM                                                                                        */
TROUPE_API troupe_error_t troupe_smile_next (troupe_smile_reader_t *self, troupe_smile_token_t *token);

//  The last error in words, with the place: "byte 17: the text is not UTF-8"; "" while there is none.
TROUPE_API const char *troupe_smile_complaint (const troupe_smile_reader_t *self);

//  What a document may have in it; Jackson writes shared names only, unless told otherwise.
#define TROUPE_SMILE_SHARED_NAMES 1u
#define TROUPE_SMILE_SHARED_VALUES 2u   //  Texts that come again are written once
#define TROUPE_SMILE_RAW_BINARY 4u      //  Bytes as they are, rather than 7 bits of them in each

typedef struct troupe_smile_writer troupe_smile_writer_t;

//  Makes a writer with an empty document of those features, which the caller owns. Null when memory is out.
TROUPE_API troupe_smile_writer_t *troupe_smile_writer_new (unsigned features);

//  Destroys it and nulls the pointer; does nothing with a null one.
TROUPE_API void troupe_smile_writer_destroy (troupe_smile_writer_t **self_p);

//  Begins a new document; its memory is kept.
TROUPE_API void troupe_smile_writer_reset (troupe_smile_writer_t *self);

/*  Append to the document. What goes wrong is remembered, and told by troupe_smile_writer_data: want of memory, or a
    call that has no place there (a value where a name belongs, an end without a beginning). Texts and names must be
    UTF-8, and are copied.                                                                                 */
TROUPE_API void troupe_smile_write_null (troupe_smile_writer_t *self);
TROUPE_API void troupe_smile_write_boolean (troupe_smile_writer_t *self, bool value);
TROUPE_API void troupe_smile_write_integer (troupe_smile_writer_t *self, int64_t value);
TROUPE_API void troupe_smile_write_real (troupe_smile_writer_t *self, double value);
TROUPE_API void troupe_smile_write_text (troupe_smile_writer_t *self, const char *text, size_t size);
TROUPE_API void troupe_smile_write_binary (troupe_smile_writer_t *self, const void *data, size_t size);
TROUPE_API void troupe_smile_write_name (troupe_smile_writer_t *self, const char *name, size_t size);
TROUPE_API void troupe_smile_begin_array (troupe_smile_writer_t *self);
TROUPE_API void troupe_smile_end_array (troupe_smile_writer_t *self);
TROUPE_API void troupe_smile_begin_object (troupe_smile_writer_t *self);
TROUPE_API void troupe_smile_end_object (troupe_smile_writer_t *self);

/*  The document, valid until the next change: TROUPE_OK when it is whole.
      TROUPE_ESTATE   it is not whole, or was built in an order that makes no document
      TROUPE_EINVAL   a text or a name is not UTF-8
      TROUPE_ETOOBIG  it is nested deeper than TROUPE_SMILE_DEPTH_MAX
      TROUPE_ENOMEM                                                                                        */
TROUPE_API troupe_error_t troupe_smile_writer_data (const troupe_smile_writer_t *self, troupe_bytes_t *document);

TROUPE_END_DECLS

#endif
