/*  =========================================================================
    chat.c - two terminals talk: a REP socket listens, a REQ socket speaks

    Place: samples/chat/. Shows one actor with two sockets and the terminal,
    and how strictly REQ and REP take turns; --free yes is the same without.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>

#include "chat.h"

static const troupe_child_t s_children [] = {
    { .id = "chat", .behavior = &chat_talker, .restart = TROUPE_TRANSIENT, .significant = true },
    { .id = NULL }
};

static const troupe_app_option_t s_options [] = {
    { .name = "listen", .value = "ADDRESS:PORT", .paths = "children/chat/bind", .fallback = "127.0.0.1:5555",
      .help = "Where the other one speaks to; port * picks a free one" },
    { .name = "to", .value = "HOST:PORT", .paths = "children/chat/connect", .fallback = "127.0.0.1:5556",
      .help = "Where the other one listens" },
    { .name = "free", .value = "yes", .paths = "children/chat/free", .help = "No turns; both sides, or neither" },
    { .name = NULL }
};

int main (int argc, char **argv)
{
    static const troupe_app_t app = {
        .name = "chat", .summary = "Two terminals talk", .children = s_children, .options = s_options,
        .auto_shutdown = TROUPE_AUTO_SHUTDOWN_ANY, .intensity = TROUPE_INTENSITY_NONE,
        .log = "error",
    };
    setvbuf (stdout, NULL, _IOLBF, 0);
    return troupe_main (&app, argc, argv);
}
