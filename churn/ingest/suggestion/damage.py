"""How much of a delivery may be set aside, by what of it is damaged in the rows looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from churn.ingest.mapping import read_column
from churn.ingest.suggestion.filling import Filled
from churn.ingest.suggestion.profiles import PLAIN_NULLS
from churn.ingest.suggestion.vocabulary import TOTALS
from churn.language import Text

BEARABLE = 0.0005  # share of damaged rows that the default limit leaves room for
LIMITS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1)
ROOM = 1.5  # times what was seen
SINGLE = 20  # damaged rows of a delivery up to which a number of rows is the limit


class Limit(NamedTuple):
    """What of a delivery may be set aside, where that is more than usual: a share, or rows."""

    share: float | None = None
    rows: int | None = None
    evidence: tuple[Text, ...] = ()


def limit_of(every: Sequence[Filled]) -> Limit:
    """Return how much may be set aside, where more is damaged than is usual."""
    counted = [counts for filled in every for counts in _damaged(filled) if counts[1]]
    bad, rows = max(counted, key=lambda counts: counts[0] / counts[1], default=(0, 1))
    if bad / rows <= BEARABLE:
        return Limit()
    told = Text(
        f"{bad:,} of {rows:,} rows of one delivery cannot be read: see `churn quarantine`",
        f"其中一次交付的{rows:,}行中有{bad:,}行无法读取：参见 churn quarantine",
    )
    share = next((each for each in LIMITS if each >= ROOM * bad / rows), None)
    most = max(bad for bad, _ in counted)
    rows_ = 2 * most if most <= SINGLE else None
    return Limit(share, rows_, (told,)) if share or rows_ else Limit()


def totals_of(filled: Filled) -> tuple[str, ...]:
    """Return the words that stand in place of an id below the rows, such as Total."""
    pick = filled.picks.get("subscriber_id")
    if pick is None:
        return ()
    totals = TOTALS.split("|")
    return tuple(sorted(v for v in pick.profile.values if v.strip(" :：").lower() in totals))


def _damaged(filled: Filled) -> Iterator[tuple[int, int]]:
    """Yield, per delivery, how many rows break a rule of their columns, and of how many."""
    rows, batch = filled.look.rows, filled.look.batch
    bad = np.zeros(len(rows), dtype=np.bool_)
    for name, pick in filled.picks.items():
        column = filled.table[name]
        texts = rows.column(pick.profile.position).combine_chunks()
        absent = pa.array([*PLAIN_NULLS, *pick.profile.missing], pa.string())
        texts = pc.if_else(pc.is_in(texts, absent), pa.scalar(None, pa.string()), texts)
        _, wrong = read_column(
            texts, filled.table, column, pick.reading.mapping(pick.profile.header)
        )
        bad |= wrong
        if column.required:
            bad |= pc.is_null(texts).to_numpy(zero_copy_only=False)
    key = filled.picks.get("subscriber_id")
    if key is not None:
        ids = rows.column(key.profile.position).combine_chunks()
        bad &= ~pc.is_in(ids, pa.array(totals_of(filled), pa.string())).to_numpy(
            zero_copy_only=False
        )
    deliveries: dict[tuple[str, ...], list[int]] = {}
    for number, tokens in enumerate(batch.tokens):
        deliveries.setdefault(tuple(tokens[at].text for at in batch.dated), []).append(number)
    numbers = rows.column("file").to_numpy()
    for files in deliveries.values():
        mine = np.isin(numbers, files)
        lost = sum(filled.look.damaged.get(number, 0) for number in files)
        yield int(bad[mine].sum()) + lost, int(mine.sum()) + lost
