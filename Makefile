# Everything here works in a fresh clone, from Python 3.11 or later and make alone: a target first makes the virtual
# environment it needs, once. `uv` is used where it is installed.
#
#   make demo       whole charging sessions, live on the terminal
#   make test       the test suite
#   make check      formatter, linter, types, import contracts, rendered files
#   make coverage   branch coverage of the core, with its lower limit
#   make crash      processes killed at fifty moments of their sessions, and started again
#   make simulate   a thousand hours of a station's life, with fresh seeds: make simulate SEEDS=1000 FIRST=7
#   make fuzz       a hundred thousand texts into the reader of frames, each understood or refused
#   make oracle     compositions of 20,000 generated sets of charging profiles, held against the oracle
#   make compiled   the tests of the composition on a wheel whose inner loops are compiled (needs a C compiler)
#   make bench      all benchmarks, about ten minutes: make bench ARGS=--quick
#   make autobahn   the WebSocket connection against the fuzzing server and client of autobahntestsuite
#   make format     put the code into the formatter's shape, and mend what the linter can mend by itself
#   make render     render the generated files anew
#   make clean      remove the environments, the caches and the reports
#
# Another interpreter, beside the first: make test PYTHON=python3.13 VENV=.venv-3.13

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

# The command has to run, not only to be found: version managers leave commands of that name for versions not chosen.
ifndef PYTHON
PYTHON := $(shell for python in python3.11 python3 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
endif
VENV ?= .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)

# Test processes side by side, one more than the cores of a small machine, as some tests wait; 0 runs all in one.
WORKERS ?= 3
# Further arguments for pytest: make test ARGS='tests/wire -k frames'
ARGS ?=

# What type checker and linters look at.
SOURCES := $(wildcard ocpp16cp schemas tests examples benchmarks)

# The modules that render generated files: `python -m MODULE` writes them, `python -m MODULE --check` exits with 1 if
# one is stale. This is the one place to add another.
RENDERERS := schemas tests.features.configuration.page tests.scenarios

# The part of the code with a lower limit of branch coverage, and the tests that have to reach it: those of its own
# modules, not those that pass through them on the way.
COVERED := ocpp16cp/wire/*,ocpp16cp/kernel/*,ocpp16cp/features/*
COVERING := $(wildcard tests/wire tests/kernel tests/features tests/scenarios)
COVERAGE_LIMIT := 98

# Where the fuzzer is installed, and what it is.
AUTOBAHN := .venv-autobahn
AUTOBAHN_PACKAGE := autobahntestsuite==25.10.1
# It runs on Python 2.7 alone. A version manager may have that without its command being in use.
PYTHON2 ?= $(shell for python in python2.7 python2 "$$HOME"/.pyenv/versions/2.7*/bin/python; do \
	$$python -c 'import sys; sys.exit(sys.version_info[:2] != (2, 7))' 2>/dev/null && echo $$python && break; done)

# The footprints start the sides that they compare as programs of their own.
BENCHMARKS := $(filter-out benchmarks/footprint_ours.py benchmarks/footprint_theirs.py benchmarks/footprint_process.py, \
	$(wildcard benchmarks/*.py))

.PHONY: help demo test check check-format check-lint check-types check-imports check-rendered coverage crash simulate fuzz oracle compiled bench \
	autobahn format render clean

help:
	@sed -n 's/^#   \(make .*\)/\1/p' $(MAKEFILE_LIST)

demo: $(VENV)/.cli
	$(BIN)/ocpp16cp demo

test: $(VENV)/.interop
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

check: check-format check-lint check-types check-imports check-rendered

check-format: $(VENV)/.dev
	$(BIN)/ruff format --check .

check-lint: $(VENV)/.dev
	$(BIN)/ruff check .

check-types: $(VENV)/.dev
	$(BIN)/mypy $(SOURCES)

check-imports: $(VENV)/.dev
	$(BIN)/lint-imports --no-logo

check-rendered: $(VENV)/.dev
	@set -e; for module in $(RENDERERS); do echo "$(BIN)/python -m $$module --check"; \
		$(BIN)/python -m $$module --check; done

coverage: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --cov --cov-report= $(COVERING)
	$(BIN)/coverage report --include='$(COVERED)' --fail-under=$(COVERAGE_LIMIT)

crash: $(VENV)/.dev
	OCPP16CP_CRASHES=50 $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal tests/crash

SEEDS ?= 1000
simulate: $(VENV)/.dev
	$(BIN)/python -m ocpp16cp.testing.world --seeds $(SEEDS) $(if $(FIRST),--first $(FIRST)) --workers $(WORKERS)

fuzz: $(VENV)/.dev
	HYPOTHESIS_PROFILE=fuzz $(BIN)/python -m pytest -n $(WORKERS) --timeout 1800 -o faulthandler_timeout=1790 \
		tests/wire/test_frames.py tests/wire/test_strict_json.py -k any

oracle: $(VENV)/.dev
	OCPP16CP_COMPOSITION_SETS=20000 $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal tests/composition

# Neither `python -m pytest` nor the path of the settings, which would put the uncompiled sources before the wheel.
compiled: $(VENV)/.dev
	rm -rf .venv-compiled
	$(PYTHON) -m venv .venv-compiled
	OCPP16CP_COMPILE=1 .venv-compiled/bin/python -m pip install --quiet --disable-pip-version-check '.[dev]'
	.venv-compiled/bin/python -P -c 'import ocpp16cp.composition.steps as s; assert not s.__file__.endswith(".py"), s.__file__'
	.venv-compiled/bin/pytest -o pythonpath= -n $(WORKERS) --dist worksteal tests/composition

bench: $(VENV)/.dev
	@set -e; for file in $(BENCHMARKS); do echo "== $$file"; \
		$(BIN)/python -m $$(echo $${file%.py} | tr / .) $(ARGS); done

autobahn: $(VENV)/.dev $(AUTOBAHN)/.made
	$(BIN)/python -m tests.autobahn.echo --python $(PYTHON2) --packages $(AUTOBAHN) $(ARGS)

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

render: $(VENV)/.dev
	@set -e; for module in $(RENDERERS); do echo "$(BIN)/python -m $$module"; $(BIN)/python -m $$module; done

clean:
	rm -rf .venv .venv-* .mypy_cache .ruff_cache .import_linter_cache .pytest_cache .hypothesis htmlcov dist
	rm -f .coverage .coverage.*

# Environments. A stamp file says that an extra is installed as pyproject.toml has it. Each extra waits for the one
# before, so that two installers never work in one environment at a time (make -j).

ifdef UV
install = $(UV) pip install --quiet --python $(BIN)/python --editable '.[$(1)]'
else
install = $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$(1)]'
endif

$(VENV)/.made:
	@test -n '$(PYTHON)' || { echo 'make: no Python 3.11 or later found; name one with PYTHON=...' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'make: $(PYTHON) is not a Python 3.11 or later' >&2; exit 1; }
ifdef UV
	$(UV) venv --quiet --allow-existing --python $(PYTHON) $(VENV)
else
	$(PYTHON) -m venv $(VENV)
endif
	@touch $@

$(VENV)/.cli: $(VENV)/.made pyproject.toml
	$(call install,cli)
	@touch $@

$(VENV)/.dev: $(VENV)/.cli
	$(call install,dev)
	@touch $@

$(VENV)/.interop: $(VENV)/.dev
	$(call install,interop)
	@touch $@

# As packages of a user whose home is this folder: `venv` is not for Python 2.
$(AUTOBAHN)/.made:
	@test -n '$(PYTHON2)' || { echo 'make: autobahntestsuite needs Python 2.7; name one with PYTHON2=...' >&2; exit 1; }
	PYTHONUSERBASE=$(abspath $(AUTOBAHN)) $(PYTHON2) -m pip install --quiet --disable-pip-version-check \
		--no-warn-script-location --user $(AUTOBAHN_PACKAGE)
	@touch $@
