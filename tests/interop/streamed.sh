#!/usr/bin/env bash
# tests/interop/streamed.sh - bodies that are larger than memory should be, slow, or cut off, through the gateway
#
# Place: run by tests/run after the samples are built. The server is tests/interop/streamed.py, Python's http.server.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/gateway.sh"
SIZE=314572800
GROWTH_KIB=32768

#  How much memory the gateway has ever had, in KiB.
high_kib () { sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$FRONT/status"; }

zeros () { head -c "$SIZE" /dev/zero; }
sum () { sha256sum | cut -d ' ' -f 1; }

#  Large ones: 300 MB each.
server_starts ()
{
    start /usr/bin/python3 "$ROOT/tests/interop/streamed.py" && await_line 10 '^ready ([0-9]+)$'
    SERVER=$CHILD OLD=http://127.0.0.1:${BASH_REMATCH[1]}
}
gateway_starts ()
{
    start_gateway --set "routes/legacy=$OLD" --set children/legacy/response_timeout_ms=5000 "$@"
    FRONT=$CHILD FRONT_OUTPUT=$OUTPUT
    BEFORE=$(high_kib)
}
comes_back () { same "$ZEROS" "$(curl -sS --max-time 60 "$URL/legacy/$1/$SIZE" | sum)"; }
gets_there () { same "$ZEROS" "$(zeros | curl -sS --max-time 60 -T - "$@" "$URL/legacy/sum")"; }
with_length ()
{
    truncate -s "$SIZE" "$SCRATCH/zeros"
    same "$ZEROS" "$(curl -sS --max-time 60 -T "$SCRATCH/zeros" "$URL/legacy/sum")"
}

#  A client that does not read keeps nobody else from reading, and what it asked for does not pile up.
slow_reader ()
{
    local size
    open_wire
    say_wire "GET /legacy/zeros/$SIZE HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    comes_back zeros || return 1
    size=$(timeout 60 tail -c "$SIZE" <&"$WIRE" | sum)
    exec {WIRE}>&-
    same "$ZEROS" "$size"
}

#  A server that does not read, neither.
slow_server ()
{
    start sh -c "head -c $SIZE /dev/zero | curl -sS --max-time 60 -T - $URL/legacy/slowly; echo"
    answers 200 gone /legacy/go || return 1
    await_line 60 . && same "$ZEROS" "$LINE" && await_end 10
}

grows_little ()
{
    local growth=$(($(high_kib) - BEFORE))
    printf 'grown by %d KiB\n' $growth
    [ $growth -lt $GROWTH_KIB ]
}

#  Each line comes when it is sent: the next one is not sent before.
events ()
{
    start curl -sSN --max-time 20 "$URL/legacy/events"
    await_line 10 '^data: 1$' && answers 200 gone /legacy/go &&
        await_line 10 '^data: 2$' && answers 200 gone /legacy/go &&
        await_line 10 '^data: 3$' && answers 200 gone /legacy/go && await_end 10 && same 0 "$STATUS"
}

#  What curl says of a body that is not whole: 18, or 56 when the connection was reset.
cut_off () { await_end 20 && [[ $STATUS == 18 || $STATUS == 56 ]]; }
half ()
{
    start curl -sS --max-time 20 -o "$SCRATCH/half" "$URL/legacy/half"
    answers 200 gone /legacy/go && cut_off
}
killed ()
{
    start curl -sSN --max-time 20 "$URL/legacy/events"
    await_line 10 '^data: 1$' && kill -KILL "$SERVER" && cut_off
}
#  The process of the upstream itself: a child of the gateway's.
process_killed ()
{
    start curl -sSN --max-time 20 "$URL/legacy/events"
    await_line 10 '^data: 1$' && pkill -KILL -P "$FRONT" && cut_off && comes_back zeros
}
killed_before ()
{
    start curl -sS --max-time 20 -o "$SCRATCH/body" -w '%{http_code}\n' -T "$SCRATCH/zeros" "$URL/legacy/slowly"
    kill -KILL "$SERVER" && await_line 20 '^50[23]$'
}

if [ ! -x /usr/bin/python3 ]; then
    skip "bodies in pieces" "Debian's python3 is not installed"
    exit
fi
ZEROS=$(zeros | sum)
fact "the server starts" server_starts
fact "the gateway starts in front of it" gateway_starts
fact "300 MB come back whole" comes_back zeros
fact "300 MB come back whole in chunks" comes_back chunked
fact "300 MB get there whole in chunks" gets_there
fact "300 MB get there whole with their length" with_length
fact "they do when the client waits for 100" gets_there -H 'Expect: 100-continue'
fact "a client that reads slowly gets them whole" slow_reader
fact "a server that reads slowly gets them whole" slow_server
fact "the gateway has grown by less than 32 MiB" grows_little
fact "lines come one by one as they are sent" events
fact "half an answer is not taken for a whole one" half
fact "a server that is killed in the middle is no end" killed
fact "the server starts again" server_starts
fact "the gateway starts with the way there in a process of its own" \
    gateway_starts --set children/legacy/endpoint=ipc://legacy
fact "300 MB come back whole from there" comes_back chunked
fact "300 MB get there whole" gets_there
fact "lines come one by one from there" events
fact "what is killed there is no end, and comes back" process_killed
fact "a server that is killed before it answers is 502 or 503" killed_before
CHILD=$FRONT OUTPUT=$FRONT_OUTPUT
fact "it ends at SIGTERM with 0" stop_gateway
