#!/usr/bin/env bash
# tests/interop/smile.sh - our SMILE and Jackson's are the same
#
# Place: run by tests/run --all, or by its name. Debian's Cheshire writes generated documents (smile.clj), ours reads
# them and writes them again (smile_tool.c), and Cheshire reads those.
#
# SPDX-License-Identifier: MPL-2.0

# shellcheck source=../lib/facts.sh
. "$(dirname "$0")/../lib/facts.sh"
HERE=$ROOT/tests/interop
TOOL=$ROOT/build/${TROUPE_PRESET:-release}/tests/interop/smile_tool
DOCUMENTS=4000
JARS=/usr/share/java

cheshire ()
{
    local class_path=$JARS/clojure.jar:$JARS/cheshire.jar:$JARS/tigris.jar:$JARS/jackson-core.jar
    class_path+=:$JARS/jackson-dataformat-smile.jar:$JARS/jackson-dataformat-cbor.jar
    class_path+=:$JARS/spec.alpha.jar:$JARS/core.specs.alpha.jar
    timeout -k 5 120 java -cp "$class_path" clojure.main "$HERE/smile.clj" "$@"
}

writes ()     { cheshire write $DOCUMENTS >"$SCRATCH/theirs"; }
we_read ()    { timeout 60 "$TOOL" <"$SCRATCH/theirs" >"$SCRATCH/ours"; }
all_there ()  { same "$(wc -l <"$SCRATCH/theirs")" "$(wc -l <"$SCRATCH/ours")"; }
they_read ()  { cheshire read <"$SCRATCH/ours"; }

if [ "${TROUPE_HEAVY:-no}" = no ] || ! command -v java >/dev/null || ! [ -e $JARS/cheshire.jar ]; then
    skip "SMILE is what Jackson reads and writes" "tests/run --all, or tests/run interop/smile with cheshire"
    exit
fi
fact "Jackson writes $DOCUMENTS documents, with every mix of features" writes
fact "we read in each what its JSON says" we_read
fact "we write every one of them" all_there
fact "Jackson reads in each what its JSON says" they_read
