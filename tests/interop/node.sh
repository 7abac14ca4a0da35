#!/usr/bin/env bash
# tests/interop/node.sh - Node's zeromq asks slow_server, as the second article does, and the gateway's RPC door
#
# Place: run by tests/run --all, or by its name, after the samples are built. npm fetches zeromq once, into the build
# folder, with the binary that it comes with; without a network, and without it there, this is skipped.
#
# SPDX-License-Identifier: MPL-2.0

# shellcheck source=gateway.sh
. "$(dirname "$0")/gateway.sh"
SAMPLES=$(dirname "$GATEWAY")
VERSION=6.5.0
FOLDER=$ROOT/build/interop/zeromq-$VERSION

is_there () { NODE_PATH=$FOLDER/node_modules node -e 'require ("zeromq")' 2>/dev/null; }

fetch ()
{
    mkdir -p "$FOLDER" && timeout 120 npm install --prefix "$FOLDER" --ignore-scripts --no-save --no-package-lock \
        --no-audit --no-fund --loglevel=error "zeromq@$VERSION" >"$SCRATCH/npm" 2>&1 && is_there
}

client () { NODE_PATH=$FOLDER/node_modules exec node "$ROOT/tests/interop/node_client.js" "$@"; }

start_server ()
{
    start "$SAMPLES/slow_server" --listen "${1:-tcp://127.0.0.1:$(lasting_port)}"
    SERVER=$CHILD
    await_line 10 '^slow_server ready tcp://127\.0\.0\.1:[0-9]+$' && ENDPOINT=${LINE##* }
}

start_client () { NODE_PATH=$FOLDER/node_modules start node "$ROOT/tests/interop/node_client.js" "$@"; }

#  What it prints until it ends: each of so many questions has one answer, in their order.
answers_come ()
{
    local lines
    lines=$(timeout 60 cat <&"$OUTPUT") || { echo "it has not ended in time"; return 1; }
    wait "$CHILD" && contains "$1 asked, $1 answered" "$lines" &&
        same "$(seq "$2" $(($1 - 1)))" "$(sed -n 's/^{"response":"\([0-9]*\)"}$/\1/p' <<<"$lines")"
}

queues ()
{
    start_server && start_client eager "$ENDPOINT" 12 && await_line 10 '^[5-9] message queued$' && answers_come 12 2
}

#  It is killed while it has a question, started again after a while, and that question is asked again.
goes_on_after_a_restart ()
{
    start_client eager "$ENDPOINT" 20 && await_line 10 '^\{"response":"1"\}$' && await_line 10 '^3 message queued$' &&
        kill -KILL "$SERVER" && { wait "$SERVER" || true; } && await_line 10 '^no answer: asked again$' || return 1
    local client=$CHILD output=$OUTPUT
    start_server "$ENDPOINT" && CHILD=$client OUTPUT=$output answers_come 20 2
}

asks_the_gateway () { start_gateway --workers 2 && (client rpc "$RPC") && stop_gateway; }

if [ "${TROUPE_HEAVY:-no}" = no ] || ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    skip "Node's zeromq as a client" "tests/run --all, or tests/run interop/node with node and npm"
    exit
fi
if ! is_there && ! fetch; then
    skip "Node's zeromq as a client" "npm cannot get zeromq $VERSION: $(tail -n 1 "$SCRATCH/npm")"
    exit
fi
fact "questions queue up behind the slow one, and each is answered" queues
fact "the server is killed and started again: the client goes on, and nothing is lost" goes_on_after_a_restart
fact "REQ and DEALER are answered by the gateway's RPC door, in JSON" asks_the_gateway
