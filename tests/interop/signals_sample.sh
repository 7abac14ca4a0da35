#!/usr/bin/env bash
# tests/interop/signals_sample.sh - PAIR between threads, and what it does when peers come and go across a network
#
# Place: run by tests/run after the samples are built. What the sample shows is libzmq's; it is held to it here.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/samples.sh"
PYTHON=$(python_with zmq)

start_hearer ()
{
    start "$SAMPLES/signals" --listen "${1:-tcp://127.0.0.1:*}"
    await_line 10 '^listens +tcp://127\.0\.0\.1:[0-9]+$' && ENDPOINT=${LINE##* } && keep_as hearer
}

#  A sayer of that name, which ends in any case: start_sayer NAME [ARGS...]
start_sayer ()
{
    start "$SAMPLES/signals" --to "$ENDPOINT" --every 50 --count 1000 "${@:2}"
    keep_as "$1"
}

threads_hear ()
{
    run_sample 10 signals --every 50 && same 0 "$STATUS" &&
        same $'was heard ready 1\nwas heard ready 2\nwas heard ready 3' "$(grep '^was heard' "$SCRATCH/said")"
}

first_is_heard ()
{
    start_hearer && start_sayer first && await_line 10 '^connected' && await_line 10 '^was heard' &&
        switch_to hearer && await_line 10 '^connected' && await_line 10 '^hears +ready'
}

#  What is said meanwhile is kept for it.
hearer_stands_still ()
{
    local hearer=${KEPT[hearer]%% *}
    switch_to first && kill -STOP "$hearer" && await_line 10 '^no answer' && await_line 10 '^no answer' &&
        kill -CONT "$hearer" && await_line 10 '^was heard .*, late$' && await_line 10 '^was heard ready [0-9]+$'
}

#  Its connection stands, what it says is taken, and nobody hears it.
second_is_not_heard ()
{
    start_sayer second && await_line 10 '^connected' && await_line 10 '^no answer' && await_line 10 '^says' &&
        await_line 10 '^no answer' && switch_to first && await_line 10 '^was heard' &&
        run_sample 20 signals --to "$ENDPOINT" --count 2 --every 300 && same 1 "$STATUS" &&
        contains "2 of 2 signals were not heard" "$(tail -n 1 "$SCRATCH/said")"
}

#  The place is free, and a new sayer takes it, though the second one is connected.
newcomer_takes_the_place ()
{
    kill_kept first && switch_to hearer && await_line 10 '^gone' && start_sayer newcomer &&
        await_line 10 '^was heard' && await_line 10 '^was heard' && kill_kept newcomer && switch_to hearer &&
        await_line 10 '^gone'
}

#  It says and says, until its connection is gone.
second_is_never_heard ()
{
    kill_kept hearer && switch_to second || return 1
    while await_line 10 . && [[ $LINE != gone* ]]; do
        [[ $LINE =~ ^(says|no answer) ]] || { echo "not expected: $LINE"; return 1; }
    done
    [[ $LINE == gone* ]]
}

#  libzmq connects again; what was said in between is heard when it is no longer so.
hearer_comes_back ()
{
    await_line 10 '^no answer' && await_line 10 '^no answer' && start_hearer "$ENDPOINT" && switch_to second &&
        await_line 10 '^connected' && await_line 10 '^was heard ready [0-9]+, late$'
}

sayer_is_replaced ()
{
    kill_kept second && switch_to hearer && await_line 10 '^gone' && start_sayer third && await_line 10 '^was heard' &&
        kill_kept third && switch_to hearer && await_line 10 '^gone'
}

python_hears ()
{
    start timeout 60 "$PYTHON" -c '
import zmq
socket = zmq.Context ().socket (zmq.PAIR)
print ("ready tcp://127.0.0.1:%d" % socket.bind_to_random_port ("tcp://127.0.0.1"), flush = True)
while True:
    socket.send (socket.recv ())'
    local there=$ENDPOINT
    await_line 10 '^ready tcp:' && run_sample 20 signals --to "${LINE##* }" --count 2 --every 1000 &&
        same 0 "$STATUS" && same $'was heard ready 1\nwas heard ready 2' "$(grep '^was heard' "$SCRATCH/said")" &&
        ENDPOINT=$there
}

python_says ()
{
    timeout 20 "$PYTHON" -c '
import sys, zmq
socket = zmq.Context ().socket (zmq.PAIR)
socket.connect (sys.argv [1])
socket.send (b"steady")
assert socket.poll (10000) and socket.recv () == b"steady"' "$ENDPOINT" &&
        switch_to hearer && await_line 10 '^hears +steady$'
}

says_so_in_a_line () { gives_up "1 of 1 signals were not heard" signals --to "$ENDPOINT" --count 1 --every 50; }

waits_until_interrupted ()
{
    start_sayer alone && await_line 10 "^waits for $ENDPOINT\$" && await_line 10 '^no answer' && ends_at_interrupt
}

fact "signals has --help" has_help signals
fact "a thread hears what another says" threads_hear
fact "a program hears what another says" first_is_heard
fact "the hearer stands still: what is said is heard late" hearer_stands_still
fact "a second one is connected, and not heard" second_is_not_heard
fact "a busy port is told in a line" gives_up "$ENDPOINT: the address is in use" signals --listen "$ENDPOINT"
fact "what is no endpoint is told" refuses 2 "nonsense: malformed" signals --to nonsense
fact "the first one is killed, and a new one takes its place" newcomer_takes_the_place
fact "the second one is never heard as long as it is connected" second_is_never_heard
fact "the hearer comes back: then it is heard, with what is old" hearer_comes_back
fact "a sayer that is killed is replaced by another" sayer_is_replaced
if [ -n "$PYTHON" ]; then
    fact "PAIR in Python says" python_says
    fact "PAIR in Python hears" python_hears
else
    skip "PAIR in Python says and hears" "python3-zmq is not installed"
fi
switch_to hearer
fact "Ctrl-C ends the hearer" ends_at_interrupt
fact "a sayer that was not heard says so in a line" says_so_in_a_line
fact "a sayer whose hearer is missing says so, until Ctrl-C" waits_until_interrupted
