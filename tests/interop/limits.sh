#!/usr/bin/env bash
# tests/interop/limits.sh - the gateway at its limits: out of descriptors, a flood of connections, slow and rude clients
#
# Place: run by tests/run after the samples are built.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/gateway.sh"

start_with_descriptors ()
{
    start bash -c "ulimit -n $1; exec '$GATEWAY' --http 127.0.0.1:0 --rpc tcp://127.0.0.1:0 --workers 2"
    await_ready
}

#  More connections than descriptors; those it has accepted are served, and when they go the others are.
runs_out_and_resumes ()
{
    local wires=() i
    for i in {1..120}; do
        open_wire && wires+=("$WIRE")
    done
    WIRE=${wires[0]}
    say_wire 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
    read_wire && contains "200 OK" "$REPLY" || return 1
    for i in "${wires[@]:1}"; do exec {i}>&-; done
    answers 200 'Hello World!!' /
}

#  Connections that are cut in the middle of everything: a request line, a body, an answer.
survives_rudeness ()
{
    local bytes
    for bytes in '' 'G' 'GET / HTTP/1.1\r\n' 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab' \
        'GET /sleep/50 HTTP/1.1\r\nHost: a\r\n\r\n' 'GET /fail HTTP/1.1\r\nHost: a\r\n\r\n'; do
        open_wire && say_wire "$bytes" && exec {WIRE}>&-
    done
    answers 200 'Hello World!!' /
}

#  A request that comes byte by byte is a request all the same.
reads_byte_by_byte ()
{
    local request=$'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n' i
    open_wire
    for ((i = 0; i < ${#request}; i++)); do printf '%s' "${request:i:1}" >&"$WIRE"; done
    read_wire && contains 'Hello World!!' "$REPLY"
}

#  Processor time in hundredths of a second.
processor_time () { awk '{ print $14 + $15 }' "/proc/$CHILD/stat"; }

#  For two seconds nothing happens, and it takes no processor time for that. Reading the output is how the time passes.
is_idle ()
{
    local before
    before=$(processor_time)
    read -r -t 2 -u "$OUTPUT" LINE
    [ $(($(processor_time) - before)) -le 1 ] || { echo "$before, then $(processor_time) hundredths"; return 1; }
}

fact "it starts with few descriptors" start_with_descriptors 100
fact "out of descriptors it serves those it has, and resumes" runs_out_and_resumes
fact "it ends as ever" stop_gateway
fact "it starts" start_gateway --workers 2
fact "a request byte by byte is read" reads_byte_by_byte
fact "cut connections hurt nobody" survives_rudeness
fact "with nothing to do it uses no processor time" is_idle
fact "it ends as ever after rudeness" stop_gateway
