#!/usr/bin/env bash
# tests/interop/rpc_call.sh - what rpc_call says: one line when something is wrong, and how far it came when it is ended
#
# Place: run by tests/run after the samples are built. The gateway is who it asks.
#
# SPDX-License-Identifier: MPL-2.0

# shellcheck source=gateway.sh
. "$(dirname "$0")/gateway.sh"
CALL=$(dirname "$GATEWAY")/rpc_call
PYTHON=/usr/bin/python3

#  What it prints until it ends, in $SAID, and its $STATUS.
await_said ()
{
    SAID=$(timeout 20 cat <&"$OUTPUT") || { echo "it has not ended in time"; return 1; }
    STATUS=0
    wait "$CHILD" || STATUS=$?
}

#  It ends with that status, prints nothing, and says one line with those words: complains STATUS WORDS ARGS...
complains ()
{
    local status=$1 words=$2
    shift 2
    start "$CALL" "$@"
    await_said && same "$status" "$STATUS" && same "" "$SAID" && same 1 "$(wc -l <"$ERRORS")" &&
        contains "$words" "$(cat "$ERRORS")"
}

in_every_format ()
{
    local format
    for format in troupe json smile msgpack; do "$@" --format $format || return 1; done
}

nobody_there ()
{
    complains 1 "rpc_call: tcp://127.0.0.1:9: no answer in time" tcp://127.0.0.1:9 GET / --timeout 200 "$@"
}

counts_statuses ()
{
    start "$CALL" "$RPC" GET /nothing --repeat 20 --concurrency 4 "$@"
    await_said && same 1 "$STATUS" && contains "20 calls, 0 with 2xx, 20 with 404, in 0." "$SAID" &&
        grep -Eq '^p50 [0-9.]+ ms, p95 [0-9.]+ ms, p99 [0-9.]+ ms, max [0-9.]+ ms$' <<<"$SAID"
}

#  Many calls, some of which have been answered. It says nothing before its end, but its threads sleep once for each
#  answer or more, and less than half as often before the first.
start_long () { start "$CALL" "$RPC" GET /sleep/1 --repeat 1000000 --concurrency 2 "$@" && await_wakings 500; }

await_wakings () { until [ "$(wakings)" -ge "$1" ]; do kill -0 "$CHILD" || return 1; done; }
wakings () { cat "/proc/$CHILD/task/"*/status | awk '/^voluntary/ { sum += $2 } END { print sum + 0 }'; }

is_interrupted ()
{
    start_long "$@" && kill -INT "$CHILD" && await_said && same 0 "$STATUS" && same "" "$(cat "$ERRORS")" &&
        [[ $SAID =~ ^[1-9][0-9]*\ of\ 1000000\ calls,\ [1-9][0-9]*\ with\ 2xx,\ in\ .*p50\ .*max ]]
}

#  Who is asked says so, and does not answer.
one_call_is_interrupted ()
{
    start "$PYTHON" "$ROOT/tests/interop/zmq_peer.py" hear
    await_line 10 '^ready tcp:' || return 1
    local endpoint=${LINE##* } heard=$OUTPUT
    start "$CALL" "$endpoint" GET / --timeout 30000 "$@"
    local own=$OUTPUT
    OUTPUT=$heard await_line 10 '^heard$' && kill -INT "$CHILD" || return 1
    OUTPUT=$own await_said && same 0 "$STATUS" && same "" "$SAID$(cat "$ERRORS")"
}

#  The gateway is killed in the middle; what was answered is told, and then what is wrong.
server_vanishes ()
{
    # shellcheck disable=SC2119  # its arguments are rpc_call's
    start_gateway && local gateway=$CHILD && start_long --timeout 1000 "$@" || return 1
    kill -KILL "$gateway" && await_said && same 1 "$STATUS" && contains " of 1000000 calls, " "$SAID" &&
        same "rpc_call: $RPC: no answer in time" "$(cat "$ERRORS")"
}

#  On a terminal there is a bar, and nothing of it is left when it is done.
shows_progress ()
{
    timeout 20 script -qec "'$CALL' '$RPC' GET /sleep/100 --repeat 20 --concurrency 4" /dev/null >"$SCRATCH/shown" &&
        grep -q $'\r\\[#* *\\] [0-9]* of 20' "$SCRATCH/shown" &&
        contains "20 calls, 20 with 2xx" "$(tr '\r' '\n' <"$SCRATCH/shown" | sed '1,/^  *$/d')"
}

fact "no arguments are 2" complains 2 "ENDPOINT is missing"
fact "one too many is 2" complains 2 "unexpected argument 'more'" tcp://127.0.0.1:9 GET / body more
fact "an endpoint that is none is 2" complains 2 "ENDPOINT is none" nonsense GET /
fact "an endpoint without a port is 2" complains 2 "ENDPOINT is none" tcp://localhost GET /
fact "a path that is none is 2" complains 2 "PATH does not begin with '/'" tcp://127.0.0.1:9 GET users
fact "a format that is none is 2" complains 2 "--format is none of" tcp://127.0.0.1:9 GET / --format xml
fact "zero calls are 2" complains 2 "--repeat: '0'" tcp://127.0.0.1:9 GET / --repeat 0
fact "a body that is no text is 2 where it has to be one" complains 2 "not UTF-8" tcp://127.0.0.1:9 POST / $'\xff' \
    --format json
fact "nobody there is one line, in every format" in_every_format nobody_there
fact "nobody there is one line for many calls too" in_every_format nobody_there --repeat 100 --concurrency 10
fact "the gateway starts" start_gateway
fact "answers that are not 2xx are counted by status" in_every_format counts_statuses
fact "Ctrl-C tells how far it came" in_every_format is_interrupted
if "$PYTHON" -c 'import zmq' 2>/dev/null; then
    fact "Ctrl-C ends a call without a word" in_every_format one_call_is_interrupted
else
    skip "Ctrl-C ends a call without a word" "python3-zmq is not installed"
fi
if command -v script >/dev/null; then
    fact "a terminal shows a bar" shows_progress
else
    skip "a terminal shows a bar" "script (bsdutils) is not installed"
fi
fact "a server that vanishes is told, and how far it came" in_every_format server_vanishes
