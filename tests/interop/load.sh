#!/usr/bin/env bash
# tests/interop/load.sh - wrk and h2load --h1 load the gateway and see no error, not even while workers fail
#
# Place: run by tests/run --all, or by its name.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/gateway.sh"

#  wrk saw answers, all of them 2xx, and no connection that broke.
wrk_is_content ()
{
    cat "$1"
    grep -Eq '^ *[1-9][0-9]* requests in' "$1" && ! grep -Eq 'Socket errors|Non-2xx' "$1"
}

loaded_by_wrk () { wrk -t1 "-c$1" -d2s "$URL$2" >"$SCRATCH/wrk" && wrk_is_content "$SCRATCH/wrk"; }

loaded_by_h2load ()
{
    h2load --h1 -n 20000 -c 50 -m "$1" "$URL/" >"$SCRATCH/h2load" &&
        contains "20000 total, 20000 started, 20000 done, 20000 succeeded, 0 failed, 0 errored, 0 timeout" \
            "$(cat "$SCRATCH/h2load")"
}

fails_under_load ()
{
    local load codes
    wrk -t1 -c32 -d5s "$URL/" >"$SCRATCH/wrk" &
    load=$!
    codes=$(curl -s --max-time 30 -o /dev/null -w '%{http_code}\n' "$URL/fail?[1-200]" | sort | uniq -c | tr -d ' \n')
    wait $load && same 200500 "$codes" && wrk_is_content "$SCRATCH/wrk"
}

if [ "${TROUPE_HEAVY:-no}" = no ] || ! command -v wrk >/dev/null || ! command -v h2load >/dev/null; then
    skip "wrk and h2load see no error" "tests/run --all, or tests/run interop/load with wrk and nghttp2-client"
    exit
fi
fact "it starts" start_gateway --workers 2
fact "wrk sees no error over 64 connections" loaded_by_wrk 64 /
fact "wrk sees no error over 500 connections" loaded_by_wrk 500 /users
fact "h2load --h1 sees no error" loaded_by_h2load 1
fact "h2load --h1 sees no error with pipelining" loaded_by_h2load 8
fact "200 failures under load are noticed by nobody else" fails_under_load
fact "it ends as ever" stop_gateway
