#!/usr/bin/env bash
# Builds the rewardbridge command: scripts/build.sh [debug|release]
set -euo pipefail
cd "$(dirname "$0")/.."
configuration=${1:-debug}
options=(--configuration "$configuration")
# That no two accesses to a variable overlap is checked by debug builds, and so by all tests. In a release build the same
# checks, half of them in NIO, would be 13,000 of 35,000 instructions a step of the relay.
[ "$configuration" = release ] && options+=(-Xswiftc -enforce-exclusivity=unchecked)
[ -d .build ] || echo "build: the first build takes some minutes, later ones seconds"
swift build "${options[@]}" --product rewardbridge
echo "build: $(swift build --configuration "$configuration" --show-bin-path)/rewardbridge"
