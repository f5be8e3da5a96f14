#!/usr/bin/env bash
# Compares adapters with the real libraries, each in an environment of its own below .libraries/, which is made once.
#   scripts/test-libraries.sh NAME ...      adapters by name; further words that begin with - go to pytest
#   scripts/test-libraries.sh --all         all that have a test
# LIBRARIES is the folder of the environments; PYTHON_3_12 and so on name interpreters that are not on the path.
set -uo pipefail
cd "$(dirname "$0")/.."

folder=${LIBRARIES:-.libraries}
export LITELLM_LOCAL_MODEL_COST_MAP=True PIP_DISABLE_PIP_VERSION_CHECK=1
passed=0 failed=0 skipped=0
# What the tests compare with, where the adapter itself needs nothing: with, and without, what it asks for.
declare -A compared=([openrlhf]="aiohttp") compared_alone=([openrlhf]="openrlhf==0.11.*")

# fact NAME EXPRESSION: one line for each item of what the catalogue says of an adapter (`about`).
fact() {
    PYTHONPATH=adapters python3 -c "
import sys
from rewardbridge.catalogue import BUILT_IN
about = BUILT_IN.get(sys.argv[1]) or sys.exit(f'test-libraries: no adapter {sys.argv[1]}')
print('\n'.join($2))" "$1"
}

# python_for SPECIFIER: the first interpreter that fits, such as '>=3.12,<3.14'.
python_for() {
    local version candidate
    for version in 3.11 3.12 3.13 3.10 3.14; do
        for candidate in "$(printenv "PYTHON_${version/./_}")" "python$version" ~/.pyenv/versions/"$version".*/bin/python; do
            [ -n "$candidate" ] && command -v "$candidate" >/dev/null || continue
            "$candidate" - "$1" <<'END' 2>/dev/null && command -v "$candidate" && return
import operator, re, sys
tests = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "==": operator.eq, "!=": operator.ne}
for each in sys.argv[1].split(","):
    sign, text = re.match(r"\s*([<>=!]+)\s*([\d.]+)", each).groups()
    wanted = tuple(map(int, text.rstrip(".").split(".")))
    if not tests[sign](sys.version_info[:3] if len(wanted) > 2 else sys.version_info[: len(wanted)], wanted):
        sys.exit(1)
END
        done
    done
    return 1
}

# install PYTHON ARGUMENT...
install() {
    local python=$1
    shift
    if command -v uv >/dev/null; then uv pip install --quiet --python "$python" "$@"
    else "$python" -m pip install --quiet "$@"; fi
}

# environment NAME PYTHON: makes it unless it was made from the same requirements.
environment() {
    local name=$1 python=$2 place=$folder/$1 wanted
    mapfile -t requirements < <({ fact "$name" about.requirements; tr ' ' '\n' <<<"${compared[$name]:-}"; } | grep .)
    mapfile -t alone < <({ fact "$name" about.without_dependencies; tr ' ' '\n' <<<"${compared_alone[$name]:-}"; } | grep .)
    wanted="$("$python" --version) ${requirements[*]} -- ${alone[*]}"
    [ "$(cat "$place/made-from" 2>/dev/null)" = "$wanted" ] && return
    rm -rf "$place"
    mkdir -p "$folder" && echo '*' >"$folder/.gitignore"
    if command -v uv >/dev/null; then uv venv --quiet --python "$python" "$place"; else "$python" -m venv "$place"; fi || return
    install "$place/bin/python" pytest pyyaml "${requirements[@]}" || return
    [ ${#alone[@]} -eq 0 ] || install "$place/bin/python" --no-deps "${alone[@]}" || return
    echo "$wanted" >"$place/made-from"
}

# check NAME: runs the adapter's tests in its environment.
check() {
    local name=$1 specifier python
    printf '\n== %s\n' "$name"
    specifier=$(fact "$name" '[about.python]') || { failed=$((failed + 1)); return; }
    if ! python=$(python_for "$specifier"); then
        echo "test-libraries: $name is skipped: no Python $specifier on this machine"
        skipped=$((skipped + 1))
        return
    fi
    if environment "$name" "$python" &&
        "$folder/$name/bin/python" -m pytest -q -p no:cacheprovider ${options[0]:+"${options[@]}"} \
            "adapters/tests/libraries/test_$name.py"; then
        passed=$((passed + 1))
    else
        echo "test-libraries: $name failed" >&2
        failed=$((failed + 1))
    fi
}

names=() options=()
for word in "$@"; do
    case $word in
    --all) for file in adapters/tests/libraries/test_*.py; do
            name=${file##*/test_}
            names+=("${name%.py}")
        done ;;
    -*) options+=("$word") ;;
    *) names+=("$word") ;;
    esac
done
[ ${#names[@]} -gt 0 ] || { sed -n '2,5s/^# //p' "$0" >&2; exit 2; }

for name in "${names[@]}"; do check "$name"; done
printf '\ntest-libraries: %d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
