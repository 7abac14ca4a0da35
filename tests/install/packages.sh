#!/usr/bin/env bash
# tests/install/packages.sh - .ci/packages names everything that a fresh Debian needs
#
# Place: run by tests/run. It looks for what the build and the scripts use, and asks whether the listed packages
# bring it along, by themselves or by what they depend on.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/../lib/facts.sh"
. "$ROOT/.ci/setup.sh"

#  The packages of those purposes, all that they depend on, and what every Debian has.
bring_along ()
{
    local packages
    packages=$(packages_for "$@" | cut -d '|' -f 1)
    # shellcheck disable=SC2016,SC2086
    { apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
        --no-enhances $packages | sed -n 's/^\([a-z0-9].*\)$/\1/p' | sed 's/:.*//'
      dpkg-query -W -f '${Essential} ${Priority} ${Package}\n' | awk '$1 == "yes" || $2 == "required" { print $3 }'
    } | sort -u >"$SCRATCH/brought"
}

#  Reads paths; prints those that no listed package brings along. dpkg knows some of /usr/bin as /bin.
not_brought ()
{
    local paths
    mapfile -t paths < <(xargs -r -n 1 realpath | sort -u)
    dpkg -S "${paths[@]}" "${paths[@]#/usr}" 2>/dev/null | awk -v brought="$SCRATCH/brought" '
        BEGIN { while ((getline package < brought) > 0) there [package] = 1 }
        FILENAME == "-" {
            package = $1; sub (/[:,].*/, "", package)
            sub (/^\/usr/, "", $NF); owner [$NF] = package; next
        }
        { path = $0; sub (/^\/usr/, "", path)
          if (!(owner [path] in there)) print $0 " (" owner [path] ")" }' - <(printf '%s\n' "${paths[@]}")
}

#  Every header outside of the project that the last build has read.
headers_are_covered ()
{
    local left
    left=$(ninja -C "$ROOT/build/release" -t deps | sed -n 's/^ *\(\/usr\/.*\)$/\1/p' | sort -u | not_brought)
    same "" "$left"
}

#  Every tool that is called by name.
tools_are_covered ()
{
    local left
    left=$(for tool in "$@"; do command -v "$tool"; done | not_brought)
    same "" "$left"
}

#  Every module of pkg-config that the build of library, samples and tests asks for stands in the list.
modules_are_listed ()
{
    local module status=0
    for module in $(cd "$ROOT" && cat CMakeLists.txt samples/CMakeLists.txt tests/CMakeLists.txt |
        sed -n 's/^ *pkg_check_modules (.* IMPORTED_TARGET \([a-z0-9]*\).*/\1/p'); do
        packages_for build test nanomsg | grep -q "|module $module|" || { echo "$module is not listed"; status=1; }
    done
    return $status
}

lines_are_well_formed ()
{
    awk -F ' *[|] *' '/^#/ || /^ *$/ { next }
        NF != 4 || $3 !~ /^(command|module|file) / { print "malformed: " $0; bad = 1 }
        END { exit bad }' "$ROOT/.ci/packages"
}

fact "every line of .ci/packages is well formed" lines_are_well_formed
fact "every pkg-config module that the build asks for is listed" modules_are_listed
if ! command -v apt-cache >/dev/null || ! apt-cache show gcc >/dev/null 2>&1; then
    skip "packages bring along what is used" "apt knows no packages here"
    exit
fi
bring_along build test nanomsg
fact "the listed packages bring every header that is compiled" headers_are_covered
fact "the listed packages bring every tool that tests/run calls" tools_are_covered \
    gcc g++ cmake ninja pkg-config ar nm objdump readelf curl timeout awk sed grep find xargs mktemp tail realpath
