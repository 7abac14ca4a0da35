/*  =========================================================================
    troupe.h - everything of troupe's public interface

    Place: the one header a program includes. Read actor.h and ref.h first:
    they are what an actor is written with.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_H_INCLUDED
#define TROUPE_H_INCLUDED

#include "troupe/api.h"
#include "troupe/error.h"
#include "troupe/reason.h"
#include "troupe/message.h"
#include "troupe/behavior.h"
#include "troupe/actor.h"
#include "troupe/ref.h"
#include "troupe/timer.h"
#include "troupe/stream.h"
#include "troupe/watch.h"
#include "troupe/zmq_socket.h"
#include "troupe/names.h"
#include "troupe/child.h"
#include "troupe/supervisor.h"
#include "troupe/dead_letter.h"
#include "troupe/runtime.h"
#include "troupe/app.h"
#include "troupe/stage.h"
#include "troupe/adopt.h"
#include "troupe/request.h"
#include "troupe/response.h"
#include "troupe/address.h"
#include "troupe/utf8.h"
#include "troupe/body.h"
#include "troupe/route.h"
#include "troupe/service.h"
#include "troupe/rpc_call.h"
#include "troupe/balancer.h"
#include "troupe/pool.h"
#include "troupe/http.h"
#include "troupe/http_wire.h"
#include "troupe/rpc.h"
#include "troupe/upstream.h"
#include "troupe/tcp.h"
#include "troupe/egress.h"
#include "troupe/smile.h"

#endif
