"""Suite `conversations`: do follow-ups work?

    byline eval conversations --set FILE [--data DIR]

FILE is a TREC CAsT 2021 topic file (`*.json`: each turn's `passage` is what it should find among the passages of
all turns) or JSON Lines as MTRAG has them (`input`: turns with speaker and text; `contexts`: what answers the last
turn; perhaps `rewrite`). A corpus.jsonl in DIR is searched beside the file's own passages. Each is asked in several
wordings; in CAsT first turns count, which are alike in all of them. Without FILE, the bundled follow-ups, and for harm
the bundled questions that stand alone, each asked after a conversation about something else.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from bot.answer import Answer
from bot.chat import Bot
from bot.followup import Query
from evals import beir, conversation_files, questions
from evals.conversation_files import History, Turn
from evals.library import Remembering, library_of
from evals.measures import carries, ndcg_at, overlap, recall_at
from evals.provenance import corpus_digest, digest
from evals.suite import Case, Inputs, Measure, Plan
from index.articles import Article
from index.passages import Passage
from index.search import POOL
from index.stores import Stores

K = 5


def as_typed(turn: Turn) -> tuple[str, History]:
    """Ask the turn alone."""
    return turn.question, ()


def with_previous(turn: Turn) -> tuple[str, History]:
    """Ask the turn with the question before it in front."""
    return f"{turn.history[-1][0]} {turn.question}" if turn.history else turn.question, ()


def rewritten(turn: Turn) -> tuple[str, History]:
    """Ask the turn with what was said before it: the bot makes it stand alone."""
    return turn.question, turn.history


def as_rewritten_by_a_person(turn: Turn) -> tuple[str, History] | None:
    """Ask what a person wrote in its place: as good as rewriting gets."""
    return (turn.rewrite, ()) if turn.rewrite else None


def as_rewritten_by_a_machine(turn: Turn) -> tuple[str, History] | None:
    """Ask what the file's makers had a language model write in its place."""
    return (turn.automatic, ()) if turn.automatic else None


# What the bot is asked: a question and a history. What it makes of them, `Bot.understand`, is searched for.
# A column is a row here.
WORDINGS: Mapping[str, tuple[str, Callable[[Turn], tuple[str, History] | None]]] = {
    "raw": ("as typed", as_typed),
    "previous": ("with the previous question", with_previous),
    "rewritten": ("as rewritten by Byline", rewritten),
    "person": ("as a person rewrote it", as_rewritten_by_a_person),
    "automatic": ("as a machine rewrote it", as_rewritten_by_a_machine),
}
_KINDS = ((f"recall_{K}", f"Recall@{K}"), (f"ndcg_{K}", f"nDCG@{K}"), ("answered", "right evidence"))
MEASURES = (
    *(Measure(f"{kind}_{name}", f"{label}, {says}") for kind, label in _KINDS for name, (says, _) in WORDINGS.items()),
    Measure("harmed", "stands alone, loses a passage", "lower"),
    Measure("reworded", "stands alone, is reworded", "lower"),
)
HEADLINE = tuple(f"recall_{K}_{name}" for name in WORDINGS)


@contextmanager
def plan(inputs: Inputs) -> Iterator[Plan]:
    """Index the passages and plan one case a follow-up."""
    with _asked(inputs) as (bot, turns, others):
        articles = bot.stores.library.articles()
        whole = inputs.set is not None
        yield Plan(
            MEASURES,
            HEADLINE,
            {turn.id: partial(ask, bot, turn, articles, whole=whole) for turn in turns}
            | {turn.id: partial(harm, bot, turn) for turn in others},
            corpus=corpus_digest(articles.values()),
            questions=digest([_identity(one, articles) for one in (*turns, *others)]),
            configuration={"passage_tokens": inputs.passage_tokens, "split": inputs.split, "wordings": list(WORDINGS)},
        )


@contextmanager
def _asked(inputs: Inputs) -> Iterator[tuple[Bot, list[Turn], list[Turn]]]:
    """Yield a bot, the turns to ask it, and further ones that stand alone."""
    if inputs.set is None:
        with questions.asked(inputs) as (bot, read):
            yield bot, conversation_files.bundled(read), conversation_files.after_others(read)
        return
    inputs.refuse_split("a file of conversations")
    articles, turns = conversation_files.read(inputs.set)
    if inputs.data:
        articles += beir.read_corpus(inputs.data / "corpus.jsonl")
    progress = inputs.reporting("Adding articles")
    with library_of(articles=articles, passage_tokens=inputs.passage_tokens, progress=progress) as stores:
        yield Remembering(stores, {}), turns, []


def ask(bot: Bot, turn: Turn, articles: Mapping[str, Article], *, whole: bool) -> Case:
    """Ask one turn in every wording that it has; with `whole`, articles are ranked, and otherwise passages."""
    relevant = _relevant(bot.stores, turn, whole=whole)
    values: dict[str, float] = {}
    said = {}
    for name, (says, word) in WORDINGS.items():
        if worded := word(turn):
            answer = bot.ask(*worded)
            ranking = _rank(bot, bot.understand(*worded), whole=whole)
            values[f"recall_{K}_{name}"] = recall_at(ranking, relevant, k=K)
            values[f"ndcg_{K}_{name}"] = ndcg_at(ranking, relevant, k=K)
            values[f"answered_{name}"] = float(carries(questions.cited(answer), turn.gold))
            said[says] = {"standalone": answer.standalone, "answer": _quoted(answer)}
    if turn.stands_alone:
        values |= _harm(bot, turn, relevant, whole=whole)
    shown = {
        "question": turn.question,
        "history": [list(one) for one in turn.history],
        "wordings": said,
        "gold": [{"file": articles[id].label, "text": articles[id].text[a:b]} for id, a, b in turn.gold],
    }
    tags = tuple(f"found {WORDINGS[name][0]}" for name in WORDINGS if values.get(f"recall_{K}_{name}"))
    return Case(turn.id, values, shown, tags or ("never found",))


def harm(bot: Bot, turn: Turn) -> Case:
    """Search for a question that stands alone after a conversation about something else."""
    values = _harm(bot, turn, _relevant(bot.stores, turn, whole=False), whole=False)
    says, text = WORDINGS["rewritten"][0], bot.understand(turn.question, turn.history).text
    shown = {"question": turn.question, "history": [list(one) for one in turn.history]}
    return Case(turn.id, values, shown | {"wordings": {says: {"standalone": text, "answer": ["Only searched for."]}}})


def _harm(bot: Bot, turn: Turn, relevant: set[str], *, whole: bool) -> dict[str, float]:
    """Return whether `turn`, which stands alone, loses a passage that it finds as typed, and whether it is reworded."""
    query = bot.understand(turn.question, turn.history)
    plain, found = (
        recall_at(_rank(bot, one, whole=whole), relevant, k=K) for one in (Query(turn.question, turn.question), query)
    )
    return {"harmed": float(found < plain), "reworded": float(query.text != turn.question)}


def _rank(bot: Bot, query: Query, *, whole: bool) -> list[str]:
    """Return what search finds, best first; an article stands where its best passage does."""
    return list(dict.fromkeys(_unit(hit.passage, whole=whole) for hit in bot.find(query, k=POOL)))


def _relevant(stores: Stores, turn: Turn, *, whole: bool) -> set[str]:
    if whole:
        return {id for id, *_ in turn.gold}
    passages = stores.library.passages().values()
    return {_unit(one, whole=False) for one in passages if overlap([(one.article_id, one.start, one.end)], turn.gold)}


def _unit(passage: Passage, *, whole: bool) -> str:
    return passage.article_id if whole else f"{passage.article_id}:{passage.start}"


def _identity(turn: Turn, articles: Mapping[str, Article]) -> list[object]:
    gold = [[articles[id].file, start, end] for id, start, end in turn.gold]
    return [turn.id, turn.question, turn.history, turn.rewrite, turn.automatic, gold]


def _quoted(answer: Answer) -> list[str]:
    return [answer.quote(citation) for citation in answer.citations]
