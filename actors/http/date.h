/*  =========================================================================
    date.h - the Date field

    Place: actors/http/. Pure: from a number to text, without time zones,
    locales or the C library's calendar. Source: RFC 9110 5.6.7 (IMF-fixdate).

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_HTTP_DATE_H_INCLUDED
#define TROUPE_HTTP_DATE_H_INCLUDED

#include <troupe/api.h>

#define TROUPE_HTTP_DATE_SIZE 29

//  Writes "Sun, 06 Nov 1994 08:49:37 GMT" and a null, for seconds since 1970-01-01T00:00Z, years 1970 to 9999.
void troupe_http_date_print (int64_t seconds, char text [TROUPE_HTTP_DATE_SIZE + 1]);

#endif
