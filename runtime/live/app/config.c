/*  =========================================================================
    config - the program's configuration: a ZPL file, and settings on top

    Place: runtime/live. All values stand in one array, sorted by path, which
    nobody changes once it is made: looking up is a binary search.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "live/app/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "live/app/explain.h"
#include "live/app/zpl.h"

#define S_FILE_MAX ((size_t) 1 << 20)

typedef struct {
    char *path;
    char *value;        //  In the same piece of memory, behind the path
    unsigned line;      //  In the file; 0 for a setting
    size_t order;       //  The how-manieth it was
} s_value_t;

struct troupe_config {
    s_value_t *values;
    size_t size;
    size_t capacity;
};

static troupe_error_t s_reserve (troupe_config_t *self)
{
    if (self->size < self->capacity)
        return TROUPE_OK;
    size_t capacity = self->capacity ? 2 * self->capacity : 32;
    s_value_t *values = reallocarray (self->values, capacity, sizeof (s_value_t));
    if (!values)
        return TROUPE_ENOMEM;
    self->values = values;
    self->capacity = capacity;
    return TROUPE_OK;
}

static troupe_error_t s_add (troupe_config_t *self, unsigned line, const char *path, size_t path_size,
                             const char *value, size_t value_size)
{
    if (s_reserve (self))
        return TROUPE_ENOMEM;
    char *text = malloc (path_size + value_size + 2);
    if (!text)
        return TROUPE_ENOMEM;
    memcpy (text, path, path_size);
    text [path_size] = 0;
    char *copy = text + path_size + 1;
    memcpy (copy, value, value_size);
    copy [value_size] = 0;
    self->values [self->size] = (s_value_t) { text, copy, line, self->size };
    self->size++;
    return TROUPE_OK;
}

static troupe_error_t s_on_value (void *context, unsigned line, const char *path, const char *value, size_t size)
{
    return s_add (context, line, path, strlen (path), value, size);
}

//  Reads all of a file, or up to one byte more than is allowed.
static troupe_error_t s_read_all (int descriptor, char *text, size_t *size_p)
{
    size_t size = 0;
    while (size <= S_FILE_MAX) {
        ssize_t count = read (descriptor, text + size, S_FILE_MAX + 1 - size);
        if (count == 0)
            break;
        if (count > 0)
            size += (size_t) count;
        else if (errno != EINTR)
            return troupe_error_from_errno (errno);
    }
    *size_p = size;
    return size > S_FILE_MAX ? TROUPE_ETOOBIG : TROUPE_OK;
}

static troupe_error_t s_parse_file (troupe_config_t *self, const char *file, const char *text, size_t size,
                                    const troupe_why_t *why)
{
    troupe_zpl_fault_t fault;
    troupe_error_t error = troupe_zpl_read (text, size, s_on_value, self, &fault);
    if (error)
        troupe_explain (why, error, "%s:%u: %s", file, fault.line, fault.what ? fault.what : troupe_error_text (error));
    return error;
}

static troupe_error_t s_load_file (troupe_config_t *self, const char *file, const troupe_why_t *why)
{
    int descriptor = open (file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (descriptor < 0)
        return troupe_explain (why, troupe_error_from_errno (errno), "%s: %s", file, strerror (errno));

    char *text = malloc (S_FILE_MAX + 1);
    size_t size = 0;
    errno = 0;
    troupe_error_t error = text ? s_read_all (descriptor, text, &size) : TROUPE_ENOMEM;
    if (error)
        troupe_explain (why, error, "%s: %s", file, errno ? strerror (errno) : troupe_error_text (error));
    else
        error = s_parse_file (self, file, text, size, why);
    free (text);
    close (descriptor);
    return error;
}

static troupe_error_t s_load_setting (troupe_config_t *self, const char *setting, const troupe_why_t *why)
{
    const char *path = setting + (*setting == '/');
    const char *equals = strchr (path, '=');
    if (!equals)
        return troupe_explain (why, TROUPE_EINVAL, "setting '%s': it is not PATH=VALUE", setting);
    const char *what = troupe_zpl_path_fault (path, (size_t) (equals - path));
    if (what)
        return troupe_explain (why, TROUPE_EINVAL, "setting '%s': %s", setting, what);
    troupe_error_t error = s_add (self, 0, path, (size_t) (equals - path), equals + 1, strlen (equals + 1));
    return error ? troupe_explain (why, error, "setting '%s': %s", setting, troupe_error_text (error)) : error;
}

static int s_compare (const void *first, const void *second)
{
    const s_value_t *left = first;
    const s_value_t *right = second;
    int difference = strcmp (left->path, right->path);
    return difference ? difference : (left->order > right->order) - (left->order < right->order);
}

//  Sorts the values and leaves the last one of each path.
static troupe_error_t s_settle (troupe_config_t *self, const char *file, const troupe_why_t *why)
{
    if (self->size)
        qsort (self->values, self->size, sizeof (s_value_t), s_compare);
    size_t kept = 0;
    for (size_t index = 0; index < self->size; index++) {
        s_value_t *value = &self->values [index];
        s_value_t *before = kept ? &self->values [kept - 1] : NULL;
        bool again = before && strcmp (before->path, value->path) == 0;
        if (again && value->line)
            return troupe_explain (why, TROUPE_EINVAL, "%s:%u: %s is set a second time, after line %u",
                                   file, value->line, value->path, before->line);
        if (again)
            kept--;
        s_value_t dropped = self->values [kept];
        self->values [kept++] = *value;
        *value = dropped;       //  Still in the array, to be freed with it
    }
    while (self->size > kept)
        free (self->values [--self->size].path);
    return TROUPE_OK;
}

troupe_error_t troupe_config_load (troupe_config_t **config_p, const char *file, const char *const *settings,
                                   char *why_text, size_t why_size)
{
    troupe_why_t why = { why_text, why_size };
    troupe_config_t *self = calloc (1, sizeof *self);
    if (!self)
        return troupe_explain (&why, TROUPE_ENOMEM, "%s", troupe_error_text (TROUPE_ENOMEM));

    troupe_error_t error = file ? s_load_file (self, file, &why) : TROUPE_OK;
    for (; settings && *settings && !error; settings++)
        error = s_load_setting (self, *settings, &why);
    if (!error)
        error = s_settle (self, file, &why);
    if (error)
        troupe_config_destroy (&self);
    else
        *config_p = self;
    return error;
}

void troupe_config_destroy (troupe_config_t **config_p)
{
    troupe_config_t *self = *config_p;
    if (!self)
        return;
    for (size_t index = 0; index < self->size; index++)
        free (self->values [index].path);
    free (self->values);
    free (self);
    *config_p = NULL;
}

const char *troupe_config_get (const troupe_config_t *config, const char *path, const char *fallback)
{
    path += *path == '/';
    size_t low = 0;
    size_t high = config ? config->size : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int difference = strcmp (path, config->values [middle].path);
        if (difference == 0)
            return config->values [middle].value;
        if (difference < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return fallback;
}

size_t troupe_config_size (const troupe_config_t *config)
{
    return config ? config->size : 0;
}

const char *troupe_config_path (const troupe_config_t *config, size_t index)
{
    return index < troupe_config_size (config) ? config->values [index].path : NULL;
}
