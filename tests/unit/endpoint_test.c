/*  =========================================================================
    endpoint_test.c - which endpoints of others are worth anything

    Place: tests/unit, of actors/pool/endpoint.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <criterion/criterion.h>
#include <string.h>

#include "pool/endpoint.h"

//  What leads to one mailbox, from wherever it is told.
Test (endpoint, one_host_and_one_port_or_a_path_are_good)
{
    static const char *const all [] = {
        "tcp://10.0.0.8:7000", "tcp://localhost:1", "tcp://worker-3.example.org:65535", "tcp://[::1]:7000",
        "tcp://10.0.0.0:7000", "ipc:///run/troupe/worker",
    };
    for (size_t index = 0; index < sizeof all / sizeof *all; index++)
        cr_expect (troupe_endpoint_is_good (all [index]), "%s", all [index]);
}

//  Names and inproc are ours alone: who is told of them by somebody else would call whom that one chooses.
Test (endpoint, everything_else_is_not)
{
    static const char *const all [] = {
        "", "worker", "inproc://worker", "ipc://worker", "ipc://@worker", "ipc:///", "ipc:///a b", "ipc:///a\n",
        "tcp://", "tcp://host", "tcp://host:", "tcp://:7000", "tcp://host:0", "tcp://host:*", "tcp://host:65536",
        "tcp://host:7000/", "tcp://host:07000000", "tcp://ho st:7000", "tcp://10.0.0.1;10.0.0.2:7000", "tcp://::1:7000",
        "tcp://[]:7000", "tcp://[fe80::1%eth0]:7000", "tcp://[::1:7000", "tcp://host:-1", "udp://host:7000",
        "TCP://host:7000", "tcp://host:7000 ",
        "tcp://0.0.0.0:7000", "tcp://[::]:7000", "tcp://*:7000", "tcp://0:7000", "tcp://[0:0::0]:7000",
    };
    for (size_t index = 0; index < sizeof all / sizeof *all; index++)
        cr_expect_not (troupe_endpoint_is_good (all [index]), "%s", all [index]);
}

//  They fit into what the runtime takes as an address, and into a socket's path.
Test (endpoint, too_long_is_not)
{
    char text [400] = "ipc:///";
    memset (text + 7, 'a', 106);
    cr_expect (troupe_endpoint_is_good (text));
    text [113] = 'a';
    cr_expect_not (troupe_endpoint_is_good (text));
    memset (text, 'a', 300);
    memcpy (text, "tcp://", 6);
    strcpy (text + 300, ":7000");
    cr_expect_not (troupe_endpoint_is_good (text));
}

//  Somebody who listens everywhere has not said where others find it.
Test (endpoint, wildcards_are_known)
{
    static const char *const all [] = { "tcp://0.0.0.0:7000", "tcp://[::]:7000", "tcp://*:7000", "tcp://[::0]:7000" };
    for (size_t index = 0; index < sizeof all / sizeof *all; index++)
        cr_expect (troupe_endpoint_is_wildcard (all [index]), "%s", all [index]);
    cr_expect_not (troupe_endpoint_is_wildcard ("tcp://10.0.0.0:7000"));
    cr_expect_not (troupe_endpoint_is_wildcard ("tcp://[::1]:7000"));
    cr_expect_not (troupe_endpoint_is_wildcard ("ipc:///0"));
}

//  The operator knows the host; the port may be known only when the program runs.
Test (endpoint, port_is_filled_in)
{
    char endpoint [TROUPE_ENDPOINT_ROOM];
    cr_assert (troupe_endpoint_complete ("tcp://10.0.0.8:*", "tcp://0.0.0.0:43210", endpoint, sizeof endpoint));
    cr_expect_str_eq (endpoint, "tcp://10.0.0.8:43210");
    cr_assert (troupe_endpoint_complete ("tcp://10.0.0.8:7000", "tcp://0.0.0.0:1", endpoint, sizeof endpoint));
    cr_expect_str_eq (endpoint, "tcp://10.0.0.8:7000");
    cr_assert (troupe_endpoint_complete ("tcp://10.0.0.8:*", "ipc:///a", endpoint, sizeof endpoint));
    cr_expect_not (troupe_endpoint_is_good (endpoint));
    cr_expect_not (troupe_endpoint_complete ("tcp://10.0.0.8:*", "tcp://0.0.0.0:43210", endpoint, 20));
}
