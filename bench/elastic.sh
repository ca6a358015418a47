#!/usr/bin/env bash
# One run with 2 workers, scaled 2 -> 5 -> 3 -> 1 -> 4, a worker killed with SIGKILL every few seconds and the coordinator
# three times; beside it one undisturbed worker. Both weights_sha256 must be the same.
#   bench/elastic.sh JOB.yaml STEPS [--set ...]
# Build first: ./colony build
set -euo pipefail
[ $# -ge 2 ] || { sed -n 2,5p "$0" >&2; exit 2; }
job=$1 steps=$2
shift 2
colony=$(cd "$(dirname "$0")/.." && pwd)/artifacts/bin/Cli/release/colony
folder=$(mktemp -d)
port=$((20000 + RANDOM % 10000))
sets=(--set "train.max_steps=$steps" --set workers.count=2 --set workers.rejoin_ms=10000 --set workers.lost_ms=6000 "$@")
declare -A worker
trap 'kill -9 "${worker[@]}" "${coordinator:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT

start_coordinator() {
    "$colony" coordinator "$job" "${sets[@]}" --out "$folder/elastic" --resume --no-evaluator --port $port \
        >>"$folder/coordinator.log" 2>&1 &
    coordinator=$!
}
add() {
    "$colony" worker "$job" "${sets[@]}" --coordinator 127.0.0.1:$port --name "$1" >>"$folder/workers.log" 2>&1 &
    worker[$1]=$!
}
remove() { # NAME SIGNAL
    kill -"$2" "${worker[$1]}" 2>/dev/null ||
        { echo "elastic.sh: $steps steps were over before the last stage; take more" >&2; exit 2; }
    if [ "$2" = KILL ]; then wait "${worker[$1]}" 2>/dev/null || true; fi
    unset "worker[$1]"
}
committed() { sed -n 's/.*"event":"step".*"step":\([0-9]*\),.*/\1/p' "$folder/elastic/events.jsonl" 2>/dev/null | sort -n | tail -1 | grep . || echo 0; }
more() { # STEPS: waits until so many more are committed, or the run is over
    local target=$(($(committed) + $1))
    while [ "$(committed)" -lt $target ] && kill -0 $coordinator 2>/dev/null; do sleep 0.2; done
    echo "step $(committed) of $steps, workers: ${!worker[*]}"
}
kill_coordinator() {
    kill -9 $coordinator
    wait $coordinator 2>/dev/null || true
    start_coordinator
    echo "the coordinator was killed and is back"
}

[ "$steps" -ge 28 ] || { echo "elastic.sh: $steps steps are too few for its stages; take 28 or more" >&2; exit 2; }
tenth=$((steps / 14))
start_coordinator
add a; add b; more $tenth
add c; add d; add e; more $tenth
kill_coordinator; more $tenth
remove a KILL; more $tenth
remove b TERM; more $tenth
kill_coordinator; more $tenth
remove c KILL; more $tenth
add f; more 1; remove d KILL; more $tenth
remove e KILL; more $tenth
add g; add h; add i; more $tenth
kill_coordinator; more $tenth
remove g KILL; add j
wait $coordinator
sha() { sed -n 's/.*"weights_sha256": *"\([0-9a-f]*\)".*/\1/p' "$1/report.json"; }
"$colony" train "$job" "${sets[@]}" --out "$folder/alone" --workers 1 --no-evaluator >"$folder/alone.log" 2>&1
echo "elastic $(sha "$folder/elastic")"
echo "alone   $(sha "$folder/alone")"
grep -A6 '"ledger"' "$folder/elastic/report.json" | tr -d ' \n'; echo
[ "$(sha "$folder/elastic")" = "$(sha "$folder/alone")" ]
