/*  =========================================================================
    savina/peers/caf_savina_mall.cpp - two more of Savina's, on CAF

    Place: tests/bench. Those where one actor in the middle pairs or judges the
    others: chameneos and the dining philosophers. As caf_savina.cpp otherwise.
    Usage: caf_savina_mall detached|pooled chameneos CREATURES MEETINGS |
    philosopher ACTORS ROUNDS

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../../common/report.h"

#include <string>
#include <vector>

#include <caf/all.hpp>

using namespace caf;

using begin_atom = atom_constant<atom ("begin")>;
using meet_atom = atom_constant<atom ("meet")>;
using change_atom = atom_constant<atom ("change")>;
using fade_atom = atom_constant<atom ("fade")>;
using faded_atom = atom_constant<atom ("faded")>;
using hungry_atom = atom_constant<atom ("hungry")>;
using denied_atom = atom_constant<atom ("denied")>;
using eat_atom = atom_constant<atom ("eat")>;
using done_atom = atom_constant<atom ("done")>;
using leave_atom = atom_constant<atom ("leave")>;

static bool is_detached = true;

template <class Function, class... Args> static actor make (actor_system &system, Function function, Args... args)
{
    return is_detached? system.spawn<detached> (function, args...): system.spawn (function, args...);
}

static void print_time (int64_t began)
{
    bench_print ("time", static_cast<double> (bench_now_ns () - began) / 1e6, "ms");
}

//  --- chameneos

static behavior creature (stateful_actor<long> *self, const actor &mall, long colour)
{
    self->state = colour;
    auto meet = [=] { self->send (mall, meet_atom::value, actor {self}, self->state); };
    return {
        [=] (begin_atom) { meet (); },
        [=] (meet_atom, const actor &other, long theirs) {
            self->state = self->state == theirs? theirs: 3 - self->state - theirs;
            self->send (other, change_atom::value, self->state);
            meet ();
        },
        [=] (change_atom, long changed) {
            self->state = changed;
            meet ();
        },
        [=] (fade_atom) {
            self->send (mall, faded_atom::value);
            self->quit ();
        },
    };
}

struct mall_state {
    actor waiting;
    long meetings = 0;
    long left = 0;
    int64_t began = 0;
};

static void pair_up (stateful_actor<mall_state> *self, const actor &from, long colour)
{
    auto &state = self->state;
    if (state.meetings == 0)
        self->send (from, fade_atom::value);
    else if (!state.waiting)
        state.waiting = from;
    else {
        self->send (state.waiting, meet_atom::value, from, colour);
        state.waiting = nullptr;
        state.meetings--;
    }
}

static behavior mall (stateful_actor<mall_state> *self, long creatures, long meetings)
{
    self->state.meetings = meetings;
    self->state.left = creatures;
    std::vector<actor> crowd;
    for (long number = 0; number < creatures; number++)
        crowd.push_back (make (self->system (), creature, actor {self}, number % 3));
    self->state.began = bench_now_ns ();
    for (auto &each : crowd)
        self->send (each, begin_atom::value);
    return {
        [=] (meet_atom, const actor &from, long colour) { pair_up (self, from, colour); },
        [=] (faded_atom) {
            if (--self->state.left > 0)
                return;
            print_time (self->state.began);
            self->quit ();
        },
    };
}

//  --- philosopher

static behavior philosopher (stateful_actor<long> *self, const actor &arbiter, long number, long rounds)
{
    self->state = rounds;
    auto ask = [=] { self->send (arbiter, hungry_atom::value, actor {self}, number); };
    return {
        [=] (begin_atom) { ask (); },
        [=] (denied_atom) { ask (); },
        [=] (eat_atom) {
            self->send (arbiter, done_atom::value, number);
            if (--self->state > 0)
                return ask ();
            self->send (arbiter, leave_atom::value);
            self->quit ();
        },
    };
}

struct arbiter_state {
    std::vector<bool> taken;
    long left = 0;
    int64_t began = 0;
};

static void judge (stateful_actor<arbiter_state> *self, const actor &from, size_t number)
{
    auto &taken = self->state.taken;
    const size_t right = (number + 1) % taken.size ();
    if (taken [number] || taken [right])
        return self->send (from, denied_atom::value);
    taken [number] = taken [right] = true;
    self->send (from, eat_atom::value);
}

static behavior arbiter (stateful_actor<arbiter_state> *self, long actors, long rounds)
{
    self->state.taken.resize (static_cast<size_t> (actors));
    self->state.left = actors;
    std::vector<actor> crowd;
    for (long number = 0; number < actors; number++)
        crowd.push_back (make (self->system (), philosopher, actor {self}, number, rounds));
    self->state.began = bench_now_ns ();
    for (auto &each : crowd)
        self->send (each, begin_atom::value);
    return {
        [=] (hungry_atom, const actor &from, long number) { judge (self, from, static_cast<size_t> (number)); },
        [=] (done_atom, long number) {
            auto &taken = self->state.taken;
            const size_t left = static_cast<size_t> (number);
            taken [left] = taken [(left + 1) % taken.size ()] = false;
        },
        [=] (leave_atom) {
            if (--self->state.left > 0)
                return;
            print_time (self->state.began);
            self->quit ();
        },
    };
}

int main (int argc, char **argv)
{
    is_detached = std::string (bench_word (argc, argv, 1, "detached")) == "detached";
    const std::string what = bench_word (argc, argv, 2, "chameneos");
    const long actors = bench_number (argc, argv, 3, 100);
    const long work = bench_number (argc, argv, 4, 10000);
    actor_system_config config;
    actor_system system {config};
    if (what == "chameneos")
        make (system, mall, actors, work);
    else
        make (system, arbiter, actors, work);
    system.await_all_actors_done ();
    return 0;
}
