#!/usr/bin/env bash
# Formatting and plain mistakes: Swift by swift format, Python by ruff, shell by its own parser.
set -euo pipefail
cd "$(dirname "$0")/.."
swift format lint --strict --parallel --recursive Package.swift Sources Tests Fuzzing Benchmarks/Package.swift Benchmarks/Sources
.venv/bin/ruff check --quiet --no-cache --line-length 120 --select E,F,W adapters examples scripts Tests/Integration Tests/Conformance Benchmarks Fuzzing
for script in scripts/*.sh .ci/run; do bash -n "$script"; done
echo "lint: clean"
