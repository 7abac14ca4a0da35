# tests/lib/runners.sh - runs programs and scripts of tests, and adds up what they report
#
# Place: sourced by tests/run. Every runner ends in TAP, and every TAP in one tally: a runner that
# crashed, hung, reported nothing or whose exit status belies its report is a failure.
#
# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=bash disable=SC2034

PASSED=0 FAILED=0 SKIPPED=0
LIMIT_S=120             #  No program may take longer,
SCRIPT_LIMIT_S=900      #  and no script

#  What a sanitizer writes when it has found something; Criterion lets such a test pass.
REPORTS='ERROR: (Address|Leak)Sanitizer|WARNING: ThreadSanitizer|runtime error:'

#  Adds one runner's report to the sum and says how it went: account LABEL STATUS TAP-FILE LOG
account ()
{
    local label=$1 status=$2 tap=$3 log=$4 passed failed skipped
    read -r passed failed skipped < <(awk -f "$ROOT/tests/lib/tally.awk" "$tap")
    if [ "$failed" -eq 0 ] && { [ "$status" -ne 0 ] || grep -Eq "$REPORTS" "$log"; }; then
        failed=1
    fi
    PASSED=$((PASSED + passed)) FAILED=$((FAILED + failed)) SKIPPED=$((SKIPPED + skipped))
    printf '%-36s %4d passed' "$label" "$passed"
    [ "$skipped" -eq 0 ] || printf ', %d skipped' "$skipped"
    if [ "$failed" -gt 0 ]; then
        printf ', %d failed (exit status %d)\n' "$failed" "$status"
        show_failure "$tap" "$log"
    else
        printf '\n'
    fi
}

#  What was wrong, and where the whole log is.
show_failure ()
{
    grep '^not ok' "$1" | sed 's/^/    /'
    tail -n 60 "$2" | sed 's/^/    | /'
    printf '    the whole log: %s\n' "$2"
}

#  Where the log of a runner goes: log_of PRESET LABEL
log_of ()
{
    local directory=$ROOT/build/$1/tests/logs
    mkdir -p "$directory"
    printf '%s/%s' "$directory" "$(printf '%s' "$2" | tr '/ ' '--')"
}

#  A program that reports by its exit status alone: run_plain PRESET LABEL COMMAND...
run_plain ()
{
    local label=$2 log status=0
    log=$(log_of "$1" "$label")
    shift 2
    timeout -k 5 "$LIMIT_S" "$@" >"$log.log" 2>&1 || status=$?
    if [ $status -eq 0 ]; then echo "ok - $label"; else echo "not ok - $label"; fi >"$log.tap"
    account "$label" $status "$log.tap" "$log.log"
}

#  A Criterion program, none of whose tests may take a minute: run_criterion PRESET LABEL PROGRAM [OPTIONS...]
run_criterion ()
{
    local label=$2 log status=0
    log=$(log_of "$1" "$label")
    shift 2
    rm -f "$log.tap"
    LC_ALL=C timeout -k 5 "$LIMIT_S" "$@" --timeout 60 --tap="$log.tap" >"$log.log" 2>&1 || status=$?
    [ -f "$log.tap" ] || : >"$log.tap"
    account "$label" $status "$log.tap" "$log.log"
}

#  A script that prints TAP (see facts.sh): run_script PRESET LABEL SCRIPT
run_script ()
{
    local label=$2 log status=0
    log=$(log_of "$1" "$label")
    shift 2
    timeout -k 5 "$SCRIPT_LIMIT_S" "$@" >"$log.tap" 2>"$log.log" || status=$?
    grep -v '^ok' "$log.tap" >>"$log.log" || true
    account "$label" $status "$log.tap" "$log.log"
}

#  The last line of a run, and its exit status.
conclude ()
{
    [ $((PASSED + FAILED)) -gt 0 ] || FAILED=1
    printf '%d passed, %d failed' "$PASSED" "$FAILED"
    [ "$SKIPPED" -eq 0 ] || printf ', %d skipped' "$SKIPPED"
    printf '\n'
    [ "$FAILED" -eq 0 ]
}
