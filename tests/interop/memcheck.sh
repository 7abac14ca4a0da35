#!/usr/bin/env bash
# tests/interop/memcheck.sh - valgrind finds neither a wrong access nor a leak in the samples
#
# Place: run by tests/run --all, or by its name.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/gateway.sh"
SAMPLES=$ROOT/build/release/samples
MEMCHECK="valgrind --quiet --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect"

#  What valgrind says about the program; its notes about system calls that it does not know begin with -- instead.
findings () { grep '^==' "$SCRATCH/memcheck"; }

#  A sample that ends by itself does so with 0, and valgrind has nothing to say.
# shellcheck disable=SC2086
is_clean ()
{
    start $MEMCHECK --log-file="$SCRATCH/memcheck" "$SAMPLES/$1"
    await_end 60 && same 0 "$STATUS" && same "" "$(findings)"
}

#  The RPC port in all formats, with what it refuses.
rpc_is_asked ()
{
    local format
    for format in troupe json smile msgpack; do
        timeout 60 "$SAMPLES/rpc_call" "$RPC" GET /users --format $format --timeout 20000 >"$SCRATCH/call" || return 1
        timeout 60 "$SAMPLES/rpc_call" "$RPC" POST /echo '{"a":[1]}' --format $format --timeout 20000 \
            >"$SCRATCH/call" || return 1
        #  Refused is 1.
        timeout 60 "$SAMPLES/rpc_call" "$RPC" GET /private --format $format --timeout 20000 >"$SCRATCH/call"
        same 1 $? || return 1
    done
    ! /usr/bin/python3 -c 'import zmq, msgpack' 2>/dev/null ||
        timeout -k 5 120 /usr/bin/python3 "$ROOT/tests/interop/rpc.py" "$RPC" rubbish
}

#  Everything that the gateway can be asked, once, and a request in flight when it is told to end.
# shellcheck disable=SC2086
gateway_is_clean ()
{
    start $MEMCHECK --log-file="$SCRATCH/memcheck" "$GATEWAY" --http 127.0.0.1:0 "${FREE_RPC[@]}"
    await_ready 60 || return 1
    local path
    for path in / /users /users/1 /users/2 /nothing /fail /sleep/1 /health/live /fail; do ask "$path" || return 1; done
    ask /echo --data-binary "@$GATEWAY" && ask /echo -H 'Transfer-Encoding: chunked' -d text || return 1
    rpc_is_asked && refused_with 400 'hello\r\n\r\n' && open_wire &&
        say_wire 'GET /sleep/300 HTTP/1.1\r\nHost: a\r\n\r\n' && ask / &&
        kill -TERM "$CHILD" && read_wire && await_end 60 && same 0 "$STATUS" && same "" "$(findings)"
}

if [ "${TROUPE_HEAVY:-no}" = no ] || ! command -v valgrind >/dev/null; then
    skip "valgrind finds nothing in the samples" "tests/run --all, or tests/run interop/memcheck with valgrind"
    exit
fi
fact "valgrind finds nothing in hello" is_clean hello
fact "valgrind finds nothing in supervised" is_clean supervised
fact "valgrind finds nothing in the gateway" gateway_is_clean
