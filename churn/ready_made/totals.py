"""Totals over columns that measure one thing in parts: minutes by day, evening and night.

What somebody spends or uses in all tells more than any part of it, and trees, which look at one
column at a time, are poor at adding up. Columns belong together where their headers differ in a
number (``BILL_AMT1`` to ``BILL_AMT6``), or have none and differ in one word other than the last,
which says what is measured (``day charge`` and ``night charge``).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import count

import pandas as pd

from churn.frozen import Frozen
from churn.ready_made.recognition import OwnReason, Reading

MOST = 32
"""Totals at most, those over most columns first."""
LISTED = 4
"""Columns that a reason names one by one."""
_ALREADY = frozenset({"total", "all", "sum", "overall", "average", "avg", "mean", "max", "min"})
_SHARES = frozenset({"rate", "ratio", "share", "percent", "pct"})


class Total(OwnReason, Frozen):
    """The sum of what columns hold; what is missing in some adds nothing.

    Attributes
    ----------
    name
        The feature it becomes.
    columns, parts
        The headers that are summed, and the features these became.
    """

    name: str
    columns: tuple[str, ...]
    parts: tuple[str, ...]
    unit: str = ""

    @property
    def en(self) -> str:
        """The words an analyst reads."""
        if len(self.columns) > LISTED:
            return f"{self.columns[0]} to {self.columns[-1]} in all"
        return f"{', '.join(self.columns[:-1])} and {self.columns[-1]} in all"

    @property
    def zh(self) -> str:
        """The words an analyst reads."""
        if len(self.columns) > LISTED:
            return f"{self.columns[0]}至{self.columns[-1]}合计"
        return f"{'、'.join(self.columns)}合计"

    def of(self, features: Mapping[str, pd.Series]) -> pd.Series:
        """Sum up: shape (n,); missing where every part is."""
        parts = pd.DataFrame({name: features[name] for name in self.parts})
        return parts.sum(axis=1, min_count=1)


def totals_of(columns: Sequence[Reading], taken: Collection[str]) -> tuple[Total, ...]:
    """Find what can be summed.

    Parameters
    ----------
    taken
        Names that features have already.
    """
    alike: defaultdict[tuple[str, ...], list[Reading]] = defaultdict(list)
    for column in columns:
        if column.kind != "number" or column.unit == "share":
            continue
        words = _words(column.column)
        if not _SHARES.isdisjoint(words):
            continue
        numbers = [at for at, word in enumerate(words) if word.isdigit()]
        parts = [at for at, word in enumerate(words[:-1]) if word not in _ALREADY]
        for at in numbers or parts:
            place = "#" if numbers else "*"
            alike[(column.unit, *words[:at], place, *words[at + 1 :])].append(column)
    several = sorted((group for group in alike.values() if len(group) > 1), key=len, reverse=True)
    names = set(taken)
    totals = []
    for group in several[:MOST]:
        name = next(name for at in count(1) if (name := f"total {at}") not in names)
        names.add(name)
        totals.append(
            Total(
                name=name,
                columns=tuple(part.column for part in group),
                parts=tuple(part.name for part in group),
                unit=group[0].unit,
            )
        )
    return tuple(totals)


def _words(header: str) -> list[str]:
    """Take a header apart: ``BILL_AMT1`` is bill, amt, 1; ``dayCalls`` is day, call."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", " ", header)
    words = re.findall(r"[A-Za-z]+|\d+", spaced)
    return [re.sub(r"(?<=[a-z]{2})s$", "", word.lower()) for word in words]
