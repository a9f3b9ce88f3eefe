"""The table of suites. A new one is a file with `plan(inputs)` and a row here."""

from evals.suite import Suite

SUITES = (
    Suite(
        "questions",
        "Does it answer, cite right and decline right?",
        "evals.questions",
        data="a folder of articles",
        set="questions: JSON Lines, or JSON in SQuAD's format, which brings its own articles",
        options=("split", "passage_tokens"),
        quick=True,
    ),
    Suite(
        "spans",
        "Does the right text come up, and little else?",
        "evals.spans",
        data="a folder with corpora as *.md (Chroma's chunking evaluation)",
        set="their questions (default: questions.csv in DATA)",
        options=("split", "passage_tokens"),
        quick=True,
    ),
)
BY_NAME = {suite.name: suite for suite in SUITES}
