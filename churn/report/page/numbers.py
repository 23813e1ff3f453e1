"""Numbers as a reader takes them in; what is not known is a dash."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

from churn.evaluation.intervals import Interval
from churn.report.words import NOTHING

Shown: TypeAlias = Callable[[float], str]

_SPACE = "\N{NO-BREAK SPACE}"
_MINUS = "\N{MINUS SIGN}"
_HUNDREDTH = 0.01
_DECIMALS = ((100, 0), (10, 1), (1, 2), (0.1, 3))


def count(value: float) -> str:
    """Write a whole number.

    Examples
    --------
    >>> count(1234567)
    '1,234,567'
    """
    return _signed(f"{value:,.0f}") if math.isfinite(value) else NOTHING


def money(value: float) -> str:
    """Write an amount to the cent."""
    return _signed(f"{value:,.2f}") if math.isfinite(value) else NOTHING


def percent(value: float) -> str:
    """Write a share as a percentage, small ones with more decimals.

    Examples
    --------
    >>> percent(0.4711).replace(chr(160), " "), percent(0.0042).replace(chr(160), " ")
    ('47.1 %', '0.42 %')
    """
    if not math.isfinite(value):
        return NOTHING
    decimals = 1 if abs(value) >= _HUNDREDTH else 2
    if value == 0 or math.isclose(value, 1):
        decimals = 0
    return _signed(f"{value * 100:.{decimals}f}{_SPACE}%")


def tick_percent(value: float) -> str:
    """Write a round share at an axis: no decimal that is not needed."""
    return _signed(f"{round(value * 100, 6):g}{_SPACE}%")


def tick(value: float) -> str:
    """Write a round number at an axis."""
    return _signed(f"{round(value, 9):,.10g}")


def figure(value: float) -> str:
    """Write a metric with about three figures.

    Examples
    --------
    >>> figure(0.74473), figure(0.014435), figure(23.6504), figure(1)
    ('0.745', '0.0144', '23.7', '1')
    """
    if not math.isfinite(value):
        return NOTHING
    if value in {0, 1}:
        return f"{value:.0f}"
    decimals = next((places for least, places in _DECIMALS if abs(value) >= least), 4)
    return _signed(f"{value:,.{decimals}f}")


def points(value: float) -> str:
    """Write a difference of two shares in percentage points, without the unit."""
    return _signed(f"{value * 100:.2f}") if math.isfinite(value) else NOTHING


def bounds(interval: Interval, shown: Shown) -> str:
    """Write the ends of an interval."""
    return f"[{shown(interval.lower)}, {shown(interval.upper)}]"


def with_bounds(interval: Interval, shown: Shown) -> str:
    """Write a value and the ends of its interval."""
    return f"{shown(interval.value)} {bounds(interval, shown)}"


def _signed(written: str) -> str:
    if not any(digit in "123456789" for digit in written):
        return written.removeprefix("-")
    return written.replace("-", _MINUS)
