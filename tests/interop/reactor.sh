#!/usr/bin/env bash
# tests/interop/reactor.sh - the reactor: every source is told, with pyzmq's PUSH and REQ, a pipe that is typed into
#
# Place: run by tests/run after the samples are built.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/../lib/facts.sh"
REACTOR=$ROOT/build/release/samples/reactor
#  The one that Debian's packages belong to
PYTHON=/usr/bin/python3

start_reactor ()
{
    start "$REACTOR" --jobs 'tcp://127.0.0.1:*' --questions 'tcp://127.0.0.1:*' --every "$1" \
        < <(exec cat "$TYPING")
    await_line 10 '^jobs +tcp://' && JOBS=${LINE##* } && await_line 10 '^questions +tcp://' && QUESTIONS=${LINE##* }
}

all_are_told ()
{
    start_reactor 100 || return 1
    exec {KEYS}>"$TYPING"
    printf 'one\ntwo\n' >&"$KEYS"
    await_line 10 '^typed     8 bytes$' && await_line 10 '^beat      [0-9]+$' || return 1
    exec {KEYS}>&-
    await_line 10 '^no input' && await_line 10 '^beat      [0-9]+$'
}

#  Jobs are pushed before the question is asked, but by another socket: it is asked until both are counted. A REQ
#  that is killed between question and answer takes nobody with it.
counts_together ()
{
    timeout 30 "$PYTHON" - "$JOBS" "$QUESTIONS" <<'END'
import re, sys, zmq
context = zmq.Context ()
push, lost, ask = context.socket (zmq.PUSH), context.socket (zmq.REQ), context.socket (zmq.REQ)
push.connect (sys.argv [1])
push.send (b"dig"); push.send (b"fill")
lost.connect (sys.argv [2])
lost.send (b"?"); lost.close (linger = 0)
ask.connect (sys.argv [2])
counted = None
while not (counted and counted [1] == "2"):
    ask.send (b"?")
    assert ask.poll (10000), "no answer"
    counted = re.fullmatch (r"(\d+) jobs, (\d+) questions, 2 lines, \d+ beats", ask.recv ().decode ())
    assert counted
    counted = (None, counted [1])
context.destroy (linger = 0)
END
}

port_is_taken ()
{
    local child=$CHILD output=$OUTPUT
    start "$REACTOR" --jobs "$JOBS" </dev/null
    await_end 10 && same 1 "$STATUS" && contains "$JOBS: the address is in use" "$(tail -n 1 "$ERRORS")" || return 1
    CHILD=$child OUTPUT=$output
}

ends () { kill -INT "$CHILD" && await_end 10 && same 0 "$STATUS"; }

explains_itself () { start "$REACTOR" --help && await_line 10 'descriptor in one actor' && await_end 10; }

no_pipe () { start "$REACTOR" --jobs 'tcp://127.0.0.1:*' --questions 'tcp://127.0.0.1:*' <"$0" &&
    await_line 10 '^no input  standard input is neither' && await_line 10 '^questions' && ends; }

TYPING=$SCRATCH/typing
mkfifo "$TYPING"
fact "it explains itself" explains_itself
fact "what is typed and the clock are told" all_are_told
if "$PYTHON" -c 'import zmq' 2>/dev/null; then
    fact "jobs, questions, lines and beats are counted in one state" counts_together
else
    skip "jobs, questions, lines and beats are counted in one state" "python3-zmq is not installed"
fi
fact "a port that is taken is said, with 1" port_is_taken
fact "it ends on SIGINT" ends
fact "it does without an input that cannot be waited for" no_pipe
