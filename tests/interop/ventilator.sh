#!/usr/bin/env bash
# tests/interop/ventilator.sh - pieces are dealt out in turn to the sinks that are there, which may go and come
#
# Place: run by tests/run after the samples are built.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/samples.sh"
PYTHON=$(python_with zmq)
HERE=$(dirname "$0")

start_ventilator ()
{
    local endpoint=${1:-tcp://127.0.0.1:*}
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
is_killed () { kill -KILL "${KEPT[$1]%% *}"; }

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

ends_when_all_are_taken ()
{
    start_ventilator '' --count 3 --every 1 && start_sink last --patience 1 && sees last 'piece 3' &&
        switch_to ventilator && await_end 5 && same 0 "$STATUS" && sees last 'the ventilator is gone' &&
        await_end 10 && same 1 "$STATUS" && contains "nobody is at $ENDPOINT" "$(cat "$ERRORS")"
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
fact "a ventilator ends with its last piece, and a sink when it has been alone for long enough" ends_when_all_are_taken
fact "a ventilator that nobody comes to gives up, and says so" refuses 1 \
    "ventilator: ended: ventilator#1 FAILED (1): nobody takes pieces; 30 are left" ventilator \
    --listen 'tcp://127.0.0.1:*' --patience 1
if [ -n "$PYTHON" ]; then
    fact "PULL in Python gets every piece" python_pulls
else
    skip "PULL in Python gets every piece" "python3-zmq is not installed"
fi
