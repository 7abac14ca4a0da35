# tests/interop/samples.sh - what the tests of samples share: where they are, how they end, peers in Python
#
# Place: sourced by scripts of tests/interop. Everything that is waited for is an event with a deadline.
#
# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=bash

. "$(dirname "${BASH_SOURCE[0]}")/../lib/facts.sh"
# shellcheck disable=SC2034  # for those who source this
SAMPLES=$(dirname "${TROUPE_GATEWAY:-$ROOT/build/release/samples/gateway}")

#  A Python that has a module, or nothing: another python3 than the system's may come first in the path.
python_with ()
{
    local python
    for python in python3 /usr/bin/python3; do
        "$python" -c "import $1" 2>/dev/null && { echo "$python"; return; }
    done
}

#  Runs a sample that is to end by itself; sets $STATUS, and leaves what it said in $SCRATCH/said: run_sample SECONDS .
run_sample ()
{
    local seconds=$1 name=$2
    shift 2
    STATUS=0
    timeout -k 2 "$seconds" "$SAMPLES/$name" "$@" >"$SCRATCH/said" 2>&1 </dev/null || STATUS=$?
}

#  It says what is wrong in words, and ends with that status: refuses STATUS WORDS NAME [ARGS...]
refuses ()
{
    local status=$1 words=$2
    shift 2
    run_sample 10 "$@"
    same "$status" "$STATUS" && contains "$words" "$(cat "$SCRATCH/said")"
}

#  Says later what is wrong, in one line of standard error, and ends with 1: gives_up WORDS NAME [ARGS...]
gives_up ()
{
    local words=$1 name=$2
    shift 2
    STATUS=0
    timeout -k 2 20 "$SAMPLES/$name" "$@" 2>"$SCRATCH/said" >/dev/null </dev/null || STATUS=$?
    same 1 "$STATUS" && same 1 "$(wc -l <"$SCRATCH/said")" && contains "$words" "$(cat "$SCRATCH/said")"
}

has_help () { run_sample 5 "$1" --help && same 0 "$STATUS" && contains "--" "$(cat "$SCRATCH/said")"; }

#  Ends the process in $CHILD as Ctrl-C does.
ends_at_interrupt () { kill -INT "$CHILD" && await_end 5 && same 0 "$STATUS"; }

#  Remembers the process that start () has started last, and brings it back: keep_as NAME, switch_to NAME
declare -A KEPT
keep_as () { KEPT[$1]="$CHILD $OUTPUT $ERRORS"; }
switch_to () { read -r CHILD OUTPUT ERRORS <<<"${KEPT[$1]}"; }

#  Kills processes that were kept, and waits until they are gone, with all that they had bound: kill_kept NAME...
kill_kept ()
{
    local name pid
    for name; do
        pid=${KEPT[$name]%% *}
        kill -KILL "$pid" || return 1
        wait "$pid" 2>/dev/null || true
    done
}
