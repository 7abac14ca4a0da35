#!/usr/bin/env bash
# tests/interop/chaos.sh - the process of the gateway's users is killed under load, and nobody waits for ever for it
#
# Place: run by tests/run --all, or by its name. Under load: wrk with 64 connections (chaos.lua). Who kills and measures
# is chaos.py.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/gateway.sh"
HERE=$(dirname "$0")

#  The number behind a name in a line "NAME=NUMBER ...": number_of NAME LINE
number_of () { sed -n "s/.*\b$1=\([0-9]*\).*/\1/p" <<<"$2"; }

descriptors_of () { find "/proc/$1/fd" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l; }
resident_kib () { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }
children_of () { cat "/proc/$1/task/"*/children 2>/dev/null | wc -w; }

#  Ten times within twelve seconds of load; what wrk saw is in $LOAD, what the killer saw in $KILLS.
killed_under_load ()
{
    local load
    wrk -t64 -c64 -d12s --timeout 20s -s "$HERE/chaos.lua" "$URL" >"$SCRATCH/wrk" 2>&1 &
    load=$!
    KILLS=$(timeout -k 2 40 python3 "$HERE/chaos.py" "$CHILD" "$PORT" 10 200 1200 2>"$SCRATCH/killer")
    wait $load
    cat "$SCRATCH/killer" "$SCRATCH/wrk"
    LOAD=$(grep '^chaos ' "$SCRATCH/wrk")
    printf '# %s\n# %s\n' "$LOAD" "$KILLS" >&3
    contains "killed=10 " "$KILLS" && contains "good=" "$LOAD"
}

#  Every request has ended, with what it may end with, and some of both.
all_ended_well ()
{
    printf '%s\n%s\n' "$KILLS" "$LOAD"
    contains " wrong=0 other=0 broken=0 hung=0" "$LOAD" && [ "$(number_of good "$LOAD")" -gt 1000 ]
}

soon_again ()
{
    echo "$KILLS"
    [ "$(number_of p50 "$KILLS")" -le 100 ]
}

#  Restarts without anybody else's load, one after the other.
restart_often ()
{
    KILLS=$(timeout -k 2 100 python3 "$HERE/chaos.py" "$CHILD" "$PORT" "$1" 0 1 2>&1)
    printf '# without load: %s\n' "$KILLS" >&3
    echo "$KILLS"
    contains "killed=$1 " "$KILLS"
}

nothing_has_grown ()
{
    local descriptors resident children
    ask /users || return 1
    descriptors=$(descriptors_of "$CHILD") resident=$(resident_kib "$CHILD") children=$(children_of "$CHILD")
    echo "descriptors $DESCRIPTORS and $descriptors, KiB $RESIDENT and $resident, processes $children"
    [ "$descriptors" -le $((DESCRIPTORS + 2)) ] && [ "$resident" -le $((RESIDENT + 4096)) ] && [ "$children" -eq 1 ]
}

if [ "${TROUPE_HEAVY:-no}" = no ] || ! command -v wrk >/dev/null || ! command -v python3 >/dev/null; then
    skip "killed processes are noticed by those only who waited for them" \
        "tests/run --all, or tests/run interop/chaos with wrk and python3"
    exit
fi
exec 3>&1
fact "the gateway starts with its users in a process" start_gateway --workers 2 --users ipc://users
fact "they answer" answers 200 '[{"id":1,"name":"August"}]' /users
fact "they are killed ten times under load" killed_under_load
fact "every request ended with its own answer, 503 or 504, and none hung" all_ended_well
fact "there is a good answer again within 100 ms at the median" soon_again
fact "20 restarts more" restart_often 20
DESCRIPTORS=$(descriptors_of "$CHILD") RESIDENT=$(resident_kib "$CHILD")
fact "200 restarts more" restart_often 200
fact "neither descriptors, memory nor processes have grown" nothing_has_grown
fact "it ends as ever" stop_gateway
