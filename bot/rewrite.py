"""A language model's wording of a follow-up, and whether it may be searched for in place of ours."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from contextlib import closing

from bot.generate import stream
from bot.llms import LLMError, Model
from bot.orders import speaks_to_a_machine
from bot.phrases import is_inside, words
from bot.prompt import build_rewrite, visible, without_markers
from index.lexical import terms

SECONDS = 10.0  # that a person waits for it; after that ours is searched for
LONGEST = 300  # characters
_KEPT = 0.6  # of the question's terms: “does that count” may become “does the promise count”
_INVENTED = 0.5  # of the terms put in, that nobody said before
_LABEL = re.compile(r"^(?:the )?(?:question|rewritten|standalone|follow-up)[^:?]{0,40}:\s*", re.IGNORECASE)


def propose(model: Model, question: str, history: Sequence[tuple[str, str]]) -> str | None:
    """Return the wording of `question` by `model` if it is fit; None where it is not, or none comes in time.

    What went wrong is not told here: the same model is asked for the answer next, and then it is.
    """
    reply, ends = "", time.monotonic() + SECONDS
    try:
        with closing(stream(model, build_rewrite(question, history))) as pieces:
            for piece in pieces:
                reply += piece
                if len(reply) > LONGEST or time.monotonic() > ends:
                    return None
    except LLMError:
        return None
    return fit(reply, question, history)


def fit(reply: str, question: str, history: Sequence[tuple[str, str]]) -> str | None:
    """Return the question in `reply` if it is still the same question, filled in with what was said before.

    None for an answer, a refusal, orders, another question, or names and numbers that nobody mentioned.
    """
    lines = [line for line in visible(without_markers(reply)).splitlines() if line.strip()]
    text = " ".join(_LABEL.sub("", lines[0].strip(' \t"“”*`')).split()).strip(' "“”*`') if len(lines) == 1 else ""
    if not text or len(text) > LONGEST or speaks_to_a_machine(text):
        return None
    own, new = set(terms(question)), set(terms(text))
    said = own.union(*(terms(" ".join(turn)) for turn in history))
    invented = new - said
    if len(own & new) < _KEPT * len(own) or len(invented) > _INVENTED * len(new - own):
        return None
    return None if invented & _exact_terms(text) else text


def _exact_terms(text: str) -> set[str]:
    """Return the terms of names and numbers."""
    exact = [
        word.group()
        for word in words(text)
        if any(one.isdigit() for one in word.group()) or (word.group()[0].isupper() and is_inside(word, text))
    ]
    return set(terms(" ".join(exact)))
