"""LEAK309 and LEAK310: two columns that leak only as a ratio or as a difference.

All pairs are looked at on a drawn sample of rows, whose size shrinks as pairs grow, by ranks alone;
only what looks like a leak there is judged on all rows. So the work is bounded, and a pair is
accused on the same evidence as a column.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from churn.audit.clock import RUNS_WITH, beyond_tenure, evidence_of, slope
from churn.audit.column import AuditedColumn
from churn.audit.finding import Code, Finding
from churn.audit.measures import Floats
from churn.audit.rows import AuditRows
from churn.draws import generator
from churn.evaluation.area import area_by_rank
from churn.language import Text
from churn.late import Late

stats = Late("scipy.stats")

RATIO = Code(
    "LEAK309",
    Text("their ratio tells who leaves, or when", "两列之比透露离网与否或日期"),
    Text(
        "leave one of the two out, or have both delivered as they stood at each date",
        "弃用其中一列，或按各时点的当时取值交付",
    ),
)
DIFFERENCE = Code(
    "LEAK310",
    Text("their difference tells who leaves, or when", "两列之差透露离网与否或日期"),
    RATIO.remedy,
)

MOST_COLUMNS = 200
MOST_VALUES = 25_000_000
SIDE = 1_000
JUDGED = 40
LOOKS_LIKE = 0.9
LOOKS_DATED = 0.7
FEW_VALUES = 5
DEFINED = 0.5
_SEED = 9


class Pair(NamedTuple):
    """A ratio ``first / second`` or a difference ``first - scale * second``."""

    sign: str
    first: str
    second: str
    scale: float

    @property
    def subject(self) -> str:
        """What it is called."""
        return f"{self.first} {self.sign} {self.second}"

    def of(self, columns: Mapping[str, Floats]) -> Floats:
        """Compute it of both columns, each of shape (n,): as long, NaN where it is not defined."""
        first, second = columns[self.first], columns[self.second]
        if self.sign == "-":
            return np.asarray(first - self.scale * second)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = first / second
        return np.where(np.isfinite(ratio), ratio, np.nan)


@dataclass(frozen=True)
class _Sample:
    """Drawn rows of the columns, missing values at the median, and what is to be told by them."""

    table: pd.DataFrame
    targets: tuple[np.ndarray, ...]
    dated: np.ndarray
    days: Floats
    tenure: Floats | None


def find(rows: AuditRows, names: Sequence[str], tenure: Floats | None) -> list[Finding]:
    """Look for pairs among columns none of which leaks alone.

    Parameters
    ----------
    names
        The columns that may be paired.
    tenure
        The time in service at the snapshot, where it is known.
    """
    chosen = _worth_pairing(rows.features, names)
    if len(chosen) < 2 or not rows.targets:  # noqa: PLR2004 - a pair
        return []
    sample = _drawn(rows, chosen, tenure)
    suspects = sorted(_suspects(sample), key=lambda suspect: -suspect[0])
    found: list[tuple[float, Finding, Pair]] = []
    for _, pair, beyond in suspects[:JUDGED]:
        finding = _judge(pair, rows, tenure if beyond else None)
        if finding is not None:
            found.append((finding.evidence.get("auc_lower", 0.0), finding, pair))
    taken: set[str] = set()
    kept = []
    for _, finding, pair in sorted(found, key=lambda row: (-row[0], row[1].subject)):
        if not taken & {pair.first, pair.second}:
            taken |= {pair.first, pair.second}
            kept.append(finding)
    return kept


def _worth_pairing(features: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Keep numbers with several values; where they are many, those with the most."""
    counts = {
        name: features[name].nunique()
        for name in names
        if pd.api.types.is_numeric_dtype(features[name])
        and not pd.api.types.is_bool_dtype(features[name])
    }
    several = [name for name, count in counts.items() if count >= FEW_VALUES]
    most = sorted(several, key=lambda name: (-counts[name], name))[:MOST_COLUMNS]
    return [name for name in names if name in set(most)]


def _drawn(rows: AuditRows, chosen: Sequence[str], tenure: Floats | None) -> _Sample:
    """Draw rows of every target and of the others, in an order that has nothing to do with them."""
    draw = generator(_SEED)
    pairs = len(chosen) * (len(chosen) - 1)
    side = int(np.clip(MOST_VALUES / pairs / (len(rows.targets) + 2), 100, SIDE))
    any_left = np.any(list(rows.targets.values()), axis=0)
    groups = [*rows.targets.values(), ~any_left]
    groups += [rows.oldest[name] & ~any_left for name in rows.targets][:1]
    picked = np.concatenate([_some(draw, group, side) for group in groups])
    picked = draw.permutation(np.unique(picked))
    values = rows.features.iloc[picked][list(chosen)].astype(np.float64).reset_index(drop=True)
    dated = rows.leavers[picked]
    return _Sample(
        table=values,
        targets=tuple(hit[picked] for hit in rows.targets.values()),
        dated=dated,
        days=stats.rankdata(rows.days_left[picked][dated]),
        tenure=None if tenure is None else tenure[picked],
    )


def _some(draw: np.random.Generator, group: np.ndarray, most: int) -> np.ndarray:
    where = np.flatnonzero(group)
    return where if len(where) <= most else draw.choice(where, most, replace=False)


def _pairs(sample: _Sample) -> Iterator[Pair]:
    """Give every pair once as a ratio and once as a difference.

    The order of a ratio and that of its inverse are the same where signs are; the column that is 0
    less often divides. Where two columns run together, the difference is taken in one unit.
    """
    values = sample.table
    zeros = {name: int((values[name] == 0).sum()) for name in values}
    ranks = pd.DataFrame({name: stats.rankdata(values[name]) for name in values})
    together = ranks.corr().to_numpy()
    names = list(values)
    for (i, one), (j, other) in combinations(enumerate(names), 2):
        first, second = (one, other) if zeros[other] <= zeros[one] else (other, one)
        yield Pair("/", first, second, 1.0)
        scale = 1.0
        if abs(together[i, j]) >= RUNS_WITH:
            both = values[[one, other]].dropna()
            scale = slope(both[one].to_numpy(), both[other].to_numpy())
        yield Pair("-", one, other, scale)


def _suspects(sample: _Sample) -> Iterator[tuple[float, Pair, bool]]:
    """Rank the rows by every pair; name those that look like a leak, or run with tenure."""
    counts = [(int(hit.sum()), int((~hit).sum())) for hit in sample.targets]
    service = None if sample.tenure is None else _centred(_ranks(sample.tenure))
    days = _centred(sample.days) if len(sample.days) else None
    columns = {str(name): values.to_numpy() for name, values in sample.table.items()}
    alone = {
        name: _strength(sample, values, _ranks(values), counts, days)
        for name, values in columns.items()
    }
    for pair in _pairs(sample):
        told_by = pair.of(columns)
        if np.isfinite(told_by).mean() < DEFINED:
            continue
        ranks = _ranks(told_by)
        strength = _strength(sample, told_by, ranks, counts, days)
        if strength > 1 and strength > max(alone[pair.first], alone[pair.second]):
            yield strength, pair, False
        elif service is not None and pair.sign == "/":
            together = float(_centred(ranks) @ service)
            if abs(together) >= RUNS_WITH:
                # per day in service it is even only one way up
                upright = pair if together > 0 else Pair("/", pair.second, pair.first, 1.0)
                yield abs(together), upright, True


def _strength(
    sample: _Sample,
    values: Floats,
    ranks: Floats,
    counts: list[tuple[int, int]],
    days: Floats | None,
) -> float:
    """Return how far values, and their ranks, reach towards what looks like a leak; 1 is there."""
    best = 0.0
    for hit, (churners, others) in zip(sample.targets, counts, strict=True):
        if churners and others:
            area = area_by_rank(ranks[hit], others)
            best = max(best, (max(area, 1 - area) - 0.5) / (LOOKS_LIKE - 0.5))
    if days is not None:
        best = max(best, abs(float(_centred(_ranks(values[sample.dated])) @ days)) / LOOKS_DATED)
    return best


def _ranks(values: Floats) -> Floats:
    """Rank in one sort; ties fall as the drawn order has them, which no outcome knows."""
    finite = np.isfinite(values)
    if not finite.all():
        values = np.where(finite, values, np.nanmedian(values))
    ranks = np.empty(len(values))
    ranks[np.argsort(values, kind="stable")] = np.arange(1, len(values) + 1)
    return ranks


def _centred(ranks: Floats) -> Floats:
    """Scale so that a product of two is their correlation."""
    centred: Floats = ranks - ranks.mean()
    length = float(np.sqrt(centred @ centred))
    return np.asarray(centred / length) if length else centred


def _judge(pair: Pair, rows: AuditRows, tenure: Floats | None) -> Finding | None:
    """Judge a pair on all rows; one that runs with tenure by what it says beyond it."""
    both = {
        name: rows.features[name].to_numpy(dtype=np.float64, na_value=np.nan)
        for name in (pair.first, pair.second)
    }
    column: AuditedColumn | None = AuditedColumn(pair.subject, pd.Series(pair.of(both)), rows)
    if tenure is not None and column is not None:
        column = beyond_tenure(column, tenure)
    evidence = None if column is None else evidence_of(column)
    if evidence is None:
        return None
    parts = [
        AuditedColumn(name, rows.features[name], rows).strongest
        for name in (pair.first, pair.second)
    ]
    alone = max(part.auc for part in parts if part is not None)
    code = RATIO if pair.sign == "/" else DIFFERENCE
    return code.named(pair.subject, (pair.first, pair.second), {"alone": alone, **evidence})
