# tests/tidy/checks.sh - what the checks share: which files there are, and how awk is run over them
#
# Place: sourced by every script of tests/tidy/checks. A check prints what is wrong, where, and how to
# mend it, and fails then. It looks at the tree that it is given, so that it can be tried on a bad one.
#
# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=bash

set -euo pipefail
TIDY=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TREE=$(cd "${1:-$TIDY/../..}" && pwd)

#  The files of those folders with those endings, one a line: files "include runtime" "c h"
files ()
{
    local folder ending
    for folder in $1; do
        [ -e "$TREE/$folder" ] || continue
        for ending in $2; do
            find "$TREE/$folder" \( -name .git -o -path "$TREE/build" \) -prune -o -type f -name "*.$ending" -print
        done
    done | sort
}

#  Runs an awk text over the files named on standard input; the text calls complain().
over_files ()
{
    local list
    mapfile -t list
    [ ${#list[@]} -gt 0 ] || return 0
    awk -v TREE="$TREE" -f "$TIDY/checks.awk" -f <(printf '%s' "$1") "${list[@]}" || echo "the check itself failed"
}

#  Takes away the complaints that tests/tidy/allowed explains: CHECK|PATH|WORD|REASON. Fails when any are left.
but_allowed ()
{
    local complaints
    complaints=$(awk -F '|' -v check="$1" '
        FILENAME != "-"  { if ($1 == check) { path [++n] = $2; word [n] = $3 } next }
        { for (i = 1; i <= n; i++) if (index ($0, path [i] ":") == 1 && index ($0, word [i])) next
          print }' "$TIDY/allowed" -)
    [ -z "$complaints" ] || { printf '%s\n' "$complaints"; return 1; }
}
