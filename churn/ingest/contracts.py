"""Whether a delivery keeps its contract: keys that repeat are set aside, then the rest is weighed.

Rules only split records; how many may be set aside is a setting.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import ibis
import ibis.expr.types as ir
import numpy as np

from churn.engines import Engine
from churn.errors import ExtractError
from churn.ingest.mapping import DELIVERY, FILE, LINE
from churn.ingest.planning import Planned
from churn.ingest.quarantine import Quarantine
from churn.ingest.readers import Rejects
from churn.ingest.registry import label_of
from churn.ingest.rules import by_code, rule
from churn.ingest.settings import TableMapping
from churn.ingest.staging import Staged
from churn.ingest.targets import listed_under
from churn.tables import TABLES, Table

NAMED_CODES = 5


@dataclass(frozen=True)
class Work:
    """A delivery on its way: what was planned, what was staged, what was set aside."""

    number: int
    planned: Planned
    staged: Staged
    quarantine: Quarantine

    @property
    def label(self) -> str:
        """Its name among files."""
        return label_of(self.planned.partition, self.planned.delivered_on.isoformat())


def unique(rows: ir.Table, table: Table, works: Sequence[Work], engine: Engine) -> ir.Table:
    """Set aside all but one row of each key of a delivery: the first by content, wherever it stood.

    Takes the staged rows of the deliveries and returns those that stay.
    """
    if not table.key:
        return rows
    key = [DELIVERY, *table.key]
    place = [FILE, LINE]
    rest = [name for name in rows.columns if name not in {*key, *place}]
    ranked = rows.mutate(
        _nth=ibis.row_number().over(ibis.window(group_by=key, order_by=[*rest, *place])),
        _other=ibis.dense_rank().over(ibis.window(group_by=key, order_by=rest))
        if rest
        else ibis.literal(0),
    )
    again = engine.to_arrow(
        ranked.filter(ranked["_nth"] > 0).select(DELIVERY, *place, "_other"),
        order_by=[DELIVERY, *place],
    )
    if again.num_rows == 0:
        return rows
    numbers, files, lines = (again[name].to_numpy() for name in (DELIVERY, FILE, LINE))
    words = np.array([rule(table, kind).code for kind in ("duplicate", "contradiction")], object)
    codes = words[(again["_other"].to_numpy() > 0).astype(int)]
    for work in works:
        for file in range(len(work.planned.feeds)):
            mine = (numbers == work.number) & (files == file)
            if mine.any():
                _set_aside(work, file, Rejects(lines[mine], codes[mine]))
    return ranked.filter(ranked["_nth"] == 0).drop("_nth", "_other")


def _set_aside(work: Work, number: int, rejects: Rejects) -> None:
    """Take rows of one file back that were accepted before their keys were compared."""
    work.quarantine.fetch(work.staged.extracts[number], rejects)
    files = work.staged.files
    at = [i for i, entry in enumerate(files) if entry.role == "rows"][number]
    files[at] = replace(
        files[at],
        accepted=files[at].accepted - len(rejects.numbers),
        quarantined=files[at].quarantined + len(rejects.numbers),
    )


def breach(work: Work, mapping: TableMapping, kept: Path) -> ExtractError | None:
    """Return the error of a delivery of which more is set aside than the settings allow.

    It names where the lines set aside are ``kept``.
    """
    judged = sum(file.delivered - file.not_selected for file in work.staged.files)
    excess = too_many(
        work.quarantine.counts,
        work.staged.unlisted,
        work.staged.shapes,
        judged,
        mapping,
    )
    if excess is None:
        return None
    planned = work.planned
    return ExtractError(
        f"extract breaks its contract: {excess}",
        where=f"{planned.table}, delivery {planned.partition or 'without period'} of"
        f" {planned.delivered_on}, {kept}",
        do=_remedy(planned.table, work.quarantine.counts),
    )


def _remedy(table: str, broken: Counter[str]) -> str:
    """Say what may be done: a column that nobody needs may also be left out."""
    known, columns = by_code(), TABLES[table]
    counted = [known[code] for code, _ in broken.most_common() if not known[code].harmless]
    unread = [rule.column for rule in counted if rule.kind in {"type", "vocabulary"}]
    spared = next((name for name in unread if not columns[name].required), None)
    do = f"correct the extract, or raise {listed_under(table)}.max_rejected"
    return f"{do}, or do without the column ({spared}: null)" if spared else do


def too_many(
    broken: Counter[str],
    unlisted: Counter[tuple[str, str]],
    shapes: Counter[tuple[str, str]],
    judged: int,
    mapping: TableMapping,
    *,
    of: str = "",
) -> str | None:
    """Word how many rows broke which rules; None where the limit allows so many.

    Parameters
    ----------
    broken
        Code of a rule: rows that broke it.
    unlisted
        Column and code that the settings do not list: rows.
    shapes
        Column and how a value is written that is not of its type.
    mapping
        Says how many may be set aside: by share of the judged rows, or by number.
    of
        Which rows were judged, such as "the first ".
    """
    known = by_code()
    counts = [(n, known[code]) for code, n in broken.most_common() if not known[code].harmless]
    harmful = sum(n for n, _ in counts)
    if harmful <= max(mapping.max_rejected * judged, mapping.max_rejected_rows):
        return None
    if len(counts) == 1:
        how = f" fail {counts[0][1]}"
    else:
        how = ": " + ", ".join(f"{n:,} fail {kept}" for n, kept in counts)
    codes = [f"{c}={v} ({n:,})" for (c, v), n in unlisted.most_common(NAMED_CODES)]
    named = f"; codes not listed: {', '.join(codes)}" if codes else ""
    named += _written(shapes)
    return f"{harmful:,} of {of}{judged:,} rows{how}{named}; {_limit(mapping)}"


def _limit(mapping: TableMapping) -> str:
    share = f"{mapping.max_rejected * 100:g} %"
    rows = f" or {mapping.max_rejected_rows:,} rows" if mapping.max_rejected_rows else ""
    return f"the limit is {share}{rows}"


def _written(shapes: Counter[tuple[str, str]]) -> str:
    """Show how values are written that could not be read, the most frequent way of each column."""
    most: dict[str, str] = {}
    for (column, shape), _ in shapes.most_common():
        most.setdefault(column, shape)
    some = list(most.items())[:NAMED_CODES]
    ways = ", ".join(f"{column} as in {shape!r}" for column, shape in some)
    return f"; written {ways} (9 for a digit, a for a letter)" if ways else ""
