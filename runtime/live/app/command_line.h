/*  =========================================================================
    command_line - the options of a program that is a troupe

    Place: runtime/live, under app. Pure: arguments in, settings or a complaint
    out. Every option is a configuration path in the end, so that the command
    line, --set and the file all mean the same and are checked alike.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_LIVE_COMMAND_LINE_H_INCLUDED
#define TROUPE_LIVE_COMMAND_LINE_H_INCLUDED

#include <stdio.h>

#include <troupe/app.h>

#include "live/app/config.h"

//  What the user wants.
typedef enum {
    TROUPE_COMMAND_RUN = 0,
    TROUPE_COMMAND_HELP,
    TROUPE_COMMAND_VERSION
} troupe_command_t;

//  All zero is an empty one.
typedef struct troupe_command_line {
    troupe_command_t command;
    const char *config_file;    //  From the arguments, or null
    char **settings;            //  "PATH=VALUE" each, in their order, ended by null; null while there is none
    size_t size;                //  How many
    size_t capacity;
} troupe_command_line_t;

/*  Reads the arguments after the first. TROUPE_EINVAL and one line in 'why' when they are wrong, TROUPE_ENOMEM; 'self'
    has to be cleared in any case. --help and --version end the reading. Keeps pointers into 'argv'. */
troupe_error_t troupe_command_line_parse (troupe_command_line_t *self, const troupe_app_t *app,
                                          int argc, char **argv, char *why, size_t why_size);

//  Adds a setting for every path of an option with a fallback that 'config' has no value for. TROUPE_ENOMEM.
troupe_error_t troupe_command_line_add_fallbacks (troupe_command_line_t *self, const troupe_app_t *app,
                                                  const troupe_config_t *config);

//  Whether the values that 'config' has for the options' paths are within their bounds, wherever they came from, and
//  "log" is a level. TROUPE_EINVAL and one line in 'why' for the first that is not.
troupe_error_t troupe_command_line_check (const troupe_app_t *app, const troupe_config_t *config,
                                          char *why, size_t why_size);

//  Frees what it holds; it is empty afterwards.
void troupe_command_line_clear (troupe_command_line_t *self);

//  What --help and --version print.
void troupe_command_line_print_help (const troupe_app_t *app, FILE *file);
void troupe_command_line_print_version (const troupe_app_t *app, FILE *file);

#endif
