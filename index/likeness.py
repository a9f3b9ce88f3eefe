"""Which articles of the library, or of those on their way into it, a new one is a copy of."""

from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from index.copies import OVERLAP, Bands, bands_of, is_likely, shingles
from index.library import Copy, Library, Staged

Prints = NDArray[np.int64]  # (n,) sorted: a number for each shingle of a text, the same within one process

_LOOKED_AT = 3  # articles of one account are compared with a new one,
_ACCOUNTS = 20  # of so many accounts, of so many articles
_MOST = 200
_REMEMBERED = 2_000_000  # shingles, 8 bytes each: what was compared once often is again


class Likeness:
    """Compares articles with those of one library, and remembers what it compared."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._prints: OrderedDict[int, Prints] = OrderedDict()  # by key, what was used last at the end
        self._remembered = 0

    def compare(self, staged: Sequence[Staged]) -> tuple[dict[int, Bands], list[Copy]]:
        """Return the bands of staged articles, and all of which they are copies, published or staged before them."""
        own: dict[int, Bands] = {}
        found: list[Copy] = []
        met: dict[int, list[int]] = {}  # of these, by band
        for one in staged:
            words = shingles(one.article.text)
            mine = own[one.key] = bands_of(words)
            near = Counter(key for number in mine.numbers for key in met.get(number, ()))
            before = [key for key, count in near.items() if is_likely(count, mine.size, own[key].size)]
            if mine.numbers:  # else nobody can say that it was copied
                self._remember(one.key, _prints(words))
                found += self._copies(one.key, [*before, *self._likely(mine, but=one.article.id)])
            for number in mine.numbers:
                met.setdefault(number, []).append(one.key)
        return own, found

    def compare_text(self, key: int, text: str) -> tuple[Bands, list[Copy]]:
        """Return the same of one published article that was never compared."""
        words = shingles(text)
        mine = bands_of(words)
        if not mine.numbers:
            return mine, []
        self._remember(key, _prints(words))
        return mine, self._copies(key, self._likely(mine, but=""))

    def _copies(self, key: int, others: Iterable[int]) -> list[Copy]:
        """Return of which `others` the article of `key`, which is remembered, is a copy."""
        mine = self._prints[key]
        shares = ((other, _shared(mine, found)) for other, found in self._recall(others).items())
        return [Copy(key, other, share) for other, share in shares if share >= OVERLAP]

    def _likely(self, own: Bands, *, but: str) -> list[int]:
        """Return the keys of the published articles that share most bands, a few of each account, without `but`."""
        alike = self._library.alike(own.numbers, most=_MOST)
        best = [key for key, count, size in alike if is_likely(count, own.size, size)]
        chosen: dict[str, list[int]] = {}
        for i in range(0, len(best), _ACCOUNTS):
            identities = self._library.identities(best[i : i + _ACCOUNTS])
            for key in best[i : i + _ACCOUNTS]:
                id, account = identities.get(key, (but, ""))
                if id != but:
                    chosen.setdefault(account, []).append(key)
            if len(chosen) >= _ACCOUNTS:  # else it was one account with many copies, and others may stand behind it
                break
        return [key for keys in list(chosen.values())[:_ACCOUNTS] for key in keys[:_LOOKED_AT]]

    def _recall(self, keys: Iterable[int]) -> Mapping[int, Prints]:
        """Return the prints of articles, from memory or from their texts."""
        wanted = list(keys)
        found = {key: self._prints[key] for key in wanted if key in self._prints}
        for key in found:
            self._prints.move_to_end(key)
        new = [key for key in wanted if key not in found]
        for key, text in (self._library.texts(new) if new else {}).items():
            found[key] = _prints(shingles(text))
            self._remember(key, found[key])
        return found

    def _remember(self, key: int, one: Prints) -> None:
        self._prints[key] = one
        self._remembered += len(one)
        while self._remembered > _REMEMBERED and len(self._prints) > 1:
            _, oldest = self._prints.popitem(last=False)
            self._remembered -= len(oldest)


def _prints(found: frozenset[str]) -> Prints:
    """Return shingles as numbers, which take a tenth of the memory and of the time to compare."""
    return np.sort(np.fromiter(map(hash, found), np.int64, len(found)))


def _shared(one: Prints, other: Prints) -> float:
    """Return the `copies.overlap` of what two prints stand for."""
    few, many = sorted((one, other), key=len)
    if not len(few):
        return 0.0
    places = np.minimum(np.searchsorted(many, few), len(many) - 1)
    return np.count_nonzero(many[places] == few) / len(few)
