/*  =========================================================================
    command_line - the options of a program that is a troupe

    Place: runtime/live, under app. Reading and checking; command_help prints.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/app/command_line.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "live/app/log.h"
#include "live/app/zpl.h"

//  The arguments that are still to be read, and where complaints go.
typedef struct {
    troupe_command_line_t *line;
    const troupe_app_t *app;
    int argc;
    char **argv;
    int at;
    const troupe_app_option_t *argument;    //  The next one; null when there is none
    bool no_options;                        //  "--" has been read
    char *why;
    size_t why_size;
} s_reader_t;

static troupe_error_t s_complain (s_reader_t *self, const char *format, ...) TROUPE_PRINTF (2, 3);

static troupe_error_t s_complain (s_reader_t *self, const char *format, ...)
{
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (self->why, self->why_size, format, arguments);
    va_end (arguments);
    return TROUPE_EINVAL;
}

//  Takes over 'setting', regardless of success; null is memory that was not to be had.
static troupe_error_t s_add_setting (troupe_command_line_t *self, char *setting)
{
    if (setting && self->size + 1 >= self->capacity) {
        size_t capacity = self->capacity ? 2 * self->capacity : 16;
        char **settings = reallocarray (self->settings, capacity, sizeof (char *));
        if (settings) {
            self->settings = settings;
            self->capacity = capacity;
        }
    }
    if (!setting || self->size + 1 >= self->capacity) {
        free (setting);
        return TROUPE_ENOMEM;
    }
    self->settings [self->size++] = setting;
    self->settings [self->size] = NULL;
    return TROUPE_OK;
}

static troupe_error_t s_set (troupe_command_line_t *self, const char *path, size_t path_size, const char *value)
{
    size_t size = strlen (value);
    char *setting = malloc (path_size + size + 2);
    if (setting) {
        memcpy (setting, path, path_size);
        setting [path_size] = '=';
        memcpy (setting + path_size + 1, value, size + 1);
    }
    return s_add_setting (self, setting);
}

//  Finds the next of the paths of an option, which blanks separate; its size is 0 when there is none left.
static const char *s_next_path (const char *paths, size_t *size_p)
{
    paths += strspn (paths, " ");
    *size_p = strcspn (paths, " ");
    return paths;
}

static bool s_is_whole_number (const char *text, int64_t least, int64_t most)
{
    if ((*text < '0' || *text > '9') && *text != '-')
        return false;
    char *end;
    errno = 0;
    long long number = strtoll (text, &end, 10);
    return !errno && end > text && !*end && number >= least && number <= most;
}

static bool s_is_valid (const troupe_app_option_t *option, const char *value)
{
    return option->least == option->most || s_is_whole_number (value, option->least, option->most);
}

static troupe_error_t s_take_option (s_reader_t *self, const troupe_app_option_t *option, const char *dashes,
                                     const char *value)
{
    if (!s_is_valid (option, value))
        return s_complain (self, "%s%s: '%s' is no whole number from %" PRId64 " to %" PRId64,
                           dashes, option->name, value, option->least, option->most);
    troupe_error_t error = TROUPE_OK;
    size_t size;
    const char *path = s_next_path (option->paths ? option->paths : "", &size);
    for (; size && !error; path = s_next_path (path + size, &size))
        error = s_set (self->line, path, size, value);
    return error;
}

static troupe_error_t s_take_config (s_reader_t *self, const char *value)
{
    if (self->line->config_file)
        return s_complain (self, "--config is given twice: '%s' and '%s'", self->line->config_file, value);
    if (!*value)
        return s_complain (self, "--config: the name of a file is missing");
    self->line->config_file = value;
    return TROUPE_OK;
}

static troupe_error_t s_take_log (s_reader_t *self, const char *value)
{
    troupe_log_level_t level;
    if (troupe_log_level_parse (value, &level))
        return s_complain (self, "--log: '%s' is none of debug, info, warning, error", value);
    return s_set (self->line, "log", 3, value);
}

static troupe_error_t s_take_set (s_reader_t *self, const char *value)
{
    if (!strchr (value, '='))
        return s_complain (self, "--set: '%s' is not PATH=VALUE", value);
    return s_add_setting (self->line, strdup (value));
}

//  The value of an option: behind its "=", or the next argument.
static const char *s_value (s_reader_t *self, const char *name, size_t size)
{
    if (name [size] == '=')
        return name + size + 1;
    if (self->at < self->argc)
        return self->argv [self->at++];
    s_complain (self, "--%s needs a value", name);
    return NULL;
}

static bool s_is_name (const char *name, size_t size, const char *candidate)
{
    return strncmp (name, candidate, size) == 0 && !candidate [size];
}

static const troupe_app_option_t *s_find_option (const troupe_app_t *app, const char *name, size_t size)
{
    for (const troupe_app_option_t *option = app->options; option && option->name; option++)
        if (s_is_name (name, size, option->name))
            return option;
    return NULL;
}

static troupe_error_t s_read_valued (s_reader_t *self, const char *name, size_t size)
{
    const troupe_app_option_t *option = s_find_option (self->app, name, size);
    bool is_config = s_is_name (name, size, "config");
    bool is_set = s_is_name (name, size, "set");
    bool is_log = s_is_name (name, size, "log");
    if (!option && !is_config && !is_set && !is_log)
        return s_complain (self, "unknown option '--%.*s'", (int) size, name);
    const char *value = s_value (self, name, size);
    if (!value)
        return TROUPE_EINVAL;
    return is_config ? s_take_config (self, value)
         : is_set ? s_take_set (self, value)
         : is_log ? s_take_log (self, value)
         : s_take_option (self, option, "--", value);
}

static troupe_error_t s_take_argument (s_reader_t *self, const char *value)
{
    const troupe_app_option_t *argument = self->argument;
    if (!argument || !argument->name)
        return s_complain (self, "unexpected argument '%s'", value);
    self->argument++;
    return s_take_option (self, argument, "", value);
}

//  What may be left out is in brackets.
static troupe_error_t s_expect_no_more (s_reader_t *self)
{
    const troupe_app_option_t *argument = self->argument;
    if (self->line->command != TROUPE_COMMAND_RUN || !argument || !argument->name || *argument->name == '[')
        return TROUPE_OK;
    return s_complain (self, "%s is missing", argument->name);
}

static troupe_error_t s_read_argument (s_reader_t *self, const char *argument)
{
    if (self->no_options || argument [0] != '-' || !argument [1])
        return s_take_argument (self, argument);
    if (strcmp (argument, "--") == 0 && self->argument) {
        self->no_options = true;
        return TROUPE_OK;
    }
    if (argument [1] != '-' || !argument [2])
        return s_complain (self, "unknown option '%s'", argument);
    const char *name = argument + 2;
    if (strcmp (name, "help") == 0)
        self->line->command = TROUPE_COMMAND_HELP;
    else if (strcmp (name, "version") == 0)
        self->line->command = TROUPE_COMMAND_VERSION;
    else
        return s_read_valued (self, name, strcspn (name, "="));
    return TROUPE_OK;
}

troupe_error_t troupe_command_line_parse (troupe_command_line_t *self, const troupe_app_t *app,
                                          int argc, char **argv, char *why, size_t why_size)
{
    s_reader_t reader = { self, app, argc, argv, 1, app->arguments, false, why, why_size };
    troupe_error_t error = TROUPE_OK;
    while (reader.at < argc && !error && self->command == TROUPE_COMMAND_RUN)
        error = s_read_argument (&reader, argv [reader.at++]);
    if (!error)
        error = s_expect_no_more (&reader);
    if (error == TROUPE_ENOMEM)
        s_complain (&reader, "%s", troupe_error_text (error));
    return error;
}

//  The value that 'config' has at the path of 'size' bytes, or null.
static const char *s_configured (const troupe_config_t *config, const char *path, size_t size)
{
    char copy [TROUPE_ZPL_PATH_MAX + 1];
    if (size >= sizeof copy)
        return NULL;            //  No path is as long as that
    memcpy (copy, path, size);
    copy [size] = 0;
    return troupe_config_get (config, copy, NULL);
}

troupe_error_t troupe_command_line_add_fallbacks (troupe_command_line_t *self, const troupe_app_t *app,
                                                  const troupe_config_t *config)
{
    troupe_error_t error = TROUPE_OK;
    for (const troupe_app_option_t *option = app->options; option && option->name && !error; option++) {
        if (!option->fallback || !option->paths)
            continue;
        size_t size;
        const char *path = s_next_path (option->paths, &size);
        for (; size && !error; path = s_next_path (path + size, &size))
            if (!s_configured (config, path, size))
                error = s_set (self, path, size, option->fallback);
    }
    return error;
}

static troupe_error_t s_check_option (const troupe_app_option_t *option, const troupe_config_t *config,
                                      char *why, size_t why_size)
{
    size_t size;
    const char *path = s_next_path (option->paths ? option->paths : "", &size);
    for (; size; path = s_next_path (path + size, &size)) {
        const char *value = s_configured (config, path, size);
        if (value && !s_is_valid (option, value)) {
            snprintf (why, why_size, "%.*s: '%s' is no whole number from %" PRId64 " to %" PRId64,
                      (int) size, path, value, option->least, option->most);
            return TROUPE_EINVAL;
        }
    }
    return TROUPE_OK;
}

troupe_error_t troupe_command_line_check (const troupe_app_t *app, const troupe_config_t *config,
                                          char *why, size_t why_size)
{
    troupe_log_level_t level;
    const char *log = troupe_config_get (config, "log", "info");
    if (troupe_log_level_parse (log, &level)) {
        snprintf (why, why_size, "log: '%s' is none of debug, info, warning, error", log);
        return TROUPE_EINVAL;
    }
    troupe_error_t error = TROUPE_OK;
    for (const troupe_app_option_t *option = app->options; option && option->name && !error; option++)
        error = s_check_option (option, config, why, why_size);
    return error;
}

void troupe_command_line_clear (troupe_command_line_t *self)
{
    while (self->size)
        free (self->settings [--self->size]);
    free (self->settings);
    *self = (troupe_command_line_t) { 0 };
}
