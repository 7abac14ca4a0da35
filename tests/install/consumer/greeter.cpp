/*  =========================================================================
    greeter.cpp - a user's program in C++: an actor, tested on the stage

    Place: tests/install builds it against the installed library.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <iostream>
#include <string>

#include <troupe.h>

struct greeter {
    int count = 0;
};

static int s_start (troupe_actor_t *, void **state_p, const void *, size_t)
{
    *state_p = new greeter;
    return 0;
}

static int s_receive (troupe_actor_t *self, void *state, troupe_message_t *message)
{
    const int count = ++static_cast<greeter *> (state)->count;
    return troupe_replyf (self, message, "hello %s, caller %d", troupe_message_text (message), count);
}

static void s_stop (troupe_actor_t *, void *state, const troupe_reason_t *)
{
    delete static_cast<greeter *> (state);
}

int main ()
{
    troupe_behavior_t behavior {};
    behavior.name = "greeter";
    behavior.start = s_start;
    behavior.receive = s_receive;
    behavior.stop = s_stop;

    troupe_stage_t *stage = troupe_stage_new (7);
    troupe_stage_spawn (stage, &behavior, nullptr);
    const std::string answer = troupe_stage_call (stage, "greeter", "Ada");
    troupe_stage_destroy (&stage);
    if (answer != "hello Ada, caller 1")
        return 1;
    std::cout << "greeted on the stage\n";
}
