"""The parts of a query that several others read, and which of them are worth computing once."""

from __future__ import annotations

from collections import Counter

import sqlglot.expressions as sge

_WORTH_KEEPING = (
    sge.AggFunc,
    sge.Distinct,
    sge.Group,
    sge.Join,
    sge.SetOperation,
    sge.Unnest,
    sge.Window,
)


def worth_keeping(part: sge.CTE) -> bool:
    """Tell whether something is computed in a part: of one that only filters a file, that is it."""
    return part.this.find(*_WORTH_KEEPING) is not None


def read_again(query: sge.Query) -> set[str]:
    """Return the names of the parts worth keeping that would be computed more than once.

    A part is computed once for each place that reads it, and once more for each time that such a
    place is computed itself, unless that is kept.
    """
    names = {part.alias for part in query.ctes}
    times: Counter[str] = Counter()
    kept: set[str] = set()
    times.update(_reads(without_parts(query), names))
    for part in reversed(query.ctes):
        name = part.alias
        if times[name] > 1 and worth_keeping(part):
            kept.add(name)
        for read, count in _reads(part.this, names).items():
            times[read] += count * (1 if name in kept else times[name])
    return kept


def without_parts(query: sge.Query) -> sge.Query:
    """Return what the query does with its parts, the parts themselves left out."""
    body = query.copy()
    parts = body.find(sge.With)
    if parts is not None and parts.parent is body:
        parts.pop()
    return body


def _reads(query: sge.Expression, names: set[str]) -> Counter[str]:
    return Counter(table.name for table in query.find_all(sge.Table) if table.name in names)
