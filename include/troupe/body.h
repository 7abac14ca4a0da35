/*  =========================================================================
    troupe/body.h - requests and responses whose bodies come in pieces

    Place: include/. For services behind a route that is 'streamed' (route.h):
    they begin with a request before all of it is there, and answer before all
    of the answer is; nobody holds more than a few pieces. upstream.h is such a
    service. A component that an actor embeds, over calls of ref.h. Only for
    callbacks of the actor that made it; nothing blocks.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

/*
    In receive, with a request, a length, a body and a response:

        case TROUPE_TAG_REQUEST_STREAM:   //  TROUPE_TAG_REQUEST is a whole one, to be answered whole
            if (troupe_body_request (message, &request, &length) != TROUPE_OK
                || troupe_body_open (bodies, message, s_on_body, context, &body) != TROUPE_OK)
                return troupe_reply_failure (self, message, "no");
            return troupe_body_begin (body, response, TROUPE_BODY_UNKNOWN);
        default:
            if (troupe_body_is_event (message))
                return troupe_bodies_receive (bodies, state, message);

    Everything goes from the caller to the service, and is answered, so it
    works wherever the service is, and its mailbox's bounds hold:
      REQUEST_STREAM  call: u64 id, u64 length of the body or UNKNOWN, and the request as in request.h, whose body is
                      empty or whole. Answered by RESPONSE_STREAM: u64 length or UNKNOWN, and the response as in
                      response.h, with as much of its body as is there; or by a whole response, with any other tag
      BODY_PIECE      call: u64 id, bytes of the request's body. Answered when the service has taken them
      BODY_LAST       the same with the last ones, perhaps none
      BODY_NEXT       call: u64 id, once the response has begun. Answered by BODY_PIECE or BODY_LAST: bytes of its body
      BODY_HOLD       cast: u64 id: I am still there, but have no room
      BODY_DROP       cast: u64 id: I want no more of it
    Numbers are little-endian. The caller chooses the id, by chance. It has at
    most TROUPE_BODY_PIECES of BODY_PIECE, and as many of BODY_NEXT, in flight,
    each with a deadline of its own that leaves time for those before it. An
    answer that comes too late for it is lost, and the body with it. A FAILED one, as when the service's
    incarnation ends, means that the rest will not come. One that the caller
    gives up, or that is lost with the caller, is as good as BODY_DROP.
*/

#ifndef TROUPE_BODY_H_INCLUDED
#define TROUPE_BODY_H_INCLUDED

#include "ref.h"
#include "response.h"

TROUPE_BEGIN_DECLS

#define TROUPE_TAG_REQUEST_STREAM (TROUPE_TAG_RESERVED + 0x21u)
#define TROUPE_TAG_RESPONSE_STREAM (TROUPE_TAG_RESERVED + 0x22u)
#define TROUPE_TAG_BODY_PIECE (TROUPE_TAG_RESERVED + 0x23u)
#define TROUPE_TAG_BODY_LAST (TROUPE_TAG_RESERVED + 0x24u)
#define TROUPE_TAG_BODY_NEXT (TROUPE_TAG_RESERVED + 0x25u)
#define TROUPE_TAG_BODY_HOLD (TROUPE_TAG_RESERVED + 0x26u)
#define TROUPE_TAG_BODY_DROP (TROUPE_TAG_RESERVED + 0x27u)

//  How long a body is when nobody knows yet.
#define TROUPE_BODY_UNKNOWN UINT64_MAX

//  So many pieces of one body are in flight, in each direction; this is a good size for one.
#define TROUPE_BODY_PIECES 2u
#define TROUPE_BODY_PIECE_BYTES 65536u

//  A streamed request, from its arrival to the end of its answer.
typedef struct troupe_body troupe_body_t;

//  All those of an actor.
typedef struct troupe_bodies troupe_bodies_t;

typedef enum {
    TROUPE_BODY_BYTES,      //  Of the request's body; see 'taken'
    TROUPE_BODY_WANTED,     //  A piece of the response's body is asked for: it may be written
    TROUPE_BODY_GONE        //  Nobody wants the answer, or the rest of the request will not come. The last event
} troupe_body_event_kind_t;

typedef struct troupe_body_event {
    troupe_body_event_kind_t kind;
    const void *data;       //  BYTES: a view, valid for the callback
    size_t size;            //  BYTES: may be 0 with the last
    bool last;              //  BYTES: the request is complete
    bool taken;             //  BYTES: true; set to false it is kept, and comes again after troupe_body_resume
} troupe_body_event_t;

//  Return as from receive. The body may be written, ended and failed from within. 'state' is the actor's.
typedef int (troupe_body_fn) (troupe_actor_t *self, void *state, troupe_body_t *body, troupe_body_event_t *event,
                              void *context);

//  Makes the table of an actor's bodies, which the caller owns. One that its caller neither asks of nor holds for
//  'idle_ms' is GONE; 0: a minute. Null when memory is out.
TROUPE_API troupe_bodies_t *troupe_bodies_new (troupe_actor_t *self, int64_t idle_ms);

//  Frees it with all bodies and nulls the pointer; does nothing with a null one. No events follow. From the actor's
//  stop: those who still wait get FAILED, as everybody does then.
TROUPE_API void troupe_bodies_destroy (troupe_bodies_t **bodies_p);

//  Whether the message is one for troupe_bodies_receive: by its tag.
TROUPE_API bool troupe_body_is_event (const troupe_message_t *message);

//  Takes such a message: answers it, now or later, and calls back. Returns what the callback does.
TROUPE_API int troupe_bodies_receive (troupe_bodies_t *bodies, void *state, troupe_message_t *message);

/*  Reads the request in a message of either kind: views into it, as troupe_request_from_message gives them. *length_p
    is how long the body is, or UNKNOWN: the request is whole when request->body has that size, else nothing of it is
    there. TROUPE_EPROTO: it is none.                                                                              */
TROUPE_API troupe_error_t troupe_body_request (troupe_message_t *message, troupe_request_t *request,
                                               uint64_t *length_p);

/*  Takes over the call in 'message', a TROUPE_TAG_REQUEST_STREAM, as troupe_defer does. *body_p is the caller's until
    it is replied, ended, failed or GONE. No event comes from within. On an error nothing is taken over:
      TROUPE_EPROTO   it is no such call, or its id is in use: it is still to be answered
      TROUPE_ENOMEM   it has been answered with FAILED, or still is                                                */
TROUPE_API troupe_error_t troupe_body_open (troupe_bodies_t *bodies, troupe_message_t *message,
                                            troupe_body_fn *on_event, void *context, troupe_body_t **body_p);

//  Has a piece that was not taken, and those behind it, delivered, from within. Returns what the callback does.
TROUPE_API int troupe_body_resume (troupe_body_t *body, void *state);

//  Answers with a whole response, which stays the caller's; the body is over, its pointer nulled, whatever of the
//  request is to come. Errors as for troupe_answer; TROUPE_ENOMEM: the asker gets FAILED.
TROUPE_API troupe_error_t troupe_body_reply (troupe_body_t **body_p, troupe_response_t *response);

/*  Begins the answer with the response's head, and as much of a body as it has; 'length' is that of all of the body, or
    UNKNOWN: doors that announce it hold the service to it. The response stays the caller's.
      TROUPE_ESTATE   it has been begun before
      TROUPE_ENOMEM   nothing was sent; fail the body                                                             */
TROUPE_API troupe_error_t troupe_body_begin (troupe_body_t *body, troupe_response_t *response, uint64_t length);

//  How many pieces have been asked for and not been written yet.
TROUPE_API unsigned troupe_body_wanted (const troupe_body_t *body);

/*  Writes a piece of the response's body, a copy. All or nothing.
      TROUPE_EFULL    nobody has asked for it yet: go on at WANTED
      TROUPE_ESTATE   the answer has not been begun
      TROUPE_ENOMEM   nothing was written                                                                         */
TROUPE_API troupe_error_t troupe_body_write (troupe_body_t *body, const void *data, size_t size);

//  Writes the last piece, which may be empty and then need not be wanted; the body is over, its pointer nulled. Errors
//  as above: it is then not over.
TROUPE_API troupe_error_t troupe_body_end (troupe_body_t **body_p, const void *data, size_t size);

//  Ends it as failed, at any time: who waits for the answer, or for the next piece, gets FAILED with that text. The
//  pointer is nulled; does nothing with a null one.
TROUPE_API void troupe_body_fail (troupe_body_t **body_p, const char *why);

TROUPE_END_DECLS

#endif
