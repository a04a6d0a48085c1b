# Every task of the house. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
UV_VERSION := 0.13.9
PACKAGES := client/src server/src testbed/src
QUICK := not testbed and not browser and not slow
TESTS := client/tests server/tests testbed/tests tests e2e bench docs

.PHONY: help setup fmt lint types imports check unit test coverage browser e2e bench demo docs lock

help:  ## list the tasks
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: $(VENV)/.ready  ## install everything into .venv, by hash, nothing else touched

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Labpass needs Python 3.11 or later; set PYTHON=python3.12 or the like")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip --quiet install uv==$(UV_VERSION)

$(VENV)/.ready: $(UV) requirements.lock client/pyproject.toml server/pyproject.toml testbed/pyproject.toml $(wildcard client/scripts/*)
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e client -e server -e testbed
	@touch $@

lock: $(UV)  ## renew requirements.lock: versions and hashes, no addresses
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url --no-emit-package labpass --no-emit-package labpass-server --no-emit-package labpass-testbed \
	  --group dev client/pyproject.toml server/pyproject.toml testbed/pyproject.toml -o requirements.lock

fmt: setup  ## format
	$(BIN)/ruff format --quiet .
	$(BIN)/ruff check --quiet --fix-only .

lint: setup  ## ruff, all rules
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .

types: setup  ## mypy --strict, tests included
	$(BIN)/mypy $(PACKAGES)
	$(BIN)/mypy $(TESTS)

imports: setup  ## the directions between rooms
	$(BIN)/lint-imports --no-logo

check: lint types imports  ## what takes seconds: format, lint, types, directions

unit: setup  ## the quick rings, under a minute
	$(BIN)/pytest -q -n auto --dist loadfile -m "$(QUICK)" client/tests server/tests testbed/tests tests

e2e: setup  ## whole system on the real API server and in a real browser
	$(BIN)/pytest e2e

test: setup browser unit  ## every ring; says what was skipped and why
	$(BIN)/pytest -n 2 --dist loadfile -m "not ($(QUICK))" --durations=15

coverage: setup  ## which branches of what decides on the server no test takes
	$(BIN)/coverage run --source=labpass_server.model,labpass_server.identity,labpass_server.access,labpass_server.reconcile \
	  -m pytest -q -m "not testbed and not browser" server/tests
	$(BIN)/coverage report --show-missing --skip-covered

browser:  ## a Chromium from Debian's packages, where there is none and this is root
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	  elif [ -n "$${CI:-}" ]; then echo "no Chromium on CI: install one" >&2; exit 1; \
	  else echo "no Chromium: tests marked browser are skipped; as root, apt-get install chromium" >&2; fi; }

bench: setup  ## the numbers of the README, beside their peers
	$(BIN)/python -m bench.run

demo: setup  ## the whole way, played on a real API server
	$(BIN)/testbed demo

docs: setup  ## write docs/reference from the code
	$(BIN)/python -m docs.generator
