#!/usr/bin/env bash
# tests/interop/browser.sh - a real browser shows the gateway's page
#
# Place: run by tests/run --all, or by its name.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/gateway.sh"

#  Opens a page in a fresh profile and prints its document.
browse ()
{
    timeout -k 5 60 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
        --disable-background-networking --disable-component-update --disable-sync \
        --user-data-dir="$(mktemp -d -p "$SCRATCH")" --dump-dom "$URL$1" 2>"$SCRATCH/chromium"
}

shows () { contains "$2" "$(browse "$1")"; }

if [ "${TROUPE_HEAVY:-no}" = no ] || ! command -v chromium >/dev/null; then
    skip "Chromium shows the page" "tests/run --all, or tests/run interop/browser with chromium"
    exit
fi
fact "the gateway starts" start_gateway --workers 2
fact "Chromium shows the page" shows / 'Hello World!!'
fact "Chromium shows JSON" shows /users/1 'August'
fact "Chromium shows the problem of a page that is not there" shows /nothing '404'
fact "it ends as ever, with the browser's connections open or not" stop_gateway
