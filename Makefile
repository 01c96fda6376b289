# Two commands matter:  make demo   and   make test.     `make help` lists the rest.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest
PARALLEL := -n 2 --dist loadfile --no-loadscope-reorder
COVERING := tests/lti/test_launch_refused.py tests/lti/test_launch_accepted.py tests/lti/test_dynamic_registration.py \
  tests/lti/test_deep_linking_tool.py tests/lti/test_course_navigation.py \
  tests/unit/engine tests/unit/lti_tool/lti tests/unit/item_banks

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: demo
demo: $(VENV)/run.stamp ## start the practice LMS and Proximal, and print what to click
	@$(BIN)/proximal demo $(DEMO_ARGS)

.PHONY: setup
setup: $(VENV)/test.stamp ## everything that development needs

.PHONY: test
test: check unit browser ## all checks and tests that finish within minutes

.PHONY: check
check: $(VENV)/test.stamp ## formatting, security lint, types, import rules, item banks
	@$(MAKE) --no-print-directory --jobs=2 check-types check-security check-rules check-banks

.PHONY: check-types check-security check-rules check-banks
check-types: # a busy machine does not start mypy's own workers within the three seconds that it gives them
	$(BIN)/mypy --num-workers 2 || $(BIN)/mypy

check-security:
	$(BIN)/bandit --quiet --severity-level medium --configfile pyproject.toml --recursive engine item_banks lti_tool config

check-rules:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

check-banks:
	$(BIN)/proximal banks check

.PHONY: bank-check
bank-check: $(VENV)/test.stamp ## every template of every bank over 500 seeds: minutes
	$(BIN)/proximal banks check --seeds 500

.PHONY: unit
unit: $(VENV)/test.stamp ## tests without a browser; branch coverage of the rooms that promise it, by their own tests
	$(PYTEST) $(PARALLEL) -m "not browser and not long" $(COVERING) --cov --cov-report=term
	$(BIN)/python tests/coverage_gate.py
	$(PYTEST) $(PARALLEL) -m "not browser and not long" $(COVERING:%=--ignore=%) --ignore=tests/browser

.PHONY: browser
browser: $(VENV)/test.stamp ## journeys in a real Chromium
	$(PYTEST) $(PARALLEL) -m "browser and not long" tests/browser

.PHONY: test-long
test-long: $(VENV)/test.stamp ## the tests that take minutes
	$(PYTEST) -m long

.PHONY: faults
faults: $(VENV)/test.stamp ## a school practises while everything dies: minutes, on both databases, with figures
	$(PYTEST) -m long tests/faults

.PHONY: conformance
conformance: $(VENV)/test.stamp ## run every row of the LTI conformance table, and write docs/conformance.md
	$(PYTEST) $(PARALLEL) -m "not browser and not long" --junitxml=build/conformance.xml $$($(BIN)/python -m tests.lti.conformance)
	$(BIN)/python -m tests.lti.conformance build/conformance.xml

.PHONY: data-map
data-map: $(VENV)/test.stamp ## write docs/papers/data-map.md from what the tables say of themselves
	$(BIN)/python -m tests.support.data_map

.PHONY: sbom
sbom: $(VENV)/test.stamp ## list every part of an installation with version and hash, as CycloneDX, in build/sbom.json
	@mkdir -p build
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible -o build/sbom.json requirements/run.txt

.PHONY: gallery
gallery: $(VENV)/test.stamp ## pictures of every state of the pupil's pages, in build/gallery
	$(BIN)/python -m tests.browser.gallery

.PHONY: bench
bench: $(VENV)/test.stamp ## measurements, as ratios against a floor or a peer in the same run
	$(BIN)/python -m tests.bench

.PHONY: bench-year
bench-year: $(VENV)/test.stamp ## a school year: whom the class pages name, against what only the simulation knows
	$(BIN)/python -m tests.bench year

.PHONY: translations
translations: $(VENV)/test.stamp ## collect every visible string, and bring each language's catalogue up to date
	$(BIN)/pybabel -q extract -F babel.cfg -k _l --no-location --sort-output --omit-header -o lti_tool/translations/messages.pot .
	$(BIN)/python -m lti_tool.cli.content.catalogues

.PHONY: lock
lock: ## renew requirements/*.txt (needs uv on the path)
	for name in run fit observe test; do uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-strip-extras --no-header requirements/$$name.in -o requirements/$$name.txt; done

.PHONY: clean
clean: ## remove what the commands above made
	rm -rf $(VENV) var build dist .coverage* .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/python.stamp:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 15) else f"Proximal needs Python 3.11 to 3.14, and {sys.executable} is {v[0]}.{v[1]}. Name another one: make demo PYTHON=python3.12")'
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "This Python has no venv module. On Debian and Ubuntu: sudo apt install python3-venv   then run the command again."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "The virtual environment could not be made. On Debian and Ubuntu: sudo apt install python3-venv   then run the command again."; exit 1; }
	@touch $@

$(VENV)/run.stamp: requirements/run.txt pyproject.toml $(VENV)/python.stamp
	@echo "Installing what Proximal needs to run (about half a minute, the first time only) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/test.stamp: requirements/test.txt $(VENV)/run.stamp
	@echo "Installing what the tests need (about a minute, the first time only) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/test.txt
	@touch $@
