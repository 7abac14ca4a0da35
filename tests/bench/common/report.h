/*  =========================================================================
    common/report.h - what every benchmark program needs: a clock and rows

    Place: tests/bench. A program prints one "METRIC VALUE UNIT" line for each
    figure; the runner repeats it, takes medians and makes the table.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef BENCH_REPORT_H_INCLUDED
#define BENCH_REPORT_H_INCLUDED

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

//  The monotonic clock, in nanoseconds.
int64_t bench_now_ns (void);

//  The program's argument 'index' as a positive number, or 'fallback' when there is none. A bad one ends the program.
long bench_number (int argc, char **argv, int index, long fallback);

//  The same for how much work to do: the fiftieth part of 'fallback' when the program was started with --smoke.
long bench_count (int argc, char **argv, int index, long fallback);

//  The program's argument 'index', or 'fallback' when there is none.
const char *bench_word (int argc, char **argv, int index, const char *fallback);

//  Prints one figure.
void bench_print (const char *metric, double value, const char *unit);

//  Prints how many things a second were done since 'began_ns'.
void bench_print_rate (const char *metric, long count, int64_t began_ns);

//  Prints NAME_p50 and NAME_p99, in microseconds; sorts the samples, which are nanoseconds.
void bench_print_percentiles (const char *name, int64_t *samples_ns, size_t count);

//  Memory that is there, or the program ends. The caller frees it.
void *bench_allocate (size_t count, size_t size);

//  Ends the program with one line on standard error, unless 'condition' holds.
void bench_check (int condition, const char *what);

//  Resident memory of this process in bytes, and its open descriptors.
long bench_resident_bytes (void);
long bench_descriptors (void);

//  Prints what 'count' idle things cost above what the process had before, and its CPU time in one idle second.
void bench_print_idle (long resident_before, long descriptors_before, long count);

//  CPU time that this process has used, user and system, in nanoseconds.
int64_t bench_cpu_ns (void);

#ifdef __cplusplus
}
#endif

#endif
