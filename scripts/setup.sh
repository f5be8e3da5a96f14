#!/usr/bin/env bash
# Installs what building, the demo and the tests need, and nothing twice.
#   scripts/setup.sh [build|demo|test]
# build: the system packages; demo: and .venv; test: and one virtual environment for each peer that has its own needs.
# As root it installs Debian packages; otherwise it names them. Everything else stays in this folder.
set -euo pipefail
cd "$(dirname "$0")/.."

level=${1:-test}
python=${PYTHON:-python3}

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# The Debian packages whose work nothing on this machine does yet.
missing_packages() {
    command -v git >/dev/null || echo git
    command -v make >/dev/null || echo make
    [ -e /usr/include/sqlite3.h ] || echo libsqlite3-dev
    # Its headers are what the table of embedded functions is tested against.
    compgen -G '/usr/include/python3.*/Python.h' >/dev/null || echo libpython3-dev
    command -v bwrap >/dev/null || echo bubblewrap
    command -v "$python" >/dev/null || echo python3
    "$python" -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
}

install_packages() {
    local packages
    packages=$(missing_packages | paste -sd ' ')
    [ -n "$packages" ] || { say "system packages: all there"; return; }
    if [ "$(id -u)" -ne 0 ]; then
        [ "$packages" = bubblewrap ] || fail "missing: run 'sudo apt-get install $packages' and start again"
        say "bubblewrap is not there: workers run without a sandbox (sudo apt-get install bubblewrap)"
        return
    fi
    say "installing Debian packages: $packages"
    apt-get update -qq
    # shellcheck disable=SC2086 # a list of names
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $packages >/dev/null
}

check_tools() {
    command -v swift >/dev/null || fail "swift is not on PATH: install Swift 6.3 from swift.org"
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p')
    [ "$(printf '6.3\n%s\n' "$version" | sort -V | head -n 1)" = 6.3 ] || fail "Swift 6.3 is needed, this is '$version'"
    "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' ||
        fail "Python 3.11 to 3.13 is needed, this is '$("$python" --version)' (set PYTHON=/path/to/python3)"
}

# make_venv FOLDER LIST: a virtual environment that holds exactly the pinned list; made once for each list.
make_venv() {
    local folder=$1 list=scripts/requirements/$2.txt wanted started=$SECONDS
    wanted=$({ "$python" -VV; cat "$list"; } | sha256sum | cut -d ' ' -f 1)
    if [ "$(cat "$folder/.setup" 2>/dev/null)" = "$wanted" ]; then
        say "$folder: up to date"
        return
    fi
    say "$folder: installing $(grep -vc '^#' "$list") Python packages ($(sed -n '1s/^# //p' "$list"))"
    rm -rf "$folder"
    "$python" -m venv "$folder"
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --requirement "$list"
    echo "$wanted" >"$folder/.setup"
    say "$folder: ready after $((SECONDS - started)) s"
}

install_packages
check_tools
case $level in
build) ;;
demo) make_venv .venv main ;;
test)
    make_venv .venv main
    for peer in openenv03 verifiers evalprotocol trl; do make_venv ".venv-$peer" "$peer"; done
    ;;
*) fail "could not set up '$level': not one of build, demo, test" ;;
esac
