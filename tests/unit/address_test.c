/*  =========================================================================
    address_test.c - "HOST:PORT", taken apart

    Place: tests/unit, of runtime/core/base/address.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <troupe/address.h>

//  "HOST PORT" and what else is said of it, or "no".
static const char *s_read (const char *text)
{
    static char words [TROUPE_HOST_MAX + 64];
    troupe_address_t address;
    if (!troupe_address_read (troupe_text (text), &address))
        return "no";
    snprintf (words, sizeof words, "%.*s %d%s%s%s", (int) address.host.size, address.host.data, address.port,
              address.ipv6 ? " ipv6" : "", address.zoned ? " zoned" : "", address.wildcard ? " wildcard" : "");
    return words;
}

//  Everybody who is told an address means the same by it.
Test (address, is_a_host_and_perhaps_a_port)
{
    static const char *const cases [] [2] = {
        { "localhost:80", "localhost 80" }, { "worker-3.example.org:65535", "worker-3.example.org 65535" },
        { "10.0.0.8:00080", "10.0.0.8 80" }, { "h:0", "h 0" }, { "h", "h -1" }, { "h:*", "h -2" },
        { "_a_b:1", "_a_b 1" }, { "[2001:db8::1]:80", "2001:db8::1 80 ipv6" }, { "[::1]", "::1 -1 ipv6" },
        { "[::ffff:10.0.0.1]:*", "::ffff:10.0.0.1 -2 ipv6" }, { "[fe80::1%eth0]:80", "fe80::1%eth0 80 ipv6 zoned" },
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++)
        cr_expect_str_eq (s_read (cases [index] [0]), cases [index] [1], "%s: %s", cases [index] [0],
                          s_read (cases [index] [0]));
}

//  Who listens everywhere has not said where others find it, and who listens is here.
Test (address, wildcards_are_a_star_or_zeros)
{
    static const char *const cases [] [2] = {
        { "*:80", "* 80 wildcard" }, { "*:*", "* -2 wildcard" }, { "0.0.0.0:80", "0.0.0.0 80 wildcard" },
        { "0:80", "0 80 wildcard" }, { "[::]:80", ":: 80 ipv6 wildcard" }, { "[0:0::0]:80", "0:0::0 80 ipv6 wildcard" },
        { "10.0.0.0:80", "10.0.0.0 80" }, { "[::1]:80", "::1 80 ipv6" }, { "0x:80", "0x 80" },
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++)
        cr_expect_str_eq (s_read (cases [index] [0]), cases [index] [1], "%s: %s", cases [index] [0],
                          s_read (cases [index] [0]));
}

//  What two readers could understand in two ways is refused.
Test (address, everything_else_is_malformed)
{
    static const char *const cases [] = {
        "", ":", ":80", "h:", "h: 80", "h:80 ", " h:80", "h:80/", "h:-1", "h:+1", "h:65536", "h:000080", "h:8*", "h:**",
        "**:80", "*a:80", "h*:80", ".:80", "-h:80", "ho st:80", "h\n:80", "h;g:80", "u@h:80", "h%40:80", "h%eth0:80",
        "::1", "::1:80", "1:2:3", "[]:80", "[:]:80", "[1]:80", "[::1:80", "::1]:80", "[::1]80", "[::1] :80", "[::1]:",
        "[::1%]:80", "[::1%a%b]:80", "[g::]:80", "[*]:80", "[h]:80", "tcp://h:80", "h:80:81", "\xc3\xa4:80",
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++)
        cr_expect_str_eq (s_read (cases [index]), "no", "%s: %s", cases [index], s_read (cases [index]));
}

//  A host that is cut would be another one.
Test (address, host_has_its_longest)
{
    char text [300];
    memset (text, 'a', sizeof text);
    strcpy (text + TROUPE_HOST_MAX, ":80");
    cr_expect_str_neq (s_read (text), "no");
    memset (text, 'a', sizeof text);
    strcpy (text + TROUPE_HOST_MAX + 1, ":80");
    cr_expect_str_eq (s_read (text), "no");
}

//  A view of a longer text is read to its own end, with a null byte in it or not.
Test (address, ends_where_the_view_ends)
{
    troupe_address_t address;
    cr_assert (troupe_address_read ((troupe_text_t) { "[::1]:8080", 8 }, &address));
    cr_expect_eq (address.port, 80);
    cr_assert (troupe_address_read ((troupe_text_t) { "[::1]:80", 5 }, &address));
    cr_expect_eq (address.port, TROUPE_PORT_NONE);
    cr_expect_not (troupe_address_read ((troupe_text_t) { "[::1]:80", 4 }, &address));
    cr_expect_not (troupe_address_read ((troupe_text_t) { "h\0:80", 5 }, &address));
    cr_expect_not (troupe_address_read ((troupe_text_t) { "h:80", 0 }, &address));
}

//  Without a port nobody could bind or connect.
Test (address, endpoint_has_a_scheme_and_a_port)
{
    static const char *const bad [] = { "", "h:80", "tcp://", "tcp://h", "TCP://h:80", "udp://h:80", "ipc://h:80",
                                        "tcp:h:80", " tcp://h:80", "tcp://tcp://h:80" };
    troupe_address_t address = { .port = 7 };
    for (size_t index = 0; index < sizeof bad / sizeof *bad; index++)
        cr_expect_not (troupe_address_of_endpoint (bad [index], &address), "%s", bad [index]);
    cr_expect_eq (address.port, 7, "untouched");
    cr_assert (troupe_address_of_endpoint ("tcp://[::]:*", &address));
    cr_expect (address.wildcard && address.port == TROUPE_PORT_ANY);
}
