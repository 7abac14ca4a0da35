/*  =========================================================================
    memory/peers/caf_memory.cpp - what an idle CAF actor costs

    Place: tests/bench. As memory/memory.c, with detached actors.
    Usage: caf_memory ACTORS

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../../common/report.h"

#include <vector>

#include <caf/all.hpp>

using namespace caf;

using ready_atom = atom_constant<atom ("ready")>;

static behavior idle (event_based_actor *self, const actor &parent)
{
    self->send (parent, ready_atom::value);
    return { [] (ready_atom) {} };
}

int main (int argc, char **argv)
{
    const long count = bench_number (argc, argv, 1, 4000);
    actor_system_config config;
    actor_system system {config};
    scoped_actor self {system};
    const long resident = bench_resident_bytes ();
    const long descriptors = bench_descriptors ();
    std::vector<actor> actors;
    for (long index = 0; index < count; index++)
        actors.push_back (self->spawn<detached> (idle, actor {self}));
    long running = 0;
    self->receive_while ([&] { return running < count; }) ([&] (ready_atom) { running++; });
    bench_print_idle (resident, descriptors, count);
    for (auto &each : actors)
        self->send_exit (each, exit_reason::user_shutdown);
    return 0;
}
