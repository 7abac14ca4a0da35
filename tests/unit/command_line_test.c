/*  =========================================================================
    command_line_test - options, what they set, and what is wrong with them

    Place: tests/unit, of runtime/live/app/command_line.c and command_help.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "live/app/command_line.h"

static const troupe_app_option_t options [] = {
    { "http", "ADDRESS", "children/http/listen", "127.0.0.1:8080", "Listen there", 0, 0 },
    { "workers", "N", "children/worker/instances  children/http/workers", "4", "So many workers", 1, 256 },
    { "title", "TEXT", "title", NULL, "What to say", 0, 0 },
    { 0 }
};
static const troupe_app_t app = { .name = "gateway", .summary = "Serves pages.", .options = options };

static char why [256];

//  Parses arguments that blanks separate, and gives the settings the same way.
static const char *s_parse_for (const troupe_app_t *program, const char *arguments)
{
    static char text [512], joined [512];
    char *argv [16] = { "gateway" };
    int argc = 1;
    strcpy (text, arguments);
    for (char *word = strtok (text, " "); word; word = strtok (NULL, " "))
        argv [argc++] = word;

    troupe_command_line_t line = { 0 };
    strcpy (joined, "");
    if (troupe_command_line_parse (&line, program, argc, argv, why, sizeof why)) {
        troupe_command_line_clear (&line);
        return strcat (strcpy (joined, "error: "), why);
    }
    if (line.command != TROUPE_COMMAND_RUN)
        strcat (joined, line.command == TROUPE_COMMAND_HELP ? "help " : "version ");
    if (line.config_file)
        strcat (strcat (strcat (joined, "file:"), line.config_file), " ");
    for (char **setting = line.settings; setting && *setting; setting++)
        strcat (strcat (joined, *setting), " ");
    troupe_command_line_clear (&line);
    return joined;
}

static const char *s_parse (const char *arguments)
{
    return s_parse_for (&app, arguments);
}

//  Both forms are in everybody's fingers, and an option may set several paths.
Test (command_line, options_become_settings_in_their_order)
{
    cr_assert_str_eq (s_parse (""), "");
    cr_assert_str_eq (s_parse ("--http [::1]:80 --set a=1 --workers=2 --set=b=2"),
                      "children/http/listen=[::1]:80 a=1 children/worker/instances=2 children/http/workers=2 b=2 ");
    cr_assert_str_eq (s_parse ("--config x.cfg --log debug --title="), "file:x.cfg log=debug title= ");
    cr_assert_str_eq (s_parse ("--set a=1 --set a=2 --set a=3 --set a=4 --set a=5 --set a=6 --set a=7"),
                      "a=1 a=2 a=3 a=4 a=5 a=6 a=7 ");
}

//  They answer whatever else is there.
Test (command_line, help_and_version_end_the_reading)
{
    cr_assert_str_eq (s_parse ("--help --nonsense"), "help ");
    cr_assert_str_eq (s_parse ("--workers 2 --version x"),
                      "version children/worker/instances=2 children/http/workers=2 ");
}

//  One clear line, with the word that is wrong in it.
Test (command_line, says_what_is_wrong)
{
    cr_assert_str_eq (s_parse ("--wrokers 2"), "error: unknown option '--wrokers'");
    cr_assert_str_eq (s_parse ("--worker 2"), "error: unknown option '--worker'");
    cr_assert_str_eq (s_parse ("--workersx=2"), "error: unknown option '--workersx'");
    cr_assert_str_eq (s_parse ("--=2"), "error: unknown option '--'");
    cr_assert_str_eq (s_parse ("--"), "error: unknown option '--'");
    cr_assert_str_eq (s_parse ("-w"), "error: unknown option '-w'");
    cr_assert_str_eq (s_parse ("page"), "error: unexpected argument 'page'");
    cr_assert_str_eq (s_parse ("--http"), "error: --http needs a value");
    cr_assert_str_eq (s_parse ("--config"), "error: --config needs a value");
    cr_assert_str_eq (s_parse ("--config a --config b"), "error: --config is given twice: 'a' and 'b'");
    cr_assert_str_eq (s_parse ("--config="), "error: --config: the name of a file is missing");
    cr_assert_str_eq (s_parse ("--set x"), "error: --set: 'x' is not PATH=VALUE");
    cr_assert_str_eq (s_parse ("--log loud"), "error: --log: 'loud' is none of debug, info, warning, error");
}

//  A number out of its range would otherwise fail somewhere far away from the command line.
Test (command_line, whole_numbers_are_checked)
{
    cr_assert_str_eq (s_parse ("--workers 256"), "children/worker/instances=256 children/http/workers=256 ");
    static const char *const wrong [] = { "0", "257", "-1", "two", "2x", "0x2", "2.5", "+2", "99999999999999999999" };
    for (size_t index = 0; index < sizeof wrong / sizeof wrong [0]; index++) {
        char arguments [64], expected [128];
        sprintf (arguments, "--workers=%s", wrong [index]);
        sprintf (expected, "error: --workers: '%s' is no whole number from 1 to 256", wrong [index]);
        cr_assert_str_eq (s_parse (arguments), expected);
    }
    cr_assert_str_eq (s_parse ("--workers="), "error: --workers: '' is no whole number from 1 to 256");
}

static troupe_config_t *s_config (const char *setting)
{
    const char *const settings [] = { setting, NULL };
    troupe_config_t *config = NULL;
    cr_assert_eq (troupe_config_load (&config, NULL, settings, why, sizeof why), TROUPE_OK);
    return config;
}

//  A fallback must not hide what the file says.
Test (command_line, fallbacks_fill_only_what_nobody_has_set)
{
    troupe_config_t *config = s_config ("children/http/workers=8");
    troupe_command_line_t line = { 0 };
    cr_assert_eq (troupe_command_line_add_fallbacks (&line, &app, config), TROUPE_OK);
    cr_assert_eq (line.size, 2);
    cr_assert_str_eq (line.settings [0], "children/http/listen=127.0.0.1:8080");
    cr_assert_str_eq (line.settings [1], "children/worker/instances=4");
    cr_assert_null (line.settings [2]);
    troupe_command_line_clear (&line);
    troupe_config_destroy (&config);
}

//  The bounds hold for the file and for --set as well.
Test (command_line, values_of_the_file_are_checked_too)
{
    troupe_config_t *config = s_config ("children/worker/instances=many");
    cr_assert_eq (troupe_command_line_check (&app, config, why, sizeof why), TROUPE_EINVAL);
    cr_assert_str_eq (why, "children/worker/instances: 'many' is no whole number from 1 to 256");
    troupe_config_destroy (&config);
    config = s_config ("log=loud");
    cr_assert_eq (troupe_command_line_check (&app, config, why, sizeof why), TROUPE_EINVAL);
    cr_assert_str_eq (why, "log: 'loud' is none of debug, info, warning, error");
    troupe_config_destroy (&config);
    config = s_config ("children/worker/instances=12");
    cr_assert_eq (troupe_command_line_check (&app, config, why, sizeof why), TROUPE_OK);
    troupe_config_destroy (&config);
}

//  Help is read by people, in a terminal.
Test (command_line, help_lists_every_option_aligned)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream (&text, &size);
    troupe_command_line_print_help (&app, file);
    fclose (file);
    cr_assert_str_eq (text,
        "Usage: gateway [OPTION]...\n"
        "Serves pages.\n"
        "\n"
        "  --http ADDRESS    Listen there (default: 127.0.0.1:8080)\n"
        "  --workers N       So many workers, 1 to 256 (default: 4)\n"
        "  --title TEXT      What to say\n"
        "  --config FILE     Read the configuration from this ZPL file\n"
        "  --set PATH=VALUE  Set one value of it; may be repeated\n"
        "  --log LEVEL       Log debug, info, warning or error, and what is worse (default: info)\n"
        "  --help            Print this text\n"
        "  --version         Print the version\n"
        "\n"
        "Options and --set win over the file, and later ones over earlier ones.\n");
    free (text);
}

//  Reports of faults begin with it.
Test (command_line, version_names_program_and_troupe)
{
    troupe_app_t versioned = { .name = "gateway", .version = "7.1" };
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream (&text, &size);
    troupe_command_line_print_version (&versioned, file);
    troupe_command_line_print_version (&app, file);
    fclose (file);
    cr_assert_str_eq (text, "gateway 7.1 (troupe 0.1.0)\ngateway (troupe 0.1.0)\n");
    free (text);
}

static const troupe_app_option_t arguments [] = {
    { .name = "METHOD", .paths = "method" }, { .name = "[COUNT]", .paths = "count", .least = 1, .most = 9 }, { 0 }
};
static const troupe_app_t caller = { .name = "caller", .options = options, .arguments = arguments };

//  A program that is asked for something in a few words, as curl is.
Test (command_line, arguments_are_taken_in_their_order)
{
    cr_assert_str_eq (s_parse_for (&caller, "GET"), "method=GET ");
    cr_assert_str_eq (s_parse_for (&caller, "GET --title x 3"), "method=GET title=x count=3 ");
    cr_assert_str_eq (s_parse_for (&caller, "-- --title"), "method=--title ");
    cr_assert_str_eq (s_parse_for (&caller, "--help"), "help ");
    cr_assert_str_eq (s_parse_for (&caller, ""), "error: METHOD is missing");
    cr_assert_str_eq (s_parse_for (&caller, "GET 3 4"), "error: unexpected argument '4'");
    cr_assert_str_eq (s_parse_for (&caller, "GET many"), "error: [COUNT]: 'many' is no whole number from 1 to 9");
}
