.DEFAULT_GOAL := help
.PHONY: help demo build release test libraries test-libraries toughness bench lint tidy format clean

help: ## what there is to make
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

demo: ## see a real environment stepped through the bridge (installs what is missing)
	@scripts/setup.sh demo
	@scripts/build.sh debug
	@scripts/demo.sh

build: ## the command, with debug checks
	@scripts/setup.sh build
	@scripts/build.sh debug

release: ## the command, optimised
	@scripts/setup.sh build
	@scripts/build.sh release

test: ## everything that must hold before a commit (installs what is missing)
	@scripts/setup.sh test
	@scripts/test.sh

# The adapters of most users, whose libraries are light.
TIER1 = http command math_verify reasoning_gym skyrl_gym trl verl openrlhf rubric inspect verifiers verifiers_v1
EXAMPLES = .venv/bin/python -m pytest -q Tests/Integration/test_library_examples.py

libraries: ## adapters against the real libraries that most people use, each in its own environment
	@scripts/test-libraries.sh $(TIER1)
	@$(EXAMPLES)

test-libraries: ## the same for all adapters (some gigabytes of packages)
	@scripts/test-libraries.sh --all
	@$(EXAMPLES)

toughness: ## fuzzing, sanitizers and WebSocket conformance, in their short forms
	@scripts/setup.sh test
	@scripts/fuzz.sh --seconds 60
	@scripts/sanitize.sh
	@scripts/conformance.sh --quick

bench: ## the bridge against nginx and a Python proxy, in one run
	@scripts/bench.sh

lint: ## formatting and plain mistakes
	@scripts/setup.sh demo
	@scripts/lint.sh

tidy: ## house rules: imports per target, sizes, reasons beside unsafe code
	@scripts/tidy.sh

format: ## rewrite the Swift sources in the house format
	@swift format --in-place --parallel --recursive Package.swift Sources Tests

clean: ## remove what was built and installed in this folder
	rm -rf .build .build-fuzz .build-sanitize .libraries .venv .venv-autobahn .venv-openenv03 .venv-verifiers .venv-evalprotocol .venv-trl
