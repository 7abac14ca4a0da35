#!/usr/bin/env bash
# tests/interop/curl.sh - the gateway answers curl as its manual says
#
# Place: run by tests/run after the samples are built.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/gateway.sh"

type_is () { same "$1" "$(field content-type | sed 's/;.*//')"; }

greets () { answers 200 'Hello World!!' / && type_is text/plain; }
lists_users () { answers 200 '[{"id":1,"name":"August"}]' /users && type_is application/json; }
shows_user () { answers 200 '{"id":1,"name":"August"}' /users/1 && type_is application/json; }
dates () { ask / && [[ $(field date) =~ ^[A-Z][a-z]{2},\ [0-9]{2}\ [A-Z][a-z]{2}\ [0-9]{4}\ [0-9:]{8}\ GMT$ ]]; }
heads () { ask / --head && same 200 "$CODE" && same 13 "$(field content-length)"; }
allows () { is_a_problem 405 / -X DELETE && contains GET "$(field allow)" && contains HEAD "$(field allow)"; }

echoes ()
{
    head -c 300000 /dev/urandom >"$SCRATCH/sent"
    ask "$1" -H 'Content-Type: application/x-thing' --data-binary "@$SCRATCH/sent" "${@:2}" &&
        same 200 "$CODE" && type_is application/x-thing && cmp "$SCRATCH/sent" "$SCRATCH/body"
}

#  The second request opens no connection.
keeps_alive ()
{
    same "1 0 0 " "$(curl -s --max-time 20 -o /dev/null -o /dev/null -o /dev/null -w '%{num_connects} ' \
        "$URL/" "$URL/users" "$URL/")"
}

#  The slow first one does not let the others pass it.
answers_in_order ()
{
    open_wire
    say_wire 'GET /sleep/200 HTTP/1.1\r\nHost: a\r\n\r\nGET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n'
    say_wire 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
    read_wire && contains 'Hello World!!' "${REPLY##*August}" && same 3 "$(grep -o 'HTTP/1.1 200 ' <<<"$REPLY" | wc -l)"
}


many_fail ()
{
    local codes
    codes=$(curl -s --max-time 60 -o /dev/null -w '%{http_code}\n' "$URL/fail?[1-200]" | sort | uniq -c | tr -d ' \n')
    same 200500 "$codes" && answers 200 'Hello World!!' /
}

long () { head -c "$1" /dev/zero | tr '\0' a; }
big_body () { long 2000000 >"$SCRATCH/big"; is_a_problem 413 /echo --data-binary "@$SCRATCH/big" -H Expect: "$@"; }

fact "the gateway starts and says where it is" start_gateway --workers 2
fact "GET / greets" greets
fact "GET /users lists users" lists_users
fact "GET /users/1 shows one" shows_user
fact "GET /users/7 is a 404 problem" is_a_problem 404 /users/7
fact "GET /users/x is a 404 problem" is_a_problem 404 /users/x
fact "an unknown path is a 404 problem" is_a_problem 404 /nothing/here
fact "a path is matched after percent-decoding" answers 200 '{"id":1,"name":"August"}' /%75sers/%31
fact "a method that a path has not is a 405 problem with Allow" allows
fact "every answer is dated" dates
fact "HEAD answers as GET, without the body" heads
fact "POST / gives back body and type" echoes /
fact "POST /echo gives back body and type" echoes /echo
fact "a chunked body comes back whole" echoes /echo -H 'Transfer-Encoding: chunked'
fact "Expect: 100-continue is answered" echoes /echo -H 'Expect: 100-continue'
fact "GET /sleep/10 answers" ask /sleep/10
fact "GET /sleep/60001 is refused" is_a_problem 400 /sleep/60001
fact "GET /sleep/x is refused" is_a_problem 400 /sleep/x
fact "/health/live answers 200" eval 'ask /health/live && same 200 "$CODE"'
fact "/health/ready answers 200" eval 'ask /health/ready && same 200 "$CODE"'
fact "connections are kept" keeps_alive
fact "pipelined requests are answered in order" answers_in_order
fact "HTTP/1.0 is answered and closed" refused_with 200 'GET / HTTP/1.0\r\n\r\n'
fact "a failing handler is a 500 problem" is_a_problem 500 /fail
fact "after it the others are served" answers 200 'Hello World!!' /
fact "200 failures are 200 answers, and then it serves on" many_fail
fact "a request line over 8,192 bytes is 414" is_a_problem 414 "/$(long 9000)"
fact "header fields over 16 KiB are 431" is_a_problem 431 / -H "X-Long: $(long 17000)"
fact "a body over 1 MiB is 413" big_body
fact "a chunked body over 1 MiB is 413" big_body -H 'Transfer-Encoding: chunked'
fact "no HTTP at all is 400 and closed" refused_with 400 'hello\r\n\r\n'
fact "two different lengths are 400 and closed" refused_with 400 \
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'
fact "a length beside chunked is 400 and closed" refused_with 400 \
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'
fact "no Host is 400 and closed" refused_with 400 'GET / HTTP/1.1\r\n\r\n'
fact "the preface of HTTP/2 is 505 and closed" refused_with 505 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
fact "after all that it ends at SIGTERM with 0" stop_gateway
