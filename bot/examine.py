"""What passages say of a statement: which sentences carry it, and what a verdict can be built on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bot import amounts, claims, dates, polarity, roles
from bot.ranking import RANKING, Ranking, neighbours
from bot.sources import Embedding, Sentences, Source, bag_of, believable, union
from index.passages import Span

if TYPE_CHECKING:
    from bot.evidence import Reads
    from index.minilm import Vector

_POOL = 20  # sentences whose vectors are looked at: a vector costs a millisecond
_CARRY = 3  # sentences that one statement may need
_GAIN = 0.12  # of the statement's weight that a further sentence must add, by two words at least
_CONTRARY = 0.15  # share of denied words that tells more than chance
_BOUND = 3.0  # of the trained model's logits, halved: beyond it is sure enough


class Features(NamedTuple):
    """What a verdict looks at; `evals.verdicts` fits how much each counts."""

    best: float = 0.0  # share of the statement's words, by their weight, in the best sentence
    window: float = 0.0  # the most that one of the five best has together with its neighbours
    second: float = 0.0  # mean cosine of the best three
    supports: float = -_BOUND  # the trained model's logit that the carrying sentences support it
    absent: float = 1.0  # share of the names and amounts that the carrying passages do not have
    swapped: float = 0.0  # a name stands where the best sentence has another
    turned: float = 0.0  # three signs that it says the opposite: denied words, one denies, a negation more
    opposed: float = 0.0  # it takes the other side of a pair of opposites: agreed, refused
    denied: float = 0.0  # the clauses most like it have a plain denial, and it has none
    exchanged: float = 0.0  # who did and who suffered it change places around the same verbs


SUPPORTING = Features._fields[:5]  # these tell that a statement is supported, those after them that it is turned round


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one statement."""

    features: Features
    carried: float = 0.0  # share of the statement's words in the five best sentences
    ranked: tuple[tuple[int, Span], ...] = ()  # (source, sentence), at most five, best first
    carrying: tuple[tuple[int, Span], ...] = ()  # those that carry it
    quoted: bool = False  # it is word for word in a source
    misquoted: bool = False  # what it puts in quotation marks is in none
    displaced: bool = False  # a name or number stands where the best sentences have another
    missing: tuple[str, ...] = ()  # names and numbers that no passage with a carrying sentence has

    @property
    def wrong(self) -> bool:
        """Tell whether a name, a number or a quotation is not what the passages have."""
        return bool(self.missing) or self.misquoted or self.displaced


@dataclass(frozen=True, slots=True)
class Examiner:
    """Compares statements with sources; `reader` is the trained model."""

    model: Embedding
    reader: Reads | None = None
    ranking: Ranking = RANKING
    _vectors: dict[str, Vector] = field(default_factory=dict, repr=False)  # of one answer's sentences

    def examine(self, statement: str, sources: Sequence[Source]) -> Finding:
        """Return what `sources` say of `statement`."""
        held, cosines = self.look(statement, sources)
        if not held.places:
            return Finding(Features(), misquoted=bool(claims.quotations(statement)))
        covered = held.weights @ held.has
        ranked = self.ranking.rank(statement, held, cosines)
        carrying = _carrying(ranked, held)
        compared = _compare(statement, held, ranked, carrying)
        folded = claims.fold(" ".join(held.texts))
        bare = claims.fold(statement).strip(' ".,;:!?…')
        quoted = len(bare.split()) > 2 and bare in folded
        reader = None if quoted else self.reader  # words of the article need no reader
        supports = _read(reader, statement, [held.texts[i] for i in sorted(carrying)])
        features = compared.features._replace(
            best=float(covered[ranked[0]]),
            window=max(held.covered(held.around(i), held.weights) for i in ranked),
            second=float(np.mean(sorted((cosines[i] for i in ranked), reverse=True)[:3])),
            supports=supports,
        )
        places = tuple(held.places[i] for i in ranked)
        return Finding(
            features,
            held.covered(ranked, held.weights),
            places,
            tuple(held.places[i] for i in carrying),
            quoted=quoted,
            misquoted=any(quote not in folded for quote in claims.quotations(statement)),
            displaced=compared.displaced,
            missing=(*compared.missing, *_unheard(statement, folded)),
        )

    def look(self, statement: str, sources: Sequence[Source]) -> tuple[Sentences, dict[int, float]]:
        """Return the sentences of `sources`, and the cosines of those that share most words with the statement."""
        held = Sentences.of(statement, sources, self.model)
        if not held.places:
            return held, {}
        pool = np.argsort(-(held.weights @ held.has), kind="stable")[:_POOL].tolist()
        own, *vectors = self._embed([statement, *(held.texts[i] for i in pool)])
        return held, {i: float(own @ vector) for i, vector in zip(pool, vectors, strict=True)}

    def prepare(self, sources: Sequence[Source]) -> None:
        """Look at every sentence of `sources` beforehand, so that less is left to do when a statement comes."""
        texts = [source.text[slice(*span)] for source in sources for span in believable(source)]
        self._embed(texts)
        for text in texts:
            _foresee(text)

    def _embed(self, texts: Sequence[str]) -> list[Vector]:
        """Return vectors; those of the last answers are remembered, as its sentences cite the same passages."""
        known = {text: self._vectors[text] for text in texts if text in self._vectors}
        if len(self._vectors) > 1000:
            self._vectors.clear()
        new = [text for text in dict.fromkeys(texts) if text not in known]
        made = dict(zip(new, self.model.embed(new), strict=True)) if new else {}
        self._vectors.update(made)
        return [made[text] if text in made else known[text] for text in texts]


def _read(reader: Reads | None, statement: str, sentences: Sequence[str]) -> float:
    """Return the trained model's logit that `sentences` support the statement, halved and bounded; 0 without one."""
    if reader is None:
        return 0.0
    ends = np.cumsum([len(sentence) + 1 for sentence in sentences])
    spans = [(int(end) - len(one) - 1, int(end) - 1) for one, end in zip(sentences, ends, strict=True)]
    reading = reader.read(statement, " ".join(sentences), spans)
    return float(np.clip(reading.supports / 2, -_BOUND, _BOUND))


def _unheard(statement: str, folded: str) -> tuple[str, ...]:
    """Return the addresses and markup of a statement that the passages do not have."""
    return tuple(one for one in claims.addresses(statement) if claims.fold(one) not in folded)


def _foresee(text: str) -> None:
    """Do what is remembered of a sentence, whatever it is compared with."""
    for look in _LOOKS:
        look(text)


_LOOKS: tuple[Callable[[str], object], ...] = (
    *(claims.facts, claims.qualified, claims.small_words, claims.denies, claims.negations, claims.beside),
    *(claims.stances, claims.fold, amounts.amounts, dates.moments, polarity.clauses),
    *(roles.deeds, neighbours, bag_of),
)


@dataclass(frozen=True, slots=True)
class _Compared:
    features: Features
    missing: tuple[str, ...]
    displaced: bool


def _carrying(ranked: Sequence[int], held: Sentences) -> list[int]:
    """Return the best sentence and those that add to it, at most `_CARRY`.

    A sentence that adds a single word adds nothing: it is not about the same.
    """
    kept = [ranked[0]]
    while len(kept) < _CARRY:
        lacking = ~held.has[:, kept].any(1)
        added = {i: held.has[:, i] & lacking for i in ranked if i not in kept}
        gains = {i: float(held.weights @ new) for i, new in added.items() if new.sum() > 1}
        best = max(gains, key=lambda i: gains[i], default=None)
        if best is None or gains[best] < _GAIN:
            break
        kept.append(best)
    return kept


def _compare(statement: str, held: Sentences, ranked: Sequence[int], carrying: Sequence[int]) -> _Compared:
    """Compare what can be compared without understanding: names, amounts, dates, denials, order."""
    main = held.texts[ranked[0]]
    carry = [held.texts[i] for i in sorted(carrying)]
    near = [*carry, *(held.texts[i] for i in held.before(ranked[0]) if i not in carrying)]
    articles = {held.places[i][0] for i in carrying}
    whole = [text for text, (n, _) in zip(held.texts, held.places, strict=True) if n in articles]
    before = [main, *(held.texts[i] for i in held.before(ranked[0]))]
    # Another article's outlet is no place that this one speaks of.
    byline = " ".join(held.bylines[n] for n in articles)
    names = _names(statement, held, before, carry, near, whole, byline)
    amount = _amounts(statement, held, near, [held.texts[i] for i in ranked], whole)
    count = max(names.total + amount.total, 1)
    contrast = polarity.contrast(statement, carry)
    features = Features(
        absent=(len(names.missing) + len(amount.missing)) / count,
        swapped=float(names.swapped),
        turned=float(_is_turned(statement, main, carry)),
        opposed=float(contrast.opposed),
        denied=float(contrast.denied_there),
        exchanged=roles.exchanged(statement, carry),
    )
    displaced = names.displaced or _is_requalified(statement, carry) or dates.clash(statement, near)
    return _Compared(features, (*sorted(names.missing), *amount.wrong), displaced)


class _Names(NamedTuple):
    """Where the names of a statement stand."""

    total: int
    missing: frozenset[str]  # those that the carrying passages do not have
    swapped: bool  # one is not in the best sentence, which has another
    displaced: bool  # one stands beside a word that has another one there


def _names(
    statement: str,
    held: Sentences,
    best: Sequence[str],
    carry: Sequence[str],
    near: Sequence[str],
    whole: Sequence[str],
    byline: str,
) -> _Names:
    said = claims.facts(
        statement, known=union(map(claims.small_words, whole)) | claims.plain_openers(statement, held.rarity)
    )
    main, around = held.facts(best[:1]), held.facts(best)
    context = claims.facts(f"{byline}\n{dates.spelled_out(' '.join(near), held.published)}")
    far = claims.lacking(said, held.facts(near) | context)
    missing = claims.lacking(far, held.facts(whole))
    swapped = bool(claims.lacking(said, main)) and bool(claims.lacking(main, said))
    elsewhere = claims.lacking(said, around | context)
    displaced = _is_displaced(statement, best, elsewhere, claims.lacking(around, said)) or (
        _has_another_subject(statement, best[0], carry, said, union(map(claims.inner_names, whole)), held.rarity)
    )
    return _Names(len(said), frozenset(missing), swapped, displaced)


def _is_displaced(statement: str, best: Sequence[str], elsewhere: set[str], others: set[str]) -> bool:
    """Tell whether a name that the best sentence does not have stands beside a word that has another name there."""
    if not elsewhere or not others:
        return False
    own = claims.beside(statement)
    held: dict[str, set[str]] = {}
    for text in best:
        for name, found in claims.beside(text).items():
            held.setdefault(name, set()).update(found)
    return any(own.get(name, set()) & held.get(other, set()) for name in elsewhere for other in others)


def _has_another_subject(
    statement: str,
    main: str,
    carry: Sequence[str],
    said: Iterable[str],
    told: frozenset[str],
    rarity: Callable[[str], float],
) -> bool:
    """Tell whether a statement begins with a name that no carrying sentence has, and the best with one that it has not.

    Who is named before the best sentence may be its “he”; where it begins with a name, he is not. `told` are words that
    are known to be names.
    """
    own, there = (claims.subject(text, told, rarity) for text in (statement, main))
    there -= claims.small_words(statement)
    held = {name for text in carry for name in claims.facts(text)}
    return bool(own and there) and claims.lacking(own, held) == own and claims.lacking(there, said) == there


class _Amounts(NamedTuple):
    """The amounts of a statement that are not what the sentences have."""

    total: int
    missing: tuple[str, ...]  # those that do not follow from the passages
    wrong: tuple[str, ...]  # nor from what stands near or in a good sentence, or that stand for another one


def _amounts(
    statement: str, held: Sentences, near: Sequence[str], further: Sequence[str], whole: Sequence[str]
) -> _Amounts:
    said = amounts.amounts(statement)
    if not said:
        return _Amounts(0, (), ())
    there = amounts.of_all(near)
    close = (*there, *amounts.amounts(dates.spelled_out(" ".join(near), held.published)))
    if held.published:
        close += tuple(amounts.since(close, held.published.year))
    firm = [one for one in said if not one.is_free]
    far = amounts.unmatched(firm, close)
    wrong = amounts.unmatched(far, close, amounts.of_all(further)) + amounts.exchanged(said, there)
    missing = amounts.unmatched(far, close, amounts.of_all(whole))
    return _Amounts(len(firm), *(tuple(dict.fromkeys(one.said for one in them)) for them in (missing, wrong)))


def _is_requalified(statement: str, carry: Sequence[str]) -> bool:
    """Tell whether a word has another name before it than in the sentences: “Iraqi jets” for “French jets”."""
    own = claims.qualified(statement)
    held: dict[str, set[str]] = {}
    for text in carry if own else ():
        for term, names in claims.qualified(text).items():
            held.setdefault(term, set()).update(names)
    return any(term in held and claims.lacking(names, held[term]) for term, names in own.items())


def _is_turned(statement: str, main: str, carry: Sequence[str]) -> bool:
    """Tell whether all signs say that a denial was added or lost."""
    if claims.denies(statement) == any(map(claims.denies, carry)):
        return False
    if polarity.is_negative(statement) and any(map(polarity.is_negative, carry)):
        return False
    if claims.negations(statement) == claims.negations(main):
        return False
    said, there = claims.stances(statement), dict[str, bool]()
    for text in carry:
        for term, under in claims.stances(text).items():
            there[term] = there.get(term, False) or under
    both = said.keys() & there.keys()
    return sum(said[term] != there[term] for term in both) > _CONTRARY * max(len(both), 1)
