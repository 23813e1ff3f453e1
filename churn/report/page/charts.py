"""The charts of the page as inline SVG: lines, dots with whiskers, bars. No ids, no scripts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from churn.evaluation.intervals import Interval
from churn.language import Text, Words
from churn.report.page.axes import Axis, across, horizontal_grid, names_below, picture, titles, up
from churn.report.page.markup import Content, Element, element
from churn.report.page.numbers import Shown
from churn.report.page.tables import figure


@dataclass(frozen=True)
class Line:
    """A series of points in the axes' own numbers; ``style`` is one of the style sheet's five."""

    name: Words
    points: tuple[tuple[float, float], ...]
    style: int = 0


@dataclass(frozen=True)
class Dots:
    """One dot per category with the ends of its whisker; equal ends draw none."""

    name: Words
    marks: tuple[tuple[float, float, float], ...]
    style: int = 0
    hollow: bool = False

    @classmethod
    def bare(
        cls, name: Words, values: Iterable[float], style: int = 0, *, hollow: bool = False
    ) -> Dots:
        """Return dots without whiskers."""
        return cls(name, tuple((value, value, value) for value in values), style, hollow=hollow)

    @classmethod
    def whiskered(cls, name: Words, intervals: Iterable[Interval | None], style: int = 0) -> Dots:
        """Return dots with their intervals; what is not known is no dot."""
        unknown = (math.nan,) * 3
        return cls(
            name, tuple((i.value, i.lower, i.upper) if i else unknown for i in intervals), style
        )


def spaced(names: Sequence[str], few: int) -> list[str]:
    """Name places at an axis: all of a few, else every so many, and the others not.

    Examples
    --------
    >>> spaced(["a", "b", "c", "d", "e"], 3)
    ['a', '', 'c', '', 'e']
    """
    step = math.ceil(len(names) / few)
    return [name if place % step == 0 else "" for place, name in enumerate(names)]


def axis_of(series: Sequence[Dots], title: Words, shown: Shown) -> Axis:
    """Return the vertical axis that holds all dots and whiskers."""
    ends = [end for dots in series for mark in dots.marks for end in mark]
    return Axis.over(ends, title, shown)


def line_chart(lines: Sequence[Line], x: Axis, y: Axis, label: Words) -> Content:
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
    ticks = names_below([(x.at(tick), x.shown(tick)) for tick in x.ticks])
    image = picture(horizontal_grid(y), ticks, titles(x.title, y.title), drawn, label=label)
    return (_legend([(line.name, line.style, "line") for line in lines]), image)


def dot_figure(
    title: Text, caption: Words, categories: Sequence[Words], series: Sequence[Dots],
    x_title: Words, y: Axis,
) -> Element:  # fmt: skip
    """Draw the series' dots side by side within each category, title above and caption below."""
    slot = 1 / max(1, len(categories))
    step = slot * 0.6 / max(1, len(series))
    names = [((place + 0.5) * slot, name) for place, name in enumerate(categories)]
    drawn = [
        _dot(across((place + 0.5) * slot + (number - (len(series) - 1) / 2) * step), y, mark, dots)
        for number, dots in enumerate(series)
        for place, mark in enumerate(dots.marks)
        if math.isfinite(mark[0])
    ]
    image = picture(
        horizontal_grid(y), titles(x_title, y.title), names_below(names), drawn,
        label=title + " " + caption,
    )  # fmt: skip
    legend = _legend((dots.name, dots.style, _look(dots)) for dots in series)
    return figure(title, (legend, image), caption)


def _look(dots: Dots) -> str:
    return "hollow" if dots.hollow else "dot"


def _dot(x: float, y: Axis, mark: tuple[float, float, float], dots: Dots) -> Content:
    middle, low, high = (up(y.at(end)) if math.isfinite(end) else math.nan for end in mark)
    whisker = None
    if math.isfinite(low) and math.isfinite(high) and low != high:
        whisker = element("line", x1=x, x2=x, y1=low, y2=high, class_=f"whisker s{dots.style}")
    return (whisker, element("circle", cx=x, cy=middle, r=4, class_=f"{_look(dots)} s{dots.style}"))


def _legend(marks: Iterable[tuple[Words, int, str]]) -> Element | None:
    """Name the series, each beside its mark; one series needs no telling apart."""
    entries = [element("li", _mark(style, kind), name) for name, style, kind in marks]
    return element("ul", entries, class_="legend") if len(entries) > 1 else None


def _mark(style: int, kind: str) -> Element:
    if kind == "line":
        shape = element("line", x1=1, x2=23, y1=6, y2=6, class_=f"line s{style}")
    else:
        shape = element("circle", cx=12, cy=6, r=4, class_=f"{kind} s{style}")
    return element("svg", shape, viewBox="0 0 24 12", class_="mark", aria_hidden="true")


def bar(share: float, *, tick: float | None = None, tone: str = "s0") -> Element:
    """Draw a little horizontal bar for a table's cell; the number stands beside it.

    Parameters
    ----------
    share
        Of the full width, from 0 to 1.
    tick
        Where to mark a value to compare with.
    """
    filled = min(max(share, 0.0), 1.0) if math.isfinite(share) else 0.0
    mark = None if tick is None else _part(min(tick, 1.0) * 100 - 0.5, 1, "tick")
    return _bar(_part(0, filled * 100, f"fill {tone}"), mark, class_="bar", aria_hidden="true")


def stacked_bar(shares: Sequence[tuple[float, str]], label: Words) -> Element:
    """Draw parts of a whole in one bar, each with its tone."""
    parts, start = [], 0.0
    for share, tone in shares:
        width = min(max(share, 0.0), 1.0 - start)
        parts.append(_part(start * 100, width * 100, f"fill {tone}"))
        start += width
    return _bar(*parts, class_="bar wide", role="img", aria_label=label)


def _bar(*parts: Content, **attributes: Words) -> Element:
    rail, box = _part(0, 100, "rail"), "0 0 100 10"
    return element("svg", rail, *parts, viewBox=box, preserveAspectRatio="none", **attributes)


def _part(start: float, width: float, look: str) -> Element:
    return element("rect", x=start, y=0, width=width, height=10, class_=look)
