#!/usr/bin/env bash
# tests/interop/bridge.sh - nanocat and pyzmq hear each other across the bridge, and any of them may go and come back
#
# Place: run by tests/run after the samples are built. nanomsg has no port that is any free one, so it meets at files.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/samples.sh"
PYTHON=$(python_with zmq)
HERE=$(dirname "$0")
NANO_IN=ipc://$SCRATCH/in NANO_OUT=ipc://$SCRATCH/out

#  At free ports, or where it was before: start_bridge [ZMQ-IN ZMQ-OUT]
start_bridge ()
{
    start "$SAMPLES/bridge" --nano-in "$NANO_IN" --nano-out "$NANO_OUT" \
        --zmq-in "${1:-tcp://127.0.0.1:$(lasting_port)}" --zmq-out "${2:-tcp://127.0.0.1:$(lasting_port)}"
    keep_as bridge && await_line 10 '^zmq-in +tcp:' && ZMQ_IN=${LINE##* } && await_line 10 '^zmq-out +tcp:' &&
        ZMQ_OUT=${LINE##* }
}

#  Each says the same again and again, until it is killed: who comes later hears it too.
nanomsg_publishes () { start nanocat --pub --connect "$NANO_IN" --interval 0.02 --data "$2"; keep_as "$1"; }
zeromq_publishes () { start "$PYTHON" "$HERE/zmq_peer.py" pub "$ZMQ_IN" "${@:2}"; keep_as "$1"; }

nanomsg_listens ()
{
    start nanocat --sub --connect "$NANO_OUT" --ascii --recv-timeout 60 --subscribe "$2"
    keep_as "$1"
}

zeromq_listens () { start "$PYTHON" "$HERE/zmq_peer.py" sub "$ZMQ_OUT" "$2"; keep_as "$1"; }

hears () { switch_to "$1" && await_line 15 "^$2$"; }
is_killed () { kill_kept "$1"; }
takes_a_break () { kill -STOP "${KEPT[$1]%% *}"; }

#  What comes is only its own: the word before the blank is the whole topic.
to_zeromq ()
{
    nanomsg_publishes oslo 'Oslo/ 28 C' && nanomsg_publishes os 'Os/ -3 C' && zeromq_listens reader Os/ &&
        hears reader 'Os/[|]-3 C' && hears bridge 'to zeromq  Oslo/ 28 C' && switch_to reader && await_line 15 . &&
        same 'Os/|-3 C' "$LINE"
}

to_nanomsg ()
{
    zeromq_publishes voss Voss/ '7 C' && nanomsg_listens listener Voss/ && hears listener 'Voss/ 7 C' &&
        hears bridge 'to nanomsg Voss/ 7 C'
}

#  A text of one word, and one of several frames.
other_shapes ()
{
    nanomsg_publishes word hello && zeromq_listens words hello && hears words hello && is_killed word &&
        zeromq_publishes frames a b c && nanomsg_listens letters a && hears letters 'a b c' && is_killed frames
}

publishers_are_replaced ()
{
    is_killed os && is_killed voss && nanomsg_publishes os 'Os/ 1 C' && hears reader 'Os/[|]1 C' &&
        zeromq_publishes voss Voss/ '8 C' && hears listener 'Voss/ 8 C'
}

#  Who does not read holds up nobody else, on either side.
subscribers_hang ()
{
    takes_a_break listener && takes_a_break reader && zeromq_listens second Os/ && hears second 'Os/[|]1 C' &&
        nanomsg_listens third Voss/ && hears third 'Voss/ 8 C'
}

bridge_comes_back ()
{
    is_killed bridge && start_bridge "$ZMQ_IN" "$ZMQ_OUT" && hears bridge 'to zeromq  Os/ 1 C' &&
        hears second 'Os/[|]1 C' && hears third 'Voss/ 8 C'
}

ends () { switch_to bridge && ends_at_interrupt; }

if [ ! -x "$SAMPLES/bridge" ] || [ -z "$PYTHON" ] || ! command -v nanocat >/dev/null; then
    skip "nanomsg and ZeroMQ hear each other" "libnanomsg-dev, nanomsg-utils or python3-zmq is not installed"
    exit
fi
fact "bridge has --help" has_help bridge
start_bridge || exit 1
fact "what nanocat publishes, pyzmq hears, by its topic" to_zeromq
fact "what pyzmq publishes, nanocat hears" to_nanomsg
fact "texts of one word and of several frames cross, too" other_shapes
fact "publishers are killed, and others take their place" publishers_are_replaced
fact "subscribers that hang hold up nobody" subscribers_hang
fact "the bridge is killed and started again: both sides find it" bridge_comes_back
fact "a port of ZeroMQ that is taken is told in a line" refuses 1 "$ZMQ_IN: the address is in use" \
    bridge --nano-in "ipc://$SCRATCH/x" --nano-out "ipc://$SCRATCH/y" --zmq-in "$ZMQ_IN"
fact "and so is one of nanomsg" refuses 1 "$ZMQ_IN: the address is in use" bridge --nano-in "$ZMQ_IN"
fact "what is no endpoint is told" refuses 2 "nonsense: malformed" bridge --nano-in nonsense
fact "Ctrl-C ends it" ends
