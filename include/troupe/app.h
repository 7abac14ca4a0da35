/*  =========================================================================
    troupe/app.h - a program that is a troupe

    Place: include/. troupe_main is a whole program: command line,
    configuration, signals, log, the tree, the end.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#ifndef TROUPE_APP_H_INCLUDED
#define TROUPE_APP_H_INCLUDED

#include "runtime.h"

TROUPE_BEGIN_DECLS

//  A command-line option of the program: --NAME VALUE sets the paths. A list ends with a null name.
typedef struct troupe_app_option {
    const char *name;           //  "workers"
    const char *value;          //  What help calls its value, "N"
    const char *paths;          //  Configuration paths that it sets, separated by blanks: "children/worker/instances"
    const char *fallback;       //  Its value when nobody sets it; null: leave unset
    const char *help;           //  In one line
    int64_t least, most;        //  When they differ: it is a whole number within them
} troupe_app_option_t;

typedef struct troupe_app {
    const char *name;                   //  "gateway"
    const char *version;                //  null: troupe's
    const char *summary;                //  What it does, in one line, for --help
    const troupe_child_t *children;     //  Ends with one whose id is null
    troupe_strategy_t strategy;         //  Of the root supervisor, with
    unsigned intensity;                 //  intensity and period as in supervisor.h
    int64_t period_ms;
    troupe_auto_shutdown_t auto_shutdown;
    const troupe_app_option_t *options; //  May be null
    //  What is not an option, in this order: "METHOD"; one whose name is in brackets, "[BODY]", may be left out, with
    //  all behind it. Behind "--" everything is an argument. Null: there are none
    const troupe_app_option_t *arguments;
    const troupe_behavior_t *const *behaviors;  //  That its children or those it spawns by hand may run as processes,
                                        //  besides those that 'children' names; ends with null; may be null
    //  Runs in main once all children have started: print, call, drive. 0: go on until a signal; anything above 0: stop
    //  with that exit status, below 0: stop with 0. A signal ends its troupe_call_wait with CANCELLED. May be null
    int (*ready) (troupe_t *troupe);
    const char *log;                    //  What is logged unless the user says: "warning", say; null: "info"
} troupe_app_t;

/*  Runs the program and returns its exit status: 0 after a normal end or a first SIGINT or SIGTERM (in-flight work is
    finished), 1 after a failure, 2 for a wrong command line or configuration, such as a start that fails with
    TROUPE_EINVAL; each with one clear line on standard error. A second signal ends it at once, with 128 + the signal.
    Options of every program: --config FILE, --set PATH=VALUE, --log LEVEL, --help, --version.             */
TROUPE_API int troupe_main (const troupe_app_t *app, int argc, char **argv);

TROUPE_END_DECLS

#endif
