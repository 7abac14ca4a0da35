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
FACTS=0 FACTS_FAILED=0 STARTED=0 CHILDREN=()

#  States a fact and checks it, in this shell: fact "an unknown option exits with 2" COMMAND...
fact ()
{
    local text=$1 status=0
    shift
    FACTS=$((FACTS + 1))
    "$@" >"$SCRATCH/.fact" 2>&1 || status=$?
    if [ $status -eq 0 ]; then
        printf 'ok - %s\n' "$text"
    else
        FACTS_FAILED=$((FACTS_FAILED + 1))
        printf 'not ok - %s\n' "$text"
        printf '%s: %s ended with %d\n' "$text" "$*" $status >&2
        cat "$SCRATCH/.fact" >&2
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

#  A port that nobody listens at, and that the system gives to nobody who connects: it is free after a restart too, and
#  a client that tries it meanwhile does not reach itself (TCP's simultaneous open, RFC 9293 3.5).
lasting_port ()
{
    local least port
    read -r least _ </proc/sys/net/ipv4/ip_local_port_range
    for port in $(shuf --input-range=10000-$((least - 1)) --head-count=20); do
        (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
    done
    return 1
}

#  Starts a process: start COMMAND... Its id is then in $CHILD, what it prints comes out of descriptor $OUTPUT, and its
#  standard error is in the file $ERRORS. finish () ends it if nobody else has.
start ()
{
    ERRORS=$SCRATCH/errors.$((++STARTED))
    exec {OUTPUT}< <(exec "$@" 2>"$ERRORS")
    CHILD=$!
    CHILDREN+=("$CHILD")
}

#  Waits for the next line that the process prints and that matches, and sets $LINE: await_line SECONDS PATTERN
await_line ()
{
    while read -r -t "$1" -u "$OUTPUT" LINE; do
        [[ $LINE =~ $2 ]] && return 0
    done
    printf 'no line "%s" within %s s; standard error:\n' "$2" "$1"
    cat "$ERRORS"
    return 1
}

# shellcheck disable=SC2034  # for those who source this
#  Waits for the end of the process, and sets $STATUS to its exit status: await_end SECONDS
await_end ()
{
    local reading=0
    while [ $reading -eq 0 ]; do
        read -r -t "$1" -u "$OUTPUT" LINE || reading=$?
    done
    if [ $reading -gt 128 ]; then
        printf 'it has not ended within %s s\n' "$1"
        return 1
    fi
    STATUS=0
    wait "$CHILD" || STATUS=$?
    exec {OUTPUT}<&-
}

#  The parent of a process; nothing when there is no such process.
ps_parent () { sed 's/.*) [A-Z] \([0-9]*\) .*/\1/' "/proc/$1/stat" 2>/dev/null; }

#  Ends what was started, removes the scratch folder, ends the report.
finish ()
{
    local pid
    for pid in "${CHILDREN[@]}"; do
        #  One that has been waited for is no child any more, and its id may be somebody else's.
        [ "$(ps_parent "$pid")" = $$ ] && kill -KILL "$pid" && wait "$pid" 2>/dev/null
    done
    rm -rf "$SCRATCH"
    printf '1..%d\n' $FACTS
    [ $FACTS_FAILED -eq 0 ]
}
trap 'finish; exit' EXIT
