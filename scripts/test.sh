#!/usr/bin/env bash
# Every check, one after the other; stops at the first that fails and closes with each runner's last line.
#   scripts/test.sh [STAGE ...]     stages: lint tidy build swift adapters integration
set -euo pipefail
cd "$(dirname "$0")/.."

logs=.build/test-logs
mkdir -p "$logs"
closing=()

# stage NAME COMMAND...: runs, shows and keeps the output.
stage() {
    local name=$1 started=$SECONDS line
    shift
    printf '\n== %s\n' "$name"
    if ! "$@" 2>&1 | tee "$logs/$name.log"; then
        printf '\ntest: %s failed (%s)\n' "$name" "$logs/$name.log" >&2
        exit 1
    fi
    line=$(grep -v '^[[:space:]]*$' "$logs/$name.log" | tail -n 1)
    closing+=("$(printf '%-12s %4d s  %s' "$name" $((SECONDS - started)) "$line")")
}

run() {
    case $1 in
    lint) stage lint scripts/lint.sh ;;
    tidy) stage tidy scripts/tidy.sh ;;
    build) stage build swift build --build-tests ;;
    swift) stage swift swift test --skip-build ;;
    adapters) stage adapters .venv/bin/python -m pytest -q adapters/tests ;;
    integration) stage integration .venv/bin/python -m pytest -q Tests/Integration ;;
    *) echo "test: no stage '$1'" >&2; exit 2 ;;
    esac
}

[ $# -gt 0 ] || set -- lint tidy build swift adapters integration
for name in "$@"; do run "$name"; done

printf '\n== closing lines\n'
printf '%s\n' "${closing[@]}"
