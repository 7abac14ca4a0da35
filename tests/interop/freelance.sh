#!/usr/bin/env bash
# tests/interop/freelance.sh - a client with three servers: whoever is killed or stands still is passed over
#
# Place: run by tests/run after the samples are built. A REP socket in Python is one of the servers in the end.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/samples.sh"
PYTHON=$(python_with zmq)
declare -A AT

#  Starts the server of that name, at a free port or where it was: start_server NAME
start_server ()
{
    start "$SAMPLES/freelance_server" --name "$1" --bind "${AT[$1]:-tcp://127.0.0.1:$(lasting_port)}"
    await_line 10 '^freelance_server ready tcp://127\.0\.0\.1:[0-9]+$' && AT[$1]=${LINE##* } && keep_as "$1"
}

start_all () { start_server Ann && start_server Ben && start_server Cid; }

#  It ends in any case, since whoever waits for one of its lines sees the others meanwhile.
start_client ()
{
    start "$SAMPLES/freelance_client" --servers "${AT[*]}" --every 10 --count 2000 "$@"
    keep_as client
}

#  The next $1 answers are right; $NAMES has who gave them. What says who is there does not count.
right_answers ()
{
    local left=$1
    NAMES=
    while [ "$left" -gt 0 ]; do
        await_line 10 . || return 1
        [[ $LINE =~ ^(tcp://.*\ is\ (there|gone)|nobody\ is\ there.*)$ ]] && continue
        [[ $LINE =~ ^([0-9]+)\ +([0-9]+)\ by\ ([A-Z][a-z]+)$ ]] || { echo "no answer: $LINE"; return 1; }
        same $((BASH_REMATCH[1] * BASH_REMATCH[1])) "${BASH_REMATCH[2]}" || return 1
        NAMES+=" ${BASH_REMATCH[3]}"
        left=$((left - 1))
    done
}

ends_well () { await_end 10 && same 0 "$STATUS"; }

#  As they come and go the client goes on with those that it has.
all_have_their_share ()
{
    start_all && start_client && await_line 10 ' by Ann$' && await_line 10 ' by Ben$' && await_line 10 ' by Cid$' &&
        await_line 10 ' by Ann$' && ends_at_interrupt
}

one_is_killed ()
{
    start_client --count 150 && right_answers 50 && kill_kept Ann && right_answers 100 && ends_well
}

#  What it has is given to another after half of its time; then it gets no more.
one_stands_still ()
{
    start_server Ann && start_client --count 150 && await_line 10 ' by Ben$' && kill -STOP "${KEPT[Ben]%% *}" &&
        right_answers 100 && ends_well && kill -CONT "${KEPT[Ben]%% *}"
}

#  Nobody answers, until they go on: what was asked too long ago is 504, and nothing is answered twice.
all_stand_still ()
{
    local pids=("${KEPT[Ann]%% *}" "${KEPT[Ben]%% *}" "${KEPT[Cid]%% *}")
    start_client --every 100 --timeout 500 && await_line 10 ' by ' && kill -STOP "${pids[@]}" &&
        await_line 10 'is not answered: 504' && kill -CONT "${pids[@]}" && await_line 10 ' by ' && right_answers 10 &&
        ends_at_interrupt
}

all_are_killed ()
{
    start_client --every 100 --timeout 500 && await_line 10 ' by ' && kill_kept Ann Ben Cid &&
        await_line 10 '^nobody is there' && await_line 10 'is not answered: 504' && keep_as client
}

one_comes_back ()
{
    start_server Ben && switch_to client && await_line 10 "^${AT[Ben]} is there\$" && right_answers 10 &&
        [[ $NAMES != *Ann* && $NAMES != *Cid* ]] && ends_at_interrupt
}

#  Questions that are not too old are still answered when the first server comes.
client_comes_first ()
{
    kill_kept Ben && start_client --count 5 --timeout 20000 && await_line 10 '^nobody is there' &&
        start_server Ben && switch_to client && right_answers 5 && ends_well
}

client_is_killed ()
{
    start_client && await_line 10 ' by Ben$' && kill -KILL "$CHILD" && start_client --count 5 && right_answers 5 &&
        ends_well
}

#  Ben answers in JSON, as all do, and the one in Python too, until Ben is killed.
python_serves ()
{
    start timeout 60 "$PYTHON" -c '
import json, zmq
socket = zmq.Context ().socket (zmq.REP)
print ("ready tcp://127.0.0.1:%d" % socket.bind_to_random_port ("tcp://127.0.0.1"), flush = True)
while True:
    number = int (json.loads (socket.recv ()) ["path"].split ("/") [2])
    socket.send_string (json.dumps ({"status": 200, "body": "%d by Pia" % (number * number)}))'
    await_line 10 '^ready tcp:' && AT[Pia]=${LINE##* } && keep_as Pia && start_client --format json &&
        await_line 10 ' by Pia$' && await_line 10 ' by Ben$' && kill_kept Ben && right_answers 50 &&
        await_line 10 ' by Pia$' && await_line 10 ' by Pia$' && ends_at_interrupt
}

nobody_is_there ()
{
    run_sample 20 freelance_client --servers "${AT[Ann]}" --count 2 --timeout 200 && same 1 "$STATUS" &&
        contains "nobody is there" "$(cat "$SCRATCH/said")" &&
        contains "2 questions were not answered" "$(tail -n 1 "$SCRATCH/said")"
}

says_so_in_a_line ()
{
    gives_up "1 questions were not answered" freelance_client --servers "${AT[Ann]}" --count 1 --timeout 200
}

is_interrupted ()
{
    start "$SAMPLES/freelance_client" --servers "${AT[Ann]}"
    await_line 10 '^nobody is there' && ends_at_interrupt
}

server_ends () { start_server Cid && ends_at_interrupt; }

fact "freelance_server has --help" has_help freelance_server
fact "freelance_client has --help" has_help freelance_client
fact "three servers answer in turns" all_have_their_share
fact "one of three is killed, and no question fails" one_is_killed
fact "one of three stands still, and no question fails" one_stands_still
fact "a busy port is told in a line" \
    gives_up "${AT[Ben]}: the address is in use" freelance_server --bind "${AT[Ben]}"
fact "what is no endpoint is told" refuses 2 "nonsense: malformed" freelance_client --servers nonsense
fact "all stand still, and the client goes on when they do" all_stand_still
fact "all are killed, and the client says so" all_are_killed
fact "it goes on when one comes back" one_comes_back
fact "questions wait for the first server" client_comes_first
fact "a client that is killed holds nobody up" client_is_killed
if [ -n "$PYTHON" ]; then
    fact "REP in Python is one of the servers" python_serves
else
    skip "REP in Python is one of the servers" "python3-zmq is not installed"
fi
fact "with nobody there it ends, and says so" nobody_is_there
fact "a client that gives up says so in a line" says_so_in_a_line
fact "Ctrl-C ends a client that waits" is_interrupted
fact "Ctrl-C ends a server" server_ends
