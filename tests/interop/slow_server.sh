#!/usr/bin/env bash
# tests/interop/slow_server.sh - a client queues behind a slow server, and loses nothing when it is started again
#
# Place: run by tests/run after the samples are built.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/samples.sh"
PYTHON=$(python_with zmq)
HERE=$(dirname "$0")

start_server ()
{
    start "$SAMPLES/slow_server" --listen "${1:-tcp://127.0.0.1:$(lasting_port)}"
    await_line 10 '^slow_server ready tcp://127\.0\.0\.1:[0-9]+$' && ENDPOINT=${LINE##* } && keep_as server
}

start_client ()
{
    start "$SAMPLES/eager_client" --to "$ENDPOINT" "$@"
    keep_as client
}

#  What the client prints until it ends: its answers, one number each, are in $ANSWERS.
await_answers ()
{
    local lines
    lines=$(timeout 60 cat <&"$OUTPUT") || { echo "it has not ended in time"; return 1; }
    wait "$CHILD" && ANSWERS=$(sed -n 's/^{"response":"\([0-9]*\)"}$/\1/p' <<<"$lines") &&
        contains "$1 asked, $1 answered" "$lines"
}

#  Each question is answered once, in its order: no number is missing, none is there twice.
queues_and_is_answered ()
{
    start_server && start_client --count 6 && await_line 5 '^the server is there' &&
        await_line 5 '^0 message queued$' && await_line 5 '^[23] message queued$' && await_answers 6
}

client_comes_first ()
{
    switch_to server && ends_at_interrupt && start_client --count 2 && await_line 5 '^1 message queued$' &&
        start_server "$ENDPOINT" && switch_to client && await_answers 2 && same "$(seq 0 1)" "$ANSWERS"
}

#  It is killed while it has a question that it answers after a second: that one is asked again.
restarted_in_the_middle ()
{
    start_server && start_client --count 8 && await_line 5 '^\{"response":"1"\}$' &&
        await_line 5 '^3 message queued$' || return 1
    kill_kept server && await_line 5 '^the server is gone$' &&
        start_server "$ENDPOINT" && switch_to client && await_line 5 '^the server is there' && await_answers 8 &&
        same "$(seq 2 7)" "$ANSWERS"
}

#  It is not dead, but nobody can know: what it has taken is asked again when it goes on.
server_hangs ()
{
    start_server && start_client --count 4 && await_line 5 '^the server is there' && await_line 5 '"0"' &&
        kill -STOP "${KEPT[server]%% *}" && await_line 20 '^the server is gone$' && kill -CONT "${KEPT[server]%% *}" &&
        await_line 10 '^the server is there' && await_answers 4 &&
        same 3 "$(tail -n 1 <<<"$ANSWERS")"
}

gives_up_when_it_is_gone ()
{
    start_client --patience 1 && await_line 5 '^the server is there' && kill -KILL "${KEPT[server]%% *}" &&
        await_end 10 && same 1 "$STATUS" && contains "nobody is at $ENDPOINT" "$(cat "$ERRORS")"
}

#  A client that is killed with its question under way does not hold the server up for the next.
client_is_killed ()
{
    start_server && start_client && await_line 5 '^\{"response":"1"\}$' && await_line 5 '^3 message queued$' &&
        kill -KILL "$CHILD" && start_client --count 1 && await_answers 1 && same 0 "$ANSWERS"
}

#  REQ of another library, the words in JSON, also for what is no word.
python_asks ()
{
    timeout 20 "$PYTHON" "$HERE/zmq_peer.py" ask "$ENDPOINT" hello 'a"b' >"$SCRATCH/said" &&
        same $'{"response":"hello"}\n{"error":"one short word, please"}' "$(cat "$SCRATCH/said")"
}

#  REP of another library, which answers the first attempt at nothing: the client asks it again.
python_answers ()
{
    start "$PYTHON" "$HERE/zmq_peer.py" answer
    await_line 10 '^ready tcp:' && ENDPOINT=${LINE##* } && start_client --count 4 && await_answers 4 &&
        same $'0\n1\n2\n3' "$ANSWERS"
}

is_interrupted () { start_client && await_line 5 'message queued$' && ends_at_interrupt; }

fact "slow_server has --help" has_help slow_server
fact "eager_client has --help" has_help eager_client
fact "questions queue up behind the slow one, and each is answered" queues_and_is_answered
fact "a busy port is told in a line" refuses 1 "$ENDPOINT: the address is in use" slow_server --listen "$ENDPOINT"
fact "what is no endpoint is told" refuses 2 "nonsense: malformed" eager_client --to nonsense
fact "the client may be started first" client_comes_first
fact "the server is killed and started again: nothing is lost or answered twice" restarted_in_the_middle
fact "the server hangs, and goes on" server_hangs
fact "a client whose server stays away gives up, and says so" gives_up_when_it_is_gone
fact "one that never finds it, in one line" gives_up "client#1 FAILED (1): nobody is at tcp://127.0.0.1:1;" \
    eager_client --to tcp://127.0.0.1:1 --patience 1
fact "a client that is killed holds nobody up" client_is_killed
fact "Ctrl-C ends the client" is_interrupted
if [ -n "$PYTHON" ]; then
    fact "REQ in Python is answered" python_asks
    switch_to server
    fact "Ctrl-C ends the server" ends_at_interrupt
    fact "REP in Python is asked" python_answers
else
    skip "REQ and REP in Python" "python3-zmq is not installed"
fi
