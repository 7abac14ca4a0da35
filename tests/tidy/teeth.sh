#!/usr/bin/env bash
# tests/tidy/teeth.sh - every check can fail: each is shown a bad tree, and must name what is bad in it
#
# Place: run by tests/run. A check that has stopped to see is worse than none.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/../lib/facts.sh"
CHECKS=$ROOT/tests/tidy/checks

#  Writes a file of standard input into a fresh tree with nothing else: tree PATH
tree ()
{
    rm -rf "$SCRATCH/tree"
    mkdir -p "$(dirname "$SCRATCH/tree/$1")"
    cat >"$SCRATCH/tree/$1"
}

#  True when a check fails on the tree and says so of that place: bites CHECK "runtime/core/x.c:1"
bites ()
{
    local output
    if output=$("$CHECKS/$1" "$SCRATCH/tree"); then
        echo "$1 let it pass"
        return 1
    fi
    contains "$2" "$output"
}

#  The opposite: nothing is wrong with the tree.
lets_pass () { "$CHECKS/$1" "$SCRATCH/tree"; }

#  A banner, and N lines of standard input behind it.
banner ()
{
    printf '/*  ===\n    %s - a fixture\n\n    Place: nowhere\n\n    SPDX-License-Identifier: MPL-2.0\n    ===*/\n' "$1"
}
lines () { yes "$2" | head -n "$1"; }

#  Compiles standard input into an archive and shows it to a check of object code: object_bites CHECK NAME
object_bites ()
{
    local output
    gcc -x c -O2 -c - -o "$SCRATCH/bad.o" && rm -f "$SCRATCH/bad.a" || return 1
    ar rc "$SCRATCH/bad.a" "$SCRATCH/bad.o" || return 1
    if output=$("$CHECKS/$1" "$SCRATCH/bad.a"); then
        echo "$1 let it pass"
        return 1
    fi
    contains "$2" "$output"
}

. "$(dirname "$0")/teeth/sources"
. "$(dirname "$0")/teeth/objects"
