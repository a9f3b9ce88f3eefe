"""Charts as inline SVG: pure functions from numbers to markup; colours and fonts come from the page's style."""

from collections.abc import Sequence

from markupsafe import Markup

_ROW = 26  # height of a row, in the units of the drawing
_LABELS = 300  # what the labels take on the left
_PLOT = 380
_SIDE = 280  # of the square that a curve is drawn in
_MARGIN = 44
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


def intervals(rows: Sequence[tuple[str, float, float, float]], *, title: str) -> Markup:
    """Return a dot and its interval a row (label, value, low, high), all on a scale of 0 to 1."""
    height = _ROW * len(rows) + 30
    parts = [_tick(_LABELS + tick * _PLOT, height - 24, f"{tick:g}") for tick in _TICKS]
    for number, (label, value, low, high) in enumerate(rows):
        y = _ROW * number + _ROW / 2
        x, left, right = (_LABELS + one * _PLOT for one in (value, low, high))
        parts.append(
            Markup(
                '<text class="label" x="{}" y="{:.1f}">{}</text>'
                '<line class="interval" x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>'
                '<circle class="dot" cx="{:.1f}" cy="{:.1f}" r="4.5"/>'
            ).format(_LABELS - 14, y + 4, label, left, right, y, y, x, y)
        )
    words = "; ".join(f"{label}: {value:.3f}, from {low:.3f} to {high:.3f}" for label, value, low, high in rows)
    return _svg(_LABELS + _PLOT + 30, height, parts, title, words)


def curve(values: Sequence[float], *, title: str, x: str, y: str) -> Markup:
    """Return a curve of `values` over equal steps to 1, both axes from 0 to 1."""
    place = [
        (_MARGIN + _SIDE * (number / len(values)), 10 + _SIDE * (1 - value))
        for number, value in enumerate(values, start=1)
    ]
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in place)
    parts = [
        *(_tick(_MARGIN + tick * _SIDE, 10 + _SIDE, f"{tick:g}") for tick in _TICKS),
        *(_level(10 + _SIDE * (1 - tick), f"{tick:g}") for tick in _TICKS),
        Markup('<polyline class="curve" points="{}"/>').format(points),
        Markup('<text class="axis" x="{}" y="{}">{}</text>').format(_MARGIN + _SIDE / 2, _SIDE + 46, f"share of {x}"),
    ]
    words = f"{y}: {values[(len(values) - 1) // 2]:.3f} at half of the {x}, {values[-1]:.3f} at all"
    return _svg(_MARGIN + _SIDE + 20, _SIDE + 56, parts, title, words)


def _tick(x: float, bottom: float, label: str) -> Markup:
    grid = Markup('<line class="grid" x1="{:.1f}" x2="{:.1f}" y1="0" y2="{:.1f}"/>').format(x, x, bottom)
    return grid + Markup('<text class="tick" x="{:.1f}" y="{:.1f}">{}</text>').format(x, bottom + 16, label)


def _level(y: float, label: str) -> Markup:
    grid = '<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>'
    text = '<text class="label" x="{}" y="{:.1f}">{}</text>'
    return Markup(grid).format(_MARGIN, _MARGIN + _SIDE, y, y) + Markup(text).format(_MARGIN - 8, y + 4, label)


def _svg(width: float, height: float, parts: Sequence[Markup], title: str, words: str) -> Markup:
    """Return the drawing with what it shows in words, for those who cannot see it."""
    drawn = Markup("").join(parts)
    return Markup('<svg role="img" aria-label="{}" viewBox="0 0 {:.0f} {:.0f}" width="{:.0f}">{}</svg>').format(
        f"{title}. {words}.", width, height, width, drawn
    )
