# tests/interop/hosts.sh - hosts of their own, as network namespaces, and a wire between them
#
# Place: sourced by scripts of tests/interop, after facts.sh and with $HOSTS set: so many, from 10.77.0.1 on. The wire
# is wire.py, and all traffic stays within. A script checks hindrance () first, and traps remove_hosts ().
#
# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=bash

SPACE=troupe$$ DEVICE=tr$$x

#  Why there can be no hosts here; nothing when there can.
hindrance ()
{
    if [ "${TROUPE_HEAVY:-no}" = no ]; then
        echo "tests/run --all, or tests/run interop/$(basename "$0" .sh)"
    elif ! command -v ip >/dev/null || ! command -v python3 >/dev/null; then
        echo "ip (iproute2) or python3 is not installed"
    elif [ "$(id -u)" -ne 0 ] || ! ip netns add "$SPACE-try" 2>/dev/null; then
        echo "network namespaces are not permitted here"
    elif ! ip netns del "$SPACE-try" || ! [ -w /dev/net/tun ]; then
        echo "/dev/net/tun cannot be used here"
    fi
}

on () { local host=$1; shift; ip netns exec "$SPACE-$host" "$@"; }

#  Says a word to the wire, and returns when it holds: wire "cut 1"
wire ()
{
    printf '%s\n' "$1" >&"$WIRE_IN" && read -r -t 5 -u "$WIRE_OUT" LINE && same ok "$LINE"
}

make_hosts ()
{
    local host
    mkfifo "$SCRATCH/wire"
    exec {WIRE_IN}<>"$SCRATCH/wire"
    start python3 "$(dirname "$0")/wire.py" "$DEVICE" "$HOSTS" <&"$WIRE_IN"
    exec {WIRE_OUT}<&"$OUTPUT"
    await_line 10 '^ready$' || return 1
    for ((host = 0; host < HOSTS; host++)); do
        ip netns add "$SPACE-$host" && ip link set "$DEVICE$host" netns "$SPACE-$host" &&
            on $host ip addr add "10.77.0.$((host + 1))/24" brd + dev "$DEVICE$host" && on $host ip link set lo up &&
            on $host ip link set "$DEVICE$host" up || return 1
    done
}

#  Whatever happens, no namespace is left behind.
remove_hosts ()
{
    local host
    finish
    local status=$?
    for ((host = 0; host < HOSTS; host++)); do ip netns del "$SPACE-$host" 2>/dev/null; done
    rm -rf "/etc/netns/$SPACE-0"
    return $status
}
