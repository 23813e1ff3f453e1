"""LEAK308: a count that runs to the exit or the extraction, not to the snapshot.

Months billed, charges in total, an age at the end: beside the time in service they tell who left
and when, although alone they look like tenure.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from churn.audit.column import TELLS_ALL, AuditedColumn
from churn.audit.event_date import FOLLOWS
from churn.audit.finding import Code, Finding
from churn.audit.measures import Floats
from churn.draws import generator
from churn.language import Text
from churn.late import Late

stats = Late("scipy.stats")

CODE = Code(
    "LEAK308",
    Text(
        "counts the time in service up to the exit or the extraction, not up to the snapshot",
        "在网时长计至离网日或提取日，而非观察日",
    ),
    Text(
        "leave the column out, or have it delivered as it stood at each date",
        "弃用该列，或按各时点的当时取值交付",
    ),
)
RUNS_WITH = 0.9
_DRAWS = 20_000
_ROWS = 4_000
_SEED = 8


def find(column: AuditedColumn, tenure: Floats | None) -> Finding | None:
    """Take the time in service at the snapshot away, and look at what is left."""
    rest = beyond_tenure(column, tenure)
    if rest is None:
        return None
    evidence = evidence_of(rest)
    return None if evidence is None else CODE.found(column.name, **evidence)


def beyond_tenure(column: AuditedColumn, tenure: Floats | None) -> AuditedColumn | None:
    """Return what a number that runs with tenure says beyond it; None for any other column."""
    if column.numbers is None or tenure is None:
        return None
    both = column.filled & np.isfinite(tenure)
    if both.sum() < RUNS_WITH * len(both):
        return None
    numbers, service = column.numbers[both], tenure[both]
    if not runs_with(numbers, service):
        return None
    rest = np.full(len(both), np.nan)
    rest[both] = numbers - slope(numbers, service) * service
    return AuditedColumn(column.name, pd.Series(rest), column.rows)


def runs_with(numbers: Floats, service: Floats) -> bool:
    """Tell whether numbers are ordered much as the time in service is, on rows drawn from all."""
    draw = generator(_SEED).integers(0, len(numbers), _ROWS)
    ranks = [stats.rankdata(values[draw]) - (_ROWS + 1) / 2 for values in (numbers, service)]
    length = float(np.sqrt((ranks[0] @ ranks[0]) * (ranks[1] @ ranks[1])))
    return length > 0 and abs(float(ranks[0] @ ranks[1])) >= RUNS_WITH * length


def slope(numbers: Floats, service: Floats) -> float:
    """Return the typical change per day in service: the median over drawn pairs of rows.

    Leavers and whoever has a fee of another kind do not bend it, as they would bend a mean.
    """
    draw = generator(_SEED)
    first, second = draw.integers(0, len(numbers), (2, _DRAWS))
    apart = service[first] - service[second]
    steps = (numbers[first] - numbers[second])[apart != 0] / apart[apart != 0]
    return float(np.median(steps)) if len(steps) else 0.0


def evidence_of(column: AuditedColumn) -> dict[str, float] | None:
    """Return the figures of a number that tells who left, or when; None where it does not."""
    best, dated = column.strongest, column.dated
    if best is not None and best.lower >= TELLS_ALL:
        return best.evidence
    return dated.evidence if dated.lower >= FOLLOWS else None
