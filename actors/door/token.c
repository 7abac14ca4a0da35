/*  =========================================================================
    token.c - who may use a route: those who know its token, or have a certificate

    Place: actors/door; see door.h. Bearer tokens (RFC 6750, 2.1 and 3): 401
    without one, 403 with a wrong one. Certificates are shown when a connection
    begins, and not in answer to anything: without one it is 403, as a 401
    would have to say what to try (RFC 9110, 15.5.2).

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "door.h"

//  Takes as long whichever byte differs; how long the sent one is may be told by it.
static bool s_is_same (const char *secret, size_t secret_size, troupe_text_t sent)
{
    unsigned difference = secret_size != sent.size;
    for (size_t at = 0; at < sent.size; at++)
        difference |= (unsigned char) sent.data [at] ^ (unsigned char) secret [at % secret_size];
    return difference == 0;
}

//  What follows the scheme; without data when it is another one. Schemes are of any case (RFC 9110, 11.1).
static troupe_text_t s_bearer (troupe_text_t authorization)
{
    static const troupe_text_t scheme = { "Bearer ", 7 };
    const troupe_text_t start = { authorization.data, scheme.size };
    troupe_text_t token = { NULL, 0 };
    if (authorization.size < scheme.size || !troupe_text_same (start, scheme))
        return token;
    token = (troupe_text_t) { authorization.data + scheme.size, authorization.size - scheme.size };
    while (token.size && *token.data == ' ') {
        token.data++;
        token.size--;
    }
    return token;
}

static bool s_knows_token (troupe_door_t *self, const troupe_route_t *route, troupe_text_t authorization)
{
    if (route->token == NULL)
        return true;
    const troupe_text_t secret = troupe_text (troupe_config (self->self, route->token, ""));
    const troupe_text_t sent = s_bearer (authorization);
    if (secret.size && sent.data && s_is_same (secret.data, secret.size, sent))
        return true;
    if (secret.size && sent.data == NULL) {
        troupe_door_problem (self, 401, "A token is needed.");
        troupe_response_header (self->response, "WWW-Authenticate", "Bearer");
    }
    else
        troupe_door_problem (self, 403, secret.size ? "The token is another one." : "Nobody is let in here.");
    return false;
}

bool troupe_door_admits (troupe_door_t *self, const troupe_route_t *route, troupe_text_t authorization,
                         troupe_text_t user)
{
    if (!route->authenticated || user.size)
        return s_knows_token (self, route, authorization);
    troupe_door_problem (self, 403, "Only who has shown a certificate is let in here.");
    return false;
}
