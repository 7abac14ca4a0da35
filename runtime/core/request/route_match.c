/*  =========================================================================
    core/request/route_match.c - which route answers a request

    Place: runtime/core. Walks the tree of route_compile.c segment by segment,
    literal before parameter before rest, and steps back where that leads
    nowhere. No node is visited twice, so that the tree bounds the work.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "core/request/percent.h"
#include "core/request/router.h"

//  A search under way.
typedef struct s_search {
    const troupe_router_t *router;
    const char *end;                    //  Of the path
    int method, fallback;               //  Bits to look for; -1: none
    uint32_t seen;                      //  Methods of all patterns that take the path
    const troupe_router_node_t *found;
    int found_method;
    bool bad;                           //  An encoded slash within the rest
    size_t value_count;
    troupe_text_t values [TROUPE_PARAMS_MAX];
} s_search_t;

static bool s_walk (s_search_t *search, uint32_t node, const char *cursor);

//  At the end of the path: has this node a route for the method?
static bool s_arrive (s_search_t *search, const troupe_router_node_t *node)
{
    search->seen |= node->methods;
    int method = search->method >= 0 && (node->methods & 1u << search->method) ? search->method : search->fallback;
    if (method < 0 || !(node->methods & 1u << method))
        return false;
    search->found = node;
    search->found_method = method;
    return true;
}

//  Compares a literal with a segment, which may have escapes: these are good.
static bool s_segment_is (const troupe_router_node_t *node, const char *cursor, const char *end)
{
    size_t size = (size_t) (end - cursor);
    if (!memchr (cursor, '%', size))
        return size == node->size && memcmp (node->literal, cursor, size) == 0;
    size_t index = 0;
    for (; cursor < end && index < node->size; index++)
        if (troupe_percent_next (&cursor, end) != (unsigned char) node->literal [index])
            return false;
    return cursor == end && index == node->size;
}

static bool s_try_literals (s_search_t *search, const troupe_router_node_t *node, const char *start, const char *end)
{
    uint32_t child = node->first_literal;
    while (child && !s_segment_is (&search->router->nodes [child], start, end))
        child = search->router->nodes [child].next_literal;
    return child && s_walk (search, child, end);
}

static bool s_try_param (s_search_t *search, const troupe_router_node_t *node, const char *start, const char *end)
{
    if (!node->param || start == end)
        return false;
    search->values [search->value_count++] = (troupe_text_t) { start, (size_t) (end - start) };
    if (s_walk (search, node->param, end))
        return true;
    search->value_count--;
    return false;
}

static bool s_has_encoded_slash (const char *cursor, const char *end)
{
    while ((cursor = memchr (cursor, '%', (size_t) (end - cursor)))) {
        if (cursor [1] == '2' && (cursor [2] | 0x20) == 'f')
            return true;
        cursor += 3;
    }
    return false;
}

static bool s_try_rest (s_search_t *search, const troupe_router_node_t *node, const char *start)
{
    if (!node->rest)
        return false;
    search->values [search->value_count++] = (troupe_text_t) { start, (size_t) (search->end - start) };
    if (s_arrive (search, &search->router->nodes [node->rest])) {
        search->bad = s_has_encoded_slash (start, search->end);
        return true;
    }
    search->value_count--;
    return false;
}

//  'cursor' is behind the segment that led to 'node': at a slash or at the end of the path.
static bool s_walk (s_search_t *search, uint32_t number, const char *cursor)
{
    const troupe_router_node_t *node = &search->router->nodes [number];
    if (cursor == search->end)
        return s_arrive (search, node);
    const char *start = cursor + 1;
    const char *slash = memchr (start, '/', (size_t) (search->end - start));
    const char *end = slash ? slash : search->end;
    return s_try_literals (search, node, start, end)
        || s_try_param (search, node, start, end)
        || s_try_rest (search, node, start);
}

//  --- Allow

static char *s_append (char *text, troupe_text_t method, bool first)
{
    if (!first) {
        *text++ = ',';
        *text++ = ' ';
    }
    memcpy (text, method.data, method.size);
    return text + method.size;
}

//  Lists the methods, with HEAD behind GET and OPTIONS at the end even when the table does not name them.
static void s_write_allow (const troupe_router_t *router, uint32_t methods, char *allow)
{
    char *text = allow;
    bool options = false;
    int head_method = troupe_router_method (router, troupe_text ("HEAD"));
    bool explicit_head = head_method >= 0 && (methods & 1u << head_method);
    for (size_t index = 0; index < router->method_count; index++) {
        troupe_text_t method = router->methods [index];
        if (!(methods & 1u << index))
            continue;
        text = s_append (text, method, text == allow);
        options |= troupe_text_is (method, "OPTIONS");
        if (troupe_text_is (method, "GET") && !explicit_head)
            text = s_append (text, troupe_text ("HEAD"), false);
    }
    if (!options)
        text = s_append (text, troupe_text ("OPTIONS"), text == allow);
    *text = 0;
}

//  --- The match

static troupe_route_outcome_t s_found (const s_search_t *search, bool head, troupe_route_match_t *match)
{
    if (search->bad)
        return TROUPE_ROUTE_BAD_PATH;
    const troupe_router_t *router = search->router;
    size_t number = search->found->routes [search->found_method];
    match->route = &router->routes [number];
    match->head = head && search->found_method == search->fallback;
    match->param_count = search->value_count;
    for (size_t index = 0; index < search->value_count; index++)
        match->params [index] = (troupe_param_t) { router->names [number].names [index], search->values [index] };
    return TROUPE_ROUTE_FOUND;
}

static troupe_route_outcome_t s_match_all (const troupe_router_t *router, bool options, troupe_route_match_t *match)
{
    if (!options)
        return TROUPE_ROUTE_BAD_PATH;
    s_write_allow (router, (1u << router->method_count) - 1, match->allow);
    return TROUPE_ROUTE_OPTIONS;
}

troupe_route_outcome_t troupe_router_match (const troupe_router_t *router, troupe_text_t method,
                                            troupe_text_t path, troupe_route_match_t *match)
{
    bool options = troupe_text_is (method, "OPTIONS");
    if (troupe_text_is (path, "*"))
        return s_match_all (router, options, match);
    if (!troupe_percent_path_is_good (path))
        return TROUPE_ROUTE_BAD_PATH;
    bool head = troupe_text_is (method, "HEAD");
    s_search_t search;
    search.router = router;
    search.end = path.data + path.size;
    search.method = troupe_router_method (router, method);
    search.fallback = head ? troupe_router_method (router, troupe_text ("GET")) : -1;
    search.seen = 0;
    search.bad = false;
    search.value_count = 0;
    if (s_walk (&search, 0, path.data))
        return s_found (&search, head, match);
    if (!search.seen)
        return TROUPE_ROUTE_NOT_FOUND;
    s_write_allow (router, search.seen, match->allow);
    return options ? TROUPE_ROUTE_OPTIONS : TROUPE_ROUTE_METHOD_NOT_ALLOWED;
}
