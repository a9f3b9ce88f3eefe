"""The questions and texts that the reader learns from, and the nearest sentences to a question.

QAMR gives single sentences with answer spans, SelQA sections with the sentences that answer. `training/questions`
holds what was written for Byline: news stories with questions, questions about sections of SelQA that its test part
does not have, and for both near misses, which look like the others and have no answer there.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from index.sentences import split_sentences

Span = tuple[int, int]

WRITTEN = Path(__file__).with_name("questions")

LONGEST = 120  # tokens of a sentence that are kept
ESCAPES = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}", "--": "–"}
TO_LEFT = ", . ; : ? ! % ) ] } ... 's ' n't 've 'm 're 'd 'll"  # written without a space before
TO_RIGHT = "( [ { $ US$ A$ R$ # `"  # and without one after
SMALL = """
a an and are as at be been by did do does for from had has have he her his how in into is it its many much
of on or she some someone something that the their them they thing things this to was were what when where
which who whom whose why will with would
"""
GLUED_LEFT, GLUED_RIGHT = frozenset(TO_LEFT.split()), frozenset(TO_RIGHT.split())
STOP = frozenset(SMALL.split())


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, its tokens, and where it stands."""

    text: str
    ids: tuple[int, ...]
    offsets: tuple[Span, ...]  # characters of `text` under each token
    topic: str  # the page that it is from
    place: tuple[str, int]  # section of that page, and number there


@dataclass(frozen=True, slots=True)
class Question:
    """A question with the sentences that answer it, and all that stand in the same section."""

    text: str
    section: tuple[Sentence, ...]
    answers: tuple[int, ...]  # numbers of the sentences of `section` that answer; none for a near miss
    spans: tuple[Span, ...]  # tokens [start, end) of the first of them, as people marked them; or none
    topic: str
    lone: bool = False  # whether `section` is a bag of sentences of one page rather than running text
    states: bool = False  # whether it is a statement instead, and the answers the sentences that it rests on
    holds: bool = True  # whether these support the statement whole


def detokenise(tokens: Sequence[str]) -> tuple[str, list[Span]]:
    """Return Penn Treebank tokens as text, and the characters of each token in it."""
    text, spans, glue, straight_open = "", [], True, False
    for token in tokens:
        word = ESCAPES.get(token, token).replace("\\/", "/")
        opens = token == "``" or (token == '"' and not straight_open)
        closes = token == "''" or (token == '"' and straight_open)
        straight_open = straight_open != (token == '"')
        word = '"' if opens or closes else word
        if not glue and not closes and word not in GLUED_LEFT:
            text += " "
        spans.append((len(text), len(text) + len(word)))
        text += word
        glue = opens or word in GLUED_RIGHT
    return text, spans


class Data:
    """Read the data folders into sentences and questions; tokens are those of the given tokenizer."""

    def __init__(self, data: Path, tokenizer: Tokenizer) -> None:
        self.data = data
        self.tokenizer = tokenizer

    def sentence(self, text: str, topic: str, place: tuple[str, int]) -> Sentence:
        """Return one sentence with its tokens, at most `LONGEST` of them."""
        found = self.tokenizer.encode(text, add_special_tokens=False)
        return Sentence(text, tuple(found.ids[:LONGEST]), tuple(found.offsets[:LONGEST]), topic, place)

    def qamr(self) -> tuple[list[Sentence], list[Question]]:
        """Return every sentence of QAMR, and the questions on whose answer people agree in part."""
        sentences, characters = {}, {}
        for line in (self.data / "qamr/wiki-sentences.tsv").read_text("utf-8").splitlines():
            name, words = line.split("\t")
            _, source, page, paragraph, number = name.split(":")
            text, characters[name] = detokenise(words.split())
            sentences[name] = self.sentence(text, f"{source}:{page}", (paragraph, int(number)))
        pages = defaultdict(list)
        for sentence in sorted(sentences.values(), key=lambda s: (int(s.place[0]), s.place[1])):
            pages[sentence.topic].append(sentence)
        seen, questions = set(), []
        for file in ("dev.tsv", "test.tsv"):
            for line in (self.data / "qamr" / file).read_text("utf-8").splitlines():
                row = line.split("\t")
                name, text = row[0], row[5].strip()
                marked = [[int(i) for i in part.split(":")[-1].split()] for part in row[6:9]]
                if (name, text.lower()) in seen or not (spans := _agreed(marked)):
                    continue
                seen.add((name, text.lower()))
                sentence = sentences[name]
                pieces = [_pieces(sentence, characters[name][a][0], characters[name][b][1]) for a, b in spans]
                section, found = tuple(pages[sentence.topic]), tuple(filter(None, pieces))
                if found:
                    at = section.index(sentence)
                    questions.append(Question(text, section, (at,), found, sentence.topic, lone=True))
        return list(sentences.values()), questions

    def selqa(self, part: str) -> list[Question]:
        """Return SelQA's questions of `part` (dev or test), each with its whole section."""
        questions = []
        for row in json.loads((self.data / f"selqa/{part}.json").read_text("utf-8")):
            topic = f"selqa:{row['article']}"
            section = tuple(
                self.sentence(text, topic, (row["section"], number)) for number, text in enumerate(row["candidates"])
            )
            questions.append(Question(row["question"], section, tuple(row["answers"]), (), topic))
        return questions

    def stories(self) -> list[Question]:
        """Return the questions about the news stories written for Byline; two outlets' accounts are one topic."""
        return [
            self._written(row, asked["q"], asked["a"], span=asked.get("span"))
            for row in _rows(sorted(WRITTEN.glob("stories-*.jsonl")))
            for asked in row["questions"]
        ]

    def statements(self) -> list[Question]:
        """Return the statements written about the same stories: supported, supported in part, or with one thing wrong.

        A wrong one rests on no sentence, and `nearest` finds what it twists.
        """
        stories = {row["id"]: row for row in _rows(sorted(WRITTEN.glob("stories-*.jsonl")))}
        made = []
        for row in _rows(sorted(WRITTEN.glob("statements-*.jsonl"))):
            rests_on = row["a"] if row["label"] != "not" else []
            statement = self._written(stories[row["story"]], row["s"], rests_on)
            made.append(replace(statement, states=True, holds=row["label"] == "supported"))
        return made

    def _written(self, story: dict[str, Any], text: str, fragments: list[str], span: str | None = None) -> Question:
        """Return a question about a story, answered by the sentences of `fragments`, with the words `span`."""
        topic, said = f"story:{story['id'].rstrip('ab')}", story["text"]
        places = split_sentences(said)
        section = tuple(
            self.sentence(said[start:end], topic, (story["id"], n)) for n, (start, end) in enumerate(places)
        )
        at = [said.index(fragment) for fragment in fragments]
        answers = [next(n for n, (_, end) in enumerate(places) if start < end) for start in at]
        spans: tuple[Span, ...] = ()
        if answers and span:
            first = said.index(span, at[0]) - places[answers[0]][0]
            found = _pieces(section[answers[0]], first, first + len(span))
            spans = (found,) if found else ()
        return Question(text, section, tuple(dict.fromkeys(answers)), spans, topic)

    def sections(self) -> list[Question]:
        """Return the questions written for Byline about sections of SelQA dev."""
        known = {_key(question.section): question.section for question in self.selqa("dev")}
        questions = []
        for row in _rows(sorted(WRITTEN.glob("sections-*.jsonl"))):
            section = known[row["section"]]
            found = _pieces(section[row["answers"][0]], *row["span"]) if row["span"] else None
            spans = (found,) if found else ()
            questions.append(Question(row["question"], section, tuple(row["answers"]), spans, section[0].topic))
        return questions


def _rows(paths: Sequence[Path]) -> list[dict[str, Any]]:
    return [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]


def _key(section: Sequence[Sentence]) -> str:
    """Return the name that `training/questions` has for a section of SelQA: its text is not ours to keep there."""
    return hashlib.sha256("\n".join(sentence.text for sentence in section).encode()).hexdigest()[:10]


def _agreed(marked: list[list[int]]) -> list[Span]:
    """Return the runs [first, last] of tokens that at least two people marked with some token in common."""
    runs = []
    for number, tokens in enumerate(marked):
        others = [set(other) for place, other in enumerate(marked) if place != number]
        whole = bool(tokens) and max(tokens) - min(tokens) < len(tokens) + 2  # at most two words left out
        if whole and any(other & set(tokens) for other in others):
            runs.append((min(tokens), max(tokens)))
    return runs


def _pieces(sentence: Sentence, start: int, end: int) -> Span | None:
    """Return the tokens [start, end) over these characters of the sentence, if it still holds them."""
    over = [n for n, (a, b) in enumerate(sentence.offsets) if a < end and b > start]
    return (over[0], over[-1] + 1) if over else None


def words(text: str) -> list[str]:
    """Return the lower-case words that carry meaning."""
    return [word for word in re.findall(r"\w+", text.lower()) if word not in STOP]


class Nearest:
    """Find the sentences that share the rarest words with a question (BM25, Robertson & Zaragoza 2009)."""

    def __init__(self, sentences: Sequence[Sentence]) -> None:
        self.sentences = list(sentences)
        found = [words(sentence.text) for sentence in self.sentences]
        mean = sum(map(len, found)) / len(found)
        postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, terms in enumerate(found):
            for term in set(terms):
                times = terms.count(term)
                weight = times * 2.2 / (times + 1.2 * (0.25 + 0.75 * len(terms) / mean))
                postings[term].append((number, weight))
        self.idf = {term: float(np.log(1 + len(found) / len(rows))) for term, rows in postings.items()}
        self.postings = {term: np.array(rows).T for term, rows in postings.items()}

    def __call__(self, question: str, k: int) -> list[Sentence]:
        """Return the `k` nearest sentences, nearest first."""
        scores = np.zeros(len(self.sentences))
        for term in set(words(question)) & self.postings.keys():
            rows, weights = self.postings[term]
            scores[rows.astype(int)] += self.idf[term] * weights
        best = np.argpartition(-scores, k)[:k]
        return [self.sentences[n] for n in best[np.argsort(-scores[best])] if scores[n] > 0]

    def telling(self, question: str) -> float:
        """Return how much the question says of what it is about: the idf of its words, summed."""
        return sum(self.idf.get(word, 9.0) for word in set(words(question)))
