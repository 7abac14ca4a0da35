# tests/lib/facts.sh - what a script of tests is written with: facts, a scratch folder, processes with an end
#
# Place: sourced by the scripts of tests/tidy, tests/install and tests/interop, and by tests/run's own tests.
# A fact is a command that succeeds; the report is TAP on standard output, details go to standard error.
#
# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=bash

set -uo pipefail
# shellcheck disable=SC2034  # for those who source this
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
SCRATCH=$(mktemp -d)
FACTS=0 FACTS_FAILED=0 CHILDREN=()

#  States a fact and checks it: fact "an unknown option exits with 2" COMMAND...
fact ()
{
    local text=$1 output status=0
    shift
    FACTS=$((FACTS + 1))
    output=$("$@" 2>&1) || status=$?
    if [ $status -eq 0 ]; then
        printf 'ok - %s\n' "$text"
    else
        FACTS_FAILED=$((FACTS_FAILED + 1))
        printf 'not ok - %s\n' "$text"
        printf '%s: %s ended with %d\n%s\n' "$text" "$*" $status "$output" >&2
    fi
}

#  A fact that cannot be checked here: skip "Chromium shows the page" "chromium is not installed"
skip ()
{
    FACTS=$((FACTS + 1))
    printf 'ok - %s # SKIP %s\n' "$1" "$2"
}

#  True when two texts are the same; prints both otherwise.
same ()
{
    [ "$1" = "$2" ] || { printf 'expected: %s\n     got: %s\n' "$1" "$2"; return 1; }
}

#  True when the second text contains the first.
contains ()
{
    case $2 in *"$1"*) ;; *) printf 'not there: %s\n       in: %s\n' "$1" "$2"; return 1 ;; esac
}

#  Starts a process that finish () will end if nobody else has: start OUTPUT-FILE COMMAND...; its id is then in $CHILD
start ()
{
    local output=$1
    shift
    "$@" >"$output" 2>&1 &
    CHILD=$!
    CHILDREN+=("$CHILD")
}

#  Waits up to SECONDS for a line that matches in a growing file: await_line SECONDS PATTERN FILE; prints it
await_line ()
{
    timeout "$1" tail -n +1 -f "$3" 2>/dev/null | grep -E -m 1 -- "$2" ||
        { printf 'no line %s within %d s in:\n' "$2" "$1"; cat "$3"; return 1; }
}

#  Waits up to SECONDS for a process to end, and returns its exit status: await_exit SECONDS PID. 124: it did not end.
await_exit ()
{
    local seconds=$1 pid=$2 status=0
    timeout "$seconds" tail --pid="$pid" -f /dev/null || return 124
    wait "$pid" || status=$?
    return $status
}

#  Ends what was started, removes the scratch folder, ends the report.
finish ()
{
    local pid
    for pid in "${CHILDREN[@]}"; do
        kill -KILL "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
    done
    rm -rf "$SCRATCH"
    printf '1..%d\n' $FACTS
    [ $FACTS_FAILED -eq 0 ]
}
trap 'finish; exit' EXIT
