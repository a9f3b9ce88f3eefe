"""Answers and reports as text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from bot.answer import UNKNOWN, Answer, Citation
from bot.prompt import visible
from bot.telling import headed, said

if TYPE_CHECKING:
    from index.health import Health
    from index.run import Report

_WIDTH = 96
_CAVEATS = {"partly": "supported in part", "unsupported": "not supported by the articles"}
_MARKS = {"removed": "-", "missing": "?", "failed": "!", "older": "="}  # added and updated files are only counted


def render_answer(answer: Answer) -> str:
    """Return what was searched for if that differs, the sentences with their numbers, then who printed each."""
    notice = [_wrap(answer.notice), ""] if answer.notice else []
    lines = [*notice, *_searched(answer)]
    if answer.declined:
        head = ["The articles do not say.", "", "Nearest to it:"] if answer.nearest else ["The articles do not say."]
        return "\n".join([*lines, *head, *(_quoted(answer, citation) for citation in answer.nearest)])
    if answer.short:
        lines += [_wrap(click.style(visible(" ".join(answer.quote(answer.short).split())), bold=True)), ""]
    for sentence in answer.sentences:
        numbers = "".join(f"[{number}]" for number in sentence.citations)
        text = " ".join(visible(sentence.text).split())
        said = f"“{text}”" if sentence.support == "quoted" else text
        caveat = click.style(f" ({_CAVEATS[sentence.support]})", fg="yellow") if sentence.support in _CAVEATS else ""
        lines.append(_wrap(f"{said} {click.style(numbers, fg='cyan')}".rstrip() + caveat))
    lines += [line for sides in answer.differences for line in ("", _wrap(_difference(answer, sides)))]
    return "\n".join([*lines, "", *(_where(answer, citation) for citation in answer.citations)])


def _searched(answer: Answer) -> list[str]:
    """Return what was searched for, where that is not just the question."""
    if answer.standalone in ("", answer.question):
        return ["Searched for with what was said before in mind.", ""] if answer.in_context else []
    return [f"Searched for: {answer.standalone}", ""]


def render_report(report: Report) -> str:
    """Return one line a file that needs a word, then the counts."""
    lines = []
    for file in report.files:
        if file.outcome in _MARKS:
            reason = f": {file.reason}" if file.reason else ""
            lines.append(f"{_MARKS[file.outcome]} {file.outcome:8} {'' if file.reason else file.path}{reason[2:]}")
    counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(report.counts().items()))
    hint = "\nFiles that are missing keep their articles; `byline add --prune` removes them."
    missing = any(file.outcome == "missing" for file in report.files)
    return "\n".join([*lines, (counts or "nothing to add") + (hint if missing else "")])


def render_health(health: Health) -> str:
    """Return what is in step, what is not, and what could not be added."""
    lines = [f"{health.articles:,} articles, {health.passages:,} passages"]
    lines += ["Library, vectors and BM25 are in step."] if health.in_step else _out_of_step(health)
    for title, paths in (("Changed since they were added", health.changed), ("Gone from the disk", health.missing)):
        lines += (
            [f"{title} ({len(paths):,}; `byline add` takes it in):", *(f"  {path}" for path in paths)] if paths else []
        )
    if health.failed:
        lines += [f"Could not be added ({len(health.failed):,}):", *(f"  {line.reason}" for line in health.failed)]
    return "\n".join(lines)


def _out_of_step(health: Health) -> list[str]:
    lacking = {"vector": health.without_vector, "terms in BM25": health.without_terms}
    lines = [
        f"! no {what} can be read" if count is None else f"! {count:,} passages without {what}"
        for what, count in lacking.items()
        if count != 0
    ]
    lines += [f"! {health.waiting:,} passages of an interrupted run"] if health.waiting else []
    lines += [f"! {health.left_behind:,} vectors or terms of passages that are gone"] if health.left_behind else []
    return [*lines, "Not in step: `byline repair` mends it."]


def _difference(answer: Answer, sides: Sequence[Citation]) -> str:
    told = [
        f"{visible(_byline(answer, side))}{f', {later}' if later else ''}: “{visible(words)}” "
        + click.style(f"[{side.number}]", fg="cyan")
        for side, later, words in said(answer, sides)
    ]
    return click.style(f"{headed(answer, sides)}:", bold=True) + f" {'; '.join(told)}."


def _byline(answer: Answer, citation: Citation) -> str:
    article = answer.articles[citation.article_id]
    return f"{article.outlet or f'{UNKNOWN} outlet'}, {(article.published or 'undated')[:10]}"


def _quoted(answer: Answer, citation: Citation) -> str:
    return "\n" + _wrap(f"“{' '.join(visible(answer.quote(citation)).split())}”") + "\n" + _where(answer, citation)


def _where(answer: Answer, citation: Citation) -> str:
    article = answer.articles[citation.article_id]
    page = article.page(citation.start) if not citation.changed else None
    place = f"{article.file}:{citation.start}-{citation.end}" + (f", p. {page}" if page else "")
    changed = "  changed since; it said: “" + " ".join((citation.was or "").split()) + "”" if citation.changed else ""
    number = click.style(f"[{citation.number}]", fg="cyan")
    return f"  {number} {visible(f'{_byline(answer, citation)}: {article.title or UNKNOWN} ({place}){changed}')}"


def _wrap(text: str) -> str:
    return textwrap.fill(text, _WIDTH, initial_indent="  ", subsequent_indent="  ", break_long_words=False)
