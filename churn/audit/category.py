"""LEAK306: values that almost only churners have."""

from __future__ import annotations

import numpy as np

from churn.audit.column import PURE, AuditedColumn, is_pure
from churn.audit.finding import Code, Finding
from churn.audit.measures import MISSING
from churn.errors import tellable
from churn.language import Text

CODE = Code(
    "LEAK306",
    Text("has values that almost only churners have", "有几乎只出现在流失用户上的取值"),
    Text(
        "find out when these values are written; map them away, or leave the column out",
        "查明这些取值何时写入；在映射中并入其他取值，或弃用该列",
    ),
)
SHOWN = 3  # values that a finding names


def find(column: AuditedColumn) -> Finding | None:
    """Count churners among the rows of values that look pure on other customers."""
    for target, churned in column.rows.targets.items():
        pure = column.purity(target)
        if is_pure(pure, float(churned.mean())):
            named = _values(column, target)
            words = Text(f": {', '.join(named)}", f"：{'、'.join(named)}") if named else ""
            return CODE._replace(title=CODE.title + words).found(column.name, **pure.evidence)
    return None


def _values(column: AuditedColumn, target: str) -> list[str]:
    """Name the values meant, those of most rows first, each with its rows.

    A value that may be somebody's number or name is only counted.
    """
    bins, churned = column.bins, column.rows.targets[target]
    rows = np.bincount(bins)
    events = np.bincount(bins[churned], minlength=len(rows))
    pure = np.flatnonzero((events > 1) & (events >= PURE * rows))
    ordered = sorted(pure.tolist(), key=lambda place: (-rows[place], place))
    named = [f"{_value(column, place)} ({rows[place]:,})" for place in ordered[:SHOWN]]
    rest = len(ordered) - SHOWN
    return [*named, f"… {rest:,}"] if rest > 0 else named


def _value(column: AuditedColumn, place: int) -> str:
    """Return what a bin holds: a word, a number, the ends of a range, nothing."""
    here = np.flatnonzero(column.bins == place)
    if place == MISSING:
        return "NA"
    if column.numbers is None:
        word = str(column.values.iloc[here[0]])
        return word if tellable(word) else "…"
    numbers = column.numbers[here]
    least, greatest = numbers.min(), numbers.max()
    return f"{least:g}" if least == greatest else f"{least:g} – {greatest:g}"
