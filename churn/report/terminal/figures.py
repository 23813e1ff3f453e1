"""Figures with their intervals, as a terminal shows them."""

from __future__ import annotations

from churn.evaluation.intervals import Interval


def with_interval(figure: Interval, form: str) -> str:
    """Write a figure and its interval, all in one form.

    Examples
    --------
    >>> with_interval(Interval(value=0.5, lower=0.25, upper=0.75), ".0%")
    '50% [25%, 75%]'
    """
    return f"{figure.value:{form}} [{figure.lower:{form}}, {figure.upper:{form}}]"
