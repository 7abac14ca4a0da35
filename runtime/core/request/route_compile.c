/*  =========================================================================
    core/request/route_compile.c - a table of routes becomes a tree

    Place: runtime/core. Everything that can be wrong with a table is found
    here, so that matching cannot fail.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/request/router.h"

#include <stdio.h>
#include <stdlib.h>

//  What is compiled, and where complaints go.
typedef struct s_compiler {
    troupe_router_t *router;
    const troupe_route_t *route;
    troupe_router_names_t *names;       //  Of this route
    char *complaint;
    size_t complaint_size;
} s_compiler_t;

static troupe_error_t s_complain (s_compiler_t *compiler, const char *what)
{
    if (compiler->complaint && compiler->complaint_size)
        snprintf (compiler->complaint, compiler->complaint_size, "%s %s: %s", compiler->route->method,
                  compiler->route->pattern ? compiler->route->pattern : "(null)", what);
    return TROUPE_EINVAL;
}

int64_t troupe_route_deadline_ms (const troupe_route_t *route)
{
    return route && route->deadline_ms > 0 ? route->deadline_ms : TROUPE_ROUTE_DEADLINE_MS;
}

int troupe_router_method (const troupe_router_t *router, troupe_text_t method)
{
    for (size_t index = 0; index < router->method_count; index++) {
        troupe_text_t known = router->methods [index];
        if (known.size == method.size && memcmp (known.data, method.data, known.size) == 0)
            return (int) index;
    }
    return -1;
}

static troupe_error_t s_add_method (s_compiler_t *compiler, int *method_p)
{
    troupe_router_t *router = compiler->router;
    troupe_text_t method = troupe_text (compiler->route->method);
    if (method.size == 0 || method.size > TROUPE_METHOD_SIZE_MAX
        || strspn (method.data, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-") != method.size)
        return s_complain (compiler, "a method is 1 to 15 capital letters");
    *method_p = troupe_router_method (router, method);
    if (*method_p >= 0)
        return TROUPE_OK;
    if (router->method_count == TROUPE_METHODS_MAX)
        return s_complain (compiler, "a table has at most 16 different methods");
    *method_p = (int) router->method_count;
    router->methods [router->method_count++] = method;
    return TROUPE_OK;
}

//  Makes a node, whose number is above 0; 0 when memory is out.
static uint32_t s_add_node (troupe_router_t *router)
{
    if (router->node_count == router->node_capacity) {
        size_t capacity = router->node_capacity ? 2 * router->node_capacity : 16;
        troupe_router_node_t *nodes = realloc (router->nodes, capacity * sizeof *nodes);
        if (!nodes)
            return 0;
        router->nodes = nodes;
        router->node_capacity = capacity;
    }
    router->nodes [router->node_count] = (troupe_router_node_t) { .literal = NULL };
    return (uint32_t) router->node_count++;
}

static uint32_t s_find_literal (const troupe_router_t *router, uint32_t parent, troupe_text_t segment)
{
    uint32_t child = router->nodes [parent].first_literal;
    while (child && (router->nodes [child].size != segment.size
                     || memcmp (router->nodes [child].literal, segment.data, segment.size) != 0))
        child = router->nodes [child].next_literal;
    return child;
}

static troupe_error_t s_enter_literal (s_compiler_t *compiler, troupe_text_t segment, uint32_t *node_p)
{
    troupe_router_t *router = compiler->router;
    uint32_t child = s_find_literal (router, *node_p, segment);
    if (!child) {
        child = s_add_node (router);
        if (!child)
            return TROUPE_ENOMEM;
        troupe_router_node_t *parent = &router->nodes [*node_p];
        router->nodes [child].literal = segment.data;
        router->nodes [child].size = segment.size;
        router->nodes [child].next_literal = parent->first_literal;
        parent->first_literal = child;
    }
    *node_p = child;
    return TROUPE_OK;
}

//  Remembers the name of a parameter, without its colon or star.
static troupe_error_t s_add_name (s_compiler_t *compiler, troupe_text_t segment)
{
    static const char letters [] = "_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    troupe_router_names_t *names = compiler->names;
    char *start = names->text + (segment.data - compiler->route->pattern) + 1;
    troupe_text_t name = { start, segment.size - 1 };
    start [name.size] = 0;
    if (name.size == 0 || (*start >= '0' && *start <= '9') || strspn (start, letters) != name.size)
        return s_complain (compiler, "a parameter has a name of letters, digits and '_'");
    if (names->count == TROUPE_PARAMS_MAX)
        return s_complain (compiler, "a pattern has at most 16 parameters");
    for (size_t index = 0; index < names->count; index++)
        if (troupe_text_is (names->names [index], name.data))
            return s_complain (compiler, "a parameter comes twice");
    names->names [names->count++] = name;
    return TROUPE_OK;
}

static troupe_error_t s_enter_named (s_compiler_t *compiler, troupe_text_t segment, uint32_t *node_p)
{
    troupe_router_t *router = compiler->router;
    troupe_error_t error = s_add_name (compiler, segment);
    if (error)
        return error;
    bool rest = segment.data [0] == '*';
    const troupe_router_node_t *parent = &router->nodes [*node_p];
    uint32_t child = rest ? parent->rest : parent->param;
    if (!child) {
        child = s_add_node (router);
        if (!child)
            return TROUPE_ENOMEM;
        if (rest)
            router->nodes [*node_p].rest = child;
        else
            router->nodes [*node_p].param = child;
    }
    *node_p = child;
    return TROUPE_OK;
}

static troupe_error_t s_check_pattern (s_compiler_t *compiler)
{
    const char *pattern = compiler->route->pattern;
    if (!pattern || pattern [0] != '/')
        return s_complain (compiler, "a pattern begins with '/'");
    for (const char *cursor = pattern; *cursor; cursor++)
        if ((unsigned char) *cursor <= 0x20 || strchr ("%?#\x7F", *cursor))
            return s_complain (compiler, "a pattern is neither encoded nor has it blanks, '?' or '#'");
    return TROUPE_OK;
}

static troupe_error_t s_enter_segment (s_compiler_t *compiler, troupe_text_t segment, bool last, uint32_t *node_p)
{
    if (segment.size && segment.data [0] == ':')
        return s_enter_named (compiler, segment, node_p);
    if (segment.size && segment.data [0] == '*')
        return last ? s_enter_named (compiler, segment, node_p)
                    : s_complain (compiler, "the rest of the path ends a pattern");
    if (troupe_text_is (segment, ".") || troupe_text_is (segment, ".."))
        return s_complain (compiler, "\".\" and \"..\" never match");
    return s_enter_literal (compiler, segment, node_p);
}

//  Walks the pattern down the tree, making nodes where there are none.
static troupe_error_t s_enter_pattern (s_compiler_t *compiler, uint32_t *node_p)
{
    troupe_error_t error = s_check_pattern (compiler);
    if (error)
        return error;
    compiler->names->text = strdup (compiler->route->pattern);
    if (!compiler->names->text)
        return TROUPE_ENOMEM;
    const char *end = compiler->route->pattern;
    while (*end && !error) {
        const char *start = end + 1;
        end = start + strcspn (start, "/");
        error = s_enter_segment (compiler, (troupe_text_t) { start, (size_t) (end - start) }, *end == 0, node_p);
    }
    return error;
}

static troupe_error_t s_add_route (s_compiler_t *compiler, size_t number)
{
    int method = 0;
    uint32_t node = 0;
    troupe_error_t error = s_add_method (compiler, &method);
    if (!error)
        error = s_enter_pattern (compiler, &node);
    if (error)
        return error;
    troupe_router_node_t *place = &compiler->router->nodes [node];
    if (place->methods & 1u << method)
        return s_complain (compiler, "another route takes the same paths");
    place->methods |= 1u << method;
    place->routes [method] = (uint16_t) number;
    return TROUPE_OK;
}

static troupe_error_t s_add_routes (s_compiler_t *compiler)
{
    troupe_router_t *router = compiler->router;
    troupe_error_t error = TROUPE_OK;
    s_add_node (router);
    if (!router->node_count)
        return TROUPE_ENOMEM;
    for (size_t number = 0; number < router->route_count && !error; number++) {
        compiler->route = &router->routes [number];
        compiler->names = &router->names [number];
        error = s_add_route (compiler, number);
    }
    return error;
}

troupe_error_t troupe_router_new (const troupe_route_t *routes, troupe_router_t **router_p,
                                  char *complaint, size_t complaint_size)
{
    troupe_router_t *router = calloc (1, sizeof *router);
    if (!router)
        return TROUPE_ENOMEM;
    router->routes = routes;
    while (routes [router->route_count].method && router->route_count < UINT16_MAX)
        router->route_count++;
    router->names = calloc (router->route_count + 1, sizeof *router->names);
    s_compiler_t compiler = { .router = router, .complaint = complaint, .complaint_size = complaint_size };
    troupe_error_t error = router->names ? s_add_routes (&compiler) : TROUPE_ENOMEM;
    if (error)
        troupe_router_destroy (&router);
    else
        *router_p = router;
    return error;
}

void troupe_router_destroy (troupe_router_t **router_p)
{
    troupe_router_t *router = *router_p;
    if (!router)
        return;
    for (size_t number = 0; router->names && number < router->route_count; number++)
        free (router->names [number].text);
    free (router->names);
    free (router->nodes);
    free (router);
    *router_p = NULL;
}
