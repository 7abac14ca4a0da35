#!/usr/bin/env bash
# tests/interop/chat.sh - two of them talk, in turns or without, and one may go and come
#
# Place: run by tests/run after the samples are built.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/samples.sh"
PYTHON=$(python_with zmq)
HERE=$(dirname "$0")
declare -A PLACE KEYS

#  Each is told the other's port before it has one. A port of this process' own is hardly ever taken; if it is, the
#  first fact says so.
PLACE[ada]=127.0.0.1:$((20000 + $$ % 10000 * 2)) PLACE[ben]=127.0.0.1:$((20001 + $$ % 10000 * 2))

#  One who listens at their place and speaks to the other's; types by what type () writes: start_chat WHO WHOM [ARGS...]
start_chat ()
{
    local who=$1 whom=$2 keys
    shift 2
    rm -f "$SCRATCH/$who" && mkfifo "$SCRATCH/$who" && exec {keys}<>"$SCRATCH/$who" || return 1
    KEYS[$who]=$keys
    # shellcheck disable=SC2016  # the inner shell expands it
    start bash -c 'keys=$1; shift; exec "$@" <"$keys"' chat "$SCRATCH/$who" \
        "$SAMPLES/chat" --listen "${PLACE[$who]}" --to "${PLACE[$whom]}" "$@"
    keep_as "$who"
    await_line 10 "^waiting  tcp://${PLACE[$whom]}$"
}

type_as () { printf '%s\n' "$2" >&"${KEYS[$1]}"; }
sees () { switch_to "$1" && await_line 5 "^$2$"; }
is_killed () { kill -KILL "${KEPT[$1]%% *}"; }

both_are_there ()
{
    start_chat ada ben "$@" && start_chat ben ada "$@" && sees ada "there     *tcp://${PLACE[ben]}" &&
        sees ben "there     *tcp://${PLACE[ada]}"
}

is_answered ()
{
    type_as ada hello && sees ben 'message  hello' && type_as ben 'hi there' && sees ada 'answer   hi there'
}

#  The article's point: the second message is not seen before the first one has its answer.
second_waits ()
{
    type_as ada one && sees ben 'message  one' && type_as ada two && sees ada 'queued   1 before it' &&
        type_as ada three && sees ada 'queued   2 before it' && type_as ben 'to one' && sees ada 'answer   to one' &&
        sees ben 'message  two' && type_as ben 'to two' && sees ada 'answer   to two' &&
        sees ben 'message  three' && type_as ben 'to three' && sees ada 'answer   to three'
}

#  Both speak at once: each answers the other, and nobody waits.
both_speak ()
{
    type_as ada mine && sees ben 'message  mine' && type_as ben 'to mine' && sees ada 'answer   to mine' &&
        type_as ben yours && sees ada 'message  yours' && type_as ada 'to yours' && sees ben 'answer   to yours'
}

#  Who owes an answer is killed: the message is asked again, with what was queued behind it, when they are back.
one_comes_back ()
{
    type_as ada again && sees ben 'message  again' && is_killed ben && sees ada 'gone .*' && type_as ada more &&
        sees ada 'queued   1 before it, and nobody there' && start_chat ben ada && sees ben 'message  again' &&
        type_as ben 'here I am' && sees ada 'answer   here I am' && sees ben 'message  more' &&
        type_as ben fine && sees ada 'answer   fine'
}

#  Who waits for an answer is killed: nobody is owed it, and what is typed next is a message again.
asker_is_killed ()
{
    type_as ada question && sees ben 'message  question' && is_killed ada && sees ben 'gone .*' &&
        start_chat ada ben && sees ben 'there .*' && sees ada 'there .*' && type_as ben 'a message' &&
        sees ada 'message  a message' && type_as ada 'its answer' && sees ben 'answer   its answer'
}

ends_the_other_too () { switch_to ada && ends_at_interrupt && switch_to ben && ends_at_interrupt; }

#  Without turns three messages arrive before anything is answered.
nobody_waits ()
{
    type_as ada one && type_as ada two && type_as ada three && sees ben 'message  one' &&
        sees ben 'message  two' && sees ben 'message  three' && type_as ben four && sees ada 'message  four'
}

free_one_comes_back ()
{
    is_killed ben && sees ada 'gone .*' && type_as ada late && sees ada 'queued   0 before it, and nobody there' &&
        start_chat ben ada --free yes && sees ben 'message  late'
}

#  What it hears may not steer the terminal.
#  It is there and says nothing: no heartbeat is answered.
one_hangs ()
{
    kill -STOP "${KEPT[ben]%% *}" && switch_to ada && await_line 20 "^gone     tcp://${PLACE[ben]}$" &&
        type_as ada later && kill -CONT "${KEPT[ben]%% *}" && sees ben 'message  later'
}

is_harmless () { type_as ada $'\033[2Jboo' && sees ben 'message  \?\[2Jboo'; }

ends_with_its_input () { : | timeout 5 "$SAMPLES/chat" --listen '127.0.0.1:*' --to "${PLACE[ben]}"; }

python_asks ()
{
    start_chat ada ben || return 1
    timeout 20 "$PYTHON" "$HERE/zmq_peer.py" ask "tcp://${PLACE[ada]}" hello >"$SCRATCH/said" &
    local asking=$!
    sees ada 'message  hello' && type_as ada 'hello Python' && wait $asking &&
        same 'hello Python' "$(cat "$SCRATCH/said")"
}

python_answers ()
{
    start "$PYTHON" "$HERE/zmq_peer.py" answer
    await_line 10 '^ready tcp:' && PLACE[python]=${LINE##*//} && start_chat ben python && sees ben 'there .*' &&
        type_as ben word && sees ben 'answer   \{"response":"word"\}'
}

#  --- Two terminals

mux () { tmux -L "troupe-$$" -f /dev/null "$@"; }

#  A window with a chat in it; all that its screen gets comes out of descriptor $OUTPUT.
start_window ()
{
    local who=$1 whom=$2
    local command="read -r; exec '$SAMPLES/chat' --listen ${PLACE[$who]} --to ${PLACE[$whom]}"
    mkfifo "$SCRATCH/screen-$who" && exec {OUTPUT}<>"$SCRATCH/screen-$who" &&
        mux new-session -d -s "$who" -x 80 -y 24 "$command" &&
        mux pipe-pane -t "$who" "exec cat >'$SCRATCH/screen-$who'" && mux send-keys -t "$who" Enter || return 1
    ERRORS=/dev/null
    KEPT["$who"]="0 $OUTPUT $ERRORS"
}

reads () { switch_to "$1" && await_line 10 "$2"; }

terminals_talk ()
{
    start_window ada ben && start_window ben ada && reads ada 'there  ' && reads ben 'there  ' &&
        mux send-keys -t ada 'how are you' Enter && reads ben 'message  how are you' &&
        mux send-keys -t ben fine Enter && reads ada 'answer   fine'
}

#  As a user does: Ctrl-C in one window, Ctrl-D in the other. tmux ends with its last window.
terminals_end ()
{
    mux send-keys -t ada C-c && reads ben 'gone  ' && mux send-keys -t ben C-d &&
        timeout 10 tail --pid="$SERVER" -s 0.1 -f /dev/null
}

fact "it has --help" has_help chat
fact "two of them find each other" both_are_there
fact "what is typed is a message, then an answer" is_answered
fact "a second message waits for the first one's answer, and is shown as such" second_waits
fact "both may speak" both_speak
fact "one that owes an answer is killed: the message waits for its return" one_comes_back
fact "one that waits for an answer is killed: it is owed no more" asker_is_killed
fact "a busy port is told" refuses 1 "the address is in use" chat --listen "${PLACE[ada]}"
fact "Ctrl-C ends both" ends_the_other_too
fact "the end of its input ends it" ends_with_its_input
fact "without turns: they find each other" both_are_there --free yes
fact "without turns: no message waits for an answer" nobody_waits
fact "without turns: what was typed while nobody was there arrives" free_one_comes_back
fact "one that hangs is told, and hears it when it goes on" one_hangs
fact "what it hears does not steer the terminal" is_harmless
fact "Ctrl-C ends both without turns" ends_the_other_too
if [ -n "$PYTHON" ]; then
    fact "REQ in Python is answered by hand" python_asks
    fact "REP in Python answers" python_answers
    is_killed ada
    is_killed ben
else
    skip "REQ and REP in Python" "python3-zmq is not installed"
fi
if command -v tmux >/dev/null; then
    fact "two terminals under tmux talk" terminals_talk
    SERVER=$(mux display-message -p '#{pid}')
    fact "Ctrl-C ends one terminal, Ctrl-D the other" terminals_end
    mux kill-server 2>/dev/null || true     # it has ended with its windows
else
    skip "two terminals under tmux talk" "tmux is not installed"
fi
