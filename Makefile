# make chat   open the chat on the bundled articles at http://127.0.0.1:7860
# make test   pass the tests
PYTHON ?= python3
BIN := .venv/bin

.PHONY: chat test check lint types eval browser lock clean

chat: .venv/installed
	$(BIN)/byline chat --bundled

test: .venv/tested
	$(BIN)/python -m pytest

lint: .venv/tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/tested
	$(BIN)/mypy

eval: .venv/installed
	$(BIN)/byline eval

check: test lint types eval

# constraints.txt pins every package for every platform; see CONTRIBUTING.md for how it is made.
.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Byline needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	touch $@

.venv/tested: .venv/installed
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --requirement requirements-dev.txt
	touch $@

clean:
	rm -rf .venv build *.egg-info
