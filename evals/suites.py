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
    Suite(
        "reader",
        "Does the trained reader find what answers, and tell a near miss?",
        "evals.reader",
        data="a folder with selqa/test.json and xquad/xquad.en.json (default: near misses only)",
        quick=True,
    ),
    Suite(
        "retrieval",
        "Is search good?",
        "evals.retrieval",
        data="a folder in BEIR's format: corpus.jsonl, queries.jsonl, qrels/",
        set="a table of judgements (default: qrels/test.tsv in DATA)",
        options=("passage_tokens",),
    ),
    Suite(
        "conversations",
        "Do follow-ups work?",
        "evals.conversations",
        data="a folder whose corpus.jsonl is searched as well",
        set="conversations: topics of TREC CAsT 2021 (*.json), or JSON Lines as MTRAG has them",
        options=("split", "passage_tokens"),
        quick=True,
    ),
    Suite(
        "answers",
        "Is what a language model writes told apart?",
        "evals.answers",
        data="more articles that the bundled statements are about",
        options=("split", "passage_tokens"),
    ),
    Suite(
        "speed",
        "How fast, how big, how does it grow?",
        "evals.speed",
        options=("passages",),
        quick=True,
    ),
)
