/*  =========================================================================
    live/children/hosted.c - a process that hosts one actor of another's troupe

    Place: runtime/live, at the top beside runtime.c; implements troupe_hosted.
    The other half is process.c. The main thread is a guest whose only child is
    the actor, a thread; what the actor says to its parent is handed on to the
    other process, and what that says to the actor. So the actor may hang: this
    thread notices. The process exits when its parent has read the actor's last
    word, and is killed by the system when its parent ends.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/packet/birth.h"
#include "live/actor/context.h"
#include "live/children/hosted.h"
#include "live/children/offspring.h"
#include "live/children/program.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define S_BIRTH_MS 10000
//  How long the parent may take to read the last word.
#define S_FAREWELL_US 2000000
#define S_LOOKS 4
//  How soon it is looked at when it is to end, the first time; then more and more seldom.
#define S_LOOK_FIRST_MS 10
#define S_LOOK_MOST_MS 1000

enum { S_EXIT_OK = 0, S_EXIT_FAILURE = 1 };

typedef struct {
    const troupe_child_t *children;
    const troupe_behavior_t *const *behaviors;
    troupe_shared_t shared;
    zmq_msg_t word;                 //  What 'birth' points into
    troupe_birth_t birth;
    void *control;                  //  To the parent
    troupe_source_t source;
    troupe_live_t *guest;
    troupe_relay_t relay;
    troupe_link_t *link;            //  Null while there is no actor
    bool wedged;                    //  Which has been told
    int64_t ending_ms;              //  Until it is looked at again while it is to end,
    uint64_t ending_timer;          //  which goes on until it is restarted; 0: it is not to end
    bool gone;                      //  The actor's last word has been sent
    bool heard;                     //  And read
    bool left_behind;               //  It left threads behind
    bool *hosting;                  //  An exit now is the actor's doing
} s_hosted_t;

//  --- The process

//  Ctrl-C reaches all processes of a terminal: what it means is the parent's matter, who stops its children in order.
static void s_ignore_signals (void)
{
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    sigset_t none;
    sigaction (SIGINT, &ignore, NULL);
    sigaction (SIGTERM, &ignore, NULL);
    sigaction (SIGPIPE, &ignore, NULL);
    sigemptyset (&none);
    pthread_sigmask (SIG_SETMASK, &none, NULL);
}

//  False when it is gone already.
static bool s_bind_to_parent (const char *parent)
{
    return prctl (PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid () == (pid_t) strtol (parent, NULL, 10);
}

//  What exit () would do otherwise is to wait for the sockets of an actor that is just calling it.
static void s_on_exit (int status, void *context)
{
    const bool *hosting = context;
    if (!*hosting)
        return;
    fflush (NULL);
    _exit (status);
}

//  --- Words to the parent

static void s_send (s_hosted_t *self, const void *data, size_t size)
{
    troupe_socket_send (self->control, data, size);
    if (self->source.added)
        troupe_poller_post (&self->guest->poller, &self->source, TROUPE_POLL_READ);
}

static void s_say (s_hosted_t *self, troupe_control_kind_t kind, uint32_t incarnation, const troupe_reason_t *reason)
{
    uint8_t word [TROUPE_CONTROL_MAX];
    troupe_control_t control = { .kind = kind, .incarnation = incarnation };
    s_send (self, word, troupe_control_write (word, &control, reason));
}

static void s_say_failed (s_hosted_t *self, troupe_control_kind_t kind, troupe_error_t error, const char *text)
{
    troupe_reason_t reason;
    troupe_reason_set (&reason, TROUPE_REASON_START_FAILED, error, self->birth.id, self->birth.incarnation, text, NULL);
    s_say (self, kind, self->birth.incarnation, &reason);
}

//  Everything that the actor says.
static void s_on_child_word (void *context, const uint8_t *data, size_t size)
{
    s_hosted_t *self = context;
    troupe_control_t control;
    s_send (self, data, size);
    if (!troupe_control_read (data, size, &control) || control.kind != TROUPE_CONTROL_GONE)
        return;
    self->left_behind = control.abandoned > 0;
    self->gone = true;
    self->link = NULL;
}

//  --- The actor

static bool s_find (s_hosted_t *self, troupe_child_t *spec)
{
    if (self->birth.supervisor)
        spec->supervisor = troupe_hosted_supervisor (self->children, self->birth.behavior);
    else
        spec->behavior = troupe_hosted_behavior (self->children, self->behaviors, self->birth.id, self->birth.behavior);
    return spec->supervisor || spec->behavior;
}

static void s_begin (s_hosted_t *self)
{
    char text [TROUPE_REASON_TEXT_MAX + 1];
    troupe_child_t spec = {
        .id = self->birth.id, .endpoint = "", .listen = self->birth.endpoint, .args = self->birth.args,
        .args_size = self->birth.args_size, .mailbox = self->birth.mailbox,
        .stack_bytes = (size_t) self->birth.stack_bytes, .wedged_ms = TROUPE_FOREVER,
    };
    if (!s_find (self, &spec)) {
        snprintf (text, sizeof text, "the program has no %s '%.60s'",
                  self->birth.supervisor ? "supervisor" : "behavior", self->birth.behavior);
        s_say_failed (self, TROUPE_CONTROL_ENDED, TROUPE_ENOENT, text);
        return;
    }
    self->relay = (troupe_relay_t) { .hear = s_on_child_word, .context = self, .incarnation = self->birth.incarnation };
    self->guest->relay = &self->relay;
    troupe_error_t error = troupe_spawn (&self->guest->cell, &spec, NULL, NULL, &self->link);
    if (error)
        s_say_failed (self, TROUPE_CONTROL_ENDED, error, troupe_error_text (error));
}

//  What the actor would say if there were one.
static void s_answer_for_nobody (s_hosted_t *self, const troupe_control_t *control)
{
    if (control->kind == TROUPE_CONTROL_RESTART) {
        self->birth.incarnation++;
        s_begin (self);
    }
    else if (control->kind == TROUPE_CONTROL_STOP && !(control->flag & TROUPE_CONTROL_HALT) && !self->gone) {
        s_say_failed (self, TROUPE_CONTROL_GONE, TROUPE_EFAILED, NULL);
        self->gone = true;
    }
}

static int s_look_at_end (troupe_actor_t *cell, void *state, void *context);

static void s_look_at_end_later (s_hosted_t *self)
{
    troupe_actor_t *cell = &self->guest->cell;
    self->ending_timer = troupe_timers_add (&cell->system_timers, cell->now_us + self->ending_ms * 1000, 0,
                                            s_look_at_end, self);
}

//  Should it not end in time, the parent has to know what it hangs in.
static int s_look_at_end (troupe_actor_t *cell, void *state, void *context)
{
    s_hosted_t *self = context;
    char text [TROUPE_REASON_TEXT_MAX + 1] = "";
    uint8_t word [TROUPE_CONTROL_MAX];
    troupe_control_t control = { .kind = TROUPE_CONTROL_WEDGED, .flag = TROUPE_CONTROL_LOOKING };
    troupe_reason_t reason;
    (void) state;
    self->ending_timer = 0;
    if (!self->link)
        return 0;
    troupe_offspring_describe (cell, self->link, text, sizeof text);
    troupe_reason_set (&reason, TROUPE_REASON_WEDGED, 0, self->birth.id, self->birth.incarnation, text, NULL);
    s_send (self, word, troupe_control_write (word, &control, &reason));
    self->ending_ms = self->ending_ms < S_LOOK_MOST_MS / 2 ? self->ending_ms * 2 : S_LOOK_MOST_MS;
    s_look_at_end_later (self);
    return 0;
}

static void s_watch_end (s_hosted_t *self, troupe_control_kind_t word)
{
    if (word == TROUPE_CONTROL_RESTART && self->ending_timer) {
        troupe_timers_cancel (&self->guest->cell.system_timers, self->ending_timer);
        self->ending_timer = 0;
    }
    if (word != TROUPE_CONTROL_STOP || self->ending_timer)
        return;
    self->ending_ms = S_LOOK_FIRST_MS;
    s_look_at_end_later (self);
}

static void s_on_parent_word (void *context, const uint8_t *data, size_t size)
{
    s_hosted_t *self = context;
    troupe_control_t control;
    if (!troupe_control_read (data, size, &control))
        return;
    if (control.kind == TROUPE_CONTROL_GONE)
        self->heard = true;
    else if (self->link) {
        troupe_offspring_tell (&self->guest->cell, self->link, data, size);
        s_watch_end (self, control.kind);
    }
    else
        s_answer_for_nobody (self, &control);
}

static void s_ready (troupe_source_t *source, unsigned events)
{
    (void) events;
    s_hosted_t *self = (s_hosted_t *) ((char *) source - offsetof (s_hosted_t, source));
    troupe_cell_refresh (&self->guest->cell);
    while (troupe_control_read_all (self->control, s_on_parent_word, self))
        ;
}

//  --- The watch over it

static int s_look (troupe_actor_t *cell, void *state, void *context);

static void s_look_later (s_hosted_t *self)
{
    int64_t wedged_ms = self->birth.wedged_ms;
    troupe_actor_t *cell = &self->guest->cell;
    int64_t period_ms = wedged_ms > S_LOOKS ? wedged_ms / S_LOOKS : 1;
    if (wedged_ms < TROUPE_FOREVER / 1000 - cell->now_us / 1000 && !self->wedged)
        troupe_timers_add (&cell->system_timers, cell->now_us + period_ms * 1000, 0, s_look, self);
}

static int s_look (troupe_actor_t *cell, void *state, void *context)
{
    s_hosted_t *self = context;
    char text [256];
    (void) state;
    if (self->link && troupe_watchdog_look (cell, self->link, text, sizeof text) >= self->birth.wedged_ms) {
        troupe_reason_t reason;
        troupe_reason_set (&reason, TROUPE_REASON_WEDGED, 0, self->birth.id, self->birth.incarnation, text, NULL);
        self->wedged = true;
        s_say (self, TROUPE_CONTROL_WEDGED, self->birth.incarnation, &reason);
    }
    s_look_later (self);
    return 0;
}

//  --- Birth

static bool s_is_birth (s_hosted_t *self)
{
    troupe_control_t head;
    const uint8_t *data = zmq_msg_data (&self->word);
    size_t size = zmq_msg_size (&self->word);
    return troupe_control_read (data, size, &head) && head.kind == TROUPE_CONTROL_BIRTH
           && head.incarnation == TROUPE_BIRTH_VERSION
           && troupe_birth_read (data + TROUPE_CONTROL_HEAD, size - TROUPE_CONTROL_HEAD, &self->birth) == TROUPE_OK;
}

//  Says that this is a program that hosts actors, and waits for what it is to run.
static bool s_await_birth (s_hosted_t *self, const char *endpoint)
{
    troupe_error_t error;
    self->control = troupe_socket_new (&self->shared, ZMQ_PAIR, endpoint, false, &error);
    if (!self->control)
        return false;
    s_say (self, TROUPE_CONTROL_BIRTH, TROUPE_BIRTH_VERSION, NULL);
    zmq_pollitem_t item = { .socket = self->control, .events = ZMQ_POLLIN };
    if (zmq_poll (&item, 1, S_BIRTH_MS) != 1 || zmq_msg_recv (&self->word, self->control, ZMQ_DONTWAIT) < 0)
        return false;
    return s_is_birth (self);
}

static troupe_error_t s_make_world (s_hosted_t *self)
{
    char why [512] = "";
    troupe_shared_t *shared = &self->shared;
    shared->logger.level = self->birth.log_level;
    shared->logger.descriptor = troupe_log_open (STDERR_FILENO);
    shared->polls = self->birth.polls;
    snprintf (shared->prefix, sizeof shared->prefix, "%s", self->birth.prefix);
    snprintf (shared->names, sizeof shared->names, "%s", self->birth.directory);
    troupe_error_t error = troupe_shared_open (shared, NULL, self->birth.settings, "/proc/self/exe", why, sizeof why);
    if (error)
        s_say_failed (self, TROUPE_CONTROL_ENDED, error, *why ? why : troupe_error_text (error));
    return error;
}

static troupe_error_t s_make_guest (s_hosted_t *self)
{
    static const troupe_child_t spec = { .id = "guest" };
    self->guest = troupe_live_new (&self->shared, &spec, self->shared.prefix, false);
    if (!self->guest)
        return TROUPE_ENOMEM;
    troupe_cell_start (&self->guest->cell);
    self->source = (troupe_source_t) { .fd = troupe_socket_descriptor (self->control), .first = true,
                                       .ready = s_ready };
    troupe_error_t error = troupe_poller_add (&self->guest->poller, &self->source, TROUPE_POLL_READ, false);
    if (!error)
        troupe_poller_post (&self->guest->poller, &self->source, TROUPE_POLL_READ);
    return error;
}

//  --- The whole

static void s_run (s_hosted_t *self)
{
    s_begin (self);
    s_look_later (self);
    while (!self->gone)
        troupe_live_run (self->guest, TROUPE_FOREVER - 1);
    for (int64_t until_us = troupe_clock_us () + S_FAREWELL_US; !self->heard && troupe_clock_us () < until_us; )
        troupe_live_run (self->guest, until_us);
}

static void s_clear (s_hosted_t *self)
{
    if (self->guest) {
        troupe_poller_remove (&self->guest->poller, &self->source);
        troupe_cell_shut_down (&self->guest->cell);
        while (self->guest->cell.cell_state != TROUPE_CELL_FINAL)
            troupe_live_run (self->guest, TROUPE_FOREVER - 1);
        troupe_live_destroy (&self->guest);
    }
    if (self->control)
        zmq_close (self->control);
    zmq_msg_close (&self->word);
    free (self->birth.settings);
    troupe_log_close (self->shared.logger.descriptor, STDERR_FILENO);
    troupe_shared_close (&self->shared);
}

static int s_host (s_hosted_t *self, char **arguments)
{
    s_ignore_signals ();
    zmq_msg_init (&self->word);
    if (!s_bind_to_parent (arguments [1]) || troupe_context_open (&self->shared.context)
        || on_exit (s_on_exit, self->hosting) || !s_await_birth (self, arguments [0]))
        return S_EXIT_FAILURE;
    prctl (PR_SET_NAME, self->birth.id);
    if (s_make_world (self) || s_make_guest (self))
        return S_EXIT_FAILURE;
    s_run (self);
    return S_EXIT_OK;
}

bool troupe_hosted (int argc, char **argv, const troupe_child_t *children, const troupe_behavior_t *const *behaviors,
                    int *status_p)
{
    if (argc != 4 || strcmp (argv [1], TROUPE_HOSTED) != 0)
        return false;
    //  Looked at when the process exits, and never freed.
    bool *hosting = malloc (sizeof *hosting);
    s_hosted_t self = { .children = children, .behaviors = behaviors, .hosting = hosting };
    if (hosting)
        *hosting = true;
    *status_p = hosting ? s_host (&self, argv + 2) : S_EXIT_FAILURE;
    fflush (NULL);
    if (self.left_behind)
        _exit (*status_p);      //  To exit would wait for their sockets
    s_clear (&self);
    if (hosting)
        *hosting = false;
    return true;
}
