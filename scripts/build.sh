#!/usr/bin/env bash
# Builds the rewardbridge command: scripts/build.sh [debug|release]
set -euo pipefail
cd "$(dirname "$0")/.."
configuration=${1:-debug}
[ -d .build ] || echo "build: the first build takes some minutes, later ones seconds"
swift build --configuration "$configuration" --product rewardbridge
echo "build: $(swift build --configuration "$configuration" --show-bin-path)/rewardbridge"
