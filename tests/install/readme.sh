#!/usr/bin/env bash
# tests/install/readme.sh - what README.md shows is so: its actor compiles, its test passes, its paths exist
#
# Place: run by tests/run after the release build.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/../lib/facts.sh"

#  The blocks of C, one after the other.
code () { sed -n '/^```c$/,/^```$/{/^```/d;p}' "$ROOT/README.md"; }

builds ()
{
    { echo '#include <criterion/criterion.h>'; code; } >"$SCRATCH/readme.c"
    # shellcheck disable=SC2046
    gcc -std=c17 -Wall -Wextra -Wno-unused-parameter -Werror -I"$ROOT/include" "$SCRATCH/readme.c" \
        "$ROOT/build/release/libtroupe.a" $(pkg-config --libs libczmq libzmq criterion) -lm -o "$SCRATCH/readme"
}

passes ()
{
    "$SCRATCH/readme" --tap="$SCRATCH/tap" && contains "ok - greeter::counts_each_caller" "$(cat "$SCRATCH/tap")"
}

#  Every path in backquotes that begins with a folder of ours.
paths_exist ()
{
    local path missing=0
    for path in $(cat "$ROOT/README.md" "$ROOT/samples/README.md" "$ROOT/samples/gateway/README.md" |
        grep -oE '`(include|runtime|actors|samples|tests)/[^` *]*`' | tr -d '`' | sort -u); do
        [ -e "$ROOT/$path" ] || { echo "there is no $path"; missing=1; }
    done
    return $missing
}

shows_every_sample ()
{
    local name missing=0
    for name in $(sed -n 's/^troupe_sample *(\([a-z0-9_]*\) .*/\1/p' "$ROOT/samples/CMakeLists.txt"); do
        grep -q "^| [^|]*\`$name\`" "$ROOT/samples/README.md" || { echo "samples/README.md lacks $name"; missing=1; }
    done
    return $missing
}

#  What is to be typed, under Security.
makes_certificates ()
{
    (cd "$SCRATCH" &&
        sed -n '/^    \$ printf/,/^    \$ mkdir allowed/{s/^    \$* *//;p}' "$ROOT/README.md" | bash -e) &&
        same "600 600" "$(stat -c %a "$SCRATCH/users_secret" "$SCRATCH/gateway_secret" | xargs)" &&
        same gateway "$(ls "$SCRATCH/allowed")"
}

fact "the actor and the test in README.md compile" builds
fact "the test in README.md passes" passes
fact "the certificates in README.md are made" makes_certificates
fact "the paths that are named exist" paths_exist
fact "samples/README.md lists every sample" shows_every_sample
