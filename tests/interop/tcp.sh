#!/usr/bin/env bash
# tests/interop/tcp.sh - the TCP egress in front of servers that others wrote: redis, socat, dnsmasq
#
# Place: run by tests/run after tcp_ask is built. What is not installed is skipped; .ci/packages names it.
#
# SPDX-License-Identifier: MPL-2.0

# shellcheck source=../lib/facts.sh
. "$(dirname "$0")/../lib/facts.sh"
ASK=$ROOT/build/${TROUPE_PRESET:-release}/tests/interop/tcp_ask
REDIS=$SCRATCH/redis-server

#  Starts the actor in front of a server: begin SERVERS FRAMING [OPTION=VALUE...]; its questions go in at descriptor 7.
begin ()
{
    rm -f "$SCRATCH/questions"
    mkfifo "$SCRATCH/questions"
    #  shellcheck disable=SC2016  # the inner shell's own
    start sh -c 'exec "$@" <"$0"' "$SCRATCH/questions" "$ASK" "$@"
    exec 7>"$SCRATCH/questions"
    ASKER=$CHILD ASKER_OUTPUT=$OUTPUT
    await_line 20 '^ready$'
}

#  answers EXPECTED QUESTION
answers ()
{
    local OUTPUT=$ASKER_OUTPUT
    printf '%s\n' "$2" >&7
    await_line 30 . && same "$1" "$LINE"
}

over () { exec 7>&-; CHILD=$ASKER OUTPUT=$ASKER_OUTPUT; await_end 20 && same 0 "$STATUS"; }

#  counts NAME NUMBER
counts ()
{
    local OUTPUT=$ASKER_OUTPUT
    printf 'stats\n' >&7
    await_line 20 . && contains " $1 $2 " "$LINE "
}

#  --- redis, by its inline commands. The package of the tools has the server too, by another name, and starts none

start_redis ()
{
    start "$REDIS" --port "$1" --bind 127.0.0.1 --unixsocket "$SCRATCH/redis.sock" --save '' --appendonly no \
        --dir "$SCRATCH" 7>&-
    SERVER=$CHILD SERVER_OUTPUT=$OUTPUT
    await_line 20 'Ready to accept connections|connections at'
}

kill_redis () { local CHILD=$SERVER OUTPUT=$SERVER_OUTPUT; kill -KILL "$SERVER" && await_end 20; }
restart_redis () { kill_redis && start_redis "$PORT"; }
restart_is_not_noticed ()
{
    answers "OK +PONG" "ask PING" && restart_redis && answers "OK +PONG" "again PING" && counts resent 0
}

goes_away () { kill_redis && answers "FAILED no server can be reached" "ask PING"; }
comes_back () { start_redis "$PORT" && answers "OK +PONG" "ask PING"; }
keeps_lines_apart () { answers "OK \$4" "ask GET two" && answers "OK +PONG" "ask PING"; }
hangs ()
{
    local status=0
    kill -STOP "$SERVER"
    answers "FAILED the server has not answered in time" "ask PING" || status=1
    kill -CONT "$SERVER"
    return $status
}

redis_facts ()
{
    if [ ! -x /usr/bin/redis-check-rdb ]; then
        skip "an actor in front of redis" "redis-tools is not installed"
        return
    fi
    ln -s /usr/bin/redis-check-rdb "$REDIS"
    PORT=$(lasting_port)
    fact "redis starts" start_redis "$PORT"
    fact "the actor starts in front of it" begin "127.0.0.1:$PORT" line connections=2
    fact "PING is answered" answers "OK +PONG" "ask PING"
    fact "SET is answered" answers "OK +OK" "ask SET colour green"
    fact "an error of the server's is an answer" answers "OK -ERR wrong number of arguments for 'get' command" "ask GET"
    fact "1,000 calls at once are all answered" answers "1000 OK +OK" "many 1000 SET one 1"
    fact "over two connections" counts connections_opened 2
    fact "a restart of the server is not noticed" restart_is_not_noticed
    fact "without a server it says so" goes_away
    fact "when it is back it answers" comes_back
    fact "it ends with its input" over
    fact "the actor starts at the server's UNIX socket" begin "unix://$SCRATCH/redis.sock" crlf connections=1 \
        pipeline=100 answer_timeout_ms=300
    fact "1,000 calls in a pipeline are answered in order" answers "1000 OK :1000" "many 1000 INCR two"
    fact "over one connection" counts connections_opened 1
    fact "an answer of several lines leaves nothing to the next call" keeps_lines_apart
    fact "a server that hangs is told in time" hangs
    fact "and answers when it goes on" answers "OK +PONG" "ask PING"
    fact "it ends with its input" over
    fact "redis ends" kill_redis
}

#  --- socat: whatever comes until the end, in capitals until the end

start_socat ()
{
    start socat -d -d "UNIX-LISTEN:$SCRATCH/capitals,fork" SYSTEM:'tr a-z A-Z'
    await_file "$ERRORS" 'listening on'
}

#  Waits until a line of a file, which is being written, matches: await_file FILE PATTERN
await_file ()
{
    grep -q -m 1 -e "$2" < <(timeout 20 tail -n +1 -f "$1")
}

socat_facts ()
{
    if ! command -v socat >/dev/null; then
        skip "an actor in front of socat" "socat is not installed"
        return
    fi
    fact "socat starts" start_socat
    fact "the actor starts in front of it" begin "unix://$SCRATCH/capitals" close
    fact "what comes until the end is the answer" answers "OK HELLO, WORLD" "ask hello, world"
    fact "so is nothing" answers "OK" "ask "
    fact "50 calls at once, more than its backlog takes, have a connection each" answers "50 OK ABC" "many 50 abc"
    fact "it ends with its input" over
}

#  --- dnsmasq: RFC 1035 4.2.2, two bytes of length in front, over TCP

start_dnsmasq ()
{
    PORT=$(lasting_port)
    start dnsmasq --keep-in-foreground --port="$PORT" --listen-address=127.0.0.1 --bind-interfaces --no-resolv \
        --no-hosts --conf-file=/dev/null --pid-file="$SCRATCH/dnsmasq.pid" --user="$(id -un)" \
        --address=/there.example/10.1.2.3 --log-facility=-
    await_file "$ERRORS" 'started'
}

#  A question of type A for there.example, numbered 1234; and the address in its answer.
QUESTION=123401000001000000000000
QUESTION+=057468657265076578616d706c650000010001
resolves ()
{
    local OUTPUT=$ASKER_OUTPUT
    printf 'hex %s\n' $QUESTION >&7
    await_line 20 . && contains OK1234 "$LINE" && contains 00040a010203 "$LINE"
}

dnsmasq_facts ()
{
    if [ ! -x /usr/sbin/dnsmasq ]; then
        skip "an actor in front of dnsmasq" "dnsmasq-base is not installed"
        return
    fi
    PATH=$PATH:/usr/sbin
    fact "dnsmasq starts" start_dnsmasq
    fact "the actor starts in front of it" begin "127.0.0.1:$PORT" length2
    fact "a name is resolved" resolves
    fact "and once more over the same connection" eval 'resolves && counts connections_opened 1'
    fact "it ends with its input" over
}

if ! command -v python3 >/dev/null; then
    skip "an actor in front of servers of simple protocols" "python3 is not installed"
    exit
fi
redis_facts
socat_facts
dnsmasq_facts
