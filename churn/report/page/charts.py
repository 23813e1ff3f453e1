"""The charts of the page as inline SVG: lines, dots with whiskers, bars. No ids, no scripts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from churn.report.page.axes import (
    BOTTOM,
    HEIGHT,
    Axis,
    across,
    horizontal_grid,
    picture,
    titles,
    up,
    vertical_ticks,
)
from churn.report.page.markup import Markup, element, join

STYLES = 5
"""How many series a chart can tell apart: colours ``s0`` … of the style sheet, each with a dash."""


@dataclass(frozen=True)
class Line:
    """A series of points in the axes' own numbers; ``style`` counts from 0."""

    name: str
    points: tuple[tuple[float, float], ...]
    style: int = 0


@dataclass(frozen=True)
class Dots:
    """One dot per category with the ends of its whisker; equal ends draw none."""

    name: str
    marks: tuple[tuple[float, float, float], ...]
    style: int = 0
    hollow: bool = False


def line_chart(lines: Sequence[Line], x: Axis, y: Axis, label: str) -> Markup:
    """Draw lines over a grid, the first on top, with a legend where there are several."""
    drawn = [
        element(
            "polyline",
            points=" ".join(
                f"{across(x.at(a)):.1f},{up(y.at(b)):.1f}" for a, b in line.points
            ),
            class_=f"line s{line.style}",
        )
        for line in reversed(lines)
    ]  # fmt: skip
    image = picture(
        horizontal_grid(y), vertical_ticks(x), titles(x.title, y.title), *drawn, label=label
    )
    return join(legend([(line.name, line.style, "line") for line in lines]), image)


def dot_chart(
    categories: Sequence[str], series: Sequence[Dots], x_title: str, y: Axis, label: str
) -> Markup:
    """Draw the series' dots side by side within each category."""
    slot = 1 / max(1, len(categories))
    step = slot * 0.6 / max(1, len(series))
    shapes: list[Markup] = [
        element(
            "text", name, x=across((place + 0.5) * slot), y=HEIGHT - BOTTOM + 15, class_="middle"
        )
        for place, name in enumerate(categories)
    ]
    for number, dots in enumerate(series):
        aside = (number - (len(series) - 1) / 2) * step
        for place, (value, low, high) in enumerate(dots.marks):
            if math.isfinite(value):
                at = across((place + 0.5) * slot + aside)
                shapes.append(_dot(at, y, (value, low, high), dots))
    image = picture(horizontal_grid(y), titles(x_title, y.title), *shapes, label=label)
    marks = [(dots.name, dots.style, "hollow" if dots.hollow else "dot") for dots in series]
    return join(legend(marks), image)


def _dot(x: float, y: Axis, value: tuple[float, float, float], dots: Dots) -> Markup:
    middle, low, high = (up(y.at(end)) if math.isfinite(end) else math.nan for end in value)
    whisker = None
    if math.isfinite(low) and math.isfinite(high) and low != high:
        whisker = element("line", x1=x, x2=x, y1=low, y2=high, class_=f"whisker s{dots.style}")
    look = "hollow" if dots.hollow else "dot"
    return join(whisker, element("circle", cx=x, cy=middle, r=4, class_=f"{look} s{dots.style}"))


def legend(marks: Iterable[tuple[str, int, str]]) -> Markup:
    """Name the series, each beside its mark."""
    entries = list(marks)
    if len(entries) < 2:  # noqa: PLR2004 - one series needs no telling apart
        return Markup()
    return element(
        "ul", [element("li", _mark(style, kind), name) for name, style, kind in entries],
        class_="legend",
    )  # fmt: skip


def _mark(style: int, kind: str) -> Markup:
    if kind == "line":
        shape = element("line", x1=1, x2=23, y1=6, y2=6, class_=f"line s{style}")
    else:
        shape = element("circle", cx=12, cy=6, r=4, class_=f"{kind} s{style}")
    return element("svg", shape, viewBox="0 0 24 12", class_="mark", aria_hidden="true")


def bar(share: float, *, tick: float | None = None, tone: str = "s0") -> Markup:
    """Draw a little horizontal bar for a table's cell; the number stands beside it.

    Parameters
    ----------
    share
        Of the full width, from 0 to 1.
    tick
        Where to mark a value to compare with.
    """
    filled = min(max(share, 0.0), 1.0) if math.isfinite(share) else 0.0
    return element(
        "svg",
        element("rect", x=0, y=0, width=100, height=10, class_="rail"),
        element("rect", x=0, y=0, width=filled * 100, height=10, class_=f"fill {tone}"),
        element("rect", x=min(tick, 1.0) * 100 - 0.5, y=0, width=1, height=10, class_="tick")
        if tick is not None
        else None,
        viewBox="0 0 100 10",
        preserveAspectRatio="none",
        class_="bar",
        aria_hidden="true",
    )


def stacked_bar(shares: Sequence[tuple[float, str]], label: str) -> Markup:
    """Draw parts of a whole in one bar, each with its tone."""
    shapes = [element("rect", x=0, y=0, width=100, height=10, class_="rail")]
    start = 0.0
    for share, tone in shares:
        width = min(max(share, 0.0), 1.0 - start)
        shapes.append(
            element("rect", x=start * 100, y=0, width=width * 100, height=10, class_=f"fill {tone}")
        )
        start += width
    return element(
        "svg", *shapes, viewBox="0 0 100 10", preserveAspectRatio="none", class_="bar wide",
        role="img", aria_label=label,
    )  # fmt: skip
