/*  =========================================================================
    upstream_place_test.c - URLs and servers of an upstream

    Place: tests/unit, of actors/upstream/place.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>

#include <stdio.h>

#include "upstream/place.h"

static const char *s_taken (const char *url)
{
    static char text [1024];
    troupe_upstream_address_t address;
    troupe_text_t authority, path;
    if (troupe_upstream_url (url, &address, &authority, &path) != TROUPE_OK)
        return "no";
    snprintf (text, sizeof text, "%s | %.*s | %.*s", address.text, (int) authority.size, authority.data,
              (int) path.size, path.size ? path.data : "");
    return text;
}

//  What a user writes on the command line.
Test (upstream_place, a_url_is_taken_apart)
{
    cr_assert_str_eq (s_taken ("http://127.0.0.1:9000"), "127.0.0.1:9000 | 127.0.0.1:9000 | ");
    cr_assert_str_eq (s_taken ("http://old/"), "old:80 | old | ");
    cr_assert_str_eq (s_taken ("http://[::1]/a/b//"), "[::1]:80 | [::1] | /a/b");
    cr_assert_str_eq (s_taken ("http://[::1]:81/a"), "[::1]:81 | [::1]:81 | /a");
}

//  A typing error is to be told at the start, not at the first request.
Test (upstream_place, what_is_no_url_is_refused)
{
    static const char *const urls [] = {
        "", "127.0.0.1:9000", "https://a", "HTTP://a", "http://", "http:///a", "http://u@a", "http://a:b", "http://a:",
        "http://a:70000", "http://a?b", "http://a/b?c", "http://a/b#c", "http://a/b c", "http://a\r\nX: y", "http://a:0", "http://a:*",
        "http://*:80", "http://a!b", "http://::1", "http://[a]", "http://[fe80::1%eth0]",
    };
    for (size_t index = 0; index < sizeof urls / sizeof *urls; index++)
        cr_assert_str_eq (s_taken (urls [index]), "no", "%s", urls [index]);
}

Test (upstream_place, servers_are_a_list)
{
    const char *list = " 10.0.0.1:81, 10.0.0.2\t[::1]:83 ";
    troupe_upstream_address_t address;
    cr_assert_eq (troupe_upstream_next (&list, &address), TROUPE_OK);
    cr_assert_str_eq (address.text, "10.0.0.1:81");
    cr_assert_eq (troupe_upstream_next (&list, &address), TROUPE_OK);
    cr_assert_str_eq (address.text, "10.0.0.2:80");
    cr_assert_eq (troupe_upstream_next (&list, &address), TROUPE_OK);
    cr_assert_str_eq (address.text, "[::1]:83");
    cr_assert_eq (troupe_upstream_next (&list, &address), TROUPE_ENOENT);
    list = "http://a";
    cr_assert_eq (troupe_upstream_next (&list, &address), TROUPE_EINVAL);
}
