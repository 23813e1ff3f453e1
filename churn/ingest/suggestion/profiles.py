"""What the columns of a batch hold, by a sample of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from churn.ingest.spelling import said_missing

PLAIN_NULLS = ("", "NULL")
DOUBLED = 0.005  # share of rows that may be delivered twice where each value stands once
#: Days that mean "for ever", "not yet" or "never", whatever the order of their pieces. Without
#: signs between them only the years and times that people take: any number of twelve digits would
#: else be some far day.
NO_DAYS = (
    r"^(?:(?:2099|2[1-9]\d{2}|[3-9]\d{3})[-/.年]12[-/.月]31日?"
    r"|(?:31[-/.]12|12[-/.]31)[-/.](?:2099|2[1-9]\d{2}|[3-9]\d{3})"
    r"|0000[-/.]00[-/.]00|00[-/.]00[-/.]0000"
    r"|(?:1900|0001)[-/.]01[-/.]01|01[-/.]01[-/.](?:1900|0001))"
    r"(?:[ T]\d{1,2}(?::\d{2}){1,2}(?:\.0+)?)?$"
    r"|^(?:(?:20|2[1-9]|[3-9]9)991231|30001231|00000000|(?:1900|0001)0101)"
    r"(?: ?(?:00:?00|23:?59)(?::?(?:00|59))?)?$"
)


@dataclass(frozen=True)
class Profile:
    """The values of one column.

    Attributes
    ----------
    rows
        How many rows were looked at.
    distinct, counts
        Its values, without those that say that there is none, the most frequent first; and how
        many rows hold each. Shape of both: (values,).
    missing
        Words that say that there is no value, as they are written.
    again
        Share of its rows whose value stands in an earlier row of the same file.
    names
        What a code list calls its values, where one came along.
    prefix
        What stands before each of its values in the files, where the books have them without it.
    """

    header: str
    position: int
    rows: int
    distinct: pa.Array
    counts: npt.NDArray[np.int64]
    missing: tuple[str, ...]
    again: float
    names: Mapping[str, str] = field(default_factory=dict)
    prefix: str = ""

    @property
    def unique(self) -> bool:
        """Whether hardly any value stands twice in one file: single rows are delivered twice."""
        return bool(self.present) and self.again <= DOUBLED

    @property
    def present(self) -> int:
        """How many rows have a value."""
        return int(self.counts.sum())

    @cached_property
    def values(self) -> tuple[str, ...]:
        """The distinct values as Python has them."""
        return tuple(self.distinct.to_pylist())

    def named(self, value: str) -> str:
        """Return what a value is called: by a code list, else by itself."""
        return self.names.get(value, value)

    def counted(self) -> Mapping[str, int]:
        """Return how many rows hold each value."""
        return dict(zip(self.values, self.counts.tolist(), strict=True))


def profile_of(header: str, position: int, rows: pa.Table) -> Profile:
    """Return the profile of one column of a sample, with the number of each row's file."""
    texts = rows.column(position)
    counted = pc.value_counts(texts.combine_chunks().drop_null())
    values, counts = counted.field("values"), counted.field("counts").to_numpy()
    no_value = pc.or_(
        pc.is_in(values, pa.array(PLAIN_NULLS)), pc.match_substring_regex(values, NO_DAYS)
    )
    absent = said_missing(values) | np.asarray(
        no_value.to_numpy(zero_copy_only=False), dtype=np.bool_
    )
    missing = tuple(sorted({*values.filter(pa.array(absent)).to_pylist()} - {*PLAIN_NULLS}))
    order = np.argsort(-counts[~absent], kind="stable")
    distinct = values.filter(pa.array(~absent)).take(pa.array(order))
    return Profile(
        header,
        position,
        len(texts),
        distinct,
        counts[~absent][order].astype(np.int64),
        missing,
        _again(texts, rows.column("file"), int(counts[~absent].max(initial=0))),
    )


def _again(texts: pa.ChunkedArray, files: pa.ChunkedArray, most: int) -> float:
    if most <= 1:
        return 0.0
    pairs = pa.table({"text": texts, "file": files}).filter(pc.is_valid(texts))
    once = int(pairs.group_by(["text", "file"]).aggregate([]).num_rows)
    return 1.0 - once / max(1, int(pairs.num_rows))
