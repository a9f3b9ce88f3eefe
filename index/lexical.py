"""BM25 by tantivy: a cache of the library's words, rebuilt whenever it is missing or damaged."""

import ctypes
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import tantivy

_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of malloc.h
_LARGE = 128 * 1024  # bytes, where it begins
_ANALYZER = "byline"
# Words of English that carry no topic; tantivy's own list keeps the question words.
STOPWORDS = (
    "a about an and any are as at be been being but by can could did do does doing done for from had has have "
    "having he her hers him his how i if in into is it its just me my no not of on or our ours shall she should so "
    "some such than that the their theirs them then there these they this those to was we were what when where "
    "which who whom whose why will with would you your yours s t d ll m re ve don didn doesn isn wasn weren won "
    "wouldn couldn shouldn hasn haven hadn aren please tell say said says according exactly many much"
).split()


@cache
def _analyzer() -> tantivy.TextAnalyzer:
    filters = (
        tantivy.Filter.lowercase(),
        tantivy.Filter.ascii_fold(),
        tantivy.Filter.custom_stopword(STOPWORDS),
        tantivy.Filter.stemmer("english"),
    )
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    for one in filters:
        builder = builder.filter(one)
    return builder.build()


def terms(text: str) -> list[str]:
    """Return the terms of `text` as the index counts them: lower case, folded, stemmed, without stop words."""
    return _analyzer().analyze(text)


class Lexical:
    """BM25 (Robertson & Zaragoza 2009; k1 = 1.2, b = 0.75) over passages, in `folder`."""

    def __init__(self, folder: Path) -> None:
        """Open the index in `folder`; one that is missing or cannot be read starts empty."""
        self._folder = folder
        try:
            self._index = _open(folder)
        except (ValueError, OSError):
            self.clear()

    def clear(self) -> None:
        """Throw the index away and start an empty one."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._index = _open(self._folder)

    def count(self) -> int:
        """Return how many passages are indexed."""
        self._index.reload()
        return int(self._index.searcher().num_docs)

    def readable_keys(self) -> set[int] | None:
        """Return the keys of the passages that are indexed, or None where tantivy cannot read its own files."""
        try:
            count = self.count()
            if not count:
                return set()
            searcher = self._index.searcher()
            hits = searcher.search(tantivy.Query.all_query(), count, count=False).hits
            keys = searcher.fast_field_values("key", [address for _, address in hits])
            searcher.search(tantivy.Query.term_query(self._index.schema, "text", "a", "freq"), 1)
        except (ValueError, OSError):
            return None
        return {int(key or 0) for key in keys}

    def change(self, added: Iterable[tuple[int, str]], *, removed: Sequence[int] = ()) -> None:
        """Index passages (key, text) and forget `removed`, in one commit."""
        _give_memory_back()
        writer = self._index.writer(heap_size=50_000_000, num_threads=1)
        for key in removed:
            writer.delete_documents_by_term("key", key)
        for key, text in added:
            writer.delete_documents_by_term("key", key)  # the same passage again replaces itself
            writer.add_document(tantivy.Document(key=key, text=text))
        writer.commit()
        writer.wait_merging_threads()

    def search(
        self, words: Sequence[str] | Mapping[str, float], *, k: int, keys: Sequence[int] | None = None
    ) -> dict[int, float]:
        """Return the BM25 scores of the best `k` passages by key, best first; `words` come from `terms`.

        Each word counts once, or as much as its weight above 0. `keys` are the only ones looked at, where given.
        """
        self._index.reload()  # another process may have added passages
        schema = self._index.schema
        weights = words if isinstance(words, Mapping) else dict.fromkeys(words, 1.0)
        queries = [
            tantivy.Query.boost_query(tantivy.Query.term_query(schema, "text", word, "freq"), weight)
            for word, weight in weights.items()
        ]
        if not queries or keys == []:
            return {}
        query = tantivy.Query.boolean_query([(tantivy.Occur.Should, one) for one in queries])
        if keys is not None:
            among = tantivy.Query.const_score_query(tantivy.Query.term_set_query(schema, "key", list(keys)), 0.0)
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, among)])
        searcher = self._index.searcher()
        hits = searcher.search(query, k, count=False).hits
        found = searcher.fast_field_values("key", [address for _, address in hits])
        return {int(key or 0): float(score) for key, (score, _) in zip(found, hits, strict=True)}

    def frequency(self, word: str) -> int:
        """Return how many passages hold the term `word`."""
        return int(self._index.searcher().doc_freq("text", word))


@cache
def _give_memory_back() -> None:
    """Have large blocks of memory returned when they are freed, where the C library is GNU's.

    It raises the size from which it does so as they are freed, and then keeps what tantivy's short-lived threads leave:
    200 MB after 2,000 articles.
    """
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(_MMAP_THRESHOLD, _LARGE)


def _open(folder: Path) -> tantivy.Index:
    folder.mkdir(parents=True, exist_ok=True)
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("key", stored=False, indexed=True, fast=True)
    builder.add_text_field("text", stored=False, tokenizer_name=_ANALYZER, index_option="freq")
    index = tantivy.Index(builder.build(), path=str(folder))
    index.register_tokenizer(_ANALYZER, _analyzer())
    return index
