/*  =========================================================================
    rpc/servers.h - services in other processes, and who asks them

    Place: tests/bench. A service has workers that know the users (users.h). It
    is reached in one of two ways, and the caller's code is the same for both:

      actor   the caller's ref is the service's endpoint, tcp://HOST:PORT, and
              what one actor sends goes straight to the other
      door    the caller asks an egress actor beside it, which asks the RPC
              doors of one or several servers, behind each of which are workers

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef BENCH_SERVERS_H_INCLUDED
#define BENCH_SERVERS_H_INCLUDED

#include "../common/other.h"
#include "../common/stand.h"
#include "../common/users.h"

#define BENCH_SERVERS_MAX 3

//  How long a slow call blocks its worker.
#define BENCH_SLOW_FOLDER "/slow/"
#define BENCH_SLOW_MS 5

//  The longest time that a call may take.
#define BENCH_CALL_MS 30000

typedef struct {
    bool door;
    unsigned workers;           //  Behind each door
    size_t count;
    bench_other_t servers [BENCH_SERVERS_MAX];
    char endpoints [BENCH_SERVERS_MAX * (BENCH_ENDPOINT_MAX + 2)];
} bench_servers_t;

//  Starts so many servers; 'way' is "actor" or "door".
void bench_servers_start (bench_servers_t *servers, const char *way, unsigned workers, size_t count);

//  Whom to ask, for troupe_rpc_call.
const char *bench_servers_address (const bench_servers_t *servers);

//  Runs the benchmark with this driver, and ends the servers.
void bench_servers_run (bench_servers_t *servers, const troupe_child_t *driver);

//  Asks for a user, slowly or not, or ends the program.
void bench_servers_ask (troupe_actor_t *self, const char *address, const char *path, troupe_response_fn *on_response,
                        void *context);

//  Ends the program, unless a call ended well and with this user.
void bench_servers_check (const bench_user_t *user, troupe_outcome_t outcome, const troupe_response_view_t *response);

#endif
