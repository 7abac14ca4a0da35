#!/usr/bin/env bash
# tests/install/consumers.sh - an installed troupe can be used, from C and C++, by CMake and pkg-config
#
# Place: run by tests/run after the release build. Installs into a scratch folder, and moves that once, to show
# that nothing in it knows where it lies.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/../lib/facts.sh"
CONSUMER=$ROOT/tests/install/consumer
PREFIX=$SCRATCH/moved
FLAGS="-Wall -Wextra -Wpedantic -Werror -O2"

installs ()
{
    cmake --install "$ROOT/build/release" --prefix "$SCRATCH/prefix" && mv "$SCRATCH/prefix" "$PREFIX"
}

library_folder () { dirname "$(find "$PREFIX" -name libtroupe.so)"; }

#  Runs a built consumer with the installed shared library.
greets () { contains "greeted on the stage" "$(LD_LIBRARY_PATH=$(library_folder) timeout 20 "$1" 2>&1)"; }

cmake_builds ()
{
    cmake -S "$CONSUMER" -B "$SCRATCH/cmake" -G Ninja -DCMAKE_PREFIX_PATH="$PREFIX" \
        -DCMAKE_C_FLAGS="$FLAGS" -DCMAKE_CXX_FLAGS="$FLAGS" && cmake --build "$SCRATCH/cmake"
}

#  pkg_config_builds COMPILER SOURCE OUTPUT [--static]: the last one links the archive itself
pkg_config_builds ()
{
    local flags
    flags=$(PKG_CONFIG_PATH=$(library_folder)/pkgconfig pkg-config --cflags --libs ${4:+"$4"} troupe) || return 1
    [ -z "${4:-}" ] || flags=${flags/-ltroupe/-l:libtroupe.a}
    # shellcheck disable=SC2086
    "$1" $FLAGS "$CONSUMER/$2" -o "$SCRATCH/$3" $flags
}

soname_is_versioned ()
{
    contains "libtroupe.so.0.1]" "$(readelf -d "$(library_folder)/libtroupe.so" | grep SONAME)"
}

versions_agree ()
{
    local header
    header=$(sed -n 's/^#define TROUPE_VERSION "\(.*\)"/\1/p' "$PREFIX/include/troupe/api.h")
    same "$header" "$(PKG_CONFIG_PATH=$(library_folder)/pkgconfig pkg-config --modversion troupe)"
}

fact "cmake --install installs, and the tree can be moved" installs
fact "the shared library's name carries its version" soname_is_versioned
fact "header and pkg-config agree about the version" versions_agree
fact "find_package (troupe) builds consumers in C and C++" cmake_builds
fact "pkg-config builds one in C" pkg_config_builds gcc greeter.c pc_c
fact "pkg-config builds one in C++" pkg_config_builds g++ greeter.cpp pc_cpp
fact "pkg-config --static builds one in C" pkg_config_builds gcc greeter.c pc_static --static
for program in cmake/greeter_c_troupe cmake/greeter_cpp_troupe cmake/greeter_c_static cmake/greeter_cpp_static \
    pc_c pc_cpp pc_static; do
    fact "$program runs" greets "$SCRATCH/$program"
done
