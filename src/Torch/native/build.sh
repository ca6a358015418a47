#!/usr/bin/env bash
# Builds libcolony_torch.so into the given folder: build.sh OUTPUT_FOLDER
# LIBTORCH_HOME names another libtorch than the system's.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
output="${1:?usage: build.sh OUTPUT_FOLDER}"

fail() {
    echo "error: $1" >&2
    exit 1
}

need() {
    command -v "$1" > /dev/null || fail "$1 is missing, which builds the libtorch shim; on Debian: apt-get install $2"
}

need cmake cmake
need ninja ninja-build
need g++ g++
if [[ -n "${LIBTORCH_HOME:-}" ]]; then
    [[ -f "$LIBTORCH_HOME/share/cmake/Torch/TorchConfig.cmake" ]] ||
        fail "LIBTORCH_HOME is '$LIBTORCH_HOME', where there is no share/cmake/Torch/TorchConfig.cmake"
elif ! compgen -G "/usr/lib/*/cmake/Torch/TorchConfig.cmake" > /dev/null &&
    ! compgen -G "/usr/local/lib*/cmake/Torch/TorchConfig.cmake" > /dev/null; then
    fail "libtorch is missing; on Debian: apt-get install libtorch-dev, elsewhere unpack libtorch and set LIBTORCH_HOME"
fi

mkdir -p "$output"
output="$(cd "$output" && pwd)"
cmake -S "$here" -B "$output/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCOLONY_OUTPUT="$output" \
    > "$output/cmake.log" 2>&1 ||
    { cat "$output/cmake.log" >&2; fail "CMake could not configure the libtorch shim; its log is above"; }
cmake --build "$output/build"
# A source that changes no object (a comment, a readme) must count as built too.
touch "$output/libcolony_torch.so"
