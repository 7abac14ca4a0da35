/*  =========================================================================
    http_facts.c - tables of inputs for the HTTP parser, and what it must say

    Place: tests/unit. See http_facts.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "http_facts.h"

#include <stdlib.h>

#include <criterion/criterion.h>

static void s_same (const fact_t *fact, char *transcript, const char *how)
{
    cr_assert_str_eq (transcript, fact->transcript, "fed %s: %s\n  said:      %s\n  must say:  %s",
                      how, fact->input, transcript, fact->transcript);
    free (transcript);
}

static void s_check (const troupe_http_limits_t *limits, const fact_t *fact)
{
    s_same (fact, http_transcript (limits, fact->input, fact->size, NULL, 0), "whole");
    s_same (fact, http_transcript_trickle (limits, fact->input, fact->size), "by octets");
    for (size_t cut = 1; cut < fact->size; cut++)
        s_same (fact, http_transcript (limits, fact->input, fact->size, &cut, 1), "in two");
}

void http_facts_check (const troupe_http_limits_t *limits, const fact_t *facts, size_t count)
{
    for (size_t index = 0; index < count; index++)
        s_check (limits, &facts [index]);
}
