/*  =========================================================================
    stage/memory.c - memory and growing texts for the stage itself

    Place: runtime/stage. The stage is a test's: when memory is out, the test
    ends with a line that says so. What actors ask for goes its own way and
    may fail as ever.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "stage/world.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn static void s_out_of_memory (size_t size)
{
    fprintf (stderr, "troupe stage: out of memory, %zu bytes asked for\n", size);
    abort ();
}

void *troupe_stage_memory (size_t size)
{
    void *memory = calloc (1, size ? size : 1);
    if (!memory)
        s_out_of_memory (size);
    return memory;
}

char *troupe_stage_string (const char *text)
{
    size_t size = strlen (text) + 1;
    return memcpy (troupe_stage_memory (size), text, size);
}

//  Room for 'more' bytes and a null behind them.
static void s_reserve (troupe_stage_text_t *text, size_t more)
{
    size_t needed = text->size + more + 1;
    if (needed <= text->capacity)
        return;
    size_t capacity = text->capacity ? text->capacity : 256;
    while (capacity < needed)
        capacity *= 2;
    char *data = realloc (text->data, capacity);
    if (!data)
        s_out_of_memory (capacity);
    text->data = data;
    text->capacity = capacity;
}

void troupe_stage_text_bytes (troupe_stage_text_t *text, const void *data, size_t size)
{
    s_reserve (text, size);
    if (size)
        memcpy (text->data + text->size, data, size);
    text->size += size;
    text->data [text->size] = 0;
}

void troupe_stage_text_addv (troupe_stage_text_t *text, const char *format, va_list arguments)
{
    va_list again;
    va_copy (again, arguments);
    int length = vsnprintf (NULL, 0, format, again);
    va_end (again);
    if (length < 0)
        return;
    s_reserve (text, (size_t) length);
    vsnprintf (text->data + text->size, (size_t) length + 1, format, arguments);
    text->size += (size_t) length;
}

void troupe_stage_text_add (troupe_stage_text_t *text, const char *format, ...)
{
    va_list arguments;
    va_start (arguments, format);
    troupe_stage_text_addv (text, format, arguments);
    va_end (arguments);
}

void troupe_stage_text_clear (troupe_stage_text_t *text)
{
    free (text->data);
    *text = (troupe_stage_text_t) { 0 };
}
