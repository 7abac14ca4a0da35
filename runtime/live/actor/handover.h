/*  =========================================================================
    live/actor/handover.h - tells ThreadSanitizer what it cannot see

    Place: runtime/live, the ground. Whatever goes through a socket of libzmq
    happens before whatever its receiver does with it; libzmq is not built for
    ThreadSanitizer, so its fences are invisible to it. These marks stand
    before every send and after every receive, and are nothing in other builds.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_HANDOVER_H_INCLUDED
#define TROUPE_LIVE_HANDOVER_H_INCLUDED

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
extern const char troupe_handover;
static inline void troupe_handover_send (void)
{
    __tsan_release ((void *) (uintptr_t) &troupe_handover);
}
static inline void troupe_handover_receive (void)
{
    __tsan_acquire ((void *) (uintptr_t) &troupe_handover);
}
#else
static inline void troupe_handover_send (void)
{
}
static inline void troupe_handover_receive (void)
{
}
#endif

#endif
