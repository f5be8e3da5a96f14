#!/usr/bin/env bash
# RFC 6455 on both sides of the bridge: raw frames of our own, and the Autobahn test suite where there is a Python 2.7.
#   scripts/conformance.sh [--quick]     --quick: without Autobahn's large messages and long streams
# Builds the command unless REWARDBRIDGE_BIN names one. Autobahn knows no Python 3: PYTHON2, or a python2.7 on PATH or
# of pyenv, runs it, from .venv-autobahn; without one it is left out, and said so.
set -euo pipefail
cd "$(dirname "$0")/.."

options=()
case ${1:-} in
--quick) options=(--quick) ;;
'') ;;
*) sed -n '2,5s/^# //p' "$0" >&2; exit 2 ;;
esac

say() { printf 'conformance: %s\n' "$*"; }

python2() {
    local each
    for each in "${PYTHON2:-}" "$(command -v python2.7)" "$HOME"/.pyenv/versions/2.7.*/bin/python2.7; do
        # pyenv puts a python2.7 on PATH that does not run unless a version is chosen.
        if [ -n "$each" ] && "$each" -c '' 2>/dev/null; then
            echo "$each"
            return
        fi
    done
}

# install_autobahn PYTHON2: once for each list.
install_autobahn() {
    local list=Tests/Conformance/autobahn.txt folder=.venv-autobahn
    cmp -s "$list" "$folder/.setup" && return
    say "$folder: installing the Autobahn test suite"
    rm -rf "$folder"
    local pip=("$1" -W ignore -m pip install --quiet --disable-pip-version-check --no-deps --target "$folder")
    "${pip[@]}" --requirement "$list" 2>/dev/null
    "${pip[@]}" wsaccel==0.6.6 2>/dev/null || say "no C compiler for wsaccel: large messages take longer"
    cp "$list" "$folder/.setup"
}

scripts/setup.sh demo
[ -n "${REWARDBRIDGE_BIN:-}" ] || scripts/build.sh debug
.venv/bin/python -m pytest -q Tests/Conformance

python=$(python2)
if [ -z "$python" ]; then
    say "no Python 2.7: without the Autobahn test suite"
    exit 0
fi
install_autobahn "$python"
AUTOBAHN=$PWD/.venv-autobahn PYTHONPATH=Tests/Integration \
    .venv/bin/python Tests/Conformance/autobahn.py "$python" .build-conformance "${options[@]}"
