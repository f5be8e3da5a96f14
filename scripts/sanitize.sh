#!/usr/bin/env bash
# The unit tests under a sanitizer: data races (thread), or reads and writes out of bounds and after free (address).
#   scripts/sanitize.sh [thread|address ...] [--all] [-- OPTIONS OF swift test]     both if not said
# Without --all: the targets that need no process and no socket, which builds in minutes. With it: the gateway, the
# workers and the embedded interpreter as well.
set -euo pipefail
cd "$(dirname "$0")/.."

root=$PWD
set_name=leaf
targets=(AdapterSeam BridgeTesting JSONBytes OpenEnvWire RewardModel RubricTree Scoring SelfTest)
more=(CPython CSpawn EmbeddedRuntime Gateway PythonEmbedding WorkerRuntime embedded-trial)
packages=(swift-collections swift-log swift-nio)
sanitizers=() options=()

say() { printf 'sanitize: %s\n' "$*"; }
usage() { sed -n '2,5s/^# //p' "$0" >&2; exit 2; }

while [ $# -gt 0 ]; do
    case $1 in
    thread | address) sanitizers+=("$1") ;;
    --all) set_name=all targets+=("${more[@]}") ;;
    --) shift; options=("$@"); break ;;
    *) usage ;;
    esac
    shift
done
[ ${#sanitizers[@]} -gt 0 ] || sanitizers=(thread address)

# The project's own manifest with what is not tested taken out, so that neither BoringSSL nor GRDB is built.
write_package() {
    local folder=$1
    mkdir -p "$folder"
    local each
    for each in Sources Tests adapters examples schemas .venv; do ln -sfn "$root/$each" "$folder/$each"; done
    {
        cat Package.swift
        printf '\nlet kept: Set<String> = [%s]\n' "$(quoted "${targets[@]}")"
        printf 'let packages = [%s]\n' "$(quoted "${packages[@]}")"
        cat <<'SWIFT'
package.products = []
package.traits = []
package.targets.removeAll { !kept.contains($0.name) && !kept.contains(String($0.name.dropLast("Tests".count))) }
for target in package.targets {
    target.dependencies.removeAll { if case .productItem("NIOSSL", _, _, _) = $0 { true } else { false } }
}
package.dependencies.removeAll { dependency in
    guard case .sourceControl(_, let location, _) = dependency.kind else { return true }
    return !packages.contains { location.hasSuffix($0) }
}
SWIFT
    } >"$folder/Package.swift.new"
    cmp -s "$folder/Package.swift.new" "$folder/Package.swift" || mv "$folder/Package.swift.new" "$folder/Package.swift"
    rm -f "$folder/Package.swift.new"
}

quoted() { printf '"%s", ' "$@"; }

# shows FILE: what the sanitizer and the test runner say, without the tests one by one.
shows() { grep -E 'WARNING: Thread|ERROR: Address|SUMMARY:|recorded an issue|^.{0,4}Test run with' "$1" || true; }

# variables SANITIZER: the environment of its tests.
variables() {
    # Swift's own backtrace of a crash reads memory that the sanitizers forbid it, and hangs.
    echo SWIFT_BACKTRACE=enable=no
    case $1 in
    # The test runner leaks at its end, and that is all that is ever found.
    address) echo ASAN_OPTIONS=detect_leaks=0 ;;
    thread)
        clang -shared -fPIC -O1 -o .build-sanitize/tsan-mutex.so scripts/tsan-mutex.c
        echo "LD_PRELOAD=$root/.build-sanitize/tsan-mutex.so"
        ;;
    esac
}

run() {
    local sanitizer=$1 folder=.build-sanitize/$set_name log=.build-sanitize/$set_name-$1.log started=$SECONDS
    local command=(--package-path "$folder" --scratch-path "$folder-$sanitizer" --sanitize "$sanitizer" -Xswiftc -use-ld=lld)
    write_package "$folder"
    swift build --build-tests --quiet "${command[@]}"
    say "$sanitizer: built in $((SECONDS - started)) s"
    # One after the other where deadlines are short and everything is slow.
    [ "$set_name" = leaf ] || command+=(--no-parallel)
    # The thread sanitizer keeps a signal back until the thread makes a system call, so that a loop in Python's byte code
    # is never interrupted.
    [ "$sanitizer" = address ] || command+=(--skip isEnded)
    mapfile -t variables < <(variables "$sanitizer")
    if ! env "${variables[@]}" swift test --skip-build --disable-xctest "${command[@]}" "${options[@]}" >"$log" 2>&1
    then
        shows "$log" >&2
        say "$sanitizer failed: $log" >&2
        exit 1
    fi
    shows "$log"
    say "$sanitizer: clean, $((SECONDS - started)) s"
}

mkdir -p .build-sanitize
for sanitizer in "${sanitizers[@]}"; do run "$sanitizer"; done
