/*  =========================================================================
    tcp_ask.c - asks a server of a simple protocol, through an actor in front of it

    Place: tests/interop, run by tcp.sh. Called as  tcp_ask SERVERS FRAMING [OPTION=VALUE...];  a line of the input
    is a question, a line of the output how it ended:

        ask TEXT          a call; "OK TEXT"
        again TEXT        the same, marked as one that may be done twice
        hex HEX           the same as "ask" with bytes, both ways
        many COUNT TEXT   so many calls at once; "COUNT OK, last TEXT", or the first that is not OK
        stats             the actor's counters, in one line

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <troupe.h>

#define S_MS 20000
#define S_SETTINGS_MAX 16

static struct {
    size_t awaited, good, bad;
    bool hex;
    char text [65536];              //  Of the last that is OK, or of the first that is not
} s_asked;

static void s_print_reply (troupe_message_t *reply)
{
    const uint8_t *data = troupe_message_data (reply);
    size_t size = troupe_message_size (reply), at = strlen (s_asked.text);
    if (!s_asked.hex)
        snprintf (s_asked.text + at, sizeof s_asked.text - at, " %s", troupe_message_text (reply));
    for (size_t index = 0; s_asked.hex && index < size && index < 4096; index++, at += 2)
        snprintf (s_asked.text + at, sizeof s_asked.text - at, "%02x", (unsigned) data [index]);
}

static int s_on_reply (troupe_actor_t *self, void *state, troupe_outcome_t outcome, troupe_message_t *reply,
                       void *context)
{
    (void) self;
    (void) state;
    (void) context;
    bool first_bad = outcome != TROUPE_CALL_OK && s_asked.bad++ == 0;
    s_asked.awaited--;
    s_asked.good += outcome == TROUPE_CALL_OK;
    if (first_bad || !s_asked.bad) {
        snprintf (s_asked.text, sizeof s_asked.text, "%s", troupe_outcome_name (outcome));
        s_print_reply (reply);
    }
    return 0;
}

//  Asks so many times at once, and waits for all.
static void s_ask (troupe_t *troupe, uint16_t tag, bool idempotent, const void *data, size_t size, size_t count)
{
    troupe_ref_t *ref = troupe_ref (troupe_guest (troupe), "server");
    s_asked.awaited = count;
    s_asked.good = s_asked.bad = 0;
    s_asked.text [0] = 0;
    for (size_t index = 0; index < count; index++)
        if ((idempotent ? troupe_call_idempotent : troupe_call) (ref, tag, data, size, S_MS, s_on_reply, NULL, NULL))
            s_asked.awaited--;
    troupe_flush (troupe_guest (troupe));
    while (s_asked.awaited)
        troupe_run (troupe, S_MS);
}

static void s_ask_bytes (troupe_t *troupe, const char *hex)
{
    uint8_t bytes [1024];
    size_t size = 0;
    for (unsigned byte; size < sizeof bytes && sscanf (hex + 2 * size, "%2x", &byte) == 1; size++)
        bytes [size] = (uint8_t) byte;
    s_asked.hex = true;
    s_ask (troupe, 1, false, bytes, size, 1);
    s_asked.hex = false;
}

static void s_answer (troupe_t *troupe, char *line)
{
    char *text = line + strcspn (line, " ");
    if (*text)
        *text++ = 0;
    if (strcmp (line, "hex") == 0)
        s_ask_bytes (troupe, text);
    else if (strcmp (line, "stats") == 0)
        s_ask (troupe, TROUPE_TCP_STATS, false, "", 0, 1);
    else if (strcmp (line, "many") == 0) {
        size_t count = strtoul (text, &text, 10);
        s_ask (troupe, 1, false, text + 1, strlen (text + 1), count);
        if (s_asked.good == count)
            printf ("%zu ", count);
    }
    else
        s_ask (troupe, 1, strcmp (line, "again") == 0, text, strlen (text), 1);
    for (char *end = s_asked.text; (end = strchr (end, '\n')) != NULL;)
        *end = ' ';
    printf ("%s\n", s_asked.text);
    fflush (stdout);
}

int main (int argc, char **argv)
{
    static char settings [S_SETTINGS_MAX] [256];
    const char *list [S_SETTINGS_MAX + 1] = { NULL };
    char line [4096];
    if (argc < 3 || argc > S_SETTINGS_MAX)
        return 2;
    const troupe_tcp_t spec = { .servers = argv [1], .framing = argv [2] };
    const troupe_behavior_t behavior = TROUPE_TCP ("server", &spec);
    const troupe_child_t children [] = { { .id = "server", .behavior = &behavior }, { 0 } };
    const troupe_supervisor_t root = { .children = children };
    for (int index = 3; index < argc; index++) {
        snprintf (settings [index - 3], sizeof settings [0], "children/server/%s", argv [index]);
        list [index - 3] = settings [index - 3];
    }
    const troupe_options_t options = { .log_level = TROUPE_LOG_WARNING, .settings = list };
    troupe_t *troupe = troupe_new (&options, NULL);
    if (!troupe || troupe_start (troupe, &root, S_MS))
        return 1;
    printf ("ready\n");
    fflush (stdout);
    while (fgets (line, sizeof line, stdin)) {
        line [strcspn (line, "\n")] = 0;
        s_answer (troupe, line);
    }
    troupe_destroy (&troupe);
    return 0;
}
