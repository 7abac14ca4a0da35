/*  =========================================================================
    spawn/peers/caf_spawn.cpp - CAF actors, each with a thread of its own

    Place: tests/bench. An actor tells that it runs, and then waits for the
    exit message. Metrics as in spawn/spawn.c. Usage: caf_spawn ACTORS

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../../common/report.h"

#include <vector>

#include <caf/all.hpp>

using namespace caf;

using ready_atom = atom_constant<atom ("ready")>;

static constexpr long cycles = 500;

static behavior idle (event_based_actor *self, const actor &parent)
{
    self->send (parent, ready_atom::value);
    return { [] (ready_atom) {} };
}

static std::vector<actor> start (scoped_actor &self, long count)
{
    std::vector<actor> actors;
    for (long index = 0; index < count; index++)
        actors.push_back (self->spawn<detached + monitored> (idle, actor {self}));
    long running = 0;
    self->receive_while ([&] { return running < count; }) ([&] (ready_atom) { running++; });
    return actors;
}

static void stop (scoped_actor &self, std::vector<actor> &&actors)
{
    for (auto &each : actors)
        self->send_exit (each, exit_reason::user_shutdown);
    size_t down = 0;
    self->receive_while ([&] { return down < actors.size (); }) ([&] (const down_msg &) { down++; });
}

static int64_t print (const char *metric, int64_t began, long count)
{
    bench_print (metric, static_cast<double> (bench_now_ns () - began) / 1e3 / static_cast<double> (count), "us");
    return bench_now_ns ();
}

int main (int argc, char **argv)
{
    const long count = bench_number (argc, argv, 1, 1000);
    actor_system_config config;
    actor_system system {config};
    scoped_actor self {system};
    int64_t began = bench_now_ns ();
    auto actors = start (self, count);
    began = print ("start", began, count);
    stop (self, std::move (actors));
    began = print ("stop", began, count);
    for (long cycle = 0; cycle < cycles; cycle++)
        stop (self, start (self, 1));
    print ("cycle", began, cycles);
    return 0;
}
