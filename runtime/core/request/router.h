/*  =========================================================================
    core/request/router.h - the inside of a compiled table of routes

    Place: runtime/core, between route_compile.c, which makes it, and
    route_match.c, which reads it. A tree of segments: each node is a place in
    a path, and knows which routes end there.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_CORE_ROUTER_H_INCLUDED
#define TROUPE_CORE_ROUTER_H_INCLUDED

#include <troupe/route.h>

//  Nodes are known by their number; 0 is the root, and as a child it means none.
typedef struct troupe_router_node {
    const char *literal;        //  The segment that leads here, when it is literal
    size_t size;
    uint32_t first_literal;     //  Children: literal ones, a list,
    uint32_t next_literal;
    uint32_t param;             //  a parameter,
    uint32_t rest;              //  the rest of the path
    uint32_t methods;           //  One bit for each method that has a route ending here
    uint16_t routes [TROUPE_METHODS_MAX];
} troupe_router_node_t;

//  The names of a route's parameters, each with a null behind it.
typedef struct troupe_router_names {
    size_t count;
    troupe_text_t names [TROUPE_PARAMS_MAX];
    char *text;                 //  A copy of the pattern, cut into names
} troupe_router_names_t;

struct troupe_router {
    const troupe_route_t *routes;
    size_t route_count;
    troupe_router_names_t *names;       //  One for each route
    troupe_router_node_t *nodes;
    size_t node_count, node_capacity;
    troupe_text_t methods [TROUPE_METHODS_MAX];
    size_t method_count;
};

//  The number of a method; -1 when no route has it.
int troupe_router_method (const troupe_router_t *router, troupe_text_t method);

#endif
