#!/bin/bash
# Here the folders are where the variables say; in Harbor's containers they are at fixed places.
app=${APP_DIR:-/app} logs=${LOGS_DIR:-/logs}
if grep -q 144 "$app/answer.txt"; then
    echo '{"reward": 1.0, "words": '"$(wc -w <"$app/answer.txt")"'}' >"$logs/verifier/reward.json"
else
    echo 0 >"$logs/verifier/reward.txt"
fi
