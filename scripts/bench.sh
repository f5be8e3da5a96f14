#!/usr/bin/env bash
# Measures the bridge against nginx, a Python proxy and its own aims, on this machine, in one run.
#   scripts/bench.sh [--quick] [--json FILE]      (all options: Benchmarks/run.py --help)
# Installs what is missing, as scripts/setup.sh does, and builds in release; Benchmarks/README.md says how to read it.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=Benchmarks/.build/venv
list=Benchmarks/requirements.txt
python=${PYTHON:-python3}

say() { printf 'bench: %s\n' "$*"; }

install_nginx() {
    [ -z "$(PATH=$PATH:/usr/sbin command -v nginx)" ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        say "nginx is not there, and what is compared with it is left out (sudo apt-get install nginx)"
        return
    fi
    say "installing the Debian package nginx"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends nginx >/dev/null
}

make_venv() {
    cmp -s "$list" "$venv/.setup" && return
    say "$venv: installing"
    rm -rf "$venv"
    "$python" -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --requirement "$list"
    cp "$list" "$venv/.setup"
}

scripts/setup.sh demo
install_nginx
make_venv
scripts/build.sh release
swift build --configuration release --package-path Benchmarks
exec "$python" Benchmarks/run.py "$@"
