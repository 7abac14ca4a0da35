#!/usr/bin/env bash
# tests/interop/users_service.sh - ten workers behind a port, and a client with many calls on one connection
#
# Place: run by tests/run after the samples are built. Either of the two is killed while there is much to do.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/samples.sh"
PYTHON=$(python_with zmq)

start_service ()
{
    local endpoint=${1:-tcp://127.0.0.1:$(lasting_port)}
    start "$SAMPLES/users_service" --bind "$endpoint" "${@:2}"
    await_line 10 '^users_service ready tcp://127\.0\.0\.1:[0-9]+$' && ENDPOINT=${LINE##* } && keep_as service
}

start_client () { start "$SAMPLES/users_client" --to "$ENDPOINT" "$@"; keep_as client; }

#  Runs a client to its end; then $STATUS, and what it said in $SCRATCH/said.
ask () { run_sample 60 users_client --to "$ENDPOINT" "$@"; }

#  "METHOD PATH STATUS" of each answer, in the order of the calls
answers () { grep -E '^ +[0-9]+  [A-Z]+ ' "$1" | sort -n | awk '{ print $2, $3, $4 }'; }

#  The numbers of the calls that are answered: each from 1 to $2, once
each_once () { same "$(seq "$2")" "$(grep -oE '^ +[0-9]+  [A-Z]' "$1" | tr -dc '0-9\n' | sort -n)"; }

answers_by_route ()
{
    start_service '' --token T && ask --calls 7 && same 0 "$STATUS" && same "GET /users 200
GET /users/1 200
GET /users/2 404
POST /report 200
GET /private 401
GET /fail 500
GET /report 200" "$(answers "$SCRATCH/said")" && contains '[{"id":1,"name":"August"}]' "$(cat "$SCRATCH/said")"
}

asks_for_the_token ()
{
    ask --calls 5 --token T && contains 'GET /private 200' "$(answers "$SCRATCH/said")" &&
        ask --calls 5 --token U && contains 'GET /private 403' "$(answers "$SCRATCH/said")"
}

#  A report takes long enough for others to overtake it.
comes_out_of_order ()
{
    ask --calls 70 --concurrency 8 && same 0 "$STATUS" && each_once "$SCRATCH/said" 70 &&
        [[ $(tail -n 1 "$SCRATCH/said") =~ ^70\ calls\ in\ .*\ [1-9][0-9]*\ overtaken$ ]]
}

client_comes_first ()
{
    switch_to service && ends_at_interrupt && start_client --calls 14 && await_line 5 "^$ENDPOINT down\$" &&
        start_service "$ENDPOINT" && switch_to client && await_line 10 '^14 calls in ' && await_end 5 &&
        same 0 "$STATUS"
}

#  64 calls are in flight, and of so many some must not be done twice.
restarted_under_load ()
{
    start_client --calls 700 --concurrency 64 && await_line 10 '^50  ' && kill_kept service || return 1
    timeout 60 cat <&"$OUTPUT" >"$SCRATCH/load" &
    local reader=$! client=$CHILD
    start_service "$ENDPOINT" && wait "$reader" || return 1
    STATUS=0
    wait "$client" || STATUS=$?
    same 1 "$STATUS"
}

#  Those before the 50th were read off before it was killed.
nothing_is_lost ()
{
    local lost
    lost=$(awk '$4 >= 502 && $4 <= 504 { print $2, $4 }' "$SCRATCH/load" | sort -u)
    same "POST 503" "$lost" && contains "700 calls in" "$(tail -n 1 "$SCRATCH/load")" &&
        same "" "$(grep -oE '^ +[0-9]+  [A-Z]' "$SCRATCH/load" | sort | uniq -d)"
}

#  They do not wait for the service to be back.
others_end_at_once () { same "" "$(sed -n "\|^$ENDPOINT up|,\$p" "$SCRATCH/load" | awk '$4 == 503')"; }

client_is_killed ()
{
    start_client --calls 2000 --concurrency 64 && await_line 10 '^50  ' && kill -KILL "$CHILD" &&
        ask --calls 7 && same 0 "$STATUS" && each_once "$SCRATCH/said" 7
}

nobody_is_there ()
{
    switch_to service && ends_at_interrupt && ask --calls 2 --timeout 200 && same 1 "$STATUS" &&
        contains "$ENDPOINT down" "$(cat "$SCRATCH/said")" &&
        contains "2 calls were not answered" "$(tail -n 1 "$SCRATCH/said")"
}

says_so_in_a_line () { gives_up "1 calls were not answered" users_client --to "$ENDPOINT" --calls 1 --timeout 200; }

#  It is noticed, and what it has ends in time; so does the client, since nothing waits for ever.
stands_still ()
{
    start_service && start_client --calls 300 --concurrency 16 --timeout 1000 && await_line 10 '^50  ' &&
        kill -STOP "${KEPT[service]%% *}" && await_line 10 '^300 calls in ' && await_end 5 && same 1 "$STATUS"
}

#  The calls that wait for it are answered then. It may have lost some that must not be done twice.
goes_on ()
{
    start_client --calls 7 --timeout 60000 && await_line 5 "^$ENDPOINT down\$" && kill -CONT "${KEPT[service]%% *}" &&
        await_line 10 '^7 calls in ' && await_end 5 && same 0 "$STATUS" && switch_to service && ends_at_interrupt
}

is_interrupted () { start_client && await_line 5 "^$ENDPOINT down\$" && ends_at_interrupt; }

#  The article's client, in JSON.
python_asks ()
{
    timeout 20 "$PYTHON" - "$ENDPOINT" <<'END_OF_PYTHON'
import json, sys, zmq
socket = zmq.Context ().socket (zmq.REQ)
socket.connect (sys.argv [1])
def ask (path):
    socket.send_string (json.dumps ({"method": "GET", "path": path}))
    assert socket.poll (10000), "no answer"
    return json.loads (socket.recv ())
assert ask ("/users") == {"status": 200, "body": [{"id": 1, "name": "August"}]}
assert ask ("/users/1") == {"status": 200, "body": {"id": 1, "name": "August"}}
assert [ask (path) ["status"] for path in ("/users/2", "/nothing", "/fail", "/private")] == [404, 404, 500, 401]
END_OF_PYTHON
}

fact "users_service has --help" has_help users_service
fact "users_client has --help" has_help users_client
fact "each route is answered" answers_by_route
fact "/private asks for the token" asks_for_the_token
fact "answers come as they are ready, each once" comes_out_of_order
fact "a busy port is told in a line" gives_up "$ENDPOINT: the address is in use" users_service --bind "$ENDPOINT"
fact "what is no endpoint is told" refuses 2 "nonsense: malformed" users_client --to nonsense
if [ -n "$PYTHON" ]; then
    fact "REQ in Python is answered in JSON" python_asks
else
    skip "REQ in Python is answered in JSON" "python3-zmq is not installed"
fi
fact "the client may be started first" client_comes_first
fact "the service is killed and started again while 64 calls are in flight" restarted_under_load
fact "what may be done twice is answered, and nothing is answered twice" nothing_is_lost
fact "what must not be done twice ends at once" others_end_at_once
fact "a client that is killed holds nobody up" client_is_killed
fact "the service ends on Ctrl-C, and without it calls end in time" nobody_is_there
fact "a client that gives up says so in a line" says_so_in_a_line
fact "Ctrl-C ends a client that waits" is_interrupted
fact "the service stands still under load: calls end in time" stands_still
fact "it goes on, and those that waited for it are answered" goes_on
