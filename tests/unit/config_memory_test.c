/*  =========================================================================
    config_memory_test - configuration and command line without memory

    Place: tests/unit, of runtime/live/app/config.c and command_line.c. The first,
    the second, ... allocation fails (scarce.h), until the scenario passes.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "live/app/command_line.h"
#include "scarce.h"

static const char *s_file (void)
{
    static char name [64];
    static const char content [] = "a = 1\nb\n    c = 2\n";
    int descriptor = memfd_create ("config", 0);
    cr_assert_eq (write (descriptor, content, sizeof content - 1), (ssize_t) sizeof content - 1);
    snprintf (name, sizeof name, "/proc/self/fd/%d", descriptor);
    return name;
}

//  A lack of memory must be an error, and leave nothing behind; a leak would end this test under ASan.
Test (config, every_allocation_may_fail)
{
    const char *file = s_file ();
    const char *const settings [] = { "b/c=3", "d=4", NULL };
    troupe_config_t *config = NULL;
    troupe_error_t error = TROUPE_ENOMEM;
    char why [256] = "";
    size_t failing = 0;
    while (error) {
        scarce_begin (++failing);
        error = troupe_config_load (&config, file, settings, why, sizeof why);
        scarce_end ();
        cr_assert (error == TROUPE_ENOMEM || error == TROUPE_OK, "allocation %zu: %s", failing, why);
        cr_assert_eq (config == NULL, error != TROUPE_OK);
    }
    cr_assert_gt (failing, 5);
    cr_assert_str_eq (troupe_config_get (config, "b/c", ""), "3");
    troupe_config_destroy (&config);
}

//  The same for options, of which one may set several paths.
Test (command_line, every_allocation_may_fail)
{
    static const troupe_app_option_t options [] = { { .name = "n", .value = "N", .paths = "a b c", .fallback = "1" },
                                                    { 0 } };
    static const troupe_app_t app = { .name = "program", .options = options };
    char *argv [] = { "program", "--n", "2", "--set", "d=3", "--log", "info" };
    troupe_error_t error = TROUPE_ENOMEM;
    char why [256] = "";
    size_t failing = 0;
    while (error) {
        troupe_command_line_t line = { 0 };
        scarce_begin (++failing);
        error = troupe_command_line_parse (&line, &app, 7, argv, why, sizeof why);
        scarce_end ();
        cr_assert (error == TROUPE_ENOMEM || (error == TROUPE_OK && line.size == 5), "allocation %zu", failing);
        if (error)
            cr_assert_str_eq (why, "out of memory");
        troupe_command_line_clear (&line);
    }
    cr_assert_gt (failing, 5);
}
