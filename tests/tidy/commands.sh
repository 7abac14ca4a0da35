#!/usr/bin/env bash
# tests/tidy/commands.sh - samples/run and tests/run do what they say, and no failure is lost in the sum
#
# Place: run by tests/run. A runner that counts wrongly would make all other tests worthless.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/../lib/facts.sh"
. "$ROOT/tests/lib/runners.sh"

#  What tally.awk makes of a report: tallies "PASSED FAILED SKIPPED" REPORT
# shellcheck disable=SC2059
tallies () { same "$1" "$(printf "$2" | awk -f "$ROOT/tests/lib/tally.awk")"; }

#  The sum after one runner with that exit status, report and log: sums "PASSED FAILED SKIPPED" STATUS REPORT LOG
# shellcheck disable=SC2059
sums ()
{
    PASSED=0 FAILED=0 SKIPPED=0
    printf "$3" >"$SCRATCH/tap"
    printf "$4" >"$SCRATCH/log"
    account "a runner" "$2" "$SCRATCH/tap" "$SCRATCH/log"
    same "$1" "$PASSED $FAILED $SKIPPED"
}

#  A program of that script, run as Criterion programs are: criterion_sums "PASSED FAILED SKIPPED" SCRIPT
criterion_sums ()
{
    PASSED=0 FAILED=0 SKIPPED=0
    printf '#!/bin/sh\n%s\n' "$2" >"$SCRATCH/program"
    chmod +x "$SCRATCH/program"
    run_criterion none unit/fixture "$SCRATCH/program"
    same "$1" "$PASSED $FAILED $SKIPPED"
}

#  Where logs of these fixtures go; the real log_of would make a folder in build/.
log_of () { printf '%s/fixture' "$SCRATCH"; }

#  A command that ends with a status and says one line: says_one_line STATUS COMMAND...
says_one_line ()
{
    local status=0 output expected=$1
    shift
    output=$("$@" 2>&1) || status=$?
    same "$expected" "$status" && same 1 "$(wc -l <<<"$output")"
}

ends_in () { same "$2" "$(PASSED=$1; FAILED=${3:-0}; SKIPPED=${4:-0}; conclude)"; }

lists_all ()
{
    same "$(grep -c '^troupe_sample' "$ROOT/samples/CMakeLists.txt")" "$("$ROOT/samples/run" | grep -c ' [a-z]')"
}

fails () { ! "$@"; }

fact "passed, failed and skipped are told apart" tallies "1 1 1" '1..3\nok - a\nnot ok - b\nok - c # SKIP no d\n'
fact "tests that a plan promises and nobody ran have failed" tallies "1 2 0" '1..3\nok - a\n'
fact "an empty report is a failure" tallies "0 1 0" ''
fact "a report without tests is a failure" tallies "0 1 0" '1..0\n'
fact "a good report with a bad exit status is a failure" sums "1 1 0" 139 'ok - a\n' ''
fact "a failed test is not counted twice" sums "0 1 0" 1 'not ok - a\n' ''
fact "a leak in the log is a failure" sums "1 1 0" 0 'ok - a\n' '==1==ERROR: LeakSanitizer: detected memory leaks\n'
fact "undefined behaviour in the log is a failure" sums "1 1 0" 0 'ok - a\n' 'x.c:1: runtime error: overflow\n'
fact "a program that reports nothing is a failure" criterion_sums "0 1 0" 'exit 0'
fact "a program that crashes is a failure" criterion_sums "0 1 0" 'kill -SEGV $$'
# shellcheck disable=SC2016
fact "a program that crashes after a good report is a failure" criterion_sums "1 1 0" \
    'for last; do :; done; echo "ok - a" >"${last#--tap=}"; kill -SEGV $$'
fact "the last line is the sum" ends_in 3 "3 passed, 0 failed"
fact "the last line names what was skipped" ends_in 3 "3 passed, 1 failed, 2 skipped" 1 2
fact "a run without a single test has failed" fails eval '(PASSED=0 FAILED=0 SKIPPED=3; conclude)'
fact "samples/run lists every sample with its idea" lists_all
fact "samples/run of an unknown sample is one line, and 2" says_one_line 2 "$ROOT/samples/run" nonsense
fact "tests/run with an unknown option is one line, and 2" says_one_line 2 "$ROOT/tests/run" --nonsense
fact "tests/run of an unknown kind is one line, and 2" says_one_line 2 "$ROOT/tests/run" nonsense
fact "tests/run with an unknown preset is one line, and 2" says_one_line 2 "$ROOT/tests/run" --preset nonsense
