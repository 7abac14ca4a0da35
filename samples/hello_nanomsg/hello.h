/*  =========================================================================
    hello_nanomsg/hello.h - who is who between a browser and a worker

    Place: samples/hello_nanomsg.

        browser - ZMQ_STREAM - front - bridge - nanomsg REQ/REP - worker

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef HELLO_H_INCLUDED
#define HELLO_H_INCLUDED

#include <troupe.h>

//  Actors, each in a file of that name. The bridge answers TROUPE_TAG_REQUEST calls, as any service does.
extern const troupe_behavior_t hello_front, hello_bridge, hello_worker;

#endif
