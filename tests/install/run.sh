#!/usr/bin/env bash
# run.sh BUILD_DIR COMPILER: installs the build into a temporary prefix and builds main.cc against it, once with
# find_package and once with pkg-config.
set -euo pipefail
build=$1 compiler=$2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/prefix" >/dev/null
PKG_CONFIG_PATH=$(dirname "$(find "$work/prefix" -name cppickle.pc)")
export PKG_CONFIG_PATH

cmake -S "$here" -B "$work/found" -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_CXX_COMPILER="$compiler" >/dev/null
cmake --build "$work/found" >/dev/null
"$work/found/consumer"

# shellcheck disable=SC2046
"$compiler" -std=c++23 "$here/main.cc" -o "$work/consumer" \
  $(pkg-config --define-variable=prefix="$work/prefix" --cflags --libs cppickle)
"$work/consumer"
[ "$(pkg-config --modversion cppickle)" = "$(sed -n 's/^project(cppickle VERSION \([0-9.]*\).*/\1/p' "$here/../../CMakeLists.txt")" ]

# Nothing private is installed, and the installed files name no path of this tree.
[ -z "$(find "$work/prefix/include" -mindepth 1 -maxdepth 1 ! -name cppickle ! -name cppickle.h)" ]
if grep -rIl "$(cd "$here/../.." && pwd)" "$work/prefix"; then
  echo "the files above name the source tree" >&2
  exit 1
fi
