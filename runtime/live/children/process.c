/*  =========================================================================
    live/children/process.c - a child that is a process of its own: the parent's half

    Place: runtime/live, under offspring.c; the other half is hosted.c. The
    process is the same program again, and runs a relay for the child's words.
    The offspring outlives it: it has a new process for each incarnation that
    follows a crash, and says for the child what that cannot say itself.

        NONE -> BOOTING -> LIVING -> DYING -> NONE -> (restart) BOOTING ...

    BOOTING ends with the program's first word, which it gets its birth for. A
    failure of a handler is the living process's matter: it is told to restart
    in place. Its end shows at its descriptor; DYING lasts until all that it
    has said before is heard. If the child had not ended, its end is told with
    how the process ended. GONE is held back until the process is gone too.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/packet/birth.h"
#include "live/children/offspring.h"
#include "live/children/private.h"
#include "live/children/process.h"
#include "live/children/program.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define S_ANSWER_MS 10000       //  How long a program may take until its first word
#define S_EXIT_MS 3000          //  And from its last word to its end
#define S_SETTLE_MS 1000        //  How long its connection may take to show that it has ended
#define S_LEAVE_MS 1000         //  How long the end of a killed one is waited for when nobody can do so later

typedef enum { S_NONE = 0, S_BOOTING, S_LIVING, S_DYING } s_state_t;

struct troupe_process {
    troupe_offspring_t *offspring;
    s_state_t state;
    troupe_program_t program;
    troupe_source_t death;          //  Of the program's descriptor
    troupe_source_t later;          //  Never ready: posted, to say something in a turn of its own
    uint64_t timer;                 //  Its answer, or its exit
    bool doomed;                    //  We have killed it, for
    troupe_reason_t doom;
    troupe_reason_t end;            //  How its last incarnation ended, if nobody but us can say so
    bool ended;                     //  Its end has been told
    bool stopping;                  //  It was asked to end
    bool released;                  //  It is not to wait for a word then
    bool restarting;                //  A restart was asked for while it was dying
    bool says_end, says_gone;       //  What is to be said later
    char doing [TROUPE_REASON_TEXT_MAX + 1];    //  What it is in while it is to end; "" in nothing
    uint8_t last [TROUPE_CONTROL_MAX];  //  GONE, until the process is
    size_t last_size;
    troupe_process_place_t place;
};

static troupe_offspring_t *s_offspring (troupe_source_t *source)
{
    return (troupe_offspring_t *) ((char *) source - offsetof (troupe_offspring_t, source));
}

static void s_say_later (troupe_process_t *self)
{
    troupe_poller_post (&self->offspring->parent->poller, &self->later, TROUPE_POLL_READ);
}

//  --- Time

static void s_cancel_timer (troupe_process_t *self)
{
    if (self->timer)
        troupe_timers_cancel (&self->offspring->parent->cell.system_timers, self->timer);
    self->timer = 0;
}

static void s_kill (troupe_process_t *self, troupe_reason_kind_t kind, int code, const char *text)
{
    if (!self->doomed)
        troupe_reason_set (&self->doom, kind, code, NULL, 0, text, NULL);
    self->doomed = true;
    troupe_program_kill (&self->program);
}

static void s_bury (troupe_process_t *self);

static int s_on_timer (troupe_actor_t *cell, void *state, void *context)
{
    (void) cell;
    (void) state;
    troupe_process_t *self = context;
    self->timer = 0;
    if (self->state == S_DYING)
        s_bury (self);
    else if (self->state == S_BOOTING)
        s_kill (self, TROUPE_REASON_START_FAILED, TROUPE_ETIMEOUT, "its program does not answer");
    else
        s_kill (self, TROUPE_REASON_KILLED, 0, "its process does not exit");
    return 0;
}

static bool s_set_timer (troupe_process_t *self, int64_t delay_ms)
{
    troupe_actor_t *cell = &self->offspring->parent->cell;
    s_cancel_timer (self);
    self->timer = troupe_timers_add (&cell->system_timers, troupe_clock_us () + delay_ms * 1000, 0, s_on_timer, self);
    return self->timer != 0;
}

//  --- Birth

//  The program's first word: it is one of ours, of that version.
static void s_on_answer (troupe_process_t *self, const troupe_control_t *control)
{
    char text [TROUPE_REASON_TEXT_MAX + 1];
    s_cancel_timer (self);
    if (control->incarnation == TROUPE_BIRTH_VERSION) {
        self->state = S_LIVING;
        if (!troupe_process_give_birth (self->offspring, &self->place))
            s_kill (self, TROUPE_REASON_START_FAILED, TROUPE_ENOMEM, troupe_error_text (TROUPE_ENOMEM));
        return;
    }
    snprintf (text, sizeof text, "its program speaks version %" PRIu32 " of the protocol, this one %u",
              control->incarnation, TROUPE_BIRTH_VERSION);
    s_kill (self, TROUPE_REASON_START_FAILED, TROUPE_EPROTO, text);
}

//  --- What the process says

//  It hangs; or it is only told what it does while it is waited for, in case that it does not end.
static void s_on_wedged (troupe_process_t *self, const troupe_control_t *control)
{
    troupe_reason_t *reason = control->reason ? troupe_reason_decode (control->reason, control->reason_size) : NULL;
    const char *text = reason ? reason->text : "";
    if (control->flag & TROUPE_CONTROL_LOOKING)
        snprintf (self->doing, sizeof self->doing, "%s", text);
    else
        s_kill (self, TROUPE_REASON_WEDGED, 0, text);
    troupe_reason_destroy (&reason);
}

//  The child's last word is answered, so that the process does not exit before it was read; and that it has started, so
//  that it does not crash before.
static void s_answer (troupe_process_t *self, troupe_control_kind_t kind)
{
    uint8_t answer [TROUPE_CONTROL_MAX];
    troupe_control_t control = { .kind = kind };
    if (self->offspring->control)
        troupe_socket_send (self->offspring->control, answer, troupe_control_write (answer, &control, NULL));
}

static void s_on_gone (troupe_process_t *self, const uint8_t *word, size_t size)
{
    memcpy (self->last, word, size);
    self->last_size = size;
    s_set_timer (self, S_EXIT_MS);
    s_answer (self, TROUPE_CONTROL_GONE);
}


static void s_hear (troupe_process_t *self, const uint8_t *word, size_t size)
{
    troupe_control_t control;
    if (!troupe_control_read (word, size, &control) || self->last_size)
        return;
    if (control.kind == TROUPE_CONTROL_GONE)
        s_on_gone (self, word, size);
    else if (control.kind == TROUPE_CONTROL_BIRTH && self->state == S_BOOTING)
        s_on_answer (self, &control);
    if (control.kind == TROUPE_CONTROL_GONE || control.kind == TROUPE_CONTROL_BIRTH)
        return;
    self->ended |= control.kind == TROUPE_CONTROL_ENDED;
    if (control.kind == TROUPE_CONTROL_STARTED)
        s_answer (self, control.kind);
    if (control.kind == TROUPE_CONTROL_WEDGED)
        s_on_wedged (self, &control);
    if (!(control.flag & TROUPE_CONTROL_LOOKING))
        troupe_offspring_hear (self->offspring, word, size);
}

//  Whether there may be more to come: a PAIR without a connection cannot be written to.
static bool s_is_connected (const troupe_process_t *self)
{
    int events = 0;
    size_t size = sizeof events;
    void *control = self->offspring->control;
    return control && zmq_getsockopt (control, ZMQ_EVENTS, &events, &size) == 0 && (events & ZMQ_POLLOUT);
}

static void s_on_word (troupe_source_t *source, unsigned events)
{
    (void) events;
    troupe_offspring_t *offspring = s_offspring (source);
    troupe_live_t *parent = offspring->parent;
    uint8_t word [TROUPE_CONTROL_MAX];
    int size = zmq_recv (offspring->control, word, sizeof word, ZMQ_DONTWAIT);
    troupe_cell_refresh (&parent->cell);
    if (size < 0) {
        if (offspring->process->state == S_DYING && !s_is_connected (offspring->process))
            s_bury (offspring->process);
        return;
    }
    troupe_poller_post (&parent->poller, source, TROUPE_POLL_READ);
    s_hear (offspring->process, word, (size_t) size < sizeof word ? (size_t) size : sizeof word);
}

//  --- Its end

static void s_say_end (troupe_process_t *self)
{
    self->ended = true;
    self->says_end = false;
    troupe_offspring_speak (self->offspring, TROUPE_CONTROL_ENDED, &self->end);
}

//  Frees 'self'.
static void s_say_gone (troupe_process_t *self)
{
    troupe_offspring_t *offspring = self->offspring;
    uint8_t last [TROUPE_CONTROL_MAX];
    const troupe_reason_t *reason = offspring->link ? offspring->link->reason : NULL;
    if (!self->last_size) {
        troupe_offspring_speak (offspring, TROUPE_CONTROL_GONE, reason ? reason : &self->end);
        return;
    }
    memcpy (last, self->last, self->last_size);
    troupe_offspring_hear (offspring, last, self->last_size);
}

static void s_on_later (troupe_source_t *source, unsigned events)
{
    (void) events;
    troupe_process_t *self = (troupe_process_t *) ((char *) source - offsetof (troupe_process_t, later));
    troupe_cell_refresh (&self->offspring->parent->cell);
    if (self->says_end)
        s_say_end (self);
    if (self->says_gone)
        s_say_gone (self);
}

static troupe_error_t s_begin (troupe_process_t *self);

static void s_set_end (troupe_process_t *self, troupe_reason_kind_t kind, int code, const char *text)
{
    const troupe_link_t *link = self->offspring->link;
    troupe_reason_set (&self->end, kind, code, link ? link->spec.id : NULL, link ? link->incarnation : 0, text, NULL);
}

//  A program that exits before its first word is none of ours.
static void s_explain_end (troupe_process_t *self, const troupe_reason_t *how)
{
    char text [TROUPE_REASON_TEXT_MAX + 1];
    if (self->doomed)
        s_set_end (self, self->doom.kind, self->doom.code, self->doom.text);
    else if (self->state == S_BOOTING && how->code == 0) {
        snprintf (text, sizeof text, "'%.40s' is no program that hosts actors: %.40s",
                  self->offspring->parent->shared->program, how->text);
        s_set_end (self, TROUPE_REASON_START_FAILED, TROUPE_EPROTO, text);
    }
    else
        s_set_end (self, how->kind, how->code, how->text);
}

static void s_close_control (troupe_process_t *self)
{
    troupe_offspring_t *offspring = self->offspring;
    troupe_poller_remove (&offspring->parent->poller, &offspring->source);
    if (offspring->control)
        zmq_close (offspring->control);
    offspring->control = NULL;
}

static void s_tell_directory (troupe_process_t *self)
{
    troupe_offspring_t *offspring = self->offspring;
    if (offspring->link && !self->last_size) {
        troupe_directory_down (offspring->parent, offspring->endpoint, offspring->link->incarnation, &self->end);
        troupe_dealers_down (offspring->parent, offspring->endpoint, offspring->link->incarnation, &self->end);
    }
    troupe_directory_process_gone (offspring->parent, self->place.prefix);
}

//  All that it has said has been heard.
static void s_bury (troupe_process_t *self)
{
    s_cancel_timer (self);
    s_close_control (self);
    self->state = S_NONE;
    self->offspring->gone |= !self->offspring->link;
    if (self->offspring->gone)
        return;
    s_tell_directory (self);
    if (!self->ended && !self->last_size)
        s_say_end (self);
    if (self->restarting && self->state == S_NONE)
        s_begin (self);
    if (self->state == S_NONE && (self->last_size || self->released))
        s_say_gone (self);
}

static void s_on_death (troupe_source_t *source, unsigned events)
{
    (void) events;
    troupe_process_t *self = (troupe_process_t *) ((char *) source - offsetof (troupe_process_t, death));
    troupe_live_t *parent = self->offspring->parent;
    troupe_reason_t how;
    troupe_poller_remove (&parent->poller, source);
    if (!troupe_program_has_ended (&self->program, &how)) {
        troupe_poller_add (&parent->poller, source, TROUPE_POLL_READ, false);
        return;
    }
    troupe_cell_refresh (&parent->cell);
    s_explain_end (self, &how);
    self->state = S_DYING;
    s_set_timer (self, S_SETTLE_MS);
    troupe_poller_post (&parent->poller, &self->offspring->source, TROUPE_POLL_READ);
}

//  --- Starting

static troupe_error_t s_open_control (troupe_process_t *self, char *endpoint, size_t size)
{
    troupe_offspring_t *offspring = self->offspring;
    troupe_error_t error = TROUPE_OK;
    troupe_private_endpoint (self->place.folder, 'c', endpoint, size);
    offspring->control = troupe_socket_new (offspring->parent->shared, ZMQ_PAIR, endpoint, true, &error);
    return offspring->control ? troupe_offspring_listen (offspring, s_on_word) : error;
}

static troupe_error_t s_run (troupe_process_t *self, const char *control, char *why, size_t why_size)
{
    troupe_live_t *parent = self->offspring->parent;
    troupe_error_t error = troupe_program_start (&self->program, parent->shared->program, control, why, why_size);
    if (error)
        return error;
    self->death = (troupe_source_t) { .fd = self->program.descriptor, .ready = s_on_death };
    error = troupe_poller_add (&parent->poller, &self->death, TROUPE_POLL_READ, false);
    if (!error && !s_set_timer (self, S_ANSWER_MS))
        error = TROUPE_ENOMEM;
    if (!error)
        return TROUPE_OK;
    troupe_poller_remove (&parent->poller, &self->death);
    troupe_program_kill (&self->program);
    troupe_program_await (&self->program, S_LEAVE_MS);
    return error;
}

//  Starts a process for the link's incarnation. On an error there is none, and 'why' says it in words.
static troupe_error_t s_launch (troupe_process_t *self, char *why, size_t why_size)
{
    char control [TROUPE_ENDPOINT_MAX + 1], number [TROUPE_ENDPOINT_MAX + 1];
    *why = 0;
    self->doomed = self->ended = self->restarting = false;
    *self->doing = 0;
    troupe_private_endpoint ("", '-', number, sizeof number);
    snprintf (self->place.prefix, sizeof self->place.prefix, "inproc://troupe-%.16s", number + strlen ("ipc:///-"));
    troupe_error_t error = s_open_control (self, control, sizeof control);
    if (!error)
        error = s_run (self, control, why, why_size);
    if (error) {
        s_close_control (self);
        return error;
    }
    self->state = S_BOOTING;
    troupe_directory_process_born (self->offspring->parent, self->place.prefix);
    return TROUPE_OK;
}

//  What fails is told in a turn of its own, as the end of that incarnation.
static troupe_error_t s_begin (troupe_process_t *self)
{
    char why [TROUPE_REASON_TEXT_MAX + 1];
    troupe_error_t error = s_launch (self, why, sizeof why);
    if (!error)
        return TROUPE_OK;
    s_set_end (self, TROUPE_REASON_START_FAILED, error, *why ? why : troupe_error_text (error));
    self->says_end = true;
    s_say_later (self);
    return error;
}

//  What the system has no more of is spawn's error; the rest is the start's.
static troupe_error_t s_start (troupe_offspring_t *offspring)
{
    troupe_error_t error = s_begin (offspring->process);
    return error == TROUPE_ENOMEM || error == TROUPE_EFILES || error == TROUPE_ETHREAD ? error : TROUPE_OK;
}

static troupe_error_t s_open (troupe_offspring_t *offspring)
{
    const char *path = offspring->link->spec.endpoint;
    if (!offspring->parent->shared->program || offspring->link->spec.listen)
        return TROUPE_ENOTSUP;
    troupe_process_t *self = calloc (1, sizeof *self);
    if (!self)
        return TROUPE_ENOMEM;
    offspring->process = self;
    self->offspring = offspring;
    self->program.descriptor = -1;
    self->later = (troupe_source_t) { .fd = -1, .ready = s_on_later };
    offspring->limits = troupe_cell_limits (offspring->link->spec.mailbox);
    offspring->link->killable = true;
    troupe_error_t error = troupe_process_find_folder (offspring->parent, &self->place);
    if (error)
        return error;
    if (strchr (path + strlen ("ipc://"), '/'))
        strcpy (offspring->endpoint, path);
    else
        troupe_private_endpoint (self->place.folder, 'm', offspring->endpoint, sizeof offspring->endpoint);
    return TROUPE_OK;
}

//  --- What it is told

static void s_stop (troupe_process_t *self, const troupe_control_t *control, const void *data, size_t size)
{
    bool halt = control->flag & TROUPE_CONTROL_HALT, brutal = control->flag & TROUPE_CONTROL_BRUTAL;
    const char *text = self->stopping ? "it did not stop in time" : "brutal_kill";
    self->stopping = true;
    self->released |= !halt;
    self->restarting = false;
    if (self->state == S_NONE) {
        self->says_gone = !halt;
        s_say_later (self);
    }
    else if (self->state == S_DYING)
        return;
    else if (brutal)
        s_kill (self, TROUPE_REASON_KILLED, 0, text);
    else if (self->state == S_BOOTING)
        s_kill (self, TROUPE_REASON_SHUTDOWN, 0, NULL);
    else
        troupe_socket_send (self->offspring->control, data, size);
}

static void s_tell (troupe_offspring_t *offspring, const void *data, size_t size)
{
    troupe_process_t *self = offspring->process;
    troupe_control_t control;
    if (!troupe_control_read (data, size, &control))
        return;
    if (control.kind == TROUPE_CONTROL_STOP)
        s_stop (self, &control, data, size);
    if (control.kind == TROUPE_CONTROL_RESTART) {
        self->stopping = false;
        self->restarting = self->state == S_DYING;
        if (self->state == S_NONE)
            s_begin (self);
        else if (self->state == S_LIVING) {
            self->ended = false;
            troupe_socket_send (offspring->control, data, size);
        }
    }
    if (offspring->control)
        troupe_poller_post (&offspring->parent->poller, &offspring->source, TROUPE_POLL_READ);
}

//  --- Afterwards

static void s_abandon (troupe_offspring_t *offspring)
{
    s_kill (offspring->process, TROUPE_REASON_KILLED, 0, NULL);
    offspring->gone = offspring->process->state == S_NONE;
}

static void s_close (troupe_offspring_t *offspring)
{
    troupe_process_t *self = offspring->process;
    if (!self)
        return;
    s_cancel_timer (self);
    troupe_poller_remove (&offspring->parent->poller, &self->death);
    troupe_poller_remove (&offspring->parent->poller, &self->later);
    troupe_program_kill (&self->program);
    troupe_program_await (&self->program, S_LEAVE_MS);
    free (self);
    offspring->process = NULL;
}

static void s_leave (troupe_offspring_t *offspring)
{
    s_close (offspring);
    free (offspring);
}

static void s_describe (troupe_offspring_t *offspring, char *text, size_t size)
{
    const troupe_process_t *self = offspring->process;
    const char *doing = *self->doing ? self->doing : "it was seen in no callback";
    if (self->state != S_NONE)
        snprintf (text, size, "%s; its process %ld is killed", doing, (long) self->program.pid);
}

const troupe_offspring_kind_t troupe_offspring_process = {
    .open = s_open, .start = s_start, .tell = s_tell, .abandon = s_abandon, .leave = s_leave, .close = s_close,
    .describe = s_describe,
};
