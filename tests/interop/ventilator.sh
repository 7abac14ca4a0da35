#!/usr/bin/env bash
# tests/interop/ventilator.sh - pieces are dealt out to the sinks that are there, which may go and come
#
# Place: run by tests/run after the samples are built.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/samples.sh"
PYTHON=$(python_with zmq)
HERE=$(dirname "$0")

start_ventilator ()
{
    local endpoint=${1:-tcp://127.0.0.1:$(lasting_port)}
    shift
    start "$SAMPLES/ventilator" --listen "$endpoint" "$@"
    await_line 10 '^ventilator ready tcp://127\.0\.0\.1:[0-9]+$' && ENDPOINT=${LINE##* } && keep_as ventilator
}

#  A sink that the ventilator knows: start_sink NAME [ARGS...]
start_sink ()
{
    local name=$1
    shift
    start "$SAMPLES/sink" --from "$ENDPOINT" "$@"
    keep_as "$name" && await_line 5 '^the ventilator is there$'
}

sees () { switch_to "$1" && await_line 5 "^$2$"; }
is_killed () { kill_kept "$1"; }

#  Both get pieces; on a busy machine one may miss its turn, since little is queued for it.
in_turn ()
{
    start_ventilator '' --count 1000 && start_sink one && sees one 'piece [0-9]+' && start_sink two &&
        sees two 'piece [0-9]+' && sees one 'piece [0-9]+' && sees two 'piece [0-9]+'
}

others_go_on () { is_killed one && sees two 'piece [0-9]+5' && sees two 'piece [0-9]+6' && sees two 'piece [0-9]+7'; }

#  The piece that nobody took is the one that the next sink gets first.
waits_for_a_sink ()
{
    is_killed two && sees ventilator 'nobody takes piece [0-9]+: waiting' && local piece=${LINE//[^0-9]/} &&
        start_sink three && sees three "piece $piece"
}

waits_for_the_ventilator ()
{
    is_killed ventilator && sees three 'the ventilator is gone' && start_ventilator "$ENDPOINT" &&
        sees three 'the ventilator is there' && sees three 'piece 1'
}

#  However the pieces fell to the two, each is told that there are no more.
ends_when_all_are_taken ()
{
    start_ventilator '' --count 20 --every 10 && start_sink one && start_sink two && await_end 10 && same 0 "$STATUS" &&
        switch_to one && await_end 5 && same 0 "$STATUS" && switch_to ventilator && await_end 5 && same 0 "$STATUS"
}

#  A sink that hangs when all pieces are out is gone three heartbeats after its last one, and nobody waits for it any
#  longer. Its first comes after a second, which is fifty pieces.
one_hangs_at_the_end ()
{
    start_ventilator '' --count 100 --every 20 && start_sink one && sees one 'piece 90' && kill -STOP "$CHILD" &&
        sees ventilator 'piece 100' && await_end 20 && same 0 "$STATUS"
    local ended=$?
    kill -KILL "${KEPT[one]%% *}"
    return $ended
}

#  One that does not know the word is not waited for, either.
does_not_leave ()
{
    start_ventilator '' --count 2 --every 10 --patience 1 &&
        start timeout 20 "$PYTHON" "$HERE/zmq_peer.py" pull "$ENDPOINT" 100000 && keep_as peer &&
        sees ventilator '1 that take pieces are still there' && await_end 5 && same 0 "$STATUS"
}

alone_for_too_long ()
{
    start_ventilator '' && start_sink last --patience 1 && sees last 'piece 1' && is_killed ventilator &&
        sees last 'the ventilator is gone' && await_end 10 && same 1 "$STATUS" &&
        contains "nobody is at $ENDPOINT" "$(cat "$ERRORS")"
}

python_pulls ()
{
    start_ventilator '' --count 3 && timeout 20 "$PYTHON" "$HERE/zmq_peer.py" pull "$ENDPOINT" 3 >"$SCRATCH/said" &&
        same $'1\n2\n3' "$(cat "$SCRATCH/said")" && await_end 5 && same 0 "$STATUS"
}

ends_both ()
{
    switch_to three && ends_at_interrupt && switch_to ventilator && ends_at_interrupt
}

fact "ventilator has --help" has_help ventilator
fact "sink has --help" has_help sink
fact "two sinks share the pieces" in_turn
fact "a busy port is told" refuses 1 "$ENDPOINT: the address is in use" ventilator --listen "$ENDPOINT"
fact "a sink is killed: the other one gets all that follow" others_go_on
fact "with no sink left the next piece waits for one" waits_for_a_sink
fact "the ventilator is killed: its sink waits for the next" waits_for_the_ventilator
fact "Ctrl-C ends both" ends_both
fact "when all pieces are taken ventilator and sinks end, with 0" ends_when_all_are_taken
fact "a sink that hangs at the end is not waited for" one_hangs_at_the_end
fact "a sink that has been alone for long enough gives up, and says so" alone_for_too_long
fact "a ventilator that nobody comes to gives up, in one line" gives_up \
    "ventilator: ended: ventilator#1 FAILED (1): nobody takes pieces; 30 are left" ventilator \
    --listen 'tcp://127.0.0.1:*' --patience 1
fact "and a sink that finds no ventilator" gives_up \
    "sink: ended: sink#1 FAILED (1): nobody is at tcp://127.0.0.1:1" sink --from tcp://127.0.0.1:1 --patience 1
if [ -n "$PYTHON" ]; then
    fact "PULL in Python gets every piece" python_pulls
    fact "one that does not leave at the end is left" does_not_leave
else
    skip "PULL in Python gets every piece" "python3-zmq is not installed"
fi
