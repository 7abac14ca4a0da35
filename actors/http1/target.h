/*  =========================================================================
    target.h - request targets and hosts

    Place: actors/http1/. Pure. Sources: RFC 9112 3.2, RFC 3986 3.2 and 3.3,
    RFC 3629 3 (UTF-8 without overlong forms).

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_HTTP_TARGET_H_INCLUDED
#define TROUPE_HTTP_TARGET_H_INCLUDED

#include "head.h"

/*  Takes head->target apart into path, query, authority and asterisk: origin-form, absolute-form (http and https)
    or, for OPTIONS, '*'. A percent must be followed by two hexadecimal digits; the path must be UTF-8 when
    decoded; neither part may hold an encoded NUL or an overlong form.                                       */
troupe_http_fault_t troupe_http_target_parse (troupe_http_head_t *head);

//  Checks HOST [":" PORT]: a name, an IPv4 address or a bracketed IPv6 address; no userinfo, comma or path.
troupe_http_fault_t troupe_http_authority_check (troupe_bytes_t authority);

#endif
