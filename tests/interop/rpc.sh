#!/usr/bin/env bash
# tests/interop/rpc.sh - the RPC door answers clients that know nothing of troupe
#
# Place: run by tests/run. pyzmq (rpc.py), and Clojure with Cheshire and JeroMQ (rpc.clj) when everything is tested.
#
# SPDX-License-Identifier: MPL-2.0

# shellcheck source=gateway.sh
. "$(dirname "$0")/gateway.sh"
HERE=$ROOT/tests/interop
CALL=$(dirname "$GATEWAY")/rpc_call
JARS=/usr/share/java
PYTHON=/usr/bin/python3
MAKE_CERT=${TROUPE_MAKE_CERT:-$ROOT/build/release/tests/interop/make_cert}

python () { timeout -k 5 60 "$PYTHON" "$HERE/rpc.py" "$@"; }

#  What rpc_call prints and how it ends: calls STATUS OUTPUT ARGS...
calls ()
{
    local expected=$1 output=$2 status=0 got
    shift 2
    got=$(timeout 20 "$CALL" "$RPC" "$@" 2>"$SCRATCH/call") || status=$?
    same "$output" "$got" && same "$expected" "$status"
}

in_every_format ()
{
    local format
    for format in troupe json smile msgpack; do
        calls 0 $'200\n[{"id":1,"name":"August"}]' GET /users --format $format || return 1
        calls 0 $'200\n{"a":[1,"x",null]}' POST /echo '{"a":[1,"x",null]}' --format $format || return 1
        calls 0 $'200\nfor your eyes only' GET /private --token 'open sesame' --format $format || return 1
        timeout 20 "$CALL" "$RPC" GET /nothing --format $format >"$SCRATCH/nothing"
        same 1 $? && same 404 "$(head -n 1 "$SCRATCH/nothing")" || return 1
        timeout 60 "$CALL" "$RPC" GET / --repeat 2000 --concurrency 64 --format $format >"$SCRATCH/many" || return 1
        contains '2000 calls, 2000 with 2xx' "$(cat "$SCRATCH/many")" || return 1
    done
}

nobody_there ()
{
    local RPC=tcp://127.0.0.1:9
    calls 1 "" GET / --format json --timeout 300 && contains 'no answer in time' "$(cat "$SCRATCH/call")"
}

#  A client that waits when the gateway is told to end gets its answer; then it ends.
waits_for_the_end ()
{
    local gateway=$CHILD
    start timeout -k 5 60 "$PYTHON" "$HERE/rpc.py" "$RPC" ending
    await_line 20 '^asked$' && kill -TERM "$gateway" && await_line 20 '^answered 200$' && await_end 10 &&
        same 0 "$STATUS"
}

clojure ()
{
    local class_path=$JARS/clojure.jar:$JARS/cheshire.jar:$JARS/tigris.jar:$JARS/jackson-core.jar
    class_path+=:$JARS/jackson-dataformat-smile.jar:$JARS/jackson-dataformat-cbor.jar
    class_path+=:$JARS/spec.alpha.jar:$JARS/core.specs.alpha.jar:$JARS/jeromq.jar
    timeout -k 5 120 java -cp "$class_path" clojure.main "$HERE/rpc.clj" "$RPC"
}

#  Ada and eve have certificates, and only ada's is allowed: start_with_keys [OPTIONS...]
start_with_keys ()
{
    start_gateway --token 'open sesame' --set "security/cert=$SCRATCH/door" \
        --set "security/allowed=$SCRATCH/allowed" "$@"
}

make_keys ()
{
    local name
    for name in door ada eve; do "$MAKE_CERT" "$SCRATCH/$name" || return 1; done
    mkdir "$SCRATCH/allowed" && cp "$SCRATCH/ada" "$SCRATCH/allowed/"
}

#  Our own client with its certificate.
call_with_keys ()
{
    calls 0 $'200\nfor your eyes only, ada' GET /private --token 'open sesame' --format "$1" \
        --set "security/cert=$SCRATCH/ada" --set "security/server=$SCRATCH/door"
}

keys ()
{
    fact "a gateway with keys starts" start_with_keys
    fact "a REQ of pyzmq with an allowed key is known by its name" \
        python "$RPC" known "$SCRATCH/ada_secret" "$SCRATCH/door" ada
    fact "one whose key is not allowed is not heard" python "$RPC" refused "$SCRATCH/eve_secret" "$SCRATCH/door"
    fact "one without a key is not heard" python "$RPC" refused
    fact "rpc_call with a key, in JSON" call_with_keys json
    fact "rpc_call with a key, in troupe's framing" call_with_keys troupe
    fact "the gateway with keys ends as ever" stop_gateway
    fact "a gateway with keys and a worker in a process starts" start_with_keys \
        --set children/worker/endpoint=ipc://worker --set children/worker/instances=1
    fact "the worker in its process is told who asks" \
        python "$RPC" known "$SCRATCH/ada_secret" "$SCRATCH/door" ada
    fact "the gateway with a process ends as ever" stop_gateway
    fact "a gateway with keys, and a door at ipc, starts" start_with_keys --rpc "ipc://$SCRATCH/rpc"
    fact "where no key is asked for nobody says himself who he is" python "$RPC" forged
    fact "the gateway at ipc ends as ever" stop_gateway
}

fact "the gateway starts" start_gateway --token 'open sesame'
fact "rpc_call is answered in every format" in_every_format
fact "rpc_call says when nobody is there" nobody_there
if "$PYTHON" -c 'import zmq, msgpack' 2>/dev/null; then
    fact "a REQ of pyzmq, in JSON" python "$RPC" json
    fact "a REQ of pyzmq, in MessagePack" python "$RPC" msgpack
    fact "rubbish is answered" python "$RPC" rubbish
    fact "documents nested too deep are answered" python "$RPC" depth
    fact "documents that are too large are answered, or end the connection" python "$RPC" size
    fact "whatever is in front of a question is in front of its answer" python "$RPC" strangers
    fact "a DEALER has many calls in flight, and quick ones overtake slow ones" python "$RPC" dealer
    fact "REQs behind a queue" python "$RPC" queue
    fact "troupe's framing as it is described" python "$RPC" framing
else
    skip "pyzmq as a client" "python3-zmq or python3-msgpack is not installed"
fi
if [ "${TROUPE_HEAVY:-no}" != no ] && command -v java >/dev/null && [ -e $JARS/cheshire.jar ] &&
    [ -e $JARS/jeromq.jar ]; then
    fact "Clojure with Cheshire and JeroMQ: REQs behind a queue, in SMILE" clojure
else
    skip "Clojure with Cheshire and JeroMQ" "tests/run --all, or tests/run interop/rpc with cheshire and jeromq"
fi
if "$PYTHON" -c 'import zmq, msgpack' 2>/dev/null; then
    fact "who waits when the gateway ends is answered" waits_for_the_end
fi
fact "certificates are made" make_keys
if "$PYTHON" -c 'import zmq, msgpack' 2>/dev/null; then keys; fi
