# tests/interop/gateway.sh - what the tests of the gateway share: starting it, asking it, speaking to it byte by byte
#
# Place: sourced by the scripts of tests/interop. Everything that is waited for is an event with a deadline.
#
# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=bash

. "$(dirname "${BASH_SOURCE[0]}")/../lib/facts.sh"
GATEWAY=${TROUPE_GATEWAY:-$ROOT/build/release/samples/gateway}
FREE_RPC=(--rpc tcp://127.0.0.1:0)

#  Starts a gateway on free ports and waits until it is ready; sets $PORT, $URL, $RPC and what start () sets.
start_gateway ()
{
    start "$GATEWAY" --http 127.0.0.1:0 "${FREE_RPC[@]}" "$@"
    await_ready
}

#  Waits for that line, as many seconds: await_ready [SECONDS]
# shellcheck disable=SC2120  # few pass the time
await_ready ()
{
    await_line "${1:-10}" '^gateway ready http=127\.0\.0\.1:[0-9]+ rpc=[a-z]+://[^ ]+$' || return 1
    # shellcheck disable=SC2034  # for those who source this
    RPC=${LINE##* rpc=}
    PORT=${LINE% rpc=*}
    PORT=${PORT##*:}
    URL=http://127.0.0.1:$PORT
}

#  Asks it to end and expects that it does, with 0.
stop_gateway ()
{
    kill -TERM "$CHILD" && await_end 10 && same 0 "$STATUS"
}

#  One request by curl; sets $CODE, $HEAD (lower case names, without CR) and $BODY: ask PATH [CURL OPTIONS...]
ask ()
{
    local path=$1
    shift
    CODE=$(curl -sS --max-time 20 --path-as-is -o "$SCRATCH/body" -D "$SCRATCH/head" -w '%{http_code}' "$@" \
        "$URL$path") || return 1
    BODY=$(cat "$SCRATCH/body" 2>/dev/null)
    HEAD=$(tr -d '\r' <"$SCRATCH/head" | sed 's/^[^:]*:/\L&/')
}

#  The value of a field of the last answer: field content-type
field () { sed -n "s/^$1: *//p" <<<"$HEAD"; }

#  Asks, and expects a status and a body: answers STATUS BODY PATH [CURL OPTIONS...]
answers ()
{
    local code=$1 body=$2
    shift 2
    ask "$@" && same "$code" "$CODE" && same "$body" "$BODY"
}

#  Asks, and expects a status and a problem+json that carries it: is_a_problem STATUS PATH [CURL OPTIONS...]
is_a_problem ()
{
    local code=$1
    shift
    ask "$@" && same "$code" "$CODE" && same application/problem+json "$(field content-type)" &&
        contains "\"status\":$code" "$(tr -d ' ' <<<"$BODY")"
}

#  A connection of bytes, in descriptor $WIRE: open_wire; then say_wire BYTES (as for printf); then read_wire
open_wire () { exec {WIRE}<>"/dev/tcp/127.0.0.1/$PORT"; }
# shellcheck disable=SC2059
say_wire () { printf "$1" >&"$WIRE"; }

#  Everything that comes until the gateway closes, in $REPLY, without CR; closes. Fails when it is not closed in time.
read_wire ()
{
    local seconds=10 status=0
    REPLY=$(timeout "$seconds" cat <&"$WIRE" | tr -d '\r'; exit "${PIPESTATUS[0]}") || status=$?
    exec {WIRE}>&-
    [ $status -eq 0 ] || { printf 'not closed in time; so far: %s\n' "$REPLY"; return 1; }
}

#  Says bytes on a fresh connection and expects an answer with that status, and then the end: refused_with 400 BYTES
refused_with ()
{
    open_wire && say_wire "$2" && read_wire && contains "HTTP/1.1 $1 " "${REPLY%%$'\n'*}"
}
