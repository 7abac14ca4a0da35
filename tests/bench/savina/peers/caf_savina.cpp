/*  =========================================================================
    savina/peers/caf_savina.cpp - five of Savina's benchmarks on CAF

    Place: tests/bench. With "detached" every actor has a thread, as the
    project's have; with "pooled" they share CAF's scheduler, as its users do
    by default. The clock runs from the first message, as in the project's.
    Usage: caf_savina detached|pooled pingpong PINGS | count MESSAGES |
    fjthrput ACTORS MESSAGES | threadring ACTORS HOPS | big ACTORS PINGS

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../../common/report.h"

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <caf/all.hpp>

using namespace caf;

using begin_atom = atom_constant<atom ("begin")>;
using ping_atom = atom_constant<atom ("ping")>;
using pong_atom = atom_constant<atom ("pong")>;
using done_atom = atom_constant<atom ("done")>;
using crowd_t = std::vector<actor>;

//  Spawns what 'function' describes, in the way that the command line asks for.
static bool is_detached = true;

template <class Function, class... Args> static actor make (actor_system &system, Function function, Args... args)
{
    return is_detached? system.spawn<detached> (function, args...): system.spawn (function, args...);
}

static void print_time (int64_t began)
{
    bench_print ("time", static_cast<double> (bench_now_ns () - began) / 1e6, "ms");
}

//  Ends with the last of 'actors': prints the time, and sends the others home.
struct driver_state {
    long left = 0;
    int64_t began = 0;
};

static behavior waiter (stateful_actor<driver_state> *self, const crowd_t &crowd, long messages)
{
    self->state.left = static_cast<long> (crowd.size ());
    self->state.began = bench_now_ns ();
    for (long round = 0; round < messages; round++)
        for (auto &worker : crowd)
            self->send (worker, begin_atom::value);
    return { [=] (done_atom) {
        if (--self->state.left > 0)
            return;
        print_time (self->state.began);
        for (auto &worker : crowd)
            self->send_exit (worker, exit_reason::user_shutdown);
        self->quit ();
    } };
}

//  --- pingpong

static behavior pong (event_based_actor *self)
{
    return { [=] (ping_atom, const actor &ping) { self->send (ping, pong_atom::value); } };
}

static behavior ping (stateful_actor<driver_state> *self, const actor &partner, long pings)
{
    self->state.left = pings;
    self->state.began = bench_now_ns ();
    self->send (partner, ping_atom::value, actor {self});
    return { [=] (pong_atom) {
        if (--self->state.left > 0)
            return self->send (partner, ping_atom::value, actor {self});
        print_time (self->state.began);
        self->send_exit (partner, exit_reason::user_shutdown);
        self->quit ();
    } };
}

//  --- count

static behavior counter (stateful_actor<long> *self)
{
    self->state = 0;
    return {
        [=] (ping_atom) { self->state++; },
        [=] (done_atom) { self->quit (); return self->state; },
    };
}

static void producer (event_based_actor *self, const actor &target, long messages)
{
    const int64_t began = bench_now_ns ();
    for (long index = 0; index < messages; index++)
        self->send (target, ping_atom::value);
    self->request (target, infinite, done_atom::value).then ([=] (long counted) {
        bench_check (counted == messages, "messages were lost");
        print_time (began);
    });
}

//  --- fjthrput

struct worker_state {
    long left = 0;
    double sum = 0;
};

static behavior worker (stateful_actor<worker_state> *self, long messages)
{
    self->state.left = messages;
    return { [=] (begin_atom) {
        const double sine = std::sin (37.2 + self->state.sum * 1e-9);
        self->state.sum += sine * sine;
        if (--self->state.left == 0)
            self->send (actor_cast<actor> (self->current_sender ()), done_atom::value);
    } };
}

static crowd_t workers (actor_system &system, long actors, long messages)
{
    crowd_t crowd;
    for (long index = 0; index < actors; index++)
        crowd.push_back (make (system, worker, messages));
    return crowd;
}

//  --- threadring

struct node_state {
    actor next;
};

static behavior node (stateful_actor<node_state> *self, const actor &driver)
{
    return {
        [=] (const actor &next) { self->state.next = next; },
        [=] (long left) {
            left > 1? self->send (self->state.next, left - 1): self->send (driver, done_atom::value);
        },
    };
}

static behavior ring (stateful_actor<driver_state> *self, long actors, long hops)
{
    crowd_t crowd;
    for (long index = 0; index < actors; index++)
        crowd.push_back (make (self->system (), node, actor {self}));
    for (size_t index = 0; index < crowd.size (); index++)
        self->send (crowd [index], crowd [(index + 1) % crowd.size ()]);
    self->state.began = bench_now_ns ();
    self->send (crowd [0], hops);
    return { [=] (done_atom) {
        print_time (self->state.began);
        for (auto &each : crowd) {
            self->send (each, actor {});
            self->send_exit (each, exit_reason::user_shutdown);
        }
        self->quit ();
    } };
}

//  --- big

struct big_state {
    crowd_t crowd;
    actor driver;
    long left = 0;
    std::minstd_rand random {std::random_device {} ()};
};

static void ping_any (stateful_actor<big_state> *self)
{
    auto &state = self->state;
    if (state.left-- == 0)
        self->send (state.driver, done_atom::value);
    else
        self->send (state.crowd [state.random () % state.crowd.size ()], ping_atom::value, actor {self});
}

static behavior big_worker (stateful_actor<big_state> *self, long pings)
{
    self->state.left = pings;
    return {
        [=] (const crowd_t &crowd) { self->state.crowd = crowd; },
        [=] (begin_atom) {
            self->state.driver = actor_cast<actor> (self->current_sender ());
            ping_any (self);
        },
        [=] (ping_atom, const actor &from) { self->send (from, pong_atom::value); },
        [=] (pong_atom) { ping_any (self); },
    };
}

static crowd_t big_workers (actor_system &system, long actors, long pings)
{
    crowd_t crowd;
    for (long index = 0; index < actors; index++)
        crowd.push_back (make (system, big_worker, pings));
    for (auto &each : crowd)
        anon_send (each, crowd);
    return crowd;
}

//  ---

int main (int argc, char **argv)
{
    is_detached = std::string (bench_word (argc, argv, 1, "detached")) == "detached";
    const std::string what = bench_word (argc, argv, 2, "pingpong");
    const long first = bench_number (argc, argv, 3, 60);
    const long second = bench_number (argc, argv, 4, 10000);
    actor_system_config config;
    actor_system system {config};
    if (what == "pingpong")
        make (system, ping, make (system, pong), first);
    else if (what == "count")
        make (system, producer, make (system, counter), first);
    else if (what == "fjthrput")
        make (system, waiter, workers (system, first, second), second);
    else if (what == "threadring")
        make (system, ring, first, second);
    else
        make (system, waiter, big_workers (system, first, second), 1L);
    system.await_all_actors_done ();
    return 0;
}
