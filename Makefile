# Two commands: `make demo` runs the main job, `make test` runs everything that CI runs.
SHELL := /bin/sh
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin

.PHONY: demo test serve check format lock install clean

.venv/run: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with venv is needed" >&2; exit 2; }
	@test -x $(BIN)/python || "$(PYTHON)" -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

.venv/dev: requirements-dev.lock .venv/run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

install: .venv/run  ## the command line in .venv/bin/genomeward

demo: .venv/run  ## interpret the patients in examples/ against four national nodes on loopback
	$(BIN)/python -m examples.demo

serve: .venv/run  ## the service on embedded defaults
	$(BIN)/genomeward serve

test: .venv/dev  ## everything that CI runs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/genomeward kb build
	$(BIN)/genomeward kb check
	$(BIN)/python -m pytest -n 2 --cov=service --cov-report=term:skip-covered

format: .venv/dev  ## let ruff write the layout
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock:  ## resolve pyproject.toml into the lock files (needs uv)
	uv pip compile pyproject.toml --universal --generate-hashes --override overrides.txt --no-annotate \
		--custom-compile-command "make lock" --quiet --output-file requirements.lock
	uv pip compile pyproject.toml --group dev --universal --generate-hashes --override overrides.txt --no-annotate \
		--custom-compile-command "make lock" --quiet --output-file requirements-dev.lock

clean:
	rm -rf .venv out service/_knowledge
