/*  =========================================================================
    troupe/api.h - what every public header needs: export marks and types

    Place: the ground of include/. Every other public header includes this
    one, and this one includes nothing of troupe.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_API_H_INCLUDED
#define TROUPE_API_H_INCLUDED

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TROUPE_VERSION_MAJOR 0
#define TROUPE_VERSION_MINOR 1
#define TROUPE_VERSION_PATCH 0
#define TROUPE_VERSION "0.1.0"

#if defined(__GNUC__)
#define TROUPE_API __attribute__ ((visibility ("default")))
#define TROUPE_PRINTF(text, first) __attribute__ ((__format__ (__printf__, text, first)))
#else
#define TROUPE_API
#define TROUPE_PRINTF(text, first)
#endif

#ifdef __cplusplus
#define TROUPE_BEGIN_DECLS extern "C" {
#define TROUPE_END_DECLS }
#else
#define TROUPE_BEGIN_DECLS
#define TROUPE_END_DECLS
#endif

//  An actor, seen from inside: the self handle that every callback receives.
typedef struct troupe_actor troupe_actor_t;
//  A message: a view that is valid for its turn, or an object of your own.
typedef struct troupe_message troupe_message_t;
//  A way to send to one endpoint or name; belongs to the actor that made it.
typedef struct troupe_ref troupe_ref_t;
//  A caller that waits for an answer which is given later.
typedef struct troupe_caller troupe_caller_t;
//  The parent's end of the control pipe to a child that it has spawned.
typedef struct troupe_link troupe_link_t;
//  A connection of bytes: TCP, UNIX or, on the stage, memory.
typedef struct troupe_stream troupe_stream_t;
//  A place where streams arrive.
typedef struct troupe_listener troupe_listener_t;
//  A file descriptor that somebody else owns and this actor watches.
typedef struct troupe_watch troupe_watch_t;

//  A timer, a call or a monitor in flight. 0 is none of them, ever.
typedef uint64_t troupe_timer_t;
typedef uint64_t troupe_call_t;
typedef uint64_t troupe_monitor_t;

//  A run of bytes that somebody else owns.
typedef struct troupe_bytes {
    const void *data;
    size_t size;
} troupe_bytes_t;

//  An interval, in milliseconds, that never ends.
#define TROUPE_FOREVER INT64_MAX

#endif
