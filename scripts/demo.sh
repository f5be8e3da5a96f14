#!/usr/bin/env bash
# A real OpenEnv environment, stepped by its own client through RewardBridge.
set -euo pipefail
cd "$(dirname "$0")/.."

root=$PWD
work=$root/.build/demo
bin=$root/.venv/bin
bridge=${REWARDBRIDGE_BIN:-$root/.build/debug/rewardbridge}
started=()
bold='' plain=''
if [ -t 1 ]; then bold=$(printf '\033[1m') plain=$(printf '\033[0m'); fi

say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

stop() {
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait
}
trap stop EXIT

# wait_for FILE PATTERN: the first match in a log that another process writes.
wait_for() {
    local tries=600
    until grep -oE "$2" "$1" | head -n 1 | grep .; do
        tries=$((tries - 1))
        if [ "$tries" -eq 0 ] || ! kill -0 "${started[-1]}" 2>/dev/null; then
            cat "$1" >&2
            exit 1
        fi
        sleep 0.1
    done
}

rm -rf "$work"
mkdir -p "$work"

say "1. An environment, made by OpenEnv's own template: openenv init greeter"
(cd "$work" && "$bin/openenv" init greeter) >"$work/init.log" 2>&1
(cd "$work/greeter" && exec "$bin/uvicorn" server.app:app --host 127.0.0.1 --port 0) >"$work/environment.log" 2>&1 &
started+=($!)
environment=$(wait_for "$work/environment.log" 'http://127\.0\.0\.1:[0-9]+')
echo "   it serves at $environment, and knows nothing of what follows"

say "2. RewardBridge in front of it, with rewards from examples/rewards/exact_match.py"
"$bridge" serve --config examples/bridge.yaml --env "$environment" --listen 127.0.0.1:0 --state "$work/state" \
    >"$work/bridge.log" 2>&1 &
started+=($!)
address=$(wait_for "$work/bridge.log" 'listening on [0-9.]+:[0-9]+')
grep -E '^rewardbridge: ' "$work/bridge.log" | sed 's/^/   /'

say "3. The environment's own client plays two episodes through it (examples/play.py)"
PYTHONPATH=$work "$bin/python" examples/play.py "http://${address#listening on }" greeter

say "4. What the ledger holds of the session: rewardbridge sessions show last"
"$bridge" sessions show last --state "$work/state"

say "Next: edit examples/rewards/exact_match.py and run 'make demo' again: the environment stays as it is."
