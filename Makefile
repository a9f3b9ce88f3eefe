# make chat   open the chat on the bundled articles at http://127.0.0.1:7860
# make test   pass the tests
PYTHON ?= python3
BIN := .venv/bin

.PHONY: chat test check lint types eval baseline figures screenshots page lock clean

chat: .venv/installed
	$(BIN)/byline chat --bundled

test: .venv/tested
	$(BIN)/python -m pytest

lint: .venv/tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/tested
	$(BIN)/mypy

# Fails if a figure is worse than the committed baseline beyond the interval of the difference.
eval: .venv/installed
	$(BIN)/byline eval --baseline evals/baseline.json

# Renews evals/baseline.json and the rows of evals/README.md, after a change that is meant to move them.
baseline: .venv/installed
	rm -rf runs/baseline
	$(BIN)/byline eval --out runs/baseline
	$(BIN)/python -m evals.publish --baseline runs/baseline

# Renews the other rows of evals/README.md, from data that is not part of the project; takes half an hour.
DATA ?= ../shared/data
EVAL := $(CURDIR)/$(BIN)/byline eval
FIGURES := $(CURDIR)/runs/figures
figures: .venv/tested
	rm -rf $(FIGURES) && mkdir -p $(FIGURES)
	$(BIN)/python -m evals.beir $(DATA)/xquad/xquad.en.json $(FIGURES)/xquad-beir
	cd $(DATA) && $(EVAL) questions --set xquad/xquad.en.json --out $(FIGURES)/questions
	cd $(DATA) && $(EVAL) spans --data chunking --out $(FIGURES)/spans
	cd $(DATA) && $(EVAL) conversations --set cast/2021_topics.json --out $(FIGURES)/conversations
	cd $(FIGURES) && $(EVAL) retrieval --data xquad-beir --out retrieval
	$(EVAL) speed --out $(FIGURES)/speed
	$(BIN)/python -m evals.publish $(addprefix $(FIGURES)/,questions spans conversations retrieval speed)

# The README's pictures, and how fast the page is; both need Chromium.
screenshots: .venv/tested
	$(BIN)/python -m docs.screenshots

page: .venv/tested
	$(BIN)/python -m evals.page

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
