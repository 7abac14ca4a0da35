/*  =========================================================================
    common/report.c - what every benchmark program needs: a clock and rows

    Place: tests/bench. See report.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "report.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int64_t s_clock_ns (clockid_t clock)
{
    struct timespec now;
    clock_gettime (clock, &now);
    return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t bench_now_ns (void)
{
    return s_clock_ns (CLOCK_MONOTONIC);
}

int64_t bench_cpu_ns (void)
{
    return s_clock_ns (CLOCK_PROCESS_CPUTIME_ID);
}

static int s_is_smoke (int argc, char **argv)
{
    return argc == 2 && strcmp (argv [1], "--smoke") == 0;
}

long bench_number (int argc, char **argv, int index, long fallback)
{
    if (index >= argc || s_is_smoke (argc, argv))
        return fallback;
    char *end = NULL;
    errno = 0;
    const long number = strtol (argv [index], &end, 10);
    bench_check (errno == 0 && *end == '\0' && number > 0, argv [index]);
    return number;
}

long bench_count (int argc, char **argv, int index, long fallback)
{
    if (s_is_smoke (argc, argv))
        return fallback / 50 > 0? fallback / 50: 1;
    return bench_number (argc, argv, index, fallback);
}

const char *bench_word (int argc, char **argv, int index, const char *fallback)
{
    return index < argc && !s_is_smoke (argc, argv)? argv [index]: fallback;
}

void bench_print (const char *metric, double value, const char *unit)
{
    printf ("%s %.6g %s\n", metric, value, unit);
    fflush (stdout);
}

void bench_print_rate (const char *metric, long count, int64_t began_ns)
{
    const double seconds = (double) (bench_now_ns () - began_ns) / 1e9;
    bench_print (metric, (double) count / seconds, "1/s");
}

static int s_compare (const void *left_p, const void *right_p)
{
    const int64_t left = *(const int64_t *) left_p;
    const int64_t right = *(const int64_t *) right_p;
    return (left > right) - (left < right);
}

void bench_print_percentiles (const char *name, int64_t *samples_ns, size_t count)
{
    char metric [64];
    qsort (samples_ns, count, sizeof *samples_ns, s_compare);
    snprintf (metric, sizeof metric, "%s_p50", name);
    bench_print (metric, (double) samples_ns [count / 2] / 1e3, "us");
    snprintf (metric, sizeof metric, "%s_p99", name);
    bench_print (metric, (double) samples_ns [count * 99 / 100] / 1e3, "us");
}

void *bench_allocate (size_t count, size_t size)
{
    void *memory = calloc (count, size);
    bench_check (memory != NULL, "memory");
    return memory;
}

void bench_check (int condition, const char *what)
{
    if (condition)
        return;
    fprintf (stderr, "benchmark failed: %s\n", what);
    _exit (1);
}

long bench_resident_bytes (void)
{
    long total = 0;
    long resident = 0;
    FILE *file = fopen ("/proc/self/statm", "r");
    bench_check (file != NULL && fscanf (file, "%ld %ld", &total, &resident) == 2, "/proc/self/statm");
    fclose (file);
    return resident * sysconf (_SC_PAGESIZE);
}

long bench_descriptors (void)
{
    long count = 0;
    DIR *directory = opendir ("/proc/self/fd");
    bench_check (directory != NULL, "/proc/self/fd");
    while (readdir (directory) != NULL)
        count++;
    closedir (directory);
    return count - 3;       //  ".", ".." and the directory's own
}

void bench_print_idle (long resident_before, long descriptors_before, long count)
{
    bench_print ("resident", (double) (bench_resident_bytes () - resident_before) / 1024 / (double) count, "KiB");
    bench_print ("descriptors", (double) (bench_descriptors () - descriptors_before) / (double) count, "1");
    const int64_t cpu = bench_cpu_ns ();
    poll (NULL, 0, 1000);
    bench_print ("idle_cpu", (double) (bench_cpu_ns () - cpu) / 1e6, "ms/s");
}
