#!/usr/bin/env bash
# One weights_sha256 for every number of workers, for L = 8 and 7 logical ranks and gradients of 32, 16 and 8 bits.
#   bench/same-bits.sh JOB.yaml STEPS [WORKERS...]       (workers: 1 2 3 5 7 unless given)
# Prints a line a run and ends with exit code 1 when two runs that must agree do not. Build first: ./colony build
set -euo pipefail
[ $# -ge 2 ] || { sed -n 2,4p "$0" >&2; exit 2; }
job=$1 steps=$2
shift 2
workers=("$@")
[ ${#workers[@]} -gt 0 ] || workers=(1 2 3 5 7)
colony=$(cd "$(dirname "$0")/.." && pwd)/artifacts/bin/Cli/release/colony
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
status=0
for ranks in 8 7; do
    for width in 32 16 8; do
        first=
        for count in "${workers[@]}"; do
            run=$folder/$ranks-$width-$count
            # Heartbeats of more workers than cores come late; a false alarm costs time, never bits.
            "$colony" train "$job" --out "$run" --workers "$count" --no-evaluator --set train.max_steps="$steps" \
                --set batch.logical_ranks=$ranks --set collective.width=$width --set workers.lost_ms=15000 \
                >"$run.out" 2>&1 || { tail -5 "$run.out" >&2; exit 1; }
            sha=$(sed -n 's/.*"weights_sha256": *"\([0-9a-f]*\)".*/\1/p' "$run/report.json")
            first=${first:-$sha}
            mark=same
            [ "$sha" = "$first" ] || { mark=DIFFERS; status=1; }
            printf 'L=%s width=%-2s W=%s %s %s\n' $ranks $width "$count" "$sha" $mark
            rm -rf "$run"
        done
    done
done
exit $status
