/*  =========================================================================
    troupe/message.h - what actors send each other: a tag and bytes

    Place: include/. A message that arrives is a view: valid until the
    callback that received it returns, unless it is kept. A message that you
    make is yours until a send takes it over. Any function here accepts null
    and answers as for an empty message. None of them blocks.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_MESSAGE_H_INCLUDED
#define TROUPE_MESSAGE_H_INCLUDED

#include "error.h"

TROUPE_BEGIN_DECLS

//  Tags are the user's own small integers; from this one on they belong to the runtime.
#define TROUPE_TAG_RESERVED 0xF000u

//  Are you there? A call with this tag is answered by the runtime, in its turn among the mail, with the number of the
//  incarnation as text; behaviors never see it. While there is none the call waits for the next one.
#define TROUPE_TAG_PING (TROUPE_TAG_RESERVED + 0x01u)

//  Where can other programs reach you? A call with this tag is answered by the runtime with the endpoint that the
//  mailbox listens at, its port filled in, or with nothing when there is none.
#define TROUPE_TAG_ENDPOINT (TROUPE_TAG_RESERVED + 0x02u)

//  A name for a tag, for logs and traces. A table of them ends with a null name.
typedef struct troupe_tag {
    uint16_t tag;
    const char *name;
} troupe_tag_t;

//  Frees memory that was handed over with a message. Runs on whichever thread lets go of it last.
typedef void (troupe_free_fn) (void *data, void *hint);

//  The number that says what the message means. 0 unless the sender gave one.
TROUPE_API uint16_t troupe_message_tag (const troupe_message_t *message);

//  The payload; never null, aligned to 8 bytes when it was sent by a troupe actor. Not yours to change or free.
TROUPE_API const void *troupe_message_data (const troupe_message_t *message);

//  How many bytes the payload has.
TROUPE_API size_t troupe_message_size (const troupe_message_t *message);

//  The payload as a string: a null byte always stands behind it, which size does not count.
TROUPE_API const char *troupe_message_text (const troupe_message_t *message);

//  True when the sender waits for an answer.
TROUPE_API bool troupe_message_is_call (const troupe_message_t *message);

//  True for a call that its sender has marked as one that may be done twice (troupe_call_idempotent).
TROUPE_API bool troupe_message_is_idempotent (const troupe_message_t *message);

//  When the sender stops waiting, in microseconds of troupe_now_us; TROUPE_FOREVER when it never does.
TROUPE_API int64_t troupe_message_deadline_us (const troupe_message_t *message);

//  The name of the actor that sent it; "" when the sender has none.
TROUPE_API const char *troupe_message_sender (const troupe_message_t *message);

//  Makes a message with a copy of 'size' bytes. The caller owns it. Null when memory is out.
TROUPE_API troupe_message_t *troupe_message_new (uint16_t tag, const void *data, size_t size);

//  Makes a message that takes over 'data' without copying and frees it with 'release' (data, hint) in the end.
//  On null, which means that memory is out, 'data' is still the caller's.
TROUPE_API troupe_message_t *troupe_message_wrap (uint16_t tag, void *data, size_t size,
                                                  troupe_free_fn *release, void *hint);

//  Makes a view last beyond its turn. The caller owns what it returns; large payloads are shared, not copied.
//  What is kept can be forwarded, but no longer answered: use troupe_defer for that. Null when memory is out.
TROUPE_API troupe_message_t *troupe_message_keep (troupe_message_t *message);

//  Destroys a message of your own and nulls the pointer; does nothing with a null one.
TROUPE_API void troupe_message_destroy (troupe_message_t **message_p);

TROUPE_END_DECLS

#endif
