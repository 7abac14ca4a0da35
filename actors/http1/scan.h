/*  =========================================================================
    scan.h - classes of characters, and runs of them

    Place: actors/http1/, the ground of the parser. Which octets may stand
    where, as one table; every other file of the parser asks it. Pure.

    Sources: RFC 9110 5.6.2 (tchar), 5.5 (field-value); RFC 3986 (pchar,
    reg-name). Path and query also take the few characters that browsers send
    unescaped (WHATWG URL, percent-encode sets).

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_HTTP_SCAN_H_INCLUDED
#define TROUPE_HTTP_SCAN_H_INCLUDED

#include <troupe/api.h>

enum {
    TROUPE_HTTP_TOKEN = 0x01,       //  tchar: methods, field names, codings
    TROUPE_HTTP_DIGIT = 0x02,
    TROUPE_HTTP_HEX = 0x04,
    TROUPE_HTTP_PATH = 0x08,        //  May stand in a path; '%' is looked at apart
    TROUPE_HTTP_QUERY = 0x10,       //  May stand in a query; '%' is looked at apart
    TROUPE_HTTP_HOST = 0x20,        //  May stand in a host name
    TROUPE_HTTP_VALUE = 0x40,       //  May stand in a field value
    TROUPE_HTTP_SCHEME = 0x80       //  May stand in a scheme, after its first letter
};

//  The classes of each octet, or-ed.
extern const uint8_t troupe_http_classes [256];

//  Whether the octet belongs to any of the classes.
static inline bool troupe_http_is (uint8_t octet, uint8_t classes)
{
    return (troupe_http_classes [octet] & classes) != 0;
}

//  The first octet from 'at' on that is of none of the classes; 'end' when there is none.
const uint8_t *troupe_http_skip (const uint8_t *at, const uint8_t *end, uint8_t classes);

//  The first octet from 'at' on that may not stand in a field value; 'end' when there is none.
const uint8_t *troupe_http_skip_value (const uint8_t *at, const uint8_t *end);

//  Whether two runs are the same but for the case of ASCII letters.
bool troupe_http_same (troupe_bytes_t one, troupe_bytes_t other);

//  The same against a string.
bool troupe_http_same_text (troupe_bytes_t one, const char *text);

//  The value of a hexadecimal digit; -1 when it is none.
int troupe_http_hex_value (uint8_t octet);

//  The bytes without spaces and tabs at either end.
troupe_bytes_t troupe_http_trim (const uint8_t *at, const uint8_t *end);

/*  Takes the next element of a comma-separated list off 'rest': trimmed, perhaps empty. False when the list is
    over; a list of zero bytes has one empty element. 'rest->data' is null afterwards when it was the last.   */
bool troupe_http_list_next (troupe_bytes_t *rest, troupe_bytes_t *element);

#endif
