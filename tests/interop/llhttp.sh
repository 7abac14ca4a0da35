#!/usr/bin/env bash
# tests/interop/llhttp.sh - whatever llhttp refuses, the gateway refuses
#
# Place: run by tests/run after the samples are built. llhttp is the one inside node: llhttp.js asks it and the gateway
# about the same bytes. Where llhttp is the more lenient one (a bare CR as a line end) nothing is compared.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/gateway.sh"

agrees () { timeout -k 5 120 node --no-deprecation "$(dirname "$0")/llhttp.js" "$PORT" "$@"; }

if ! command -v node >/dev/null; then
    skip "whatever llhttp refuses, the gateway refuses" "node is not installed"
    exit
fi
fact "the gateway starts" start_gateway --workers 2
fact "whatever llhttp refuses, the gateway refuses" agrees "$(dirname "$0")/../fuzz/corpus/http_parser" 1500
fact "it ends as ever after all that" stop_gateway
