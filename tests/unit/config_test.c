/*  =========================================================================
    config_test - configuration files, settings, and what is wrong with them

    Place: tests/unit, of runtime/live/app/config.c, config_check.c and zpl.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <czmq.h>

#include <troupe/supervisor.h>

#include "live/app/config.h"

static char why [256];

//  Makes a file of that content, in memory; its name lives until the next one, the file until the test ends.
static const char *s_file (const char *content)
{
    static char name [64];
    int descriptor = memfd_create ("config", 0);
    cr_assert_eq (write (descriptor, content, strlen (content)), (ssize_t) strlen (content));
    sprintf (name, "/proc/self/fd/%d", descriptor);
    return name;
}

static troupe_config_t *s_load (const char *content, const char *const *settings)
{
    troupe_config_t *config = NULL;
    troupe_error_t error = troupe_config_load (&config, s_file (content), settings, why, sizeof why);
    cr_assert_eq (error, TROUPE_OK, "%s", why);
    return config;
}

//  What is wrong with a file, without its name.
static const char *s_fault (const char *content)
{
    troupe_config_t *config = NULL;
    const char *file = s_file (content);
    troupe_error_t error = troupe_config_load (&config, file, NULL, why, sizeof why);
    cr_assert_eq (error, TROUPE_EINVAL);
    cr_assert_null (config);
    cr_assert_eq (strncmp (why, file, strlen (file)), 0, "%s", why);
    return why + strlen (file);
}

static const char *s_setting_fault (const char *setting)
{
    troupe_config_t *config = NULL;
    const char *const settings [] = { setting, NULL };
    cr_assert_eq (troupe_config_load (&config, NULL, settings, why, sizeof why), TROUPE_EINVAL);
    cr_assert_null (config);
    return why;
}

//  The file is what operators write: every form of ZPL that its specification shows must be understood.
Test (config, reads_sections_comments_and_quotes)
{
    troupe_config_t *config = s_load ("#   A comment\n"
                                      "context\n"
                                      "    iothreads = 1\n"
                                      "    verbose = 1      #   Ask for a trace\n"
                                      "\n"
                                      "main\n"
                                      "    type = zqueue    #  ZMQ_DEVICE type\n"
                                      "    frontend\n"
                                      "        option\n"
                                      "            hwm = 1000\n"
                                      "        bind = 'inproc://addr#1'\n"
                                      "    title = \"two words\"   # quoted\n"
                                      "last=it's bare\r\n", NULL);
    cr_assert_eq (troupe_config_size (config), 7);
    cr_assert_str_eq (troupe_config_get (config, "context/verbose", ""), "1");
    cr_assert_str_eq (troupe_config_get (config, "/main/frontend/option/hwm", ""), "1000");
    cr_assert_str_eq (troupe_config_get (config, "main/frontend/bind", ""), "inproc://addr#1");
    cr_assert_str_eq (troupe_config_get (config, "main/title", ""), "two words");
    cr_assert_str_eq (troupe_config_get (config, "last", ""), "it's bare");
    cr_assert_str_eq (troupe_config_get (config, "main/frontend", "a section has no value"), "a section has no value");
    troupe_config_destroy (&config);
    cr_assert_null (config);
    troupe_config_destroy (&config);
}

//  zconfig is what people know ZPL from: the same text must say the same to both.
Test (config, agrees_with_zconfig)
{
    static const char text [] = "a = 1\nb\n    c = x y # z\n    d = 'q # r'\n    e\n"
                                "        f-g.h_1@&+ = %d\nb2/c = 3\ne =\n";
    troupe_config_t *config = s_load (text, NULL);
    zconfig_t *oracle = zconfig_str_load (text);
    cr_assert_eq (troupe_config_size (config), 6);
    for (size_t index = 0; index < troupe_config_size (config); index++) {
        const char *path = troupe_config_path (config, index);
        if (strcmp (path, "b2/c"))      //  zconfig cannot find a name that has a slash in it
            cr_assert_str_eq (troupe_config_get (config, path, NULL), zconfig_get (oracle, path, ""), "%s", path);
    }
    cr_assert_null (troupe_config_path (config, 6));
    zconfig_destroy (&oracle);
    troupe_config_destroy (&config);
}

//  A setting is typed to override the file, and a later one to override an earlier one.
Test (config, settings_win_over_the_file_and_later_ones_over_earlier_ones)
{
    const char *const settings [] = { "children/web/listen=a", "/children/web/listen=b=c", "empty=", NULL };
    troupe_config_t *config = s_load ("children\n    web\n        listen = file\n        backlog = 5\n", settings);
    cr_assert_str_eq (troupe_config_get (config, "children/web/listen", ""), "b=c");
    cr_assert_str_eq (troupe_config_get (config, "children/web/backlog", ""), "5");
    cr_assert_str_eq (troupe_config_get (config, "empty", "unset"), "");
    cr_assert_str_eq (troupe_config_get (config, "other", "unset"), "unset");
    cr_assert_eq (troupe_config_size (config), 3);
    troupe_config_destroy (&config);
}

//  Whoever has mistyped something must be led to the place.
Test (config, names_the_line_and_what_is_wrong_with_it)
{
    cr_assert_str_eq (s_fault ("a = 1\n  b = 2\n"), ":2: indent by 4 spaces a level");
    cr_assert_str_eq (s_fault ("a\n        b = 2\n"), ":2: it is indented deeper than its section");
    cr_assert_str_eq (s_fault ("\ta = 1\n"), ":1: this is neither NAME nor NAME = VALUE");
    cr_assert_str_eq (s_fault ("a b = 1\n"), ":1: this is neither NAME nor NAME = VALUE");
    cr_assert_str_eq (s_fault ("\n\n= 1\n"), ":3: this is neither NAME nor NAME = VALUE");
    cr_assert_str_eq (s_fault ("a = 'x\n"), ":1: a quote is not closed");
    cr_assert_str_eq (s_fault ("a = 'x' y\n"), ":1: something follows the closing quote");
    cr_assert_str_eq (s_fault ("a//b = 1"), ":1: the path has an empty name");
    cr_assert_str_eq (s_fault ("/a = 1"), ":1: the path has an empty name");
    cr_assert_str_eq (s_fault ("a\n    b = 1\nc = 2\na/b = 2\n"), ":4: a/b is set a second time, after line 2");
}

//  A depth or a length without a limit would be a buffer without one.
Test (config, refuses_what_is_nested_too_deeply)
{
    char text [4096] = "";
    for (int level = 0; level < 17; level++)
        sprintf (text + strlen (text), "%*sx\n", level * 4, "");
    cr_assert_str_eq (s_fault (text), ":17: it is nested too deeply");

    memset (text, 'n', 600);
    strcpy (text + 600, " = 1\n");
    cr_assert_str_eq (s_fault (text), ":1: the path is too long");
}

//  zconfig reads past the end of such a text; here it is a line like any other.
Test (config, takes_lines_of_any_length)
{
    char text [5000] = "a = ";
    memset (text + 4, 'v', 4000);
    strcpy (text + 4004, "\nb = 2\n");
    troupe_config_t *config = s_load (text, NULL);
    cr_assert_eq (strlen (troupe_config_get (config, "a", "")), 4000);
    cr_assert_str_eq (troupe_config_get (config, "b", ""), "2");
    troupe_config_destroy (&config);
}

//  --set is typed by hand.
Test (config, refuses_malformed_settings)
{
    cr_assert_str_eq (s_setting_fault ("listen"), "setting 'listen': it is not PATH=VALUE");
    cr_assert_str_eq (s_setting_fault ("=1"), "setting '=1': a name is missing");
    cr_assert_str_eq (s_setting_fault ("a//b=1"), "setting 'a//b=1': the path has an empty name");
    cr_assert_str_eq (s_setting_fault ("a/=1"), "setting 'a/=1': the path has an empty name");
    cr_assert_str_eq (s_setting_fault ("a b=1"),
                      "setting 'a b=1': a name has a character other than letters, digits and $-_@.&+");
}

//  The system's own words say best why a file cannot be read.
Test (config, says_why_a_file_cannot_be_read)
{
    troupe_config_t *config = NULL;
    cr_assert_eq (troupe_config_load (&config, "/nowhere/gateway.cfg", NULL, why, sizeof why), TROUPE_ENOENT);
    cr_assert_str_eq (why, "/nowhere/gateway.cfg: No such file or directory");
    cr_assert_neq (troupe_config_load (&config, "/", NULL, why, sizeof why), TROUPE_OK);
    cr_assert_str_eq (why, "/: Is a directory");
    cr_assert_eq (troupe_config_load (&config, "/dev/zero", NULL, why, sizeof why), TROUPE_ETOOBIG);
    cr_assert_null (config);
}

//  Most programs have neither file nor settings.
Test (config, may_be_empty)
{
    troupe_config_t *config = NULL;
    cr_assert_eq (troupe_config_load (&config, NULL, NULL, why, sizeof why), TROUPE_OK);
    cr_assert_eq (troupe_config_size (config), 0);
    cr_assert_null (troupe_config_get (config, "a", NULL));
    cr_assert_str_eq (troupe_config_get (NULL, "a", "none"), "none");
    troupe_config_destroy (&config);
}

static const char *s_check (const char *setting)
{
    static const troupe_child_t inner [] = { { .id = "cache" }, { 0 } };
    static const troupe_supervisor_t storage = { .children = inner };
    static const troupe_child_t children [] = {
        { .id = "http" }, { .id = "worker", .instances = 4 }, { .id = "storage", .supervisor = &storage }, { 0 }
    };
    const char *const settings [] = { setting, NULL };
    troupe_config_t *config = NULL;
    strcpy (why, "");
    cr_assert_eq (troupe_config_load (&config, NULL, settings, why, sizeof why), TROUPE_OK);
    troupe_error_t error = troupe_config_check_children (config, children, why, sizeof why);
    cr_assert_eq (error, *why ? TROUPE_EINVAL : TROUPE_OK);
    troupe_config_destroy (&config);
    return why;
}

//  What is configured for a misspelt child would be ignored, which nobody notices before it hurts.
Test (config, names_a_child_that_does_not_exist)
{
    cr_assert_str_eq (s_check ("children/http/listen=1"), "");
    cr_assert_str_eq (s_check ("children/worker/instances=8"), "");
    cr_assert_str_eq (s_check ("children/worker-3/endpoint=ipc://x"), "");
    cr_assert_str_eq (s_check ("children/cache/size=1"), "");
    cr_assert_str_eq (s_check ("log=debug"), "");
    cr_assert_str_eq (s_check ("children/htp/listen=1"), "children/htp/listen: there is no child named 'htp'");
    cr_assert_str_eq (s_check ("children/http2=1"), "children/http2: there is no child named 'http2'");
    cr_assert_str_eq (s_check ("children/worker-0/x=1"), "children/worker-0/x: there is no child named 'worker-0'");
    cr_assert_str_eq (s_check ("children/worker-/x=1"), "children/worker-/x: there is no child named 'worker-'");
}
