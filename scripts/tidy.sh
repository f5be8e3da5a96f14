#!/usr/bin/env bash
# The house rules that no compiler checks; scripts/tidy.py names each.
set -euo pipefail
cd "$(dirname "$0")/.."
exec "${PYTHON:-python3}" scripts/tidy.py
