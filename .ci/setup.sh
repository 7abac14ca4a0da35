# .ci/setup.sh - installs what is missing, configures and builds, and says so
#
# Place: sourced by samples/run, tests/run and tests/bench/run, which thereby agree
# on one list of packages and one build tree, build/PRESET.
#
# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say () { printf 'troupe: %s\n' "$*" >&2; }
die () { say "$*"; exit 1; }

#  True when what a line of .ci/packages promises is there: is_there command gcc
is_there ()
{
    case $1 in
        command) command -v "$2" >/dev/null ;;
        module)  pkg-config --exists "$2" 2>/dev/null ;;
        file)    compgen -G "$2" >/dev/null ;;
        *)       die ".ci/packages: '$1 $2' is neither command, module nor file" ;;
    esac
}

#  The lines of .ci/packages for the given purposes, without blanks around the bars.
packages_for ()
{
    awk -F ' *[|] *' -v purposes=" $* " \
        '!/^#/ && NF == 4 && index (purposes, " " $1 " ") { print $2 "|" $3 "|" $4 }' "$ROOT/.ci/packages"
}

#  Runs apt-get as root, without questions; its own words go to a log, shown only when it fails.
run_apt ()
{
    local sudo=() log
    [ "$(id -u)" -eq 0 ] || sudo=(sudo)
    log=$(mktemp)
    if ! "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@" >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
}

#  Installs what the given purposes need and the machine has not: install_for build test. Silent when all is there.
install_for ()
{
    local package what why missing=()
    while IFS='|' read -r package what why; do
        # shellcheck disable=SC2086  # two words: the kind and the name
        is_there $what && continue
        [ ${#missing[@]} -gt 0 ] || say "installing with apt:"
        printf '  %-20s %s\n' "$package" "$why" >&2
        missing+=("$package")
    done < <(packages_for "$@")
    [ ${#missing[@]} -gt 0 ] || return 0

    command -v apt-get >/dev/null || die "no apt-get here: please install by other means: ${missing[*]}"
    [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null ||
        die "no sudo here; as root, please: apt-get install ${missing[*]}"
    run_apt install --no-install-recommends "${missing[@]}" 2>/dev/null ||
        { run_apt update && run_apt install --no-install-recommends "${missing[@]}"; } ||
        die "apt-get could not install ${missing[*]}"
}

#  Runs a command with its output in a log, which is shown only when the command fails.
quietly ()
{
    local log status=0
    log=$(mktemp)
    "$@" >"$log" 2>&1 || status=$?
    [ $status -eq 0 ] || cat "$log" >&2
    rm -f "$log"
    return $status
}

#  Configures build/PRESET, unless that is done and up to date: ninja itself looks after changed lists of sources.
configure ()
{
    local preset=$1
    [ -f "$ROOT/build/$preset/build.ninja" ] && [ "${2:-}" != again ] && return 0
    (cd "$ROOT" && quietly cmake --preset "$preset") || die "cannot configure build/$preset"
}

#  Builds targets of a preset: build release sample_hello. Says so only when there is something to do.
build ()
{
    local preset=$1 todo
    shift
    todo=$(ninja -C "$ROOT/build/$preset" -n "$@" 2>&1 | tail -n 1)
    case $todo in *"no work to do"*) return 0 ;; esac
    say "building $preset: $*"
    quietly ninja -C "$ROOT/build/$preset" --quiet "$@" || die "cannot build $preset: $*"
}
