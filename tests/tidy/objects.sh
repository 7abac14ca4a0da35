#!/usr/bin/env bash
# tests/tidy/objects.sh - what the compiled library shows: no lock, no atomic, no sleep, no mutable global
#
# Place: run by tests/run after the release build. The sources alone would not show what a macro or a compiler
# brings along.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/../lib/facts.sh"
CHECKS=$ROOT/tests/tidy/checks
LIBRARY=$ROOT/build/release/libtroupe.a

#  Outside of the library only what the headers declare can be seen, so that no name of ours meets one of the user's.
exports_only_the_api ()
{
    nm -D --defined-only "$ROOT/build/release/libtroupe.so" | awk '$3 !~ /^troupe_/ { print $3 " is exported"; bad = 1 }
        END { exit bad }'
}

fact "no lock, atomic or sleep in libtroupe's objects" "$CHECKS/object_locks" "$LIBRARY"
fact "no mutable global in libtroupe's objects" "$CHECKS/object_globals" "$LIBRARY"
fact "libtroupe.so exports troupe_ names only" exports_only_the_api
