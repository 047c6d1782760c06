# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
# Debian's own interpreter: the lab needs nothing but its standard library.
PYTHON := /usr/bin/python3
RELEASE ?= trixie
MIRROR ?=
CMD ?=
URI ?=
NAME ?=
PYTEST_OPTIONS ?=
export RELEASE MIRROR URI
export PYTHONDONTWRITEBYTECODE := 1

LAB := $(PYTHON) -m tests.lab
VENV := .venv
TOOL := $(VENV)/bin/python -m
PHONE := data/web-phone

.DEFAULT_GOAL := help
.PHONY: help deb repo source demo demo-shell demo-stop check test test-release bench clean distclean

help: ## show this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r target text; \
	do printf '  make %-13s %s\n' "$$target" "$$text"; done
	@printf '\nVariables: RELEASE=trixie|bookworm (now %s), MIRROR="URI [SECURITY-URI]",\nURI=where the archive will be served\n' '$(RELEASE)'

# A minimal Debian lacks even that.
$(PYTHON):
	apt-get update
	apt-get install --yes --no-install-recommends python3

deb repo source demo needs: | $(PYTHON)

deb: ## build and lint dist/RELEASE/*.deb inside the release's own root file system (root)
	$(LAB) deb

repo: ## make the signed apt repository dist/RELEASE/repo (root)
	$(LAB) repo

source: ## make the source package in dist/source (root)
	$(LAB) source

demo: ## boot a fresh host, apt install falcot-rtc for falcot.com, check it, leave it running (root)
	$(LAB) demo

demo-shell: export LAB_COMMAND = $(value CMD)
demo-shell: ## enter the demo host, or run CMD="…" in it
	@if [ -n "$$LAB_COMMAND" ]; then $(LAB) shell "$$LAB_COMMAND"; else $(LAB) shell; fi

demo-stop: ## end the demo host
	@$(LAB) stop

check: $(VENV)/.complete $(PHONE)/node_modules/.complete ## lint, types, unit and golden tests; no root
	npm --prefix $(PHONE) test
	$(TOOL) ruff check .
	$(TOOL) mypy
	$(TOOL) mypy --package tests.lab
	$(TOOL) mypy --package bench
	$(TOOL) pytest -n auto tests/unit tests/golden $(PYTEST_OPTIONS)

test: needs check repo ## everything: check, build, integration tests on real hosts (root)
	$(TOOL) pytest -n 2 --dist loadfile tests/integration -m 'not slow' $(PYTEST_OPTIONS)

test-release: needs check repo ## the slow rest of the integration tests (root)
	$(TOOL) pytest -n 2 --dist loadfile tests/integration -m slow $(PYTEST_OPTIONS)

bench: needs repo ## benchmarks as ratios, to bench/*.json and a table; NAME=… for one (root)
	$(PYTHON) -m bench $(NAME)

.PHONY: needs
needs:
	$(LAB) needs

$(VENV)/.complete: requirements-dev.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --requirement requirements-dev.txt
	touch $@

$(PHONE)/node_modules/.complete: $(PHONE)/package.json $(PHONE)/package-lock.json
	npm --prefix $(PHONE) ci --ignore-scripts
	touch $@

clean: ## remove what was built; caches stay
	rm -rf dist build $(PHONE)/dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './$(VENV)/*' -not -path './.cache/*' -not -path '*/node_modules/*' -prune -exec rm -rf {} +

distclean: clean demo-stop ## remove the caches and the virtual environment too
	rm -rf --one-file-system .cache $(VENV) $(PHONE)/node_modules
