/*  =========================================================================
    terminal.c - lines from the keyboard, and what is said to the screen

    Place: samples/chat/; see chat.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <unistd.h>

#include "chat.h"

void chat_show (const char *word, const void *text, size_t size)
{
    printf ("%-9s", word);
    for (size_t index = 0; index < size; index++) {
        unsigned char byte = ((const unsigned char *) text) [index];
        putchar (byte < ' ' || byte == 127 ? '?' : byte);
    }
    putchar ('\n');
}

//  A line that is too long becomes several.
bool chat_read (chat_terminal_t *self, int descriptor, void (*on_line) (void *context, const char *line),
                void *context)
{
    char bytes [512];
    ssize_t size = read (descriptor, bytes, sizeof bytes);
    for (ssize_t index = 0; index < size; index++) {
        if (bytes [index] != '\n')
            self->typed [self->size++] = bytes [index];
        if (bytes [index] != '\n' && self->size < CHAT_LINE_MAX)
            continue;
        self->typed [self->size] = 0;
        self->size = 0;
        on_line (context, self->typed);
    }
    return size > 0;
}
