# `make` checks everything that the continuous integration checks. Tools come from .venv, or from BIN: `make BIN=`
# takes those on the path.
BIN ?= .venv/bin/
READY = $(if $(BIN),.venv/bin/pytest)

.PHONY: check lint types imports migrations test thorough fix run demo bench docs lock

check: lint types imports migrations test thorough

.venv/bin/pytest:
	python3 -m venv .venv && .venv/bin/pip install -e '.[dev]'

lint: | $(READY)
	$(BIN)ruff check
	$(BIN)ruff format --check

types: | $(READY)
	$(BIN)mypy

imports: | $(READY)
	$(BIN)lint-imports

# The migrations make just the tables that the code describes, column types included, and this version's schema is
# their newest.
migrations: | $(READY)
	$(BIN)pytest -q tests/edges/test_migrations.py

test: | $(READY)
	$(BIN)pytest

# What `make test` leaves out: 100,000 releases, more kills, Slack's own types.
thorough: | $(READY)
	$(BIN)pytest -q --thorough -m thorough --ignore=tests/web/test_tasks.py
	$(BIN)pytest -q -n1 --thorough -m thorough tests/web/test_tasks.py

fix: | $(READY)
	$(BIN)ruff check --fix
	$(BIN)ruff format

run: | $(READY)
	$(BIN)release-monitor run

demo: | $(READY)
	$(BIN)release-monitor demo

bench: | $(READY)
	$(BIN)python -m benchmarks.reading
	$(BIN)python -m benchmarks.sweeps
	$(BIN)python -m benchmarks.fast_lane
	$(BIN)python -m benchmarks.backtest
	$(BIN)python -m benchmarks.grouping
	$(BIN)python -m benchmarks.cadence
	$(BIN)python -m pip install --quiet datasette && $(BIN)python -m benchmarks.web_lists

# What is made from the program: the page of commands, and the README's pictures; those of pages need Chromium.
docs: | $(READY)
	$(BIN)python -m docs.make_commands
	$(BIN)python -m docs.pictures.make
	$(BIN)python -m docs.pictures.pages

# The exact packages of the image, with their hashes, for every platform. It needs uv: `pip install uv`.
lock:
	uv pip compile --quiet --upgrade --universal --generate-hashes --no-annotate --python-version 3.11 \
		--custom-compile-command "make lock" --output-file requirements.lock pyproject.toml
