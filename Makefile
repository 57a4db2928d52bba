# Two commands: `make audit` does the main job, `make test` shows that it can be trusted.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SETUP := $(VENV)/.installed

PEERS := $(VENV)/.peers
DOCS := $(VENV)/.docs

# Types are checked on one core, beside the tests; what they say stands behind what tests say.
# Tests start many commands, each of which would compile all modules again where Python may keep no bytecode.
# test-gpu compares trainings on a CUDA device with those on the CPU; its tests are skipped, with the reason, where torch sees none.
# test-latex installs a small TeX where there is none (Debian, Ubuntu), and compiles a document with its verdicts.
# test-browser installs Chromium where there is none (Debian), and opens the pages in it; BROWSER_PICTURES=FOLDER keeps the screenshots.
.PHONY: audit test test-slow test-gpu test-latex test-browser benchmarks mutations lint types figures records docs clean

test test-slow: export PYTHONDONTWRITEBYTECODE :=

audit: $(SETUP)
	$(BIN)/stability audit

test: $(SETUP) lint
	$(BIN)/mypy > $(VENV)/.types 2>&1 & types=$$!; \
	$(BIN)/pytest -n auto --dist loadfile tests proofs; tests=$$?; \
	wait $$types; types=$$?; cat $(VENV)/.types; exit $$((tests || types))

test-slow: $(PEERS)
	$(BIN)/pytest -n auto -m slow tests proofs

test-gpu: $(SETUP)
	$(BIN)/python -c "import torch; print('torch', torch.__version__, torch.cuda.get_device_name() if torch.cuda.is_available() else 'without a CUDA device')"
	$(BIN)/pytest -m gpu -rs tests

test-latex: $(SETUP)
	command -v pdflatex && command -v pdftotext || (apt-get update && apt-get install -y --no-install-recommends texlive-latex-base poppler-utils)
	$(BIN)/pytest tests/audit/readers/test_latex.py tests/audit/readers/test_latex_verdicts.py

test-browser: $(SETUP)
	command -v chromium && command -v chromedriver || (apt-get update && apt-get install -y --no-install-recommends chromium chromium-driver)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test,browser]'
	$(BIN)/pytest -m "slow or not slow" tests/browser

benchmarks: $(PEERS)
	$(BIN)/python benchmarks/statements.py
	$(BIN)/python benchmarks/documents.py
	$(BIN)/python benchmarks/atlas.py
	$(BIN)/python benchmarks/dynamics.py
	$(BIN)/python benchmarks/ensemble.py
	$(BIN)/python benchmarks/deep.py
	$(BIN)/python benchmarks/monitor.py
	$(BIN)/python benchmarks/sweep.py

mutations: $(SETUP)
	$(BIN)/python benchmarks/mutations.py

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

# The site: docs/_build/html/index.html. Warnings are errors, and nothing is fetched from any network.
docs: $(DOCS)
	$(BIN)/python -m sphinx -W --keep-going -n -q -a -b html docs docs/_build/html

$(SETUP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]'
	touch $@

$(PEERS): $(SETUP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test,peers,integrations]'
	touch $@

$(DOCS): $(SETUP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test,docs]'
	touch $@

clean:
	rm -rf $(VENV) docs/_build docs/api docs/gallery docs/reports docs/theorems docs/published
