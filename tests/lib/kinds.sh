# tests/lib/kinds.sh - the kinds of tests there are, how each is run, and in which order
#
# Place: sourced by tests/run, on top of runners.sh. Programs come from the manifest that CMake writes,
# scripts from the folders tidy, install and interop: every executable file there is one.
#
# SPDX-License-Identifier: MPL-2.0
# shellcheck shell=bash

KINDS="unit stage live conformance thread tidy install interop fuzz bench"

#  "KIND NAME PATH OPTIONS" of every program and script, of those kinds: programs PRESET [KIND...]
programs ()
{
    local preset=$1 kind script
    shift
    for kind in "${@:-$KINDS}"; do
        case $kind in
            bench)                    printf 'bench smoke %s\n' "$ROOT/tests/bench/run" ;;
            tidy | install | interop) ;;
            *)                        awk -v kind="$kind" '$1 == kind' "$ROOT/build/$preset/tests/manifest"; continue ;;
        esac
        for script in "$ROOT/tests/$kind"/*.sh; do
            [ ! -x "$script" ] || printf '%s %s %s\n' "$kind" "$(basename "$script" .sh)" "$script"
        done
    done
}

list_programs ()
{
    local kind name rest
    # shellcheck disable=SC2086,SC2034
    programs "$1" $KINDS | while read -r kind name rest; do printf '%s/%s\n' "$kind" "$name"; done
}

#  Runs one program in the way of its kind: run_one PRESET KIND NAME PATH [OPTIONS]
run_one ()
{
    local preset=$1 kind=$2 name=$3 path=$4 options=${5:-} label=$2/$3
    [ "$preset" = release ] || label="$preset $label"
    case $kind in
        unit | stage | live | conformance)
            if [ "$options" = quiet ]; then set -- --jobs 1; else set --; fi
            run_criterion "$preset" "$label" "$path" "$@" ;;
        thread)
            TSAN_OPTIONS="suppressions=$ROOT/tests/thread/tsan.supp halt_on_error=0 exitcode=66" \
                run_plain "$preset" "$label" "$path" ;;
        fuzz)
            run_fuzz "$preset" "$label" "$name" "$path" ;;
        bench)
            LIMIT_S=$SCRIPT_LIMIT_S run_plain "$preset" "$label" "$path" --smoke ;;
        *)
            run_script "$preset" "$label" "$path" ;;
    esac
}

#  A few seconds of fuzzing from the stored corpus; what it finds is left in the build tree.
run_fuzz ()
{
    local work=$ROOT/build/$1/tests/found/$3 corpus=$ROOT/tests/fuzz/corpus/$3
    mkdir -p "$work"
    [ -d "$corpus" ] || corpus=
    run_plain "$1" "$2" "$4" -max_total_time="${TROUPE_FUZZ_S:-5}" -artifact_prefix="$work/crash-" "$work" \
        ${corpus:+"$corpus"}
}

#  Builds what a kind needs, then runs its programs: run_kind PRESET KIND [NAME]
run_kind ()
{
    local preset=$1 kind=$2 only=${3:-} found=no name path options
    while read -r _ name path options; do
        [ -z "$only" ] || [ "$name" = "$only" ] || continue
        found=yes
        run_one "$preset" "$kind" "$name" "$path" "$options" </dev/null
    done < <(programs "$preset" "$kind")
    [ $found = yes ]
}

#  What has to be built before a kind of test can run.
targets_of ()
{
    case $1 in
        unit | stage | live | conformance | thread | fuzz | bench) echo "tests_$1" ;;
        tidy)    echo troupe_static ;;
        install) echo "troupe_static troupe_shared" ;;
        interop) echo "samples tests_interop" ;;
    esac
}

#  The programs that were asked for by name: run_wanted PRESET KIND|KIND/NAME...
run_wanted ()
{
    local preset=$1 wanted kind name
    shift
    for wanted in "$@"; do
        kind=${wanted%%/*} name=
        [ "$kind" = "$wanted" ] || name=${wanted#*/}
        case " $KINDS " in
            *" $kind "*) ;;
            *) say "there is no kind of test '$kind'; there are: $KINDS"; exit 2 ;;
        esac
        # shellcheck disable=SC2046
        try_build "$preset" $(targets_of "$kind") || continue
        run_kind "$preset" "$kind" "$name" || { say "there is no test $wanted; tests/run --list"; exit 2; }
    done
}

#  Builds, or counts a failure: what cannot be built cannot pass. try_build PRESET TARGETS...
try_build ()
{
    (configure "$1" again && build "$@") && return 0
    printf '%-36s cannot be built\n' "$1"
    FAILED=$((FAILED + 1))
    return 1
}

#  Runs all programs of some kinds: run_kinds PRESET KIND...
run_kinds ()
{
    local preset=$1 kind
    shift
    for kind in "$@"; do run_kind "$preset" "$kind" || true; done
}

#  What every run has, fast ones first.
run_light ()
{
    if try_build release tests_unit tests_stage tests_live tests_conformance tests_interop samples \
        troupe_static troupe_shared; then
        run_kinds release unit stage live conformance tidy install interop
    fi
}

#  What --all adds. Each preset is built once.
run_heavy ()
{
    ! try_build asan tests_unit tests_stage tests_live tests_conformance samples ||
        { run_kinds asan unit stage live conformance; run_asan_gateway; }
    ! try_build tsan tests_thread || run_kinds tsan thread
    ! try_build fuzz tests_fuzz || run_kinds fuzz fuzz
    ! try_build release tests_thread tests_bench || { run_memcheck; run_kinds release bench; }
}

#  The gateway under ASan and UBSan, driven as the released one is; what they find ends it with another status than 0.
run_asan_gateway ()
{
    local script
    for script in curl signals; do
        TROUPE_GATEWAY=$ROOT/build/asan/samples/gateway \
            run_script asan "asan interop/$script" "$ROOT/tests/interop/$script.sh"
    done
}

#  Programs that start no test runner and can therefore run under valgrind: those of tests/thread, and samples that end.
#  Its Debian 12 version knows no pidfd_open(2), so not the one with child processes.
run_memcheck ()
{
    local name path
    while read -r _ name path _; do
        [ "$name" != processes ] || continue
        run_plain release "valgrind thread/$name" valgrind --quiet --error-exitcode=99 --leak-check=full \
            --errors-for-leak-kinds=definite "$path" </dev/null
    done < <(programs release thread)
}
