/*  =========================================================================
    live/actor/shared.c - what all actors of a process share

    Place: runtime/live, under runtime.c and hosted.c. Made before the first
    actor's thread, and not changed while there is one.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/actor/context.h"
#include "live/actor/live.h"

#include <stdlib.h>
#include <string.h>

troupe_error_t troupe_shared_open (troupe_shared_t *shared, const char *config_file, const char *const *settings,
                                   const char *program, char *why, size_t why_size)
{
    troupe_error_t error = troupe_config_load (&shared->config, config_file, settings, why, why_size);
    if (!error)
        error = troupe_context_open (&shared->context);
    if (!error)
        error = troupe_security_new (&shared->security, shared->config, shared->context, &shared->logger, why,
                                     why_size);
    if (error)
        return error;
    shared->program = program ? strdup (program) : NULL;
    return program && !shared->program ? TROUPE_ENOMEM : TROUPE_OK;
}

void troupe_shared_close (troupe_shared_t *shared)
{
    troupe_security_destroy (&shared->security);
    troupe_config_destroy (&shared->config);
    free (shared->program);
    shared->program = NULL;
}
