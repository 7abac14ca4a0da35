/*  =========================================================================
    messaging/peers/caf_messaging.cpp - CAF, every actor detached

    Place: tests/bench. Detached actors have a thread each, as the project's
    do. Usage: caf_messaging round-trip COUNT | one-way SIZE COUNT |
    fan-in SENDERS COUNT | window WINDOW COUNT

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../../common/report.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <caf/all.hpp>

struct small { uint64_t words [2]; };
struct large { std::array<char, 1024> bytes; };
CAF_ALLOW_UNSAFE_MESSAGE_TYPE (small)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE (large)

using namespace caf;

static behavior echo (event_based_actor *)
{
    return { [] (const small &body) { return body; } };
}

//  A caller that has one request in flight at a time, and times each.
struct round_trip_state {
    std::vector<int64_t> samples;
    int64_t began = 0;
};

static void ask (stateful_actor<round_trip_state> *self, const actor &server, long left)
{
    self->state.began = bench_now_ns ();
    self->request (server, infinite, small {}).then ([=] (const small &) {
        self->state.samples.push_back (bench_now_ns () - self->state.began);
        if (left > 1)
            return ask (self, server, left - 1);
        bench_print_percentiles ("round_trip", self->state.samples.data (), self->state.samples.size ());
        self->send_exit (server, exit_reason::user_shutdown);
    });
}

static void round_trip (actor_system &system, long count)
{
    auto server = system.spawn<detached> (echo);
    system.spawn<detached> ([=] (stateful_actor<round_trip_state> *self) {
        self->state.samples.reserve (static_cast<size_t> (count));
        ask (self, server, count);
    });
}

//  Counts what comes, prints the rate of it, and ends.
template <class T> static behavior counter (stateful_actor<long> *self, long count, int64_t began)
{
    self->state = 0;
    return { [=] (const T &) {
        if (++self->state < count)
            return;
        bench_print_rate ("rate", count, began);
        self->quit ();
    } };
}

template <class T> static void fan_in (actor_system &system, long senders, long count)
{
    const long each = count / senders;
    auto receiver = system.spawn<detached> (counter<T>, each * senders, bench_now_ns ());
    for (long index = 0; index < senders; index++)
        system.spawn<detached> ([=] (event_based_actor *self) {
            for (long sent = 0; sent < each; sent++)
                self->send (receiver, T {});
        });
}

//  A caller that keeps many requests in flight.
struct window_state {
    long sent = 0;
    long answered = 0;
};

static void ask_more (stateful_actor<window_state> *self, const actor &server, long count, int64_t began)
{
    if (self->state.sent == count)
        return;
    self->state.sent++;
    self->request (server, infinite, small {}).then ([=] (const small &) {
        if (++self->state.answered < count)
            return ask_more (self, server, count, began);
        bench_print_rate ("rate", count, began);
        self->send_exit (server, exit_reason::user_shutdown);
    });
}

static void window (actor_system &system, long width, long count)
{
    auto server = system.spawn<detached> (echo);
    system.spawn<detached> ([=] (stateful_actor<window_state> *self) {
        const int64_t began = bench_now_ns ();
        for (long index = 0; index < width; index++)
            ask_more (self, server, count, began);
    });
}

int main (int argc, char **argv)
{
    const std::string what = bench_word (argc, argv, 1, "round-trip");
    const long first = bench_number (argc, argv, 2, 10000);
    const long count = bench_number (argc, argv, 3, 100000);
    actor_system_config config;
    actor_system system {config};
    if (what == "round-trip")
        round_trip (system, first);
    else if (what == "one-way")
        first == 1024? fan_in<large> (system, 1, count): fan_in<small> (system, 1, count);
    else if (what == "fan-in")
        fan_in<small> (system, first, count);
    else
        window (system, first, count);
    system.await_all_actors_done ();
    return 0;
}
