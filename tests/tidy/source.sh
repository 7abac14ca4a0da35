#!/usr/bin/env bash
# tests/tidy/source.sh - the rules of style that a program can see, checked on the sources
#
# Place: run by tests/run. Each check can be run alone too: tests/tidy/checks/NAME.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/../lib/facts.sh"
CHECKS=$ROOT/tests/tidy/checks

fact "includes point one way" "$CHECKS/layering"
fact "no locks, atomics and sleeps in the sources" "$CHECKS/locks"
fact "files, functions and lines are short, and files say what they are" "$CHECKS/shape"
fact "every public declaration is documented" "$CHECKS/documented"
fact "no notes to self, and nothing of one machine" "$CHECKS/words"
fact "every source is in a list of sources" "$CHECKS/listed"
fact "every header compiles alone, the public ones in C++ too" "$CHECKS/headers"
