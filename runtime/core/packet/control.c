/*  =========================================================================
    core/packet/control.c - the words on the control lane

    Place: runtime/core; see control.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/packet/control.h"
#include "core/packet/envelope.h"

size_t troupe_control_write (uint8_t *buffer, const troupe_control_t *control, const troupe_reason_t *reason)
{
    uint64_t head = (uint64_t) control->kind | (uint64_t) control->flag << 8
                    | (uint64_t) control->incarnation << 32;
    troupe_store64 (buffer, head);
    troupe_store64 (buffer + 8, control->abandoned);
    return TROUPE_CONTROL_HEAD
           + troupe_reason_encode (reason, buffer + TROUPE_CONTROL_HEAD, TROUPE_REASON_ENCODED_MAX);
}

bool troupe_control_read (const uint8_t *data, size_t size, troupe_control_t *control)
{
    if (size < TROUPE_CONTROL_HEAD || data [0] == 0 || data [0] >= TROUPE_CONTROL_KINDS)
        return false;
    uint64_t head = troupe_load64 (data);
    control->kind = (troupe_control_kind_t) (head & 0xFF);
    control->flag = (uint8_t) (head >> 8);
    control->incarnation = (uint32_t) (head >> 32);
    control->abandoned = troupe_load64 (data + 8);
    control->reason_size = size - TROUPE_CONTROL_HEAD;
    control->reason = control->reason_size ? data + TROUPE_CONTROL_HEAD : NULL;
    return true;
}
