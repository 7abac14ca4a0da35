/*  =========================================================================
    app - troupe_main: a whole program around a troupe

    Place: runtime/live, on top of runtime.h; nothing in the runtime knows it.
    Signals: SIGINT and SIGTERM are blocked before there is a second thread, so
    that all threads inherit that, and read from a signalfd that the guest
    watches. The first one begins the orderly stop. From then on they have a
    handler that ends the process, open to the main thread: a second one works
    wherever that thread may be waiting.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <troupe/app.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <troupe/watch.h>

#include "live/app/command_line.h"
#include "live/app/config.h"
#include "live/app/log.h"
#include "live/app/runtime.h"

#define S_START_TIMEOUT_MS 60000
#define S_LINE_MAX 1024

enum { S_EXIT_OK = 0, S_EXIT_FAILURE = 1, S_EXIT_USAGE = 2 };

typedef struct {
    const troupe_app_t *app;
    troupe_command_line_t line;
    troupe_log_level_t log_level;
    troupe_t *troupe;
    int signals;                //  A signalfd, or -1
    bool stopping;              //  The first signal has come
} s_program_t;

//  Says what went wrong, in one line whatever bytes there are in it, and returns 'status'.
static int s_complain (const s_program_t *self, int status, const char *format, ...) TROUPE_PRINTF (3, 4);

static int s_complain (const s_program_t *self, int status, const char *format, ...)
{
    char text [S_LINE_MAX];
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (text, sizeof text, format, arguments);
    va_end (arguments);
    for (char *byte = text; *byte; byte++)
        if ((unsigned char) *byte < 0x20 || *byte == 0x7f)
            *byte = '?';
    fprintf (stderr, "%s: %s\n", self->app->name, text);
    return status;
}

static int s_status_of (troupe_error_t error)
{
    return error == TROUPE_ENOMEM ? S_EXIT_FAILURE : S_EXIT_USAGE;
}

//  Checks the configuration before anything starts, and completes the settings.
static troupe_error_t s_configure (s_program_t *self, char *why, size_t why_size)
{
    troupe_config_t *config = NULL;
    const char *const *settings = (const char *const *) self->line.settings;
    troupe_error_t error = troupe_config_load (&config, self->line.config_file, settings, why, why_size);
    if (!error)
        error = troupe_config_check_children (config, self->app->children, why, why_size);
    if (!error)
        error = troupe_command_line_check (self->app, config, why, why_size);
    if (!error) {
        snprintf (why, why_size, "%s", troupe_error_text (TROUPE_ENOMEM));
        error = troupe_command_line_add_fallbacks (&self->line, self->app, config);
        troupe_log_level_parse (troupe_config_get (config, "log", self->app->log ? self->app->log : "info"),
                                &self->log_level);
    }
    troupe_config_destroy (&config);
    return error;
}

//  Lets the process have as many descriptors as it is allowed: every actor needs some.
static void s_raise_descriptors (void)
{
    struct rlimit files;
    if (getrlimit (RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        setrlimit (RLIMIT_NOFILE, &files);
    }
}

static void s_end_signals (sigset_t *set)
{
    sigemptyset (set);
    sigaddset (set, SIGINT);
    sigaddset (set, SIGTERM);
}

static int s_open_signals (s_program_t *self)
{
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    sigaction (SIGPIPE, &ignore, NULL);
    sigset_t set;
    s_end_signals (&set);
    pthread_sigmask (SIG_BLOCK, &set, NULL);
    self->signals = signalfd (-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (self->signals < 0)
        return s_complain (self, S_EXIT_FAILURE, "cannot start: signalfd: %s", strerror (errno));
    return S_EXIT_OK;
}

static void s_exit_at_once (int signal_number)
{
    _exit (128 + signal_number);
}

static void s_arm_second_signal (void)
{
    struct sigaction action = { .sa_handler = s_exit_at_once };
    sigaction (SIGINT, &action, NULL);
    sigaction (SIGTERM, &action, NULL);
    sigset_t set;
    s_end_signals (&set);
    pthread_sigmask (SIG_UNBLOCK, &set, NULL);
}

static int s_on_signal (troupe_actor_t *guest, void *state, int descriptor, unsigned events, void *context)
{
    (void) state;
    (void) events;
    s_program_t *self = context;
    struct signalfd_siginfo signal_info;
    while (read (descriptor, &signal_info, sizeof signal_info) == (ssize_t) sizeof signal_info) {
        if (self->stopping)
            s_exit_at_once ((int) signal_info.ssi_signo);
        self->stopping = true;
        troupe_log (guest, TROUPE_LOG_INFO, "stopping on %s; a second signal ends the program at once",
                    signal_info.ssi_signo == SIGINT ? "SIGINT" : "SIGTERM");
        s_arm_second_signal ();
        troupe_interrupt (self->troupe);
    }
    return 0;
}

//  The failure in the children that did not start is what the user can act on, not that supervisors gave up over it.
static const troupe_reason_t *s_root_of_failed_start (const troupe_reason_t *reason)
{
    while (reason && reason->cause && reason->kind == TROUPE_REASON_START_FAILED
           && reason->cause->kind == TROUPE_REASON_START_FAILED)
        reason = reason->cause;
    return reason;
}

//  Whether troupe_new fails for what whoever runs the program has to put right: certificates, for instance.
static bool s_is_configured_wrong (troupe_error_t error)
{
    return error == TROUPE_EINVAL || error == TROUPE_ENOENT || error == TROUPE_EACCES || error == TROUPE_ENOTSUP;
}

static int s_start (s_program_t *self, const troupe_supervisor_t *root)
{
    troupe_options_t options = {
        .log_level = self->log_level, .config_file = self->line.config_file, .program = "/proc/self/exe",
        .settings = (const char *const *) self->line.settings,
    };
    char text [S_LINE_MAX];
    troupe_error_t error = TROUPE_OK;
    self->troupe = troupe_new_or_why (&options, &error, text, sizeof text);
    if (self->troupe) {
        troupe_watch_t *watch;
        error = troupe_watch (troupe_guest (self->troupe), self->signals, TROUPE_WATCH_READABLE,
                              s_on_signal, self, &watch);
    }
    if (error)
        return s_complain (self, s_is_configured_wrong (error) ? S_EXIT_USAGE : S_EXIT_FAILURE, "cannot start: %s",
                           *text ? text : troupe_error_text (error));
    error = troupe_start (self->troupe, root, S_START_TIMEOUT_MS);
    if (!error)
        return S_EXIT_OK;
    const troupe_reason_t *reason = s_root_of_failed_start (troupe_exit_reason (self->troupe));
    bool misconfigured = reason && reason->kind == TROUPE_REASON_START_FAILED && reason->code == TROUPE_EINVAL;
    return s_complain (self, misconfigured ? S_EXIT_USAGE : S_EXIT_FAILURE, "cannot start: %s",
                       reason ? troupe_reason_print (reason, text, sizeof text) : troupe_error_text (error));
}

//  Runs until a signal, or until the tree has ended by itself.
static int s_wait (s_program_t *self)
{
    troupe_error_t error = TROUPE_OK;
    while (!self->stopping && error != TROUPE_EDOWN)
        error = troupe_run (self->troupe, TROUPE_FOREVER);
    const troupe_reason_t *reason = troupe_exit_reason (self->troupe);
    if (self->stopping || !reason || troupe_reason_is_normal (reason))
        return S_EXIT_OK;
    //  Where no restart is borne, that one was not is no news: the failure is
    if (self->app->intensity == TROUPE_INTENSITY_NONE && reason->kind == TROUPE_REASON_INTENSITY && reason->cause)
        reason = reason->cause;
    char text [S_LINE_MAX];
    return s_complain (self, S_EXIT_FAILURE, "ended: %s", troupe_reason_print (reason, text, sizeof text));
}

//  Stops what runs. With threads left that nobody can end, going on to exit would wait for their sockets for ever.
static int s_stop (s_program_t *self, int status)
{
    fflush (stdout);
    if (self->troupe && troupe_stop (self->troupe, TROUPE_FOREVER)) {
        fflush (NULL);
        _exit (status ? status : S_EXIT_FAILURE);
    }
    return status;
}

static int s_run (s_program_t *self)
{
    const troupe_supervisor_t root = {
        .strategy = self->app->strategy, .intensity = self->app->intensity, .period_ms = self->app->period_ms,
        .auto_shutdown = self->app->auto_shutdown, .children = self->app->children,
    };
    int status = s_start (self, &root);
    if (status)
        return s_stop (self, status);
    int ready = self->app->ready && !self->stopping ? self->app->ready (self->troupe) : 0;
    status = ready == 0 ? s_wait (self) : ready > 0 && !self->stopping ? ready : S_EXIT_OK;
    return s_stop (self, status);
}

static int s_main (s_program_t *self, int argc, char **argv)
{
    char why [S_LINE_MAX] = "";
    troupe_error_t error = troupe_command_line_parse (&self->line, self->app, argc, argv, why, sizeof why);
    if (error)
        return s_complain (self, s_status_of (error), "%s; try --help", why);
    if (self->line.command == TROUPE_COMMAND_HELP)
        troupe_command_line_print_help (self->app, stdout);
    if (self->line.command == TROUPE_COMMAND_VERSION)
        troupe_command_line_print_version (self->app, stdout);
    if (self->line.command != TROUPE_COMMAND_RUN)
        return fflush (stdout) ? s_complain (self, S_EXIT_FAILURE, "cannot write: %s", strerror (errno)) : S_EXIT_OK;

    error = s_configure (self, why, sizeof why);
    if (error)
        return s_complain (self, s_status_of (error), "%s", why);
    s_raise_descriptors ();
    int status = s_open_signals (self);
    return status ? status : s_run (self);
}

int troupe_main (const troupe_app_t *app, int argc, char **argv)
{
    s_program_t self = { .app = app, .signals = -1, .log_level = TROUPE_LOG_INFO };
    int status = 0;
    if (troupe_hosted (argc, argv, app->children, app->behaviors, &status))
        return status;
    status = s_main (&self, argc, argv);
    troupe_destroy (&self.troupe);
    if (self.signals >= 0)
        close (self.signals);
    troupe_command_line_clear (&self.line);
    return status;
}
