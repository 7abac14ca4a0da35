#!/usr/bin/env bash
# tests/interop/hostile.sh - whatever is said to the tcp port, nothing gets in, nothing grows, others are served
#
# Place: run by tests/run after the samples are built. The attacks are in hostile.py; the others are a gateway that has
# its users behind the same port.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/gateway.sh"
USERS=${TROUPE_USERS:-$ROOT/build/release/samples/users}
#  What the victim may take and malloc may then keep: a few times the largest message that it takes, 64 MiB.
GROWTH_KIB=262144
MAKE_CERT=${TROUPE_MAKE_CERT:-$ROOT/build/release/tests/interop/make_cert}

#  What malloc keeps of memory that was given back is not what is counted here: large pieces go back at once.
start_users ()
{
    start env MALLOC_MMAP_THRESHOLD_=131072 MALLOC_TRIM_THRESHOLD_=131072 "$USERS" --listen tcp://127.0.0.1:0 "$@"
    await_line 10 '^users ready tcp://127\.0\.0\.1:[0-9]+$' || return 1
    VICTIM=$CHILD USERS_PORT=${LINE##*:}
    exec {USERS_OUTPUT}<&"$OUTPUT"
}

resident_kib () { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }
descriptors_of () { find "/proc/$1/fd" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l; }

served () { ask /users --max-time 3 && same 200 "$CODE" && contains August "$BODY"; }

#  Others ask all the time while the attack goes on, and are answered each time.
withstands ()
{
    local before attack status=0 asked=0
    before=$(resident_kib "$VICTIM")
    timeout -k 2 60 python3 "$(dirname "$0")/hostile.py" "$USERS_PORT" "$1" >"$SCRATCH/attack" 2>&1 &
    attack=$!
    while served && asked=$((asked + 1)) && kill -0 $attack 2>/dev/null; do :; done
    wait $attack || status=$?
    cat "$SCRATCH/attack"
    echo "others were answered $asked times; $before KiB before it, $(resident_kib "$VICTIM") KiB after it"
    [ $status -eq 0 ] && served && [ "$(resident_kib "$VICTIM")" -lt $((before + GROWTH_KIB)) ]
}

#  Those who have hung up are forgotten: each look is a request of its own.
descriptors_come_back ()
{
    local tries=0
    while [ "$(descriptors_of "$VICTIM")" -gt $((DESCRIPTORS + 4)) ]; do
        if ! served || [ $((++tries)) -ge 500 ]; then
            echo "$(descriptors_of "$VICTIM"), were $DESCRIPTORS"
            return 1
        fi
    done
}

memory_is_bounded ()
{
    echo "$RESIDENT KiB before all, $(resident_kib "$VICTIM") KiB after all"
    [ "$(resident_kib "$VICTIM")" -lt $((RESIDENT + GROWTH_KIB)) ]
}

#  The same against the RPC port: the victim is the gateway, and others ask it over HTTP.
start_victim ()
{
    start env MALLOC_MMAP_THRESHOLD_=131072 MALLOC_TRIM_THRESHOLD_=131072 "$GATEWAY" --http 127.0.0.1:0 \
        "${FREE_RPC[@]}"
    await_ready && VICTIM=$CHILD USERS_PORT=${RPC##*:}
}

at_the_rpc_port ()
{
    local attack
    fact "a gateway starts" start_victim
    fact "it serves others" served
    RESIDENT=$(resident_kib "$VICTIM") DESCRIPTORS=$(descriptors_of "$VICTIM")
    for attack in $(python3 "$(dirname "$0")/hostile.py" 0 --list-edge); do
        fact "at the RPC port, during ${attack//_/ }, others are served and nothing grows" withstands "$attack"
    done
    fact "the RPC port has the descriptors of all attackers back" descriptors_come_back
    fact "its memory is bounded after all of it" memory_is_bounded
    fact "the attacked gateway ends as ever" stop_gateway
}

stop_users ()
{
    CHILD=$VICTIM OUTPUT=$USERS_OUTPUT
    kill -TERM "$CHILD" && await_end 10 && same 0 "$STATUS"
}

#  The same with keys: users and gateway know each other, and nobody else.
start_with_keys ()
{
    mkdir "$SCRATCH/allowed" && "$MAKE_CERT" "$SCRATCH/users" && "$MAKE_CERT" "$SCRATCH/gateway" || return 1
    cp "$SCRATCH/gateway" "$SCRATCH/allowed/"
    start_users --set "security/cert=$SCRATCH/users" --set "security/allowed=$SCRATCH/allowed" &&
        start_gateway --rpc "ipc://$SCRATCH/rpc" --users "tcp://127.0.0.1:$USERS_PORT" \
            --set "security/cert=$SCRATCH/gateway" --set "security/server=$SCRATCH/users"
}

if ! command -v python3 >/dev/null; then
    skip "the tcp port withstands hostile peers" "python3 is not installed"
    exit
fi
fact "the users start" start_users
fact "a gateway finds them" start_gateway --users "tcp://127.0.0.1:$USERS_PORT"
fact "others are served" served
RESIDENT=$(resident_kib "$VICTIM") DESCRIPTORS=$(descriptors_of "$VICTIM")
for attack in $(python3 "$(dirname "$0")/hostile.py" 0 --list); do
    fact "others are served during ${attack//_/ }, and nothing grows" withstands "$attack"
done
fact "the descriptors of all attackers come back" descriptors_come_back
fact "memory is bounded after all of it" memory_is_bounded
fact "the gateway ends as ever" stop_gateway
fact "the users end as ever" stop_users
fact "users and a gateway with keys start" start_with_keys
fact "those with the right keys are served" served
fact "they are served during wrong keys, and nothing grows" withstands wrong_keys
fact "the gateway with keys ends as ever" stop_gateway
fact "the users with keys end as ever" stop_users
at_the_rpc_port
