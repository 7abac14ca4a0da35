#!/usr/bin/env bash
# tests/interop/clojure.sh - our clients against a server in Clojure: REP workers behind a queue, in SMILE
#
# Place: run by tests/run --all, or by its name, after the samples are built. rpc_server.clj is the server; rpc_call
# asks it directly, curl and rpc_call ask it through front.c, whose egress speaks SMILE.
#
# SPDX-License-Identifier: MPL-2.0

# shellcheck source=gateway.sh
. "$(dirname "$0")/gateway.sh"
CALL=$(dirname "$GATEWAY")/rpc_call
FRONT=$(dirname "$GATEWAY")/../tests/interop/front
JARS=/usr/share/java

#  One Java for all facts, since it takes its time to begin.
start_server ()
{
    local class_path=$JARS/clojure.jar:$JARS/cheshire.jar:$JARS/tigris.jar:$JARS/jackson-core.jar
    class_path+=:$JARS/jackson-dataformat-smile.jar:$JARS/jackson-dataformat-cbor.jar
    class_path+=:$JARS/spec.alpha.jar:$JARS/core.specs.alpha.jar:$JARS/jeromq.jar
    mkfifo "$SCRATCH/typed"
    exec {TYPED}<>"$SCRATCH/typed"
    start java -cp "$class_path" clojure.main "$ROOT/tests/interop/rpc_server.clj" "$(lasting_port)" \
        <&"$TYPED"
    SERVER_OUTPUT=$OUTPUT SERVER_ERRORS=$ERRORS
    await_line 60 '^ready tcp://127\.0\.0\.1:[0-9]+$' && ENDPOINT=${LINE#ready }
}

#  Types a word to the server and waits for what it says: type stop '^stopped$'
type_word ()
{
    printf '%s\n' "$1" >&"$TYPED"
    OUTPUT=$SERVER_OUTPUT ERRORS=$SERVER_ERRORS await_line 20 "$2"
}

stop_server () { type_word stop '^stopped$'; }
start_again () { type_word start "^ready $ENDPOINT\$"; }

start_front ()
{
    start "$FRONT" --servers "$ENDPOINT" --format smile --set children/far/lanes=8
    FRONT_CHILD=$CHILD FRONT_OUTPUT=$OUTPUT
    await_ready
}

#  What rpc_call prints and how it ends: calls STATUS OUTPUT ARGS...
calls ()
{
    local expected=$1 output=$2 status=0 got
    shift 2
    got=$(timeout 20 "$CALL" "$ENDPOINT" "$@" --format smile 2>&1) || status=$?
    same "$output" "$got" && same "$expected" "$status"
}

asked_directly ()
{
    calls 0 $'200\n[{"id":1,"name":"August"}]' GET /users && calls 0 $'200\n{"id":1,"name":"August"}' GET /users/1 &&
        calls 1 404 GET /users/2 && calls 1 404 DELETE /users && calls 1 500 GET /fail &&
        calls 0 $'200\n{"texts":["a","ü",""],"numbers":[0,-17,65536,123456789012,0.5],"nothing":null,"yes":true}' \
            POST /echo '{"texts":["a","ü",""],"numbers":[0,-17,65536,123456789012,0.5],"nothing":null,"yes":true}'
}

#  Four workers sleep 50 ms a call: 40 calls take half a second at least, and would take two by one worker.
shares_its_workers ()
{
    timeout 30 "$CALL" "$ENDPOINT" GET /sleep/50 --repeat 40 --concurrency 40 --format smile >"$SCRATCH/many" &&
        contains '40 calls, 40 with 2xx' "$(cat "$SCRATCH/many")" &&
        awk '/calls/ { exit !($7 >= 0.5 && $7 < 1.9) }' "$SCRATCH/many"
}

many_at_once ()
{
    timeout 60 "$CALL" "$1" GET /users --repeat 2000 --concurrency 32 --format "$2" >"$SCRATCH/many" 2>&1
    contains '2000 calls, 2000 with 2xx' "$(cat "$SCRATCH/many")"
}

#  Waits for it: rpc_call asks at once, and the server comes.
client_comes_first ()
{
    stop_server || return 1
    start "$CALL" "$ENDPOINT" GET /users --format smile --timeout 20000
    local call=$OUTPUT
    start_again && OUTPUT=$call await_line 10 '^200$'
}

asked_through_the_front ()
{
    answers 200 '[{"id":1,"name":"August"}]' /users && same application/json "$(field content-type)" &&
        answers 200 awake /sleep/1 && answers 404 "" /users/2 && answers 500 "" /fail &&
        answers 200 '{"a":[1,"x",null]}' /echo -d '{"a":[1,"x",null]}' -H 'Content-Type: application/json' &&
        answers 200 'plain' /echo -d plain -H 'Content-Type: text/plain' &&
        answers 201 1 /count -X POST && same yes "$(field x-counted)"
}

#  Bytes are bytes: SMILE has them, as values of seven bits or raw.
bytes_come_back ()
{
    head -c 100000 /dev/urandom >"$SCRATCH/sent"
    ask /echo --data-binary @"$SCRATCH/sent" -H 'Content-Type: application/octet-stream' && same 200 "$CODE" &&
        cmp "$SCRATCH/sent" "$SCRATCH/body"
}

#  The slow one was asked first and is answered last. Its queue deals to the workers in turn, so three others are free.
out_of_order ()
{
    curl -s --max-time 20 "$URL/sleep/3000" >"$SCRATCH/slow" &
    local slow=$!
    until [ "$(outstanding)" = 1 ]; do kill -0 $slow || return 1; done
    for _ in 1 2 3; do answers 200 awake /sleep/1 || return 1; done
    kill -0 $slow && wait $slow && same awake "$(cat "$SCRATCH/slow")"
}

outstanding () { curl -s "$URL/front/egress" | awk '$1 == "outstanding" { print $2 }'; }

#  Stopped with a call in its hands that may be done twice, and with others that come while it is away.
outlives_a_restart ()
{
    local count=5 one calls=()
    stop_server || return 1
    for ((one = 0; one < count; one++)); do
        curl -s --max-time 20 "$URL/users/1" >"$SCRATCH/waits.$one" & calls+=($!)
    done
    until [ "$(curl -s "$URL/front/egress" | awk '$1 == "queued" { print $2 }')" = $count ]; do
        kill -0 "${calls[0]}" || return 1
    done
    start_again && wait "${calls[@]}" &&
        same 5 "$(cat "$SCRATCH"/waits.* | grep -o '{"id":1,"name":"August"}' | wc -l)" &&
        many_at_once "$RPC" json
}

#  JeroMQ 0.3 speaks ZMTP 2, and its connections once were cut every three seconds: none has been but by the restart.
stays_connected () { same 1 "$(curl -s "$URL/front/egress" | sed -n 's/^tcp:.* losses \([0-9]*\) .*/\1/p')"; }

#  What is no SMILE is 502 and not passed on; the next call is answered as ever.
junk_is_502 () { is_a_problem 502 /junk -X POST && answers 200 awake /sleep/1; }

stop_front () { CHILD=$FRONT_CHILD OUTPUT=$FRONT_OUTPUT stop_gateway; }

if [ "${TROUPE_HEAVY:-no}" = no ] || ! command -v java >/dev/null || ! [ -e $JARS/cheshire.jar ] ||
    ! [ -e $JARS/jeromq.jar ]; then
    skip "a server in Clojure with Cheshire and JeroMQ" \
        "tests/run --all, or tests/run interop/clojure with cheshire and jeromq"
    exit
fi
fact "Clojure with Cheshire and JeroMQ: REP workers behind a queue, in SMILE" start_server
fact "rpc_call is answered" asked_directly
fact "its calls are shared among the workers" shares_its_workers
fact "2,000 calls on one connection, 32 at once" many_at_once "$ENDPOINT" smile
fact "rpc_call may be started first" client_comes_first
fact "doors with an egress that speaks SMILE in front of it" start_front
fact "HTTP is answered by Clojure" asked_through_the_front
fact "bytes come back as they were" bytes_come_back
fact "quick calls overtake slow ones" out_of_order
fact "2,000 calls through the RPC door, 32 at once" many_at_once "$RPC" json
fact "it is started again: calls wait for it, and none fails" outlives_a_restart
fact "its connections have been kept all the time" stays_connected
fact "what is no SMILE is 502" junk_is_502
fact "the front ends as ever" stop_front
