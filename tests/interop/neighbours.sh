#!/usr/bin/env bash
# tests/interop/neighbours.sh - nodes find each other by gossip and by beacons, work for each other, and notice who goes
#
# Place: run by tests/run after the samples are built. Gossip is on this host; beacons, with tests/run --all or by the
# name of the script, are on hosts of their own: see hosts.sh.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/samples.sh"
# shellcheck disable=SC2034  # for hosts.sh
HOSTS=3
. "$(dirname "$0")/hosts.sh"

GOSSIP=tcp://127.0.0.1:$(lasting_port)

#  A node here: start_node NAME ARGS...
start_node ()
{
    start "$SAMPLES/neighbours" --name "$1" "${@:2}"
    keep_as "$1" && await_line 10 "^here +$1 +tcp://"
}

gossiper () { start_node "$1" --gossip "$GOSSIP" "${@:2}"; }
sees () { switch_to "$1" && await_line "${3:-15}" "^$2$"; }
comes () { sees "$1" "came +$2 +tcp://.*"; }
#  In whatever order: both_come NODE OTHER OTHER
both_come () { comes "$1" "($2|$3)" && local first=$LINE && comes "$1" "($2|$3)" && [ "$first" != "$LINE" ]; }
goes () { sees "$1" "went +$2 +tcp://.*"; }
is_killed () { kill -KILL "${KEPT[$1]%% *}"; }
takes_a_break () { kill -STOP "${KEPT[$1]%% *}"; }
goes_on () { kill -CONT "${KEPT[$1]%% *}"; }

find_each_other ()
{
    gossiper ada && gossiper ben && comes ada ben && comes ben ada && gossiper cy && both_come cy ada ben &&
        comes ada cy && comes ben cy
}

#  Two have answered all twelve: neither all of them.
work_is_spread ()
{
    local answers
    gossiper asker --ask 12 && answers=$(timeout 20 cat <&"$OUTPUT") && wait "$CHILD" || return 1
    for name in ada ben cy; do
        contains "answered" "$(grep -E "^sum +$name " <<<"$answers")" || return 1
    done
    same 12 "$(grep -c '^answer ' <<<"$answers")"
}

leaves_in_peace () { gossiper dan && comes ada dan && switch_to dan && ends_at_interrupt && goes ada dan; }
killed_is_noticed () { is_killed cy && goes ada cy && goes ben cy; }

#  What it had taken is asked once more: every question has an answer.
killed_while_asked ()
{
    gossiper eve && gossiper asker --ask 60 && sees asker 'answer +eve' && is_killed eve && local answers &&
        answers=$(timeout 30 cat <&"$OUTPUT") && wait "$CHILD" && contains 'of 60' "$answers"
}

#  The one through which all have gossiped: those who are there know each other, and one of them takes its place.
first_is_killed ()
{
    gossiper cy && both_come cy ada ben && comes ben cy && is_killed ada && goes ben ada && goes cy ada &&
        gossiper fay && both_come fay ben cy && comes ben fay && comes cy fay
}

hangs_and_comes_back ()
{
    takes_a_break fay && sees ben 'went +fay +tcp://.*' 20 && goes_on fay && comes ben fay
}

nobody_is_there ()
{
    gives_up 'nobody answers; 3 questions are left' neighbours --name alone --gossip tcp://127.0.0.1:1 --ask 3 \
        --patience 1
}

end_at_interrupt () { switch_to ben && ends_at_interrupt && switch_to cy && ends_at_interrupt; }

#  A node on a host: node_on HOST NAME [ARGS...]
node_on ()
{
    start ip netns exec "$SPACE-$1" "$SAMPLES/neighbours" --name "$2" --set security/plain=1 "${@:3}"
    keep_as "$2" && await_line 10 "^here +$2 +tcp://10[.]77[.]0[.]$(($1 + 1)):"
}

by_beacon ()
{
    node_on 0 ada && node_on 1 ben && comes ada ben && comes ben ada && node_on 2 cy && both_come cy ada ben &&
        comes ada cy
}

two_on_one_host () { node_on 0 dan && comes dan ada && comes ada dan && is_killed dan && goes ada dan; }

#  A beacon comes every second, and a question twenty times: it has heard of all before it has asked the half.
asks_by_beacon ()
{
    local answers
    node_on 2 asker --ask 60 && answers=$(timeout 30 cat <&"$OUTPUT") && wait "$CHILD" || return 1
    for name in ada ben cy; do
        contains "answered" "$(grep -E "^sum +$name " <<<"$answers")" || return 1
    done
}

#  Anybody may send to the port: what is none of ours changes nothing, and the next who comes is heard.
rubbish ()
{
    on 1 python3 -c 'import socket
s = socket.socket (socket.AF_INET, socket.SOCK_DGRAM); s.setsockopt (socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
for text in [b"", b"\0", b"x" * 255, b"y" * 1400, b"neighbours-1", b"neighbours-1 99999", b"neighbours-1 1\nPORT"] * 20:
    s.sendto (text, ("10.77.0.255", 5670))' && node_on 1 gil && comes ada gil && is_killed gil && goes ada gil
}

host_is_cut_off () { wire "cut 1" && sees ada 'went +ben +tcp://.*' 20 && wire "heal 1" && comes ada ben; }
killed_elsewhere () { is_killed cy && goes ada cy && goes ben cy; }

no_interface ()
{
    start ip netns exec "$SPACE-0" "$SAMPLES/neighbours" --name x --interface lo
    await_end 10 && same 1 "$STATUS" && same 1 "$(wc -l <"$ERRORS")" &&
        contains "no interface that broadcasts is there" "$(cat "$ERRORS")"
}

end_elsewhere () { switch_to ada && ends_at_interrupt && switch_to ben && ends_at_interrupt; }

fact "neighbours has --help" has_help neighbours
fact "nodes find each other by gossip" find_each_other
fact "work is spread over those that are found" work_is_spread
fact "one that ends is noticed" leaves_in_peace
fact "one that is killed is noticed" killed_is_noticed
fact "one is killed while it is asked: all questions are answered" killed_while_asked
fact "the first one is killed: another takes its place" first_is_killed
fact "one that hangs is noticed, and when it goes on" hangs_and_comes_back
fact "who asks nobody gives up, and says so" nobody_is_there
fact "what is no endpoint is told" refuses 2 "--gossip: 'nonsense' is no endpoint" neighbours --gossip nonsense
fact "what is no name is told" refuses 2 "--name: 'a b' is not" neighbours --name 'a b' --gossip "$GOSSIP"
fact "Ctrl-C ends them" end_at_interrupt

REASON=$(hindrance)
if [ -n "$REASON" ]; then
    skip "nodes on three hosts find each other by beacons" "$REASON"
    exit
fi
trap 'remove_hosts; exit' EXIT
fact "three hosts and a network" make_hosts
fact "nodes on three hosts find each other by beacons" by_beacon
fact "two on one host, too" two_on_one_host
fact "work is spread over hosts" asks_by_beacon
fact "rubbish at the beacons' port changes nothing" rubbish
fact "a host that is cut off is noticed, and when it is back" host_is_cut_off
fact "one that is killed on another host is noticed" killed_elsewhere
fact "without an interface that broadcasts there are no beacons: one line" no_interface
fact "Ctrl-C ends them on all hosts" end_elsewhere
