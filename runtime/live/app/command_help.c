/*  =========================================================================
    command_help - what --help and --version print

    Place: runtime/live, a part of command_line.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/app/command_line.h"

#include <inttypes.h>
#include <string.h>

//  The options that every program has.
static const troupe_app_option_t s_common [] = {
    { .name = "config", .value = "FILE", .help = "Read the configuration from this ZPL file" },
    { .name = "set", .value = "PATH=VALUE", .help = "Set one value of it; may be repeated" },
    { .name = "log", .value = "LEVEL", .fallback = "info",
      .help = "Log debug, info, warning or error, and what is worse" },
    { .name = "help", .help = "Print this text" },
    { .name = "version", .help = "Print the version" },
    { 0 }
};

//  How wide "--NAME VALUE" is.
static int s_width (const troupe_app_option_t *option)
{
    return (int) (2 + strlen (option->name) + (option->value ? 1 + strlen (option->value) : 0));
}

static int s_widest (const troupe_app_option_t *options, int width)
{
    for (; options && options->name; options++)
        if (s_width (options) > width)
            width = s_width (options);
    return width;
}

//  "ENDPOINT METHOD [BODY]", behind the options.
static void s_print_usage (const troupe_app_t *app, FILE *file)
{
    fprintf (file, "Usage: %s [OPTION]...", app->name);
    for (const troupe_app_option_t *argument = app->arguments; argument && argument->name; argument++)
        fprintf (file, " %s", argument->name);
    fprintf (file, "\n");
}

static void s_print_arguments (const troupe_app_option_t *arguments, int width, FILE *file)
{
    for (; arguments && arguments->name; arguments++)
        fprintf (file, "  %-*s  %s\n", width, arguments->name, arguments->help ? arguments->help : "");
}

static void s_print_options (const troupe_app_t *app, const troupe_app_option_t *options, int width, FILE *file)
{
    for (; options && options->name; options++) {
        const bool is_log = app->log && options->paths == NULL && strcmp (options->name, "log") == 0;
        const char *fallback = is_log ? app->log : options->fallback;
        fprintf (file, "  --%s%s%s%*s  %s", options->name, options->value ? " " : "",
                 options->value ? options->value : "", width - s_width (options), "",
                 options->help ? options->help : "");
        if (options->least != options->most)
            fprintf (file, ", %" PRId64 " to %" PRId64, options->least, options->most);
        if (fallback)
            fprintf (file, " (default: %s)", fallback);
        fprintf (file, "\n");
    }
}

void troupe_command_line_print_help (const troupe_app_t *app, FILE *file)
{
    int width = s_widest (app->options, s_widest (s_common, 0));
    s_print_usage (app, file);
    if (app->summary)
        fprintf (file, "%s\n", app->summary);
    fprintf (file, "\n");
    s_print_arguments (app->arguments, width, file);
    s_print_options (app, app->options, width, file);
    s_print_options (app, s_common, width, file);
    fprintf (file, "\nOptions and --set win over the file, and later ones over earlier ones.\n");
}

void troupe_command_line_print_version (const troupe_app_t *app, FILE *file)
{
    if (app->version)
        fprintf (file, "%s %s (troupe %s)\n", app->name, app->version, TROUPE_VERSION);
    else
        fprintf (file, "%s (troupe %s)\n", app->name, TROUPE_VERSION);
}
