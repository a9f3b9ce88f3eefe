"""Questions with passages to train the reader on, and near misses that no sentence of the passage answers.

QAMR gives single sentences with answer spans, SelQA sections with the sentences that answer. Neither has a
passage that almost answers, so those are made here: the question of a removed sentence, and questions with a
name, number, date, role or quality exchanged for another of its kind.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from tokenizers import Tokenizer

from evals.measures import held_out
from training.reader_sources import Data, Nearest, Question, Sentence, Span, words

WINDOW = 192  # tokens of question, passage and the three marks around them
LONGEST_ASKED = 64  # tokens of a question or a statement
BATCH = 2048  # tokens, padding counted
CLS, SEP = 101, 102
SHARES = {  # of the questions and statements drawn
    "qamr": 0.22, "selqa": 0.08, "sections": 0.12, "stories": 0.36, "statements": 0.18, "repeated": 0.04,
}  # fmt: skip
EXCHANGES = [  # words of one kind: a question that asks for another of them is another question
    "president king queen minister secretary chairman mayor director coach captain senator "
    "general ambassador spokesman prince judge lawyer governor founder owner author composer producer "
    "singer editor manager",
    "father mother wife husband brother sister son daughter",
    "first second third last",
    "oldest youngest largest smallest highest lowest fastest slowest best worst longest shortest",
    "before after",
    "won lost",
    "bought sold",
    "increase decrease",
    "north south east west",
    "january february march april may june july august september october november december",
    "monday tuesday wednesday thursday friday saturday sunday",
]
KINDS = {word: line.split() for line in EXCHANGES for word in line.split()}
OTHER_FACTS = [  # a fact that a passage about {} does not give unless the word after the bar stands in it
    "Who is the king of {}?|king",
    "Who is the president of {}?|president",
    "Who is the prime minister of {}?|minister",
    "When was {} born?|born",
    "Where was {} born?|born",
    "How old is {}?|old",
    "Who is {} married to?|marri",
    "Who founded {}?|found",
    "When was {} founded?|found",
    "What is the population of {}?|population",
    "How many people live in {}?|people",
    "How much did {} cost?|cost",
    "Who won the election in {}?|election",
    "What is the capital of {}?|capital",
    "When did {} die?|die",
    "Where did {} go to school?|school",
    "What did {} say about the weather?|weather",
    "How much is {} worth?|worth",
    "Who owns {}?|own",
    "Who wrote {}?|wr",
]
SMALL = {"the", "a", "is", "was", "did", "of"}
NAME = re.compile(r"(?<=\s)[A-Z][\w.’'-]*(?:\s+[A-Z][\w.’'-]*)*")
NUMBER = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b")


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and a passage as tokens, with what the reader should say of them."""

    ids: tuple[int, ...]  # [CLS] question [SEP] passage [SEP]
    second: int  # the first token of the passage
    bounds: tuple[Span, ...]  # tokens [start, end) of each sentence
    relevant: tuple[bool, ...]  # for each sentence, whether it answers
    starts: tuple[int, ...]  # tokens where an answer may start; (0,) means that there is none
    ends: tuple[int, ...]  # tokens that may be its last
    kind: str
    question: str
    sentences: tuple[str, ...]
    holds: bool  # whether the passage answers the question, or supports the statement whole
    states: bool = False  # whether it is a statement rather than a question


class Maker:
    """Make pairs out of questions; everything random comes from one seed."""

    def __init__(self, questions: Sequence[Question], nearest: Nearest, tokenizer: Tokenizer, seed: int) -> None:
        self.random = Random(seed)
        self.nearest = nearest
        self.tokenizer = tokenizer
        self.names: dict[tuple[str, int], list[str]] = defaultdict(list)
        self.numbers: list[str] = []
        for question in questions:
            for match in NAME.finditer(question.text.rstrip("?")):
                self.names[_place(question.text, match)].append(match[0])
            self.numbers += NUMBER.findall(question.text)

    def answered(self, question: Question) -> Pair:
        """Return the question with a passage that answers it."""
        chosen = [question.section[n] for n in question.answers]
        if question.lone:  # QAMR: one sentence, and company from its page or from elsewhere
            others = self._company(question, self.random.choices(range(6), (24, 20, 20, 18, 12, 6))[0])
            passage = self._in_order(chosen + others)
        else:
            passage = self._around(question)
        return self._pair(question.text, passage, question, kind="answered")

    def missed(self, question: Question) -> Pair | None:
        """Return a written near miss with the sentences of its section that share most with it."""
        asked = set(words(question.text))
        shared = [len(asked & set(words(sentence.text))) + self.random.random() for sentence in question.section]
        nearest = max(range(len(shared)), key=shared.__getitem__)
        return self._pair(question.text, self._around(replace(question, answers=(nearest,))), question, kind="missed")

    def stated(self, statement: Question) -> Pair | None:
        """Return a statement with the sentences that it rests on among their neighbours, or the nearest ones."""
        if not statement.answers:
            return self.missed(statement)
        first, last = min(statement.answers), max(statement.answers)
        around = self._around(replace(statement, answers=(first,)))
        between = list(statement.section[first : last + 1]) if last - first < 4 else []
        chosen = {s.place: s for s in [*around, *between, *(statement.section[n] for n in statement.answers)]}
        return self._pair(statement.text, self._in_order(list(chosen.values())), statement, kind="stated")

    def repeated(self, question: Question) -> Pair | None:
        """Return a sentence as a statement: as it stands, with one thing exchanged, or with itself removed."""
        number = self.random.randrange(len(question.section))
        sentence = question.section[number]
        if not 6 <= len(sentence.ids) < 60:
            return None
        own = replace(question, text=sentence.text, answers=(number,), spans=(), states=True)
        way = self.random.choices(("whole", "exchanged", "removed"), (4, 5, 2))[0]
        if way == "whole":
            return self.stated(own)
        text = self._exchange(own) if way == "exchanged" else sentence.text
        others = [s for n, s in enumerate(own.section) if n != number]
        if text is None or not others:
            return None
        section = own.section if way == "exchanged" else tuple(others)
        return self.missed(replace(own, text=text, section=section, answers=(), holds=False))

    def removed(self, question: Question) -> Pair | None:
        """Return the question with neighbours and nearest sentences, without those that answer."""
        if question.lone:
            passage = self._in_order(self._company(question, self.random.randint(1, 4)))
        else:
            passage = self._without(question)
        return self._pair(question.text, passage, question, kind="removed") if passage else None

    def exchanged(self, question: Question) -> Pair | None:
        """Return a question that asks for somebody or something else of the same kind."""
        text = self._exchange(question)
        if text is None:
            return None
        pair = self.answered(question)
        return self._pair(text, self._last, None, kind="exchanged") if pair else None

    def other_fact(self, question: Question) -> Pair | None:
        """Return a question for a fact about a name of the passage that the passage does not give."""
        self.answered(question)
        names = [match[0].rstrip(".'’") for s in self._last for match in NAME.finditer(s.text)]
        if not names:
            return None
        template, clue = self.random.choice(OTHER_FACTS).split("|")
        if clue in " ".join(s.text for s in self._last).lower():
            return None
        return self._pair(template.format(self.random.choice(names)), self._last, None, kind="other fact")

    def _company(self, question: Question, count: int) -> list[Sentence]:
        """Return other sentences: neighbours of the answer, and the nearest to the question of all pages."""
        answers = {question.section[n].text for n in question.answers}
        at = question.answers[0]
        beside = [s for n, s in enumerate(question.section) if 0 < abs(n - at) <= 3 and s.text not in answers]
        near = [s for s in self.nearest(question.text, 8) if s.text not in answers]
        self.random.shuffle(beside)
        picked: dict[str, Sentence] = {}
        while len(picked) < count and (beside or near):
            pool = near if near and (not beside or self.random.random() < 0.5) else beside
            sentence = pool.pop(0)
            picked[sentence.text] = sentence
        return list(picked.values())

    def _in_order(self, sentences: list[Sentence]) -> list[Sentence]:
        """Return the sentences page by page in a random order of pages, each page in its own order."""
        pages = {s.topic: self.random.random() for s in sentences}
        return sorted(sentences, key=lambda s: (pages[s.topic], s.place[0], s.place[1]))

    def _around(self, question: Question) -> list[Sentence]:
        """Return neighbouring sentences of the section with an answer among them, at most a window full."""
        room = self.random.choice((90, 130, 165))
        first = last = self.random.choice(question.answers)
        used = len(question.section[first].ids)
        while True:
            sides = [n for n in (first - 1, last + 1) if 0 <= n < len(question.section)]
            sides = [n for n in sides if used + len(question.section[n].ids) <= room]
            if not sides:
                return list(question.section[first : last + 1])
            new = self.random.choice(sides)
            first, last = min(first, new), max(last, new)
            used += len(question.section[new].ids)

    def _without(self, question: Question) -> list[Sentence]:
        """Return neighbouring sentences of the section, without those that answer."""
        others = [s for n, s in enumerate(question.section) if n not in question.answers]
        if not others:
            return []
        first = self.random.randrange(len(others))
        passage, used = [], 0
        for sentence in others[first:] + others[:first]:
            if used + len(sentence.ids) > 140:
                break
            passage.append(sentence)
            used += len(sentence.ids)
        return self._in_order(passage)

    def _exchange(self, question: Question) -> str | None:
        """Return the question with one thing exchanged that the answering sentence names, if there is one."""
        text = question.text
        said = " ".join(question.section[n].text for n in question.answers)
        ways: list[tuple[int, int, list[str]]] = []
        for match in NAME.finditer(text.rstrip("?")):
            if match[0] in said or not question.lone:
                ways.append((*match.span(), self.names[_place(text, match)]))
        for match in NUMBER.finditer(text):
            year = re.fullmatch(r"1[5-9]\d\d|20\d\d", match[0])
            near = [str(int(match[0]) + n) for n in (-20, -7, -2, -1, 1, 2, 5, 11)] if year else self.numbers
            ways.append((*match.span(), near))
        for match in re.finditer(r"\w+", text):
            if match[0].lower() in KINDS and match[0].lower() in said.lower():
                ways.append((*match.span(), KINDS[match[0].lower()]))
        if not ways:
            return None
        start, end, pool = self.random.choice(ways)
        whole = " ".join(s.text for s in question.section).lower()
        fresh = [other for other in pool if other.lower() not in whole and other.lower() not in text.lower()]
        return text[:start] + self.random.choice(fresh) + text[end:] if fresh else None

    def _pair(self, text: str, passage: list[Sentence], question: Question | None, *, kind: str) -> Pair:
        """Return the tokens and what should be said of them; what does not fit the window is left out."""
        self._last = passage
        typed = text if question and question.states else self._as_typed(text)
        asked = self.tokenizer.encode(typed, add_special_tokens=False).ids[:LONGEST_ASKED]
        ids, bounds, relevant, starts, ends = [CLS, *asked, SEP], [], [], [], []
        second = len(ids)
        answers = {question.section[n].text for n in question.answers} if question else set()
        kept = _fitting(passage, answers, WINDOW - second - 1)
        marked = _marked(question, kept)
        for sentence in kept:
            at, answers_it = len(ids), sentence.text in answers
            ids += sentence.ids
            bounds.append((at, len(ids)))
            relevant.append(answers_it)
            if answers_it and question and marked in (None, sentence.text):
                spans = question.spans if marked else [(n, n + 1) for n in range(len(sentence.ids))]
                starts += [at + a for a, _ in spans]
                ends += [at + b - 1 for _, b in spans]
        ids.append(SEP)
        allowed = (sorted(set(starts)), sorted(set(ends))) if any(relevant) else ((0,), (0,))
        return Pair(
            tuple(ids), second, tuple(bounds), tuple(relevant), tuple(allowed[0]), tuple(allowed[1]), kind,
            typed, tuple(sentence.text for sentence in kept),
            holds=any(relevant) and question is not None and question.holds and (
                not question.states or answers <= {s.text for s in kept}
            ),
            states=question is not None and question.states,
        )  # fmt: skip

    def _as_typed(self, text: str) -> str:
        """Return the question as people type: some without question mark, apostrophe, small words or care."""
        chance = self.random.random
        if chance() < 0.25:
            text = text.rstrip("? ")
        if chance() < 0.05:
            text = text.replace("'", "").replace("’", "")
        if chance() < 0.04:
            text = " ".join(word for word in text.split() if word.lower() not in SMALL) or text
        if chance() < 0.04 and len(text) > 12:
            at = self.random.randrange(5, len(text) - 2)
            text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        return text


def _marked(question: Question | None, passage: list[Sentence]) -> str | None:
    """Return the sentence of the passage whose answering words are known, if there is one."""
    if question is None or not question.spans:
        return None
    first = question.section[question.answers[0]].text
    return first if any(sentence.text == first for sentence in passage) else None


def _place(text: str, match: re.Match[str]) -> tuple[str, int]:
    """Return what tells the kind of a name: the word before it and its length in words."""
    before = text[: match.start()].split()
    return (before[-1].lower() if before else "", len(match[0].split()))


def _fitting(passage: list[Sentence], answers: set[str], room: int) -> list[Sentence]:
    """Return the sentences that fit into `room` tokens, those that answer first, in their order."""
    kept: set[int] = set()
    for number in sorted(range(len(passage)), key=lambda n: passage[n].text not in answers):
        if len(passage[number].ids) <= room:
            kept.add(number)
            room -= len(passage[number].ids)
    return [passage[n] for n in sorted(kept)]


def training_pairs(data: Path, tokenizer: Tokenizer, *, tokens: int, seed: int) -> Iterator[list[Pair]]:
    """Yield batches of at most `BATCH` tokens of pairs of nearly one length, `tokens` tokens altogether."""
    source = Data(data, tokenizer)
    sentences, qamr = source.qamr()
    pool = {s.text: s for s in sentences if not held_out(s.topic)}
    read = {"qamr": qamr, "selqa": source.selqa("dev"), "sections": source.sections(), "stories": source.stories()}
    read |= {"statements": source.statements(), "repeated": [q for name in ("selqa", "stories") for q in read[name]]}
    sources = {name: [q for q in questions if not held_out(q.topic)] for name, questions in read.items()}
    pool |= {s.text: s for name in ("selqa", "stories") for q in sources[name] for s in q.section}
    nearest = Nearest(list(pool.values()))
    # "Who said it?" can be answered by anything
    sources["qamr"] = [q for q in sources["qamr"] if nearest.telling(q.text) > 9]
    maker = Maker([q for questions in sources.values() for q in questions], nearest, tokenizer, seed)
    random = Random(seed)
    decks: dict[str, list[Question]] = {name: [] for name in sources}
    spent = 0
    while spent < tokens:
        pairs: list[Pair] = []
        while sum(len(p.ids) for p in pairs) < 16 * BATCH:
            (name,) = random.choices(list(SHARES), list(SHARES.values()))
            if not decks[name]:
                decks[name] = random.sample(sources[name], len(sources[name]))
            question = decks[name].pop()
            way = random.choices((maker.answered, maker.removed, maker.exchanged, maker.other_fact), (62, 17, 27, 4))[0]
            if name == "repeated":
                way = maker.repeated
            elif question.states:
                way = maker.stated
            elif not question.answers:
                way = maker.missed
            pair = way(question)
            if pair is not None and pair.bounds and (pair.states or (way == maker.answered) == any(pair.relevant)):
                pairs.append(pair)
        spent += sum(len(p.ids) for p in pairs)
        yield from batched(pairs, random)


def batched(pairs: list[Pair], random: Random, size: int = BATCH) -> list[list[Pair]]:
    """Return the pairs in batches of at most `size` tokens, padding counted, in a random order."""
    batches: list[list[Pair]] = [[]]
    for pair in sorted(pairs, key=lambda p: len(p.ids)):
        if len(pair.ids) * (len(batches[-1]) + 1) > size:
            batches.append([])
        batches[-1].append(pair)
    random.shuffle(batches)
    return batches


def development_pairs(data: Path, tokenizer: Tokenizer, *, each: int = 200) -> list[Pair]:
    """Return answerable questions and near misses of every kind about pages that training never saw.

    Only questions that say what they are about, and for the removed only those whose answer's words are gone.
    """
    source = Data(data, tokenizer)
    sentences, qamr = source.qamr()
    qamr = [q for q in qamr if held_out(q.topic)]
    selqa = [q for q in source.selqa("dev") if held_out(q.topic)]
    pool = {s.text: s for s in sentences} | {s.text: s for q in selqa for s in q.section}
    nearest = Nearest(list(pool.values()))
    questions = [q for q in [*qamr, *selqa] if nearest.telling(q.text) > 14 and len(set(words(q.text))) > 1]
    maker = Maker(questions, nearest, tokenizer, 1)
    maker.random.shuffle(questions)
    limits = {"answered": 2 * each, "removed": each, "exchanged": each, "other fact": each // 4}
    ways = [maker.answered, maker.removed, maker.exchanged, maker.other_fact]
    found: dict[str, list[Pair]] = {kind: [] for kind in limits}
    for question in questions:  # each is used once
        for way in maker.random.sample(ways, len(ways)):
            pair = way(question)
            if pair is None or not pair.bounds or len(found[pair.kind]) == limits[pair.kind]:
                continue
            left = pair.kind == "removed" and _left(question, pair)
            if (pair.kind == "answered") == any(pair.relevant) and not left:
                found[pair.kind].append(pair)
                break
    return [pair for pairs in found.values() for pair in pairs]


def _left(question: Question, pair: Pair) -> bool:
    """Tell whether words that were marked as an answer still stand in the passage."""
    sentence = question.section[question.answers[0]]
    places = [(sentence.offsets[first][0], sentence.offsets[end - 1][1]) for first, end in question.spans]
    passage = " ".join(pair.sentences).lower()
    return any(sentence.text[start:end].lower() in passage for start, end in places)
