#!/usr/bin/env bash
# tests/interop/network.sh - hosts of their own, with latency, loss, cuts and healing between them
#
# Place: run by tests/run --all, or by its name. See hosts.sh. Host 0 has a gateway, hosts 1 and 2 have users.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/gateway.sh"
USERS=${TROUPE_USERS:-$ROOT/build/release/samples/users}
HOSTS=3
. "$(dirname "$0")/hosts.sh"

#  Users on a host: users_on HOST; $CHILD is theirs.
users_on ()
{
    start ip netns exec "$SPACE-$1" "$USERS" --listen "tcp://10.77.0.$(($1 + 1)):6001" --set security/plain=1
    await_line 10 '^users ready tcp://10\.77\.0\.[0-9]+:6001$'
}

gateway_for ()
{
    start ip netns exec "$SPACE-0" "$GATEWAY" --http 127.0.0.1:0 "${FREE_RPC[@]}" --users "$1" \
        --set security/plain=1
    await_ready
}

#  curl, on the gateway's host.
curl () { on 0 curl "$@"; }

echoes () { ask /users/echo --max-time "${2:-10}" -d "$1" && same 200 "$CODE" && same "$1" "$BODY"; }

echo_often () { for ((time = 1; time <= $1; time++)); do echoes "echo $time" || return 1; done; }

#  A call that has been taken is told that the host is lost, long before its deadline.
in_flight_is_down ()
{
    local began=$SECONDS
    echoes before && wire "cut 1" && ask /users/echo --max-time 14 -d lost || return 1
    echo "$CODE after $((SECONDS - began)) s"
    [ "$CODE" = 503 ] && [ $((SECONDS - began)) -le 9 ]
}

#  A call that may be done twice waits, and is done once the network is whole again.
queued_goes_on ()
{
    curl -s --max-time 20 -o "$SCRATCH/queued" -w '%{http_code}' "$URL/users" >"$SCRATCH/queued.code" &
    local queued=$!
    is_not_answered_yet $queued && wire "heal 1" && wait $queued && same 200 "$(cat "$SCRATCH/queued.code")" &&
        contains August "$(cat "$SCRATCH/queued")"
}

#  Another request is answered meanwhile, which is a sign that this one has come in.
is_not_answered_yet () { ask / && same 200 "$CODE" && kill -0 "$1"; }

#  A host that is gone without a word: cut off, and its program killed behind the cut.
vanishes ()
{
    wire "cut 1" && kill -KILL "$FIRST" && ask /users/echo --max-time 14 -d lost && same 503 "$CODE"
}

comes_back () { wire "heal 1" && users_on 1 && await_echo; }

#  Until a request comes through: each try waits for its own end. Connections are tried again every two seconds.
await_echo ()
{
    local until=$((SECONDS + 20))
    until echoes again >/dev/null 2>&1; do
        [ $SECONDS -lt $until ] || { echo "still $CODE"; return 1; }
    done
}

name_the_users ()
{
    mkdir -p "/etc/netns/$SPACE-0"
    printf '127.0.0.1 localhost\n10.77.0.%d users.troupe\n' "$1" >"/etc/netns/$SPACE-0/hosts"
}

#  The name leads to another host from now on, and so does the endpoint that has the name.
moves ()
{
    users_on 2 && name_the_users 3 && wire "cut 1" && await_echo
}

stop_here () { CHILD=$GATEWAY_PROCESS OUTPUT=$GATEWAY_OUTPUT stop_gateway; }

REASON=$(hindrance)
if [ -n "$REASON" ]; then
    skip "calls outlive latency, loss and partitions between hosts" "$REASON"
    exit
fi
trap 'remove_hosts; exit' EXIT
fact "three hosts and a network" make_hosts
name_the_users 2
fact "the users are on host 1" users_on 1
FIRST=$CHILD
fact "the gateway is on host 0, and knows them by a name" gateway_for tcp://users.troupe:6001
GATEWAY_PROCESS=$CHILD GATEWAY_OUTPUT=$OUTPUT
fact "they answer" await_echo
wire "delay 20" && wire "loss 5"
fact "40 ms there and back and 5 % loss: 30 calls succeed" echo_often 30
wire "loss 0"
fact "a call in flight learns that the network is cut, by heartbeats" in_flight_is_down
fact "a call that may wait is answered when it has healed" queued_goes_on
fact "calls go on" echo_often 3
fact "a host that vanishes is noticed without a word from it" vanishes
fact "it comes back, and calls go on" comes_back
fact "the users move to host 2: the name leads there" moves
fact "the gateway ends as ever" stop_here
