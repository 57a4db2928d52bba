# Two commands: `make audit` does the main job, `make test` shows that it can be trusted.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SETUP := $(VENV)/.installed

.PHONY: audit test test-slow lint types figures records clean

audit: $(SETUP)
	$(BIN)/stability audit

test: $(SETUP) lint types
	$(BIN)/pytest -n auto tests proofs

test-slow: $(SETUP)
	$(BIN)/pytest -n auto -m slow tests proofs

lint: $(SETUP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(SETUP)
	$(BIN)/mypy

figures: $(SETUP)
	$(BIN)/stability figures

records: $(SETUP)
	$(BIN)/stability audit --record
	$(BIN)/stability check

$(SETUP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]'
	touch $@

clean:
	rm -rf $(VENV)
