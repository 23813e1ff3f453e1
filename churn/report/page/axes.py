"""The frame of a chart: scales, round ticks and grid lines, in one small coordinate system.

Charts are drawn 360 wide, so that their words can be read on a phone and stay small on a desk.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from churn.language import Words
from churn.report.page.markup import Content, Element, element
from churn.report.page.numbers import Shown

WIDTH, HEIGHT = 360, 230
LEFT, RIGHT, TOP, BOTTOM = 56, 18, 10, 42
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_HALF = 2.5  # shown among whole numbers it would read as 2 or 3
_FEWEST = 2


@dataclass(frozen=True)
class Axis:
    """A linear scale with its ticks and its title."""

    low: float
    high: float
    ticks: tuple[float, ...]
    title: Words
    shown: Shown

    @classmethod
    def over(cls, values: Sequence[float], title: Words, shown: Shown, *, about: int = 4) -> Axis:
        """Return an axis from 0, or below it where values are, to the round number above all."""
        known = [value for value in values if math.isfinite(value)]
        lowest, highest = min([0.0, *known]), max([0.0, *known])
        if lowest == highest:
            highest = 1.0
        step = round_step((highest - lowest) / about)
        ticks = _ticks(lowest, highest, step)
        # Few contacts, or little money, are shown as whole numbers: no two ticks read alike.
        while len(ticks) > _FEWEST and len({shown(tick) for tick in ticks}) < len(ticks):
            step = round_step(step * 1.5)
            ticks = _ticks(lowest, highest, step)
        return cls(ticks[0], ticks[-1], ticks, title, shown)

    def at(self, value: float) -> float:
        """Return where a value lies between the ends, from 0 to 1."""
        return (value - self.low) / (self.high - self.low)


def _ticks(lowest: float, highest: float, step: float) -> tuple[float, ...]:
    """Return the multiples of a step from at or below the lowest to at or above the highest."""
    first, last = math.floor(lowest / step + 1e-9), math.ceil(highest / step - 1e-9)
    return tuple(step * number for number in range(first, last + 1))


def round_step(step: float) -> float:
    """Return the next round number at or above ``step``: 25 or .25 among them, 2.5 not.

    Examples
    --------
    >>> round_step(0.013), round_step(230), round_step(2.2)
    (0.02, 250.0, 5.0)
    """
    power = 10.0 ** math.floor(math.log10(step))
    rounds = (part * power for part in _STEPS if part * power != _HALF)
    return next(each for each in rounds if each >= step * (1 - 1e-9))


def across(share: float) -> float:
    """Return the x of a share of the plot's width."""
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def up(share: float) -> float:
    """Return the y of a share of the plot's height."""
    return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)


def horizontal_grid(y: Axis) -> list[Content]:
    """Draw a line and a number at each tick of the vertical axis, and its title above."""
    return [
        (
            element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=up(y.at(tick)), y2=up(y.at(tick)),
                    class_="zero" if tick == 0 else "grid"),
            element("text", y.shown(tick), x=LEFT - 5, y=up(y.at(tick)) + 4, class_="end"),
        )
        for tick in y.ticks
    ]  # fmt: skip


def names_below(names: Sequence[tuple[float, Words]]) -> list[Content]:
    """Write names below the plot, each at its share of the width."""
    y = HEIGHT - BOTTOM + 15
    return [element("text", name, x=across(share), y=y, class_="middle") for share, name in names]


def titles(x: Words, y: Words) -> Content:
    """Name both axes."""
    middle = (TOP + HEIGHT - BOTTOM) / 2
    return (
        element("text", x, x=across(0.5), y=HEIGHT - 6, class_="middle title"),
        element(
            "text", y, x=11, y=middle, class_="middle title", transform=f"rotate(-90 11 {middle:g})"
        ),
    )


def picture(*shapes: Content, label: Words) -> Element:
    """Return an SVG image that says in words what it shows."""
    return element(
        "svg", *shapes, viewBox=f"0 0 {WIDTH:g} {HEIGHT:g}", role="img", aria_label=label
    )
