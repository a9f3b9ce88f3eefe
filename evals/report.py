"""A run as one HTML file that opens from disk: charts, figures, and every question, the worst first."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from evals import charts
from evals.intervals import Figure
from evals.measures import risk_coverage
from evals.runs import Part, Run, rows
from evals.suite import Case, Measure

_HERE = Path(__file__).parent
_SUPPORT = {"quoted": "quoted", "supported": "supported", "partly": "partly supported", "unsupported": "not supported"}
# Nothing may be loaded from anywhere, whatever an article says.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def render(run: Run) -> str:
    """Return the page."""
    title = f"Byline: {', '.join(part.suite for part in run.parts)}"
    return _html(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{}</title>'
        '<meta http-equiv="Content-Security-Policy" content="{}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><style>{}</style></head>\n'
        "<body><header><h1>How good are the answers?</h1>{}</header>\n<main>{}</main>\n<footer>{}</footer>"
        "<script>{}</script></body></html>\n",
        title,
        _POLICY,
        Markup(_HERE.joinpath("report.css").read_text(encoding="utf-8")),
        _introduction(run),
        _join(_part(part) for part in run.parts),
        _about(run),
        Markup(_HERE.joinpath("report.js").read_text(encoding="utf-8")),
    )


def worst_first(part: Part) -> list[Case]:
    """Return the cases, those that did worst by the headline measures first, in the order of the run otherwise."""
    measures = {one.name: one for one in part.measures}

    def worth(case: Case) -> list[float]:
        known = [measures[name] for name in part.headline if name in case.values and name in measures]
        values = [case.values[one.name] if one.better != "lower" else -case.values[one.name] for one in known]
        return values or [float("inf")]

    return sorted(part.cases, key=worth)


def _introduction(run: Run) -> Markup:
    cut = "" if run.complete else " This run was interrupted: the figures are of the cases that were asked."
    return _html(
        '<p class="quiet">Byline {}, {}, {}. Bars are 95 % bootstrap intervals over the cases. An interval of no width '
        "means that all cases agree; with n cases the true rate may still differ by up to 3/n.{}</p>",
        run.about["code"]["version"],
        f"commit {run.about['code']['commit']}" if run.about["code"]["commit"] else "no commit",
        str(run.about["started"])[:10],
        cut,
    )


def _part(part: Part) -> Markup:
    return _html(
        '<section id="{}"><h2>{}</h2><p class="quiet">Suite {}, {} cases.</p>{}{}{}</section>',
        part.suite,
        part.asks,
        part.suite,
        f"{len(part.cases):,}" + ("" if part.complete else f" of {part.planned:,}"),
        _charts(part),
        _figures(part),
        _cases(part),
    )


def _charts(part: Part) -> Markup:
    figures = part.figures()
    shares = [
        (one.says, found.value, found.low, found.high)
        for one in part.measures
        if (found := figures.get(one.name)) and found.low >= 0 and found.high <= 1 and not one.timed
    ]
    drawn = charts.intervals(shares, title=f"Figures of {part.suite}") if shares else Markup("")
    for one in part.measures:
        if one.combine == "risk-coverage" and one.name in figures:
            curve = risk_coverage(*rows(part.cases, one).T).tolist()
            title = "Share of wrong answers among the most confident"
            drawn += _html(
                "<h3>{}</h3>{}", title, charts.curve(list(curve), title=title, x="questions answered", y="wrong")
            )
    return drawn


def _figures(part: Part) -> Markup:
    figures = part.figures()
    lines = (
        _html(
            '<tr><th scope="row">{}</th>{}</tr>',
            one.says,
            _join(_html('<td class="number">{}</td>', cell) for cell in _cells(one, found)),
        )
        for one in part.measures
        if (found := figures.get(one.name))
    )
    head = _join(_html('<th scope="col">{}</th>', name) for name in ("figure", "value", "95 % interval", "n"))
    return _table(f"Figures of {part.suite}", _html("<thead><tr>{}</tr></thead>", head), lines)


def _cells(measure: Measure, found: Figure) -> tuple[str, str, str]:
    low, high = _number(measure, found.low), _number(measure, found.high)
    return _number(measure, found.value), f"{low} – {high}", f"{found.n:,}"


def _table(name: str, head: Markup, lines: Iterable[Markup]) -> Markup:
    """Return a table that scrolls sideways on a narrow screen, with the keyboard too."""
    return _html(
        '<div class="wide" tabindex="0" role="region" aria-label="{}"><table>{}<tbody>{}</tbody></table></div>',
        name,
        head,
        _join(lines),
    )


def _cases(part: Part) -> Markup:
    tags = list(dict.fromkeys(tag for case in part.cases for tag in case.tags))
    options = _join(_html("<option>{}</option>", tag) for tag in sorted(tags))
    filter = _html(
        '<div class="filter" data-cases="cases-{}" hidden><label>Words <input type="search"></label>'
        '<label>Only <select><option value="">everything</option>{}</select></label>'
        '<output aria-live="polite"></output></div>',
        part.suite,
        options,
    )
    listed = _join(_case(case, part.measures) for case in worst_first(part))
    return _html('<h3>The cases, worst first</h3>{}<div id="cases-{}">{}</div>', filter, part.suite, listed)


def _case(case: Case, measures: Sequence[Measure]) -> Markup:
    tags = _join(
        _html('<span class="tag{}">{}</span>', f" {tag}" if tag in ("right", "wrong") else "", tag) for tag in case.tags
    )
    return _html(
        '<details data-tags="{}"><summary>{} {}</summary><div class="body">{}{}</div></details>\n',
        json.dumps(case.tags, ensure_ascii=False),
        case.shown.get("question", case.id),
        tags,
        _shown(case.shown),
        _values(case, measures),
    )


def _shown(shown: Mapping[str, Any]) -> Markup:
    """Return what is known of a case, part by part; a suite shows those that it has."""
    parts = [
        _block("Before it", (f"{asked} — {answered}" for asked, answered in shown.get("history", ()))),
        _answer(shown["answer"]) if "answer" in shown else Markup(""),
        *(
            _block(f"{says}: {one['standalone']}", one["answer"] or ["Declined."])
            for says, one in shown.get("wordings", {}).items()
        ),
        _block("Found, best first", shown.get("found", ())),
        _html('<div class="gold">{}</div>', _block("What answers it", map(_gold, shown.get("gold", ())))),
        _block("Must be said", shown.get("must_say", ())),
    ]
    return _join(parts)


def _answer(answer: Mapping[str, Any]) -> Markup:
    said = [
        f"{one['text']} {''.join(f'[{number}]' for number in one['citations'])} ({_SUPPORT[one['support']]})"
        for one in answer["sentences"]
    ]
    understood = [] if answer["standalone"] == answer["question"] else [answer["standalone"]]
    sure = f"{answer['confidence']:.2f} sure that the articles answer"
    return _join(
        [
            _block("Understood as", understood),
            _block(f"Answer, {sure}", said or ["Declined."]),
            _block("Evidence", map(_cited, answer["citations"])),
            _block("Nearest", map(_cited, answer["nearest"])),
        ]
    )


def _cited(citation: Mapping[str, Any]) -> str:
    byline = f"{citation['outlet'] or 'unknown outlet'}, {(citation['published'] or 'undated')[:10]}"
    place = f"{citation['file']}:{citation['start']}-{citation['end']}"
    return f"[{citation['number']}] {byline}, {place}: {citation['text']}"


def _gold(gold: Mapping[str, Any]) -> str:
    return f"{gold['file']}: {gold['text']}"


def _block(title: str, texts: Iterable[str]) -> Markup:
    quotes = _join(_html('<blockquote dir="auto">{}</blockquote>', text) for text in texts)
    return _html("<h4>{}</h4>{}", title, quotes) if quotes else Markup("")


def _values(case: Case, measures: Sequence[Measure]) -> Markup:
    names = {one.name: one for one in measures}
    items = _join(
        _html("<li>{}: {}</li>", name.replace("_", " "), _number(names.get(name), value))
        for name, value in case.values.items()
    )
    return _html("<h4>Values ({})</h4><ul>{}</ul>", case.id, items)


def _number(measure: Measure | None, value: float) -> str:
    return f"{value:,.{measure.digits if measure else 3}f}"


def _about(run: Run) -> Markup:
    flat = {**_flat(run.about)}
    for part in run.parts:
        held = {"articles": part.corpus, "questions": part.questions, **part.configuration}
        flat |= {f"{part.suite}: {name}": str(value) for name, value in held.items()}
    lines = (_html('<tr><th scope="row">{}</th><td>{}</td></tr>', *item) for item in flat.items())
    return _html("<h2>What was run</h2>{}", _table("What was run", Markup(""), lines))


def _flat(about: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in about.items():
        found |= _flat(value, f"{prefix}{name}: ") if isinstance(value, dict) else {prefix + name: str(value)}
    return found


def _html(template: str, *values: object) -> Markup:
    """Return the template with `values` escaped; what is Markup already stands as it is."""
    return Markup(template).format(*values)


def _join(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(parts)
