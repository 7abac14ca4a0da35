/*  =========================================================================
    troupe/actor.h - the self handle: everything an actor knows of the world

    Place: include/. A behavior reaches the clock, chance, the log, its
    configuration and its own end only through here, so that the stage can
    stand in for all of it. Every function is for the actor's own callbacks
    only, and none of them blocks.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_ACTOR_H_INCLUDED
#define TROUPE_ACTOR_H_INCLUDED

#include "behavior.h"

TROUPE_BEGIN_DECLS

typedef enum {
    TROUPE_LOG_DEBUG = 0,
    TROUPE_LOG_INFO,
    TROUPE_LOG_WARNING,
    TROUPE_LOG_ERROR
} troupe_log_level_t;

//  The actor's name; "" when it has none.
TROUPE_API const char *troupe_name (const troupe_actor_t *self);

//  Which life this is: 1 for the first, one more after each restart.
TROUPE_API uint32_t troupe_incarnation (const troupe_actor_t *self);

//  The behavior that this actor runs.
TROUPE_API const troupe_behavior_t *troupe_behavior (const troupe_actor_t *self);

//  The monotonic clock as it stood when this turn began: milliseconds, microseconds. Virtual on the stage.
TROUPE_API int64_t troupe_now_ms (const troupe_actor_t *self);
TROUPE_API int64_t troupe_now_us (const troupe_actor_t *self);

//  The wall clock, milliseconds since 1970-01-01T00:00Z. It may jump: for dates, not for intervals.
TROUPE_API int64_t troupe_wall_clock_ms (troupe_actor_t *self);

//  64 random bits of the actor's own generator (xoshiro256**): seeded from the system, or by the stage. Not for keys.
TROUPE_API uint64_t troupe_random (troupe_actor_t *self);

//  A random number from 0 to limit - 1, evenly; 0 when limit is 0.
TROUPE_API uint64_t troupe_random_below (troupe_actor_t *self, uint64_t limit);

//  The text at 'path' in the program's configuration ("children/http/listen"), or 'fallback' when there is none.
//  It lives as long as the program.
TROUPE_API const char *troupe_config (troupe_actor_t *self, const char *path, const char *fallback);

//  The same below children/NAME-OF-THIS-ACTOR.
TROUPE_API const char *troupe_option (troupe_actor_t *self, const char *key, const char *fallback);

//  The same as a number; 'fallback' too when the text is no whole number from 'least' to 'most', which is logged.
TROUPE_API int64_t troupe_option_number (troupe_actor_t *self, const char *key, int64_t fallback,
                                         int64_t least, int64_t most);

//  Writes one log line, with the actor, its incarnation and the message in hand. Never blocks: lines that
//  cannot be written are counted, and the count is logged when there is room again.
TROUPE_API void troupe_log (troupe_actor_t *self, troupe_log_level_t level, const char *format, ...)
    TROUPE_PRINTF (3, 4);

//  Whether a line of that level would be written; saves the work of preparing one.
TROUPE_API bool troupe_log_enabled (const troupe_actor_t *self, troupe_log_level_t level);

//  Says why this incarnation fails, with a code of your own that is not 0; returns 'code', to be returned
//  from the callback:  return troupe_fail (self, 5, "no table %s", name);
TROUPE_API int troupe_fail (troupe_actor_t *self, int code, const char *format, ...) TROUPE_PRINTF (3, 4);

/*  The same with an error, in the best words that are known: "WHAT: the address is in use". An error of this callback
    whose words do not fit, or that nobody fails with, is logged.                                          */
TROUPE_API int troupe_fail_error (troupe_actor_t *self, troupe_error_t error, const char *what);

//  Ends this incarnation normally once the callback returns 0.
TROUPE_API void troupe_exit (troupe_actor_t *self);

//  The same with a kind and a cause of your own, for actors that fail because others did. The cause is copied.
TROUPE_API int troupe_fail_because (troupe_actor_t *self, troupe_reason_kind_t kind, const troupe_reason_t *cause,
                                    const char *format, ...) TROUPE_PRINTF (4, 5);

//  Called within start: the start goes on after the callback has returned, until troupe_started. Until then the parent
//  sees neither STARTED nor, if a callback fails, anything but START_FAILED. Mail waits.
TROUPE_API void troupe_start_later (troupe_actor_t *self);

//  Ends what troupe_start_later began: the parent sees STARTED.
TROUPE_API void troupe_started (troupe_actor_t *self);

//  True between the parent's word to end and the end.
TROUPE_API bool troupe_is_draining (const troupe_actor_t *self);

//  Sends now what this turn has packed so far, for a handler that goes on computing. It is done by itself at
//  the end of each turn.
TROUPE_API void troupe_flush (troupe_actor_t *self);

TROUPE_END_DECLS

#endif
