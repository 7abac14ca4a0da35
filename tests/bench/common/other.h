/*  =========================================================================
    common/other.h - the other process of a benchmark

    Place: tests/bench, for the project's programs and its peers' alike. It is a
    fork of the program, made while that has one thread, and ends with it.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef BENCH_OTHER_H_INCLUDED
#define BENCH_OTHER_H_INCLUDED

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BENCH_ENDPOINT_MAX 255

typedef struct {
    char endpoint [BENCH_ENDPOINT_MAX + 1];     //  Where it listens
    char folder [64];                           //  Of its socket, for ipc
    int process;
} bench_other_t;

//  What it does: listens at 'wish' (a path, or a port of tcp that the system is to choose), says where with
//  bench_other_ready, and serves until it is killed.
typedef void (bench_serve_fn) (const char *wish, void *context);

//  Starts it for "ipc" or "tcp" and waits until it listens, or ends the program.
void bench_other_start (bench_other_t *other, const char *transport, bench_serve_fn *serve, void *context);

//  Says where it listens: in the other process.
void bench_other_ready (const char *endpoint);

//  Ends it, and removes its folder.
void bench_other_end (bench_other_t *other);

#ifdef __cplusplus
}
#endif

#endif
