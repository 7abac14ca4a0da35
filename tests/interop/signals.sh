#!/usr/bin/env bash
# tests/interop/signals.sh - at SIGTERM and SIGINT what is in flight is finished; a second one ends the gateway at once
#
# Place: run by tests/run after the samples are built.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/gateway.sh"

#  Two workers and a slow request that is with one of them: it was sent before another that has been answered since.
start_busy ()
{
    start_gateway --workers 2 && open_wire &&
        say_wire "GET /sleep/$1 HTTP/1.1\r\nHost: a\r\n\r\n" && answers 200 'Hello World!!' /
}

finishes_in_flight ()
{
    start_busy 700 && kill "-$1" "$CHILD" && read_wire &&
        contains "HTTP/1.1 200 " "$REPLY" && contains "onnection: close" "$REPLY" && await_end 10 && same 0 "$STATUS"
}

#  The client sees its connection end; the program does not wait for the 30 s.
second_ends_at_once ()
{
    start_busy 30000 && kill "-$1" "$CHILD" && refuses_new && kill "-$2" "$CHILD" && await_end 3 && same "$3" "$STATUS"
    local status=$?
    exec {WIRE}>&-
    return $status
}

#  A sign that the first signal has been seen: nobody is let in any more. Each try is an event of its own, up to 200.
refuses_new ()
{
    local tries=0
    while curl -s --max-time 2 -o /dev/null "$URL/"; do
        [ $((++tries)) -lt 200 ] || { echo "new connections are still served"; return 1; }
    done
}

ends_idle () { start_gateway && ask / && kill "-$1" "$CHILD" && await_end 5 && same 0 "$STATUS"; }

#  A kept connection without a request does not hold the end up.
idle_connection ()
{
    start_gateway && open_wire && say_wire 'GET / HTTP/1.1\r\nHost: a\r\n\r\n' && answers 200 'Hello World!!' / &&
        kill -TERM "$CHILD" && await_end 5 && same 0 "$STATUS"
    local status=$?
    exec {WIRE}>&-
    return $status
}

#  Nor does one in the middle of a request, for longer than the drain may take.
half_a_request ()
{
    start_gateway && open_wire && say_wire 'GET / HT' && answers 200 'Hello World!!' / &&
        kill -TERM "$CHILD" && await_end 15 && same 0 "$STATUS"
    local status=$?
    exec {WIRE}>&-
    return $status
}

#  Its reader is gone, as with | head -1: it serves on, and ends as ever.
broken_output ()
{
    local status=0
    start_gateway && exec {OUTPUT}<&- && ask /fail && same 500 "$CODE" && answers 200 'Hello World!!' / || return 1
    kill -TERM "$CHILD" && { timeout 10 tail --pid="$CHILD" -s 0.1 -f /dev/null; wait "$CHILD" || status=$?; }
    same 0 "$status"
}

fact "SIGTERM ends an idle gateway with 0" ends_idle TERM
fact "SIGINT ends an idle gateway with 0" ends_idle INT
fact "SIGTERM lets a request in flight finish" finishes_in_flight TERM
fact "SIGINT lets a request in flight finish" finishes_in_flight INT
fact "an idle connection does not hold up the end" idle_connection
fact "half a request does not hold up the end for long" half_a_request
fact "a second SIGTERM ends it at once" second_ends_at_once TERM TERM 143
fact "a second SIGINT ends it at once" second_ends_at_once INT INT 130
fact "SIGINT after SIGTERM ends it at once" second_ends_at_once TERM INT 130
fact "a closed standard output does not end it" broken_output
