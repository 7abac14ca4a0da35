#!/usr/bin/env bash
# tests/interop/places.sh - the users as a thread, as a process and in another program: who asks cannot tell
#
# Place: run by tests/run after the samples are built. A memory fault is a 503 and a hang is a 504 for who asked for
# it, and the next request is answered; only a thread takes the program with it.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/gateway.sh"
FOLDER=$(dirname "$GATEWAY") ENDPOINT='' USERS=''
AUGUST='{"id":1,"name":"August"}'

#  A gateway that has them at $1.
with_users ()
{
    start_gateway --users "$@"
}

is_code ()
{
    ask "$2" && same "$1" "$CODE"
}

users_answer ()
{
    answers 200 "$AUGUST" /users/1 && answers 200 "[$AUGUST]" /users
}

crash_is_503_and_over ()
{
    is_code 503 /users/crash && users_answer && is_code 503 /users/crash && users_answer &&
        contains "CRASHED (11): SIGSEGV" "$(cat "$ERRORS")"
}

#  Who asks for it has waited long enough after two seconds; the process is killed for it a little later.
hang_is_504_and_over ()
{
    is_code 504 /users/hang && users_answer && contains "users has been handling REQUEST from http for" \
        "$(cat "$ERRORS")"
}

hang_ends_the_program ()
{
    ask /users/hang
    await_end 10 && same 70 "$STATUS" &&
        contains "the program ends with status 70: users has been handling REQUEST from http" "$(cat "$ERRORS")"
}

others_go_on ()
{
    is_code 504 /users/hang && answers 200 'Hello World!!' /
}

#  --- Another program

#  Starts the users at $1 and sets $USERS and $ENDPOINT; what start () sets is the gateway's again afterwards.
start_users ()
{
    local child=${CHILD:-} output=${OUTPUT:-} errors=${ERRORS:-}
    start "$FOLDER/users" --listen "$1"
    USERS=$CHILD
    await_line 10 '^users ready tcp://127\.0\.0\.1:[0-9]+$' || return 1
    ENDPOINT=${LINE##* }
    CHILD=$child OUTPUT=$output ERRORS=$errors
}

end_users ()
{
    [ -n "$USERS" ] && kill -KILL "$USERS"
    wait "$USERS" 2>/dev/null
    return 0
}

#  A request that comes meanwhile is answered when they are there again.
users_may_go_and_come ()
{
    end_users
    (ask /users/1 && same "200 $AUGUST" "$CODE $BODY") &
    local asking=$!
    start_users "$ENDPOINT" && wait $asking
}

cannot_listen ()
{
    "$FOLDER/users" --listen "$1" >"$SCRATCH/out" 2>&1
    same "$2" $? && contains "$3" "$(cat "$SCRATCH/out")"
}

moves_are_the_same ()
{
    "$FOLDER/moves" >"$SCRATCH/moves" 2>/dev/null && contains "the three are the same" "$(cat "$SCRATCH/moves")"
}

#  What it prints to is closed with its end.
moves_leaves_nobody ()
{
    start bash -c '"$0" --listen tcp://127.0.0.1:0 --log error; :' "$FOLDER/moves"
    await_line 10 '^tcp://' && kill -KILL "$CHILD" && await_end 10 && same 137 "$STATUS"
}

fact "a thread: the gateway is ready" with_users inproc://users
fact "a thread: users are answered" users_answer
fact "a thread: who hangs is waited for as long as the route says, and nobody else waits" others_go_on
kill -KILL "$CHILD"
fact "a thread: a gateway that is to end for it is ready" with_users inproc://users \
    --set children/users/wedged=exit --set children/users/wedged_ms=200
fact "a thread: a hang ends the program where that is wanted" hang_ends_the_program

fact "a process: the gateway is ready" with_users ipc://users --set children/users/wedged_ms=2500
fact "a process: users are answered" users_answer
fact "a process: a crash is a 503, and over" crash_is_503_and_over
fact "a process: a hang is a 504, and over" hang_is_504_and_over
fact "a process: the gateway ends with it" stop_gateway

fact "another program: the users say where they are" start_users tcp://127.0.0.1:0
fact "another program: the gateway is ready" with_users "$ENDPOINT"
fact "another program: users are answered" users_answer
fact "another program: who asks while it is gone is answered when it is back" users_may_go_and_come
fact "another program: the gateway ends without it" stop_gateway
fact "another program: a taken port is told" cannot_listen "$ENDPOINT" 1 "$ENDPOINT"
fact "another program: what is no endpoint is told" cannot_listen 127.0.0.1:0 2 "neither tcp://ADDRESS:PORT nor"
end_users

fact "one actor moves, and nobody can tell" moves_are_the_same
fact "who is killed leaves no other program behind" moves_leaves_nobody
