/*  =========================================================================
    zpl - reads ZPL, the text of configuration files

    Place: runtime/live, under config. One pass, line by line; the path of the
    section in hand is kept in one buffer and cut back by indentation.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/app/zpl.h"

#include <string.h>

//  The run of bytes that is still to be read in a line.
typedef struct {
    const char *at;
    const char *end;
} s_scan_t;

typedef struct {
    troupe_zpl_fn *on_value;
    void *context;
    troupe_zpl_fault_t *fault;
    unsigned line;
    size_t depth;                               //  How deep the next line may be
    size_t lengths [TROUPE_ZPL_DEPTH_MAX + 1];  //  Of the path, at each depth
    char path [TROUPE_ZPL_PATH_MAX + 1];
} s_reader_t;

static bool s_is_blank (char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static bool s_is_name_char (char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9')
        || (byte && strchr ("$-_@.&+", byte));
}

const char *troupe_zpl_path_fault (const char *path, size_t size)
{
    if (size == 0)
        return "a name is missing";
    if (size > TROUPE_ZPL_PATH_MAX)
        return "the path is too long";
    for (size_t at = 0; at < size; at++) {
        bool at_edge = at == 0 || at + 1 == size || path [at - 1] == '/';
        if (path [at] == '/' && at_edge)
            return "the path has an empty name";
        if (path [at] != '/' && !s_is_name_char (path [at]))
            return "a name has a character other than letters, digits and $-_@.&+";
    }
    return NULL;
}

static void s_skip_blanks (s_scan_t *scan)
{
    while (scan->at < scan->end && s_is_blank (*scan->at))
        scan->at++;
}

static const char *s_find (const s_scan_t *scan, char byte)
{
    return memchr (scan->at, byte, (size_t) (scan->end - scan->at));
}

//  Nothing but blanks and a comment may follow.
static bool s_is_rest_empty (s_scan_t *scan)
{
    s_skip_blanks (scan);
    return scan->at == scan->end || *scan->at == '#';
}

static troupe_error_t s_fail (s_reader_t *self, const char *what)
{
    self->fault->line = self->line;
    self->fault->what = what;
    return TROUPE_EINVAL;
}

//  Cuts the path back to where the indentation says, and adds a name to it.
static troupe_error_t s_enter (s_reader_t *self, size_t spaces, const char *name, size_t size)
{
    size_t level = spaces / 4;
    if (spaces % 4)
        return s_fail (self, "indent by 4 spaces a level");
    if (level > self->depth)
        return s_fail (self, "it is indented deeper than its section");
    const char *what = troupe_zpl_path_fault (name, size);
    if (what)
        return s_fail (self, what);

    size_t length = level ? self->lengths [level - 1] + 1 : 0;
    if (level >= TROUPE_ZPL_DEPTH_MAX || length + size > TROUPE_ZPL_PATH_MAX)
        return s_fail (self, "it is nested too deeply");
    if (level)
        self->path [length - 1] = '/';
    memcpy (self->path + length, name, size);
    self->path [length + size] = 0;
    self->lengths [level] = length + size;
    self->depth = level + 1;
    return TROUPE_OK;
}

static troupe_error_t s_tell (s_reader_t *self, const char *value, const char *end)
{
    self->fault->line = self->line;
    return self->on_value (self->context, self->line, self->path, value, (size_t) (end - value));
}

static troupe_error_t s_read_quoted (s_reader_t *self, s_scan_t *scan)
{
    char quote = *scan->at++;
    const char *value = scan->at;
    const char *end = s_find (scan, quote);
    if (!end)
        return s_fail (self, "a quote is not closed");
    scan->at = end + 1;
    if (!s_is_rest_empty (scan))
        return s_fail (self, "something follows the closing quote");
    return s_tell (self, value, end);
}

static troupe_error_t s_read_value (s_reader_t *self, s_scan_t *scan)
{
    s_skip_blanks (scan);
    if (scan->at < scan->end && (*scan->at == '"' || *scan->at == '\''))
        return s_read_quoted (self, scan);

    const char *comment = s_find (scan, '#');
    const char *end = comment ? comment : scan->end;
    while (end > scan->at && s_is_blank (end [-1]))
        end--;
    return s_tell (self, scan->at, end);
}

static troupe_error_t s_read_line (s_reader_t *self, s_scan_t *scan)
{
    const char *start = scan->at;
    if (s_is_rest_empty (scan))
        return TROUPE_OK;
    scan->at = start;
    while (scan->at < scan->end && *scan->at == ' ')
        scan->at++;
    const char *name = scan->at;
    while (scan->at < scan->end && (s_is_name_char (*scan->at) || *scan->at == '/'))
        scan->at++;

    const char *name_end = scan->at;
    bool is_section = s_is_rest_empty (scan);
    if (!is_section && (*scan->at != '=' || name == name_end))
        return s_fail (self, "this is neither NAME nor NAME = VALUE");
    troupe_error_t error = s_enter (self, (size_t) (name - start), name, (size_t) (name_end - name));
    if (error || is_section)
        return error;
    scan->at++;
    return s_read_value (self, scan);
}

troupe_error_t troupe_zpl_read (const char *text, size_t size, troupe_zpl_fn *on_value, void *context,
                                troupe_zpl_fault_t *fault)
{
    s_reader_t self = { .on_value = on_value, .context = context, .fault = fault };
    *fault = (troupe_zpl_fault_t) { 0 };
    const char *end = text + size;
    troupe_error_t error = TROUPE_OK;
    while (text < end && !error) {
        const char *line_end = memchr (text, '\n', (size_t) (end - text));
        s_scan_t scan = { text, line_end ? line_end : end };
        self.line++;
        if (s_find (&scan, 0))
            error = s_fail (&self, "there is a null byte in it");
        else
            error = s_read_line (&self, &scan);
        text = line_end ? line_end + 1 : end;
    }
    return error;
}
