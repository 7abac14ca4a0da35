/*  =========================================================================
    date.c - the Date field

    Place: actors/http/. See date.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "date.h"

#include <string.h>

#define DAY_S 86400
#define LATEST_S INT64_C (253402300799)     //  9999-12-31T23:59:59Z

typedef struct day {
    unsigned year, month, day;              //  Month and day from 0
} day_t;

static bool s_is_leap (unsigned year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned s_month_days (unsigned year, unsigned month)
{
    static const uint8_t days [12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    return month == 1 && s_is_leap (year) ? 29u : days [month];
}

//  At most some thousand steps, once a second at most.
static day_t s_day (unsigned days)
{
    day_t date = { 1970, 0, 0 };
    while (days >= 365u + s_is_leap (date.year))
        days -= 365u + s_is_leap (date.year++);
    while (days >= s_month_days (date.year, date.month))
        days -= s_month_days (date.year, date.month++);
    date.day = days;
    return date;
}

static void s_two_digits (char *at, unsigned number)
{
    at [0] = (char) ('0' + number / 10 % 10);
    at [1] = (char) ('0' + number % 10);
}

void troupe_http_date_print (int64_t seconds, char text [TROUPE_HTTP_DATE_SIZE + 1])
{
    static const char names [] = "ThuFriSatSunMonTueWed";
    static const char months [] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    seconds = seconds < 0 ? 0 : seconds > LATEST_S ? LATEST_S : seconds;
    const unsigned days = (unsigned) (seconds / DAY_S);
    const unsigned second = (unsigned) (seconds % DAY_S);
    const day_t date = s_day (days);
    memcpy (text, "Thu, 01 Jan 1970 00:00:00 GMT", TROUPE_HTTP_DATE_SIZE + 1);
    memcpy (text, names + 3 * (days % 7), 3);
    s_two_digits (text + 5, date.day + 1);
    memcpy (text + 8, months + 3 * (size_t) date.month, 3);
    s_two_digits (text + 12, date.year / 100);
    s_two_digits (text + 14, date.year);
    s_two_digits (text + 17, second / 3600);
    s_two_digits (text + 20, second / 60 % 60);
    s_two_digits (text + 23, second % 60);
}
