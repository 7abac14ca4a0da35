/*  =========================================================================
    http_facts.h - tables of inputs for the HTTP parser, and what it must say

    Place: tests/unit. Each input is fed whole, an octet at a time, and cut in
    two at every place; the transcript must be the same each time.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TESTS_UNIT_HTTP_FACTS_H_INCLUDED
#define TESTS_UNIT_HTTP_FACTS_H_INCLUDED

#include "http_transcript.h"

typedef struct fact {
    const char *input;
    size_t size;
    const char *transcript;
} fact_t;

//  A fact from a string literal, which may hold nulls.
#define FACT(INPUT, TRANSCRIPT) { (INPUT), sizeof (INPUT) - 1, (TRANSCRIPT) }

//  Fails the test at the first fact that does not hold.
void http_facts_check (const troupe_http_limits_t *limits, const fact_t *facts, size_t count);

#define HTTP_FACTS_HOLD(FACTS) \
    http_facts_check (&troupe_http_limits_default, (FACTS), sizeof (FACTS) / sizeof *(FACTS))

#endif
