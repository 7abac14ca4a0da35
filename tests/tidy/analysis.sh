#!/usr/bin/env bash
# tests/tidy/analysis.sh - what other readers of the sources say: gcc, clang, clang-tidy, shellcheck
#
# Place: run by tests/run --all, or by its name; skipped otherwise, since it takes minutes.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/../lib/facts.sh"

#  The sources of the library and samples as the release build compiles them.
compiled ()
{
    sed -n 's/^ *"file": "\(.*\)",\{0,1\}$/\1/p' "$ROOT/build/release/compile_commands.json" |
        grep -E "^$ROOT/(runtime|actors|samples)/" | sort -u
}

#  Compiles everything with the project's own warnings, as errors: warns_nobody clang
warns_nobody ()
{
    local flags file status=0
    flags="-std=gnu17 -D_GNU_SOURCE -I$ROOT/include -I$ROOT/runtime -I$ROOT/actors
        $(pkg-config --cflags libczmq jansson)
        -O2 -c -o /dev/null -Werror -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
        -Wpointer-arith -Wcast-qual -Wformat=2"
    while read -r file; do
        # shellcheck disable=SC2086
        "$1" $flags "$file" || status=1
    done < <(compiled)
    return $status
}

clang_tidy_is_content ()
{
    compiled | xargs -P 2 -n 1 clang-tidy --quiet -p "$ROOT/build/release" --extra-arg=-Wno-unknown-warning-option
}

scripts_are_sound ()
{
    (cd "$ROOT" && { find tests/tidy/checks -type f; find samples tests .ci -maxdepth 3 -name run -type f
        find tests .ci -name '*.sh'; } | xargs shellcheck -x -P SCRIPTDIR -S warning)
}

if [ "${TROUPE_HEAVY:-no}" = no ]; then
    skip "other readers find nothing in the sources" "tests/run --all, or tests/run tidy/analysis"
    exit
fi
fact "gcc warns of nothing" warns_nobody gcc
fact "clang warns of nothing" warns_nobody clang
fact "clang-tidy finds nothing" clang_tidy_is_content
fact "shellcheck finds nothing in the scripts" scripts_are_sound
