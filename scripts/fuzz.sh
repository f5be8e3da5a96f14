#!/usr/bin/env bash
# libFuzzer, with the address sanitizer, over the code that reads bytes from strangers: the JSON scan, the reward splice,
# the reset key, the frame walker and the frame encoder. Fuzzing/Sources/Fuzz says what must hold.
#   scripts/fuzz.sh [--seconds N | --runs N] [TARGET ...]     60 seconds if not said, shared out over the targets
# Targets: scan splice reset walk encode. The corpus grows in .build-fuzz/corpus; a crash is minimised and shown.
set -euo pipefail
cd "$(dirname "$0")/.."

scratch=.build-fuzz
fuzz=$scratch/release/fuzz
limit=-max_total_time amount=60
targets=()

say() { printf 'fuzz: %s\n' "$*"; }
usage() { sed -n '2,5s/^# //p' "$0" >&2; exit 2; }

while [ $# -gt 0 ]; do
    case $1 in
    --seconds | --runs)
        [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || usage
        [ "$1" = --seconds ] && limit=-max_total_time || limit=-runs
        amount=$2
        shift 2
        ;;
    scan | splice | reset | walk | encode) targets+=("$1"); shift ;;
    *) usage ;;
    esac
done
[ ${#targets[@]} -gt 0 ] || targets=(scan splice reset walk encode)
share=$(((amount + ${#targets[@]} - 1) / ${#targets[@]}))

# Swift's own backtrace of a crash reads memory that the sanitizer forbids it, and hangs.
export SWIFT_BACKTRACE=enable=no

# run TARGET: until its share is used up; the log's closing lines hold the figures.
run() {
    local log=$scratch/$1.log crashes=$scratch/crashes/$1-
    if ! FUZZ_TARGET=$1 "$fuzz" "$limit=$share" -max_len=600 -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 \
        -dict=Fuzzing/tokens.dict -artifact_prefix="$crashes" "$scratch/corpus/$1" "$scratch/seeds/$1" \
        >"$log" 2>&1; then
        failed "$1"
    fi
    say "$(printf '%-7s %9d inputs, %5d features, %6d inputs a second' "$1" "$(figure "$log" number_of_executed_units)" \
        "$(grep -oE ' ft: [0-9]+' "$log" | tail -n 1 | tr -dc 0-9)" "$(figure "$log" average_exec_per_sec)")"
}

figure() { sed -n "s/^stat::$2: *//p" "$1"; }

failed() {
    local input
    tail -n 40 "$scratch/$1.log" >&2
    input=$(sed -n 's/.*Test unit written to //p' "$scratch/$1.log" | tail -n 1)
    [ -n "$input" ] || exit 1
    FUZZ_TARGET=$1 "$fuzz" -minimize_crash=1 -max_total_time=20 -exact_artifact_path="$input.min" "$input" \
        >/dev/null 2>&1 || true
    say "$1 failed: $input, and as small as it came in 20 s: $input.min"
    [ ! -e "$input.min" ] || xxd "$input.min"
    say "again: FUZZ_TARGET=$1 $fuzz $input.min"
    exit 1
}

started=$SECONDS
swift build --configuration release --package-path Fuzzing --scratch-path "$scratch" --quiet
say "built in $((SECONDS - started)) s"
"${PYTHON:-python3}" Fuzzing/seeds.py "$scratch/seeds"
mkdir -p "$scratch/crashes"
for target in "${targets[@]}"; do
    mkdir -p "$scratch/corpus/$target"
    run "$target"
done
say "no property failed; ${#targets[@]} targets in $((SECONDS - started)) s"
