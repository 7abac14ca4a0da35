#!/usr/bin/env bash
# tests/interop/resilience.sh - servers that die, hang, dawdle or talk nonsense, behind an egress under load
#
# Place: run by tests/run. front.c has the egress, tally.c is its servers; rpc_load.py asks, and counts the answers.
#
# SPDX-License-Identifier: MPL-2.0

# shellcheck source=gateway.sh
. "$(dirname "$0")/gateway.sh"
PROGRAMS=$(dirname "$GATEWAY")/../tests/interop
PYTHON=/usr/bin/python3
declare -A SERVERS OUTPUTS

#  Starts a server: start_tally NAME ENDPOINT|anywhere [OPTIONS...]; where it is is in $ENDPOINT then.
start_tally ()
{
    local name=$1 endpoint=$2
    shift 2
    [ "$endpoint" != anywhere ] || endpoint=tcp://127.0.0.1:$(lasting_port)
    start "$PROGRAMS/tally" --rpc "$endpoint" "$@"
    SERVERS[$name]=$CHILD OUTPUTS[$name]=$OUTPUT
    await_line 10 '^tally ready tcp://127\.0\.0\.1:[0-9]+$' && ENDPOINT=${LINE#tally ready }
}

kill_tally () { kill -KILL "${SERVERS[$1]}" && OUTPUT=${OUTPUTS[$1]} CHILD=${SERVERS[$1]} await_end 10; }

end_tally () { OUTPUT=${OUTPUTS[$1]} CHILD=${SERVERS[$1]} stop_gateway; }

#  The front ends as ever, whatever its servers do; then they are killed, so that the next fact has its own.
end_all ()
{
    local name status=0
    [ -z "${FRONT:-}" ] || CHILD=$FRONT OUTPUT=$FRONT_OUTPUT stop_gateway || status=1
    for name in "${!SERVERS[@]}"; do kill -KILL "${SERVERS[$name]}" 2>/dev/null && wait "${SERVERS[$name]}"; done
    SERVERS=() FRONT=
    return $status
}

holds ()
{
    local status=0
    "$@" || status=$?
    end_all && return $status
}

#  Starts the front for these servers: start_front "ENDPOINT..." [OPTIONS...]
start_front ()
{
    local servers=$1
    shift
    start "$PROGRAMS/front" --servers "$servers" "$@"
    FRONT=$CHILD FRONT_OUTPUT=$OUTPUT
    await_ready && await_up "$(wc -w <<<"$servers")"
}

#  A counter of the egress, or a line of one server: counter retries, server_line ENDPOINT
counter () { curl -s --max-time 10 "$URL/front/egress" | awk -v name="$1" '$1 == name { print $2 }'; }
server_line () { curl -s --max-time 10 "$URL/front/egress" | grep "^$1 "; }
number_of () { server_line "$1" | sed "s/.* $2 \([0-9]*\).*/\1/"; }

#  Asks until that is so, or until time is up: until_so SECONDS COMMAND...
until_so ()
{
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || { echo "never: $*"; curl -s "$URL/front/egress"; return 1; }
    done
}

are_up () { [ "$(curl -s --max-time 10 "$URL/front/egress" | grep -c '^tcp:[^ ]* up ')" = "$1" ]; }
await_up () { [ "${EXPECT_UP:-yes}" = no ] || until_so 10 are_up "$1"; }
shows () { [[ $(server_line "$1") =~ $2 ]]; }

#  Begins to load: load METHOD PATH COUNT CONCURRENCY [FILE]; then load_ends EXPECTED
load ()
{
    start "$PYTHON" "$ROOT/tests/interop/rpc_load.py" "$RPC" "$@"
    LOAD=$CHILD LOAD_OUTPUT=$OUTPUT LOAD_ERRORS=$ERRORS
}

load_at () { OUTPUT=$LOAD_OUTPUT ERRORS=$LOAD_ERRORS await_line 30 "^at $1\$"; }

load_ends ()
{
    OUTPUT=$LOAD_OUTPUT ERRORS=$LOAD_ERRORS await_line 60 '^[0-9]+: ' && RESULT=$LINE && wait "$LOAD" || return 1
    [ -z "${1:-}" ] || same "$1" "$RESULT"
}

#  --- The only server

restarts_under_load ()
{
    start_tally one anywhere && start_front "$ENDPOINT" && load GET '/get/{}' 5000 32 && load_at 1000 &&
        kill_tally one && start_tally one "$ENDPOINT" && load_at 3000 && kill_tally one &&
        start_tally one "$ENDPOINT" && load_ends '200: 5000' && same 2 "$(number_of "$ENDPOINT" losses)"
}

#  A server that is asked to end finishes what it has, a slow call too. What it refuses then waits for the next one.
ends_in_order_under_load ()
{
    start_tally one anywhere && start_front "$ENDPOINT" || return 1
    curl -s --max-time 20 -X POST "$URL/late/1500" >"$SCRATCH/slow" &
    local slow=$!
    until_so 10 was_asked 1 && load GET '/get/{}' 5000 32 && load_at 1000 && end_tally one && wait $slow &&
        same late "$(cat "$SCRATCH/slow")" && start_tally one "$ENDPOINT" && load_at 3000 && end_tally one &&
        start_tally one "$ENDPOINT" && load_ends '200: 5000'
}

#  What must not be done twice is not, whatever becomes of the server: it is answered, or its caller is told with 503.
nothing_is_done_twice ()
{
    local journal=$SCRATCH/journal
    start_tally one anywhere --journal "$journal" && start_front "$ENDPOINT" &&
        load POST '/do/{}' 5000 32 "$SCRATCH/done" && load_at 1000 && kill_tally one &&
        start_tally one "$ENDPOINT" --journal "$journal" && load_at 3000 && kill_tally one &&
        start_tally one "$ENDPOINT" --journal "$journal" && load_ends || return 1
    [[ $RESULT =~ ^200:\ [0-9]+(,\ 503:\ [0-9]+)?$ ]] || { echo "$RESULT"; return 1; }
    same "" "$(sort "$journal" | uniq -d)" && same "" "$(comm -23 <(sort "$SCRATCH/done") <(sort "$journal"))" &&
        [ "$(wc -l <"$SCRATCH/done")" -gt 4800 ]
}

#  A caller that gives up and asks again: with a Request-Id that is one job, without it is two.
asked_again_with_an_id ()
{
    start_tally one anywhere && start_front "$ENDPOINT" || return 1
    ! ask /late/500 -X POST -H 'Request-Id: order-17' --max-time 0.2 2>/dev/null &&
        answers 200 late /late/500 -X POST -H 'Request-Id: order-17' && answers 200 1 /done &&
        answers 200 late /late/500 -X POST -H 'Request-Id: order-17' && answers 200 1 /done &&
        answers 200 late /late/1 -X POST && answers 200 late /late/1 -X POST && answers 200 3 /done
}

#  The server stands still while it has a call, and its connection is given up: the egress asks it once more when it
#  goes on, with the same Request-Id, and it answers what it has done already.
half_open_is_done_once ()
{
    start_tally one anywhere && start_front "$ENDPOINT" || return 1
    curl -s --max-time 20 -X PUT "$URL/late/1000" >"$SCRATCH/put" &
    local put=$!
    until_so 10 was_asked 1 && kill -STOP "${SERVERS[one]}" && until_so 10 shows "$ENDPOINT" ' down ' &&
        kill -CONT "${SERVERS[one]}" && wait $put && same late "$(cat "$SCRATCH/put")" && answers 200 1 /done &&
        same 1 "$(counter failovers)"
}

was_asked () { [ "$(counter outstanding)" = "$1" ]; }

#  POST must not be done twice: who asked is told when the connection is given up, long before its deadline.
half_open_is_told ()
{
    start_tally one anywhere && start_front "$ENDPOINT" && kill -STOP "${SERVERS[one]}" &&
        is_a_problem 503 /do/x -X POST --max-time 10 && kill -CONT "${SERVERS[one]}" && until_so 10 are_up 1 &&
        answers 200 x /get/x
}

slow_is_504 ()
{
    start_tally one anywhere --delay 5000 &&
        start_front "$ENDPOINT" --set children/http/route_deadline_ms=300 && is_a_problem 504 /get/x --max-time 3 &&
        is_a_problem 504 /do/x -X POST --max-time 3 && is_a_problem 504 /late/4000 --max-time 3 &&
        answers 200 late /late/1
}

#  Four may wait and two may not; and when the server comes the four are answered.
waiting_is_bounded ()
{
    start_tally one anywhere && kill_tally one || return 1
    EXPECT_UP=no start_front "$ENDPOINT" --set children/far/queue_limit=4 && load GET '/get/{}' 6 6 && load_at 2 &&
        same 4 "$(counter queued)" && start_tally one "$ENDPOINT" && load_ends '200: 4, 503: 2'
}

#  --- Nonsense

start_junk ()
{
    [ -p "$SCRATCH/words" ] || mkfifo "$SCRATCH/words"
    exec {WORDS}<>"$SCRATCH/words"
    start "$PYTHON" "$ROOT/tests/interop/junk_server.py" <&"$WORDS"
    SERVERS[junk]=$CHILD JUNK_OUTPUT=$OUTPUT
    await_line 10 '^ready tcp:' && ENDPOINT=${LINE#ready }
}

behave () { printf 'behave\n' >&"$WORDS" && OUTPUT=$JUNK_OUTPUT await_line 10 '^behave$'; }

#  Five answers that mean nothing are 502; then it rests, and who asks is told at once; then it is tried again.
nonsense_opens_the_circuit ()
{
    start_junk && start_front "$ENDPOINT" --format json || return 1
    for _ in 1 2 3 4 5; do is_a_problem 502 /a -X POST || return 1; done
    is_a_problem 503 /a -X POST && contains 'given a rest' "$BODY" && same 1 "$(field retry-after)" &&
        shows "$ENDPOINT" ' up open .* ejections 1$' && behave && until_so 10 answers 200 well /a -X POST &&
        shows "$ENDPOINT" ' up closed '
}

#  In troupe's framing the connection is given up as well; another server has the calls.
nonsense_goes_elsewhere ()
{
    local junk good
    start_junk && junk=$ENDPOINT && start_tally good anywhere && good=$ENDPOINT &&
        start_front "$junk $good" && load GET '/get/{}' 2000 16 && load_ends '200: 2000' &&
        shows "$junk" ' open .* ejections 1$' && shows "$good" ' up closed '
}

#  --- Several servers

start_three ()
{
    THREE=()
    local name
    for name in a b c; do start_tally $name anywhere && THREE+=("$ENDPOINT") || return 1; done
}

one_of_three_is_killed ()
{
    start_three && start_front "${THREE[*]}" && load GET '/get/{}' 6000 32 && load_at 1800 && kill_tally b &&
        load_ends '200: 6000' && shows "${THREE[1]}" ' down ' && start_tally b "${THREE[1]}" && until_so 10 are_up 3 &&
        gets_its_share "${THREE[1]}"
}

#  It is asked like the other two again, some time after its first answers, which may have been slow.
gets_its_share ()
{
    local before end=$((SECONDS + 20))
    while [ $SECONDS -lt $end ]; do
        before=$(number_of "$1" attempts)
        load GET '/get/{}' 600 8 && load_ends '200: 600' || return 1
        [ $(($(number_of "$1" attempts) - before)) -le 60 ] || return 0
    done
    server_line "$1"
    return 1
}

#  Its connections are there, and nobody answers: what it had is another's at once when that is known.
one_of_three_stands_still ()
{
    start_three && start_front "${THREE[*]}" && load GET '/get/{}' 6000 32 && load_at 1800 &&
        kill -STOP "${SERVERS[b]}" && load_ends '200: 6000' && until_so 10 shows "${THREE[1]}" ' down ' &&
        kill -CONT "${SERVERS[b]}" && until_so 10 are_up 3 && gets_its_share "${THREE[1]}"
}

#  One of three takes half a second for what the others do at once: it is seldom asked, and nothing fails.
slow_one_is_avoided ()
{
    start_three && kill_tally b && start_tally b "${THREE[1]}" --delay 500 && start_front "${THREE[*]}" &&
        load GET '/get/{}' 2000 8 && load_ends '200: 2000' || return 1
    echo "it was asked $(number_of "${THREE[1]}" attempts) times"
    [ "$(number_of "${THREE[1]}" attempts)" -lt 200 ]
}

#  Who is late is not waited for: another is asked beside it, and answers.
hedges ()
{
    start_tally quick anywhere && local quick=$ENDPOINT && start_tally slow anywhere --delay 3000 &&
        start_front "$quick $ENDPOINT" --set children/far/hedge_ms=50 || return 1
    #  Nobody waits for the slow one: three seconds are over the limit
    until [ "$(counter hedges_won)" -gt 0 ]; do answers 200 x /get/x --max-time 2 || return 1; done
}

if ! "$PYTHON" -c 'import zmq' 2>/dev/null; then
    skip "servers that die, hang, dawdle or talk nonsense" "python3-zmq is not installed"
    exit
fi
fact "the server is killed twice under load, and no call that may be repeated fails" holds restarts_under_load
fact "the server is asked to end twice under load, and no call that may be repeated fails" holds \
    ends_in_order_under_load
fact "no call that may not be repeated is done twice, and who is answered has been served" holds nothing_is_done_twice
fact "who asks again with a Request-Id is served once" holds asked_again_with_an_id
fact "a server that stands still has done it, and is asked again: it is done once" holds half_open_is_done_once
fact "a server that stands still is told, and when it goes on it is used" holds half_open_is_told
fact "a slow server is 504 in time, and quick calls of it are answered" holds slow_is_504
fact "calls wait for a server that is not there yet, no more than may" holds waiting_is_bounded
fact "nonsense is 502 and opens the circuit; sense closes it" holds nonsense_opens_the_circuit
fact "one of two talks nonsense: no call fails, and it is given a rest" holds nonsense_goes_elsewhere
fact "one of three is killed: no call fails; it comes back and gets its share" holds one_of_three_is_killed
fact "one of three stands still: no call fails; it goes on and gets its share" holds one_of_three_stands_still
fact "one of three is slow: it is avoided" holds slow_one_is_avoided
fact "a call that is late is hedged" holds hedges
