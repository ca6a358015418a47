#!/usr/bin/env bash
# Builds libcolony_faiss.so into the given folder: build.sh OUTPUT_FOLDER
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
output="${1:?usage: build.sh OUTPUT_FOLDER}"

fail() {
    echo "error: $1" >&2
    exit 1
}

need() {
    command -v "$1" > /dev/null || fail "$1 is missing, which builds the FAISS shim; on Debian: apt-get install $2"
}

need cmake cmake
need ninja ninja-build
need g++ g++
compgen -G "/usr/include/faiss/Index.h" > /dev/null || compgen -G "/usr/local/include/faiss/Index.h" > /dev/null ||
    fail "FAISS is missing; on Debian: apt-get install libfaiss-dev libopenblas-dev"

mkdir -p "$output"
output="$(cd "$output" && pwd)"
cmake -S "$here" -B "$output/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCOLONY_OUTPUT="$output" > "$output/cmake.log" 2>&1 ||
    { cat "$output/cmake.log" >&2; fail "CMake could not configure the FAISS shim; its log is above"; }
cmake --build "$output/build"
# A source that changes no object (a comment, a readme) must count as built too.
touch "$output/libcolony_faiss.so"
