#!/usr/bin/env bash
# tests/interop/command.sh - the gateway's command line: what is wrong is said in one line, with 2 or 1
#
# Place: run by tests/run after the samples are built.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/gateway.sh"

#  It ends by itself with that status and one line of standard error with those words: ends_with STATUS WORDS ARGS...
ends_with ()
{
    local status=$1 words=$2
    shift 2
    start "$@"
    await_end 10 && same "$status" "$STATUS" && same 1 "$(wc -l <"$ERRORS")" && contains "$words" "$(cat "$ERRORS")"
}

prints ()
{
    start "$GATEWAY" "$1"
    await_line 10 "$2" && await_end 10 && same 0 "$STATUS" && same "" "$(cat "$ERRORS")"
}

#  The first one's port is asked for by a second one, which must not disturb it.
port_is_taken ()
{
    start_gateway || return 1
    local first=$CHILD output=$OUTPUT port=$PORT
    ends_with 1 "127.0.0.1:$port" "$GATEWAY" "${FREE_RPC[@]}" --http "127.0.0.1:$port" &&
        contains "in use" "$(cat "$ERRORS")" &&
        answers 200 'Hello World!!' / || return 1
    CHILD=$first OUTPUT=$output
    stop_gateway
}

#  Stopped and started at once on the same port, with a connection that was open.
port_is_free_again ()
{
    start_gateway && ask / && stop_gateway || return 1
    start "$GATEWAY" "${FREE_RPC[@]}" --http "127.0.0.1:$PORT"
    await_ready && answers 200 'Hello World!!' / && stop_gateway
}

config_file ()
{
    printf 'children\n    http\n        listen = "127.0.0.1:0"\n' >"$SCRATCH/gateway.zpl"
    start_gateway --config "$SCRATCH/gateway.zpl" && answers 200 'Hello World!!' / && stop_gateway
}

no_permission ()
{
    ends_with 1 "127.0.0.1:81" setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --inh-caps=-all \
        "$1" "${FREE_RPC[@]}" --http 127.0.0.1:81 && contains ermission "$(cat "$ERRORS")"
}

#  As somebody else it may not be able to read the build tree.
readable_copy () { chmod 755 "$SCRATCH" && install -m 755 "$GATEWAY" "$SCRATCH/gateway"; }

#  A stack of 1 MiB for each of 1,000 workers does not fit.
no_threads ()
{
    ends_with 1 thread bash -c "ulimit -v 1000000; exec '$GATEWAY' --http 127.0.0.1:0 ${FREE_RPC[*]} --workers 1000"
}

no_descriptors ()
{
    ends_with 1 descriptor bash -c "ulimit -n $1; exec '$GATEWAY' --http 127.0.0.1:0 ${FREE_RPC[*]}"
}

fact "--help explains itself" prints --help '--http'
fact "--version says the version" prints --version '[0-9]+\.[0-9]+\.[0-9]+'
fact "an unknown option is 2" ends_with 2 --frobnicate "$GATEWAY" --frobnicate
fact "a missing value is 2" ends_with 2 --http "$GATEWAY" --http
fact "an address that is none is 2" ends_with 2 nonsense "$GATEWAY" "${FREE_RPC[@]}" --http nonsense
fact "a port that is none is 2" ends_with 2 99999 "$GATEWAY" "${FREE_RPC[@]}" --http 127.0.0.1:99999
fact "workers that are no number are 2" ends_with 2 many "$GATEWAY" --workers many
fact "zero workers are 2" ends_with 2 workers "$GATEWAY" --workers 0
fact "a log level that is none is 2" ends_with 2 loudest "$GATEWAY" --log loudest
fact "a configuration file that is not there is 2" ends_with 2 none.zpl "$GATEWAY" --config "$SCRATCH/none.zpl"
fact "a folder as configuration file is 2" ends_with 2 "$SCRATCH" "$GATEWAY" --config "$SCRATCH"
fact "a setting without a value is 2" ends_with 2 --set "$GATEWAY" --set children/http
fact "a configuration file is read" config_file
fact "a port that is taken is 1, and its owner serves on" port_is_taken
fact "a port is free again at once" port_is_free_again
fact "too few descriptors is 1" no_descriptors 12
fact "threads that do not start are 1" no_threads
if [ "$(id -u)" -eq 0 ] && [ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)" -gt 81 ] && readable_copy; then
    fact "a port that needs permission is 1" no_permission "$SCRATCH/gateway"
else
    skip "a port that needs permission is 1" "cannot become somebody without permission here"
fi
