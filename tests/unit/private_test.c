/*  =========================================================================
    private_test - private folders: made, removed, and swept

    Place: tests/unit, of runtime/live/children/private.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "live/children/private.h"

static char s_place [] = P_tmpdir "/place-XXXXXX";

static void s_begin (void)
{
    cr_assert_not_null (mkdtemp (s_place));
    setenv ("XDG_RUNTIME_DIR", s_place, 1);
}

static void s_end (void)
{
    cr_expect_eq (rmdir (s_place), 0, "something is left in %s", s_place);
}

TestSuite (private, .init = s_begin, .fini = s_end);

static bool s_is_there (const char *path)
{
    struct stat status;
    return lstat (path, &status) == 0;
}

static void s_socket (const char *folder, const char *name)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    snprintf (address.sun_path, sizeof address.sun_path, "%s/%s", folder, name);
    int made = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq (bind (made, (const struct sockaddr *) &address, sizeof address), 0);
    close (made);
}

static void s_file (const char *folder, const char *name)
{
    char path [256];
    snprintf (path, sizeof path, "%s/%s", folder, name);
    close (open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

//  A folder as somebody has left it who was killed: with these in it, or null.
static void s_leave (char path [256], const char *socket_name, const char *file_name)
{
    snprintf (path, 256, "%s/troupe-XXXXXX", s_place);
    cr_assert_not_null (mkdtemp (path));
    if (socket_name)
        s_socket (path, socket_name);
    if (file_name)
        s_file (path, file_name);
}

static void s_clear (const char *folder)
{
    char path [300];
    const char *const names [] = { "names", "other", "file" };
    for (size_t index = 0; index < 3; index++) {
        snprintf (path, sizeof path, "%s/%s", folder, names [index]);
        unlink (path);
    }
    cr_expect_eq (rmdir (folder), 0);
}

//  Makes a folder, which sweeps, and removes it.
static void s_make_and_remove (void)
{
    char path [TROUPE_PRIVATE_MAX + 1];
    int lock;
    cr_assert_eq (troupe_private_make (path, &lock), TROUPE_OK);
    troupe_private_remove (path, lock);
    cr_expect_not (s_is_there (path));
}

//  Nobody but its user looks into it, and it leaves nothing.
Test (private, is_the_users_alone_and_goes_with_all_that_is_in_it)
{
    char path [TROUPE_PRIVATE_MAX + 1];
    int lock;
    struct stat status;
    cr_assert_eq (troupe_private_make (path, &lock), TROUPE_OK);
    cr_assert_eq (stat (path, &status), 0);
    cr_expect_eq (status.st_mode & 07777, 0700);
    s_socket (path, "names");
    s_socket (path, "m1");
    troupe_private_remove (path, lock);
    cr_expect_not (s_is_there (path));
}

//  Programs are killed: the next one cleans up.
Test (private, those_that_were_left_behind_are_swept)
{
    char first [256], second [256];
    s_leave (first, "names", NULL);
    s_leave (second, "names", NULL);
    s_socket (second, "m1");
    s_make_and_remove ();
    cr_expect_not (s_is_there (first));
    cr_expect_not (s_is_there (second));
}

//  The folder of a program that lives is its own.
Test (private, those_of_the_living_are_not_swept)
{
    char path [TROUPE_PRIVATE_MAX + 1];
    int lock;
    cr_assert_eq (troupe_private_make (path, &lock), TROUPE_OK);
    s_socket (path, "names");
    s_make_and_remove ();
    s_make_and_remove ();
    cr_expect (s_is_there (path));
    troupe_private_remove (path, lock);
}

//  What is not ours for certain is let alone: other people's folders of such a name.
Test (private, what_is_something_else_is_not_swept)
{
    char empty [256], unmarked [256], with_file [256], open_to_others [256], target [256], path [256];
    s_leave (empty, NULL, NULL);
    s_leave (unmarked, "other", NULL);
    s_leave (with_file, "names", "file");
    s_leave (open_to_others, "names", NULL);
    cr_assert_eq (chmod (open_to_others, 0755), 0);
    snprintf (target, sizeof target, "%s/target", s_place);
    snprintf (path, sizeof path, "%s/troupe-abcdef", s_place);
    cr_assert_eq (mkdir (target, 0700), 0);
    s_socket (target, "names");
    cr_assert_eq (symlink ("target", path), 0);
    s_make_and_remove ();
    s_clear (empty);
    s_clear (unmarked);
    s_clear (with_file);
    s_clear (open_to_others);
    cr_expect_eq (unlink (path), 0);
    s_clear (target);
}

//  Another user's cannot be opened, or is not ours; only who may do everything can try.
Test (private, those_of_other_users_are_not_swept)
{
    char path [256];
    if (geteuid () != 0) {
        s_end ();
        cr_skip_test ("only root can give a folder away");
    }
    s_leave (path, "names", NULL);
    cr_assert_eq (chown (path, 65534, 65534), 0);
    s_make_and_remove ();
    cr_expect (s_is_there (path));
    s_clear (path);
}
