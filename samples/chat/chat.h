/*  =========================================================================
    chat.h - what the files of the chat share

    Place: samples/chat/.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef CHAT_CHAT_H_INCLUDED
#define CHAT_CHAT_H_INCLUDED

#include <troupe.h>

#define CHAT_LINE_MAX 500

//  The actor: talker.c.
extern const troupe_behavior_t chat_talker;

//  The terminal: terminal.c.
typedef struct chat_terminal {
    char typed [CHAT_LINE_MAX + 1];     //  A line under way
    size_t size;
} chat_terminal_t;

//  A row: a word, and text of somebody else, whose control characters do not steer this terminal.
void chat_show (const char *word, const void *text, size_t size);

//  Reads what is there, and calls for every line. False at its end.
bool chat_read (chat_terminal_t *self, int descriptor, void (*on_line) (void *context, const char *line),
                void *context);

#endif
