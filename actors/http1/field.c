/*  =========================================================================
    field.c - one header or trailer line

    Place: actors/http1/. See field.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "field.h"
#include "scan.h"

typedef struct known {
    const char *name;
    troupe_http_field_kind_t kind;
} known_t;

//  The names that mean something to the connection, by their length; at most three share one.
#define LONGEST_KNOWN 17
#define SAME_LENGTH 3
static const known_t s_known [LONGEST_KNOWN + 1] [SAME_LENGTH] = {
    [2] = { { "te", TROUPE_HTTP_FIELD_HOP } },
    [4] = { { "host", TROUPE_HTTP_FIELD_HOST } },
    [6] = { { "expect", TROUPE_HTTP_FIELD_EXPECT } },
    [7] = { { "upgrade", TROUPE_HTTP_FIELD_HOP }, { "trailer", TROUPE_HTTP_FIELD_HOP } },
    [10] = { { "connection", TROUPE_HTTP_FIELD_CONNECTION }, { "keep-alive", TROUPE_HTTP_FIELD_KEEP_ALIVE } },
    [14] = { { "content-length", TROUPE_HTTP_FIELD_CONTENT_LENGTH } },
    [16] = { { "proxy-connection", TROUPE_HTTP_FIELD_HOP } },
    [17] = { { "transfer-encoding", TROUPE_HTTP_FIELD_TRANSFER_ENCODING } },
};

troupe_http_field_kind_t troupe_http_field_kind (troupe_bytes_t name)
{
    if (name.size > LONGEST_KNOWN)
        return TROUPE_HTTP_FIELD_PLAIN;
    const known_t *known = s_known [name.size];
    for (size_t index = 0; index < SAME_LENGTH && known [index].name; index++)
        if (troupe_http_same_text (name, known [index].name))
            return known [index].kind;
    return TROUPE_HTTP_FIELD_PLAIN;
}

bool troupe_http_field_is_disguised (troupe_bytes_t name)
{
    const uint8_t *octets = name.data;
    if (name.size == 14)
        return octets [7] == '_' && troupe_http_same_text (name, "content_length");
    if (name.size == 17)
        return octets [8] == '_' && troupe_http_same_text (name, "transfer_encoding");
    return false;
}

troupe_http_fault_t troupe_http_field_parse (troupe_http_field_t *field, const uint8_t *at, const uint8_t *end)
{
    if (at < end && (*at == ' ' || *at == '\t'))
        return TROUPE_HTTP_FOLDED_FIELD;
    const uint8_t *colon = troupe_http_skip (at, end, TROUPE_HTTP_TOKEN);
    if (colon == at || colon == end || *colon != ':')
        return TROUPE_HTTP_BAD_FIELD_NAME;
    if (troupe_http_skip_value (colon + 1, end) != end)
        return TROUPE_HTTP_BAD_FIELD_VALUE;
    field->name = (troupe_bytes_t) { at, (size_t) (colon - at) };
    field->value = troupe_http_trim (colon + 1, end);
    field->kind = troupe_http_field_kind (field->name);
    return troupe_http_field_is_disguised (field->name) ? TROUPE_HTTP_DISGUISED_FIELD : TROUPE_HTTP_FINE;
}
