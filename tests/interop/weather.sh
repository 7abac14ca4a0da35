#!/usr/bin/env bash
# tests/interop/weather.sh - the weather: stations and readers around a proxy, with pyzmq's PUB and SUB among them
#
# Place: run by tests/run after the samples are built. Any of them may be killed, and the others go on when it is back.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/../lib/facts.sh"
FOLDER=$ROOT/build/release/samples
#  The one that Debian's packages belong to
PYTHON=/usr/bin/python3

#  Starts the proxy at these endpoints, or at free ones, and sets $STATIONS, $READERS and $PROXY.
start_proxy ()
{
    start "$FOLDER/weather" --stations "${1:-tcp://127.0.0.1:$(lasting_port)}" \
        --readers "${2:-tcp://127.0.0.1:$(lasting_port)}"
    PROXY=$CHILD
    await_line 10 '^stations  tcp://' && STATIONS=${LINE#stations  } &&
        await_line 10 '^readers   tcp://' && READERS=${LINE#readers   }
}

#  A reader of a town, in $READER: start_reader TOWN; then of_reader COMMAND... sees what it prints.
start_reader ()
{
    start "$FOLDER/weather_reader" --proxy "$READERS" --town "$1"
    READER=$CHILD READER_OUTPUT=$OUTPUT READER_ERRORS=$ERRORS
}

of_reader () { local CHILD=$READER OUTPUT=$READER_OUTPUT ERRORS=$READER_ERRORS; "$@"; }

start_station ()
{
    start "$FOLDER/weather_station" --proxy "$STATIONS" --every 20 --town "$1"
    STATION=$CHILD
}

ends ()
{
    kill -INT "$CHILD" && await_end 10 && same 0 "$STATUS"
}

passes_on ()
{
    start_reader Os && start_station Oslo && start_station Os && of_reader await_line 10 '^Os/ +-?[0-9]+ C$'
}

#  Whatever else is measured, the next twenty lines are of Os.
only_its_own ()
{
    local _
    for _ in {1..20}; do
        of_reader await_line 10 '.' && contains 'Os/  ' "$LINE" || return 1
    done
}

one_station_is_killed_and_another_comes ()
{
    kill -KILL "$STATION" && start_station Os && of_reader await_line 10 '^Os/ ' && of_reader await_line 10 '^Os/ '
}

proxy_is_killed_and_comes_back ()
{
    kill -KILL "$PROXY" && { wait "$PROXY" || true; } && of_reader await_line 10 '^waiting for' &&
        start_proxy "$STATIONS" "$READERS" && of_reader await_line 10 '^connected to' && of_reader await_line 10 '^Os/ '
}


#  Readers are told, and have their weather again when it goes on.
proxy_hangs ()
{
    kill -STOP "$PROXY" && of_reader await_line 20 '^waiting for' && kill -CONT "$PROXY" &&
        of_reader await_line 10 '^connected to' && of_reader await_line 10 '^Os/ '
}

await_line_of_proxy () { local OUTPUT=$PROXY_OUTPUT ERRORS=$PROXY_ERRORS; await_line 10 "$1"; }

with_pyzmq ()
{
    timeout 30 "$PYTHON" - "$STATIONS" "$READERS" <<'END'
import sys, zmq
context = zmq.Context ()
reader, station = context.socket (zmq.SUB), context.socket (zmq.XPUB)
station.connect (sys.argv [1])
reader.connect (sys.argv [2])
reader.setsockopt (zmq.SUBSCRIBE, b"Voss/")
#  A prefix that others share in their data: an envelope is not matched across its frame
while station.recv () != b"\x01Voss/":
    pass
station.send_multipart ([b"Oslo/", b"Voss/ is warmer"])
station.send_multipart ([b"Voss/", b"7 C"])
assert reader.poll (10000) and reader.recv_multipart () == [b"Voss/", b"7 C"]
context.destroy (linger = 0)
END
}

port_is_taken ()
{
    start "$FOLDER/weather" --stations "$STATIONS" --readers 'tcp://127.0.0.1:*'
    await_end 10 && same 1 "$STATUS" && contains "$STATIONS: the address is in use" "$(tail -n 1 "$ERRORS")"
}

proxy_is_missing ()
{
    start "$FOLDER/weather_station" --proxy tcp://127.0.0.1:1
    await_line 10 '^waiting for tcp://127\.0\.0\.1:1$' && ends
}

explain_themselves ()
{
    local program
    for program in weather weather_station weather_reader; do
        start "$FOLDER/$program" --help
        await_end 10 && same 0 "$STATUS" || return 1
    done
}

fact "each explains itself" explain_themselves
start_proxy || exit 1
PROXY_OUTPUT=$OUTPUT PROXY_ERRORS=$ERRORS
fact "who asks for Os gets the weather of Os" passes_on
fact "and not that of Oslo" only_its_own
fact "a station that is killed is replaced by another" one_station_is_killed_and_another_comes
fact "a port that is taken is said, with 1" port_is_taken
fact "a proxy that hangs is told" proxy_hangs
fact "a proxy that is killed and started again is found again" proxy_is_killed_and_comes_back
start_proxy || exit 1
PROXY_OUTPUT=$OUTPUT PROXY_ERRORS=$ERRORS
start_reader Bergen
fact "what a reader wants is told" await_line_of_proxy '^wanted    Bergen/$'
kill -KILL "$READER"
fact "and that it wants it no more, when it was killed" await_line_of_proxy '^unwanted  Bergen/$'
if "$PYTHON" -c 'import zmq' 2>/dev/null; then
    fact "pyzmq publishes and subscribes" with_pyzmq
else
    skip "pyzmq publishes and subscribes" "python3-zmq is not installed"
fi
CHILD=$PROXY OUTPUT=$PROXY_OUTPUT
fact "the proxy ends on SIGINT" ends
fact "a proxy that is not there is said, and waited for until SIGINT" proxy_is_missing
