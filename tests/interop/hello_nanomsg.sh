#!/usr/bin/env bash
# tests/interop/hello_nanomsg.sh - browsers on a raw ZeroMQ socket, nanomsg workers behind: curl, Chromium, nanocat
#
# Place: run by tests/run after the samples are built. Workers are killed and stopped; no browser waits for ever.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/gateway.sh"
SAMPLE=$(dirname "$GATEWAY")/hello_nanomsg
ADDRESS=ipc://$SCRATCH/nanomsg

if [ ! -x "$SAMPLE" ]; then
    skip "hello_nanomsg" "libnanomsg-dev is not installed"
    exit
fi

#  Starts it and waits until N workers have started; sets $PORT, $URL and $WORKERS, their process ids: hello N ARGS...
hello ()
{
    local count=$1 index
    shift
    start "$SAMPLE" --http '127.0.0.1:*' --nanomsg "$ADDRESS" --workers "$count" "$@"
    WORKERS=()
    for ((index = 0; index < count; index++)); do
        await_line 10 '^worker(-[0-9]+)? +pid [0-9]+$' && WORKERS+=("${LINE##* }") || return 1
    done
    await_line 10 '^browsers  http://127\.0\.0\.1:[0-9]+/$' || return 1
    PORT=${LINE##*:} PORT=${PORT%/}
    URL=http://127.0.0.1:$PORT
}

connected () { await_line 10 "^workers   $1\$"; }
ends () { kill -INT "$CHILD" && await_end 10 && same 0 "$STATUS"; }
explains_itself () { start "$SAMPLE" --help && await_line 10 'nanomsg workers' && await_end 10 && same 0 "$STATUS"; }

greets () { answers 200 'Hello World!!' / "$@"; }
heads () { ask / --head && same 200 "$CODE" && same 13 "$(field content-length)"; }
keeps_alive ()
{
    same "1 0 0 " "$(curl -s --max-time 20 -o /dev/null -o /dev/null -o /dev/null -w '%{num_connects} ' \
        "$URL/" "$URL/a" "$URL/b")"
}

#  How many answers of that status are in $REPLY: replied STATUS COUNT
replied () { same "$2" "$(grep -o "HTTP/1.1 $1 " <<<"$REPLY" | wc -l)"; }

octet_by_octet ()
{
    local text='POST / HTTP/1.1@Host: a@Transfer-Encoding: chunked@Connection: close@@3@abc@0@@' index letter
    open_wire
    for ((index = 0; index < ${#text}; index++)); do
        letter=${text:index:1}
        if [ "$letter" = @ ]; then say_wire '\r' && say_wire '\n'; else say_wire "$letter"; fi
    done
    read_wire && replied 200 1 && contains 'Hello World!!' "$REPLY"
}

pipelined ()
{
    local index requests=
    for index in {1..20}; do requests+="GET /$index HTTP/1.1\r\nHost: a\r\n\r\n"; done
    open_wire
    say_wire "${requests}bad\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"
    read_wire && replied 200 20 && contains 'HTTP/1.1 400 ' "${REPLY##*HTTP/1.1 200 }"
}

long () { head -c "$1" /dev/zero | tr '\0' a; }
expects () { head -c 60000 /dev/zero | ask / -H 'Expect: 100-continue' --data-binary @- && same 200 "$CODE"; }
large () { head -c 70000 /dev/zero >"$SCRATCH/large"; is_a_problem 413 / --data-binary "@$SCRATCH/large" -H Expect:; }

#  That many requests at once, each by a connection of its own.
in_parallel ()
{
    same "$1 200" "$(curl -s -Z --parallel-immediate --parallel-max 50 --max-time 30 -o /dev/null \
        -w '%{http_code}\n' "$URL/[1-$1]" | sort | uniq -c | awk '{ print $1, $2 }')"
}

killed_and_replaced ()
{
    kill -KILL "${WORKERS[0]}" && await_line 10 '^worker-[0-9]+ +pid [0-9]+$' && WORKERS[0]=${LINE##* } &&
        in_parallel 50
}

#  One after the other, while they are asked.
killed_in_the_middle ()
{
    local index codes
    curl -s -Z --parallel-max 20 --max-time 60 -o /dev/null -w '%{http_code}\n' "$URL/[1-2000]" >"$SCRATCH/codes" &
    codes=$!
    for index in 0 1 2 3; do
        kill -KILL "${WORKERS[index]}" && await_line 10 '^worker-[0-9]+ +pid [0-9]+$' && WORKERS[index]=${LINE##* }
    done
    wait $codes
    same "2000 200" "$(sort "$SCRATCH/codes" | uniq -c | awk '{ print $1, $2 }')"
}

#  It is still connected and given its turn; a GET goes on to the next one.
one_stopped () { kill -STOP "${WORKERS[0]}" && in_parallel 50 && kill -CONT "${WORKERS[0]}"; }

all_stopped ()
{
    kill -STOP "${WORKERS[@]}" && is_a_problem 504 / && is_a_problem 504 / -d x && contains 'in time' "$BODY"
}

#  What comes late has been answered already.
go_on () { kill -CONT "${WORKERS[@]}" && greets && greets -d x; }

sends_too_much_ahead ()
{
    open_wire
    say_wire "GET / HTTP/1.1\r\nHost: a\r\n\r\n$(long 70000)"
    read_wire || same '' "$REPLY"
}

#  Stopped, so that the request is in its hands or on the way to it.
dies_with_a_request ()
{
    local asking
    kill -STOP "${WORKERS[0]}" || return 1
    curl -s --max-time 20 -o "$SCRATCH/hello" "$URL/" &
    asking=$!
    is_a_problem 400 / -H 'Host:' && kill -KILL "${WORKERS[0]}" && wait $asking &&
        same 'Hello World!!' "$(cat "$SCRATCH/hello")"
}

#  The worker's answer never comes, but 504 does, and says that it is the last.
ends_after_the_answer ()
{
    kill -STOP "${WORKERS[@]}" || return 1
    open_wire
    say_wire 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
    is_a_problem 400 / -H 'Host:' && ends && read_wire && replied 504 1 && contains 'Connection: close' "$REPLY"
}

#  Does not start, and says why in its last line: refuses STATUS WORDS HTTP NANOMSG
refuses ()
{
    # shellcheck disable=SC2034  # await_end reads it
    local CHILD OUTPUT ERRORS
    start "$SAMPLE" --http "$3" --nanomsg "$4"
    await_end 10 && same "$1" "$STATUS" && contains "$2" "$(tail -n 1 "$ERRORS")"
}

nanocat_works ()
{
    local nanocat
    nanocat --rep --connect "$ADDRESS" --data 'Hello from nanocat' --raw >/dev/null &
    nanocat=$!
    CHILDREN+=("$nanocat")
    connected 1 && answers 200 'Hello from nanocat' / && answers 200 'Hello from nanocat' / -d x &&
        kill -KILL "$nanocat" && connected 0 && is_a_problem 503 /
}

shows ()
{
    contains 'Hello World!!' "$(timeout -k 5 60 chromium --headless --no-sandbox --disable-gpu --disable-quic \
        --no-first-run --disable-background-networking --disable-component-update --disable-sync \
        --user-data-dir="$(mktemp -d -p "$SCRATCH")" --dump-dom "$URL/" 2>"$SCRATCH/chromium")"
}

fact "it explains itself" explains_itself
fact "it starts, and says where its browsers and workers are" hello 4 --deadline 1000
fact "four workers connect" connected 4
fact "GET / greets" greets
fact "so does POST" greets -d x
fact "HEAD answers as GET, without the body" heads
fact "HTTP/1.0 is answered and closed" refused_with 200 'GET / HTTP/1.0\r\n\r\n'
fact "connections are kept" keeps_alive
fact "a request may come octet by octet" octet_by_octet
fact "pipelined requests are answered, up to the one that is none" pipelined
fact "Expect: 100-continue is answered" expects
fact "no HTTP at all is 400 and closed" refused_with 400 'hello\r\n\r\n'
fact "no Host is 400 and closed" refused_with 400 'GET / HTTP/1.1\r\n\r\n'
fact "a length beside chunked is 400 and closed" refused_with 400 \
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'
fact "the preface of HTTP/2 is 505 and closed" refused_with 505 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
fact "a request line over 8,192 bytes is 414" is_a_problem 414 "/$(long 9000)"
fact "header fields over 16 KiB are 431" is_a_problem 431 / -H "X-Long: $(long 17000)"
fact "a body over 64 KiB is 413" large
fact "fifty browsers at once are answered" in_parallel 50
fact "a worker that is killed is replaced" killed_and_replaced
fact "two thousand requests are answered while every worker is killed" killed_in_the_middle
fact "when one worker is stopped the others answer" one_stopped
fact "when all workers are stopped a browser gets 504" all_stopped
fact "who sends too much ahead meanwhile is cut off" sends_too_much_ahead
fact "when they go on so do the browsers" go_on
if [ "${TROUPE_HEAVY:-no}" = yes ] && command -v chromium >/dev/null; then
    fact "Chromium shows the page" shows
else
    skip "Chromium shows the page" "tests/run --all, or tests/run interop/hello_nanomsg with chromium"
fi
fact "a port that browsers have taken is said, with 1" refuses 1 "tcp://127.0.0.1:$PORT: the address is in use" \
    "127.0.0.1:$PORT" "ipc://$SCRATCH/other"
fact "an address that workers have taken is said, with 1" refuses 1 "$ADDRESS: the address is in use" \
    '127.0.0.1:*' "$ADDRESS"
fact "an address that is none is said, with 2" refuses 2 'nonsense: ' '127.0.0.1:*' nonsense
fact "it ends on SIGINT, with the browsers' connections open" ends

fact "started again with two workers" hello 2 --deadline 1000
fact "on SIGINT who has asked is answered first" ends_after_the_answer

fact "one worker alone" hello 1 --deadline 10000
fact "when it dies with a request the next one answers it" dies_with_a_request
fact "it ends on SIGINT" ends

fact "a bridge whose workers are elsewhere" hello 1 --deadline 1000 \
    --set "children/worker/nanomsg=ipc://$SCRATCH/elsewhere"
fact "without a worker a browser gets 503" is_a_problem 503 /
if command -v nanocat >/dev/null; then
    fact "nanocat is a worker too, until it is killed" nanocat_works
else
    skip "nanocat is a worker too, until it is killed" "nanomsg-utils is not installed"
fi
fact "it ends on SIGINT even so" ends
