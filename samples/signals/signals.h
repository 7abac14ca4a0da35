/*  =========================================================================
    signals.h - what the files of this sample share

    Place: samples/signals/.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef SIGNALS_H_INCLUDED
#define SIGNALS_H_INCLUDED

#include <troupe.h>

//  Where the two are when they are threads of one program
#define SIGNALS_THREADS "inproc://signals"

//  What --listen and --to say; null: nothing
const char *signals_listen (troupe_actor_t *self);
const char *signals_to (troupe_actor_t *self);

//  For the PAIR of either
extern const troupe_zmq_options_t signals_socket;

//  The actors: hearer.c and sayer.c
extern const troupe_behavior_t signals_hearer, signals_sayer;

#endif
