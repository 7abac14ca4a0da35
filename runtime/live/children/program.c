/*  =========================================================================
    live/children/program.c - a program that runs as a process of ours

    Place: runtime/live; see program.h.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/base/reason.h"
#include "live/children/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

//  --- Starting

static int s_set_up (posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes)
{
    sigset_t all, held;
    sigfillset (&all);
    sigemptyset (&held);
    sigaddset (&held, SIGINT);
    sigaddset (&held, SIGTERM);
    int fault = posix_spawn_file_actions_addopen (actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!fault)
        fault = posix_spawn_file_actions_addclosefrom_np (actions, STDERR_FILENO + 1);
    if (!fault)
        fault = posix_spawnattr_setsigdefault (attributes, &all);
    if (!fault)
        fault = posix_spawnattr_setsigmask (attributes, &held);
    return fault ? fault : posix_spawnattr_setflags (attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
}

static int s_spawn (pid_t *pid_p, const char *file, const char *control)
{
    char name [256], endpoint [256], parent [24];
    char hosted [] = TROUPE_HOSTED;
    snprintf (name, sizeof name, "%s", strcmp (file, "/proc/self/exe") ? file : program_invocation_name);
    snprintf (endpoint, sizeof endpoint, "%s", control);
    snprintf (parent, sizeof parent, "%ld", (long) getpid ());
    char *arguments [] = { name, hosted, endpoint, parent, NULL };
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int fault = posix_spawn_file_actions_init (&actions);
    if (fault)
        return fault;
    fault = posix_spawnattr_init (&attributes);
    if (!fault) {
        fault = s_set_up (&actions, &attributes);
        if (!fault)
            fault = posix_spawn (pid_p, file, &actions, &attributes, arguments, environ);
        posix_spawnattr_destroy (&attributes);
    }
    posix_spawn_file_actions_destroy (&actions);
    return fault;
}

static troupe_error_t s_error (int fault)
{
    if (fault == EAGAIN)
        return TROUPE_ETHREAD;
    if (fault == EMFILE || fault == ENFILE)
        return TROUPE_EFILES;
    troupe_error_t error = troupe_error_from_errno (fault);
    return error == TROUPE_EIO && (fault == ENOEXEC || fault == ELIBBAD) ? TROUPE_EINVAL : error;
}

troupe_error_t troupe_program_start (troupe_program_t *self, const char *file, const char *control, char *why,
                                     size_t why_size)
{
    int fault = s_spawn (&self->pid, file, control);
    if (!fault) {
        self->descriptor = pidfd_open (self->pid, 0);
        if (self->descriptor >= 0)
            return TROUPE_OK;
        fault = errno;
        kill (self->pid, SIGKILL);
        waitpid (self->pid, NULL, 0);
    }
    self->descriptor = -1;
    snprintf (why, why_size, "the program '%.60s' cannot be run: %s", file, strerrordesc_np (fault));
    return s_error (fault);
}

//  --- Ending

void troupe_program_kill (const troupe_program_t *self)
{
    if (self->descriptor >= 0)
        pidfd_send_signal (self->descriptor, SIGKILL, NULL, 0);
}

static void s_explain_signal (int number, troupe_reason_t *reason)
{
    char text [64];
    const char *name = sigabbrev_np (number);
    if (number == SIGKILL)
        snprintf (text, sizeof text, "SIGKILL, from outside or for want of memory");
    else if (name)
        snprintf (text, sizeof text, "SIG%s", name);
    else
        snprintf (text, sizeof text, "signal %d", number);
    troupe_reason_set (reason, TROUPE_REASON_CRASHED, number, NULL, 0, text, NULL);
}

static void s_explain (const siginfo_t *end, troupe_reason_t *reason)
{
    char text [64];
    if (end->si_code == CLD_KILLED || end->si_code == CLD_DUMPED) {
        s_explain_signal (end->si_status, reason);
        return;
    }
    snprintf (text, sizeof text, "exit status %d", end->si_status);
    troupe_reason_set (reason, TROUPE_REASON_CRASHED, 0, NULL, 0, text, NULL);
}

//  Somebody who ignores SIGCHLD, or waits for all children, has taken what is to be known of its end.
bool troupe_program_has_ended (troupe_program_t *self, troupe_reason_t *reason)
{
    siginfo_t end = { .si_pid = 0 };
    int result = waitid (P_PIDFD, (id_t) self->descriptor, &end, WEXITED | WNOHANG);
    if (result == 0 && end.si_pid == 0)
        return false;
    if (result < 0 && errno == EINTR)
        return false;
    if (result < 0)
        troupe_reason_set (reason, TROUPE_REASON_CRASHED, 0, NULL, 0, "its exit status was taken by others", NULL);
    else
        s_explain (&end, reason);
    close (self->descriptor);
    self->descriptor = -1;
    return true;
}

void troupe_program_await (troupe_program_t *self, int timeout_ms)
{
    troupe_reason_t reason;
    struct pollfd end = { .fd = self->descriptor, .events = POLLIN };
    if (self->descriptor < 0)
        return;
    poll (&end, 1, timeout_ms);
    if (troupe_program_has_ended (self, &reason))
        return;
    close (self->descriptor);
    self->descriptor = -1;
}
