"""From where to where the values of a column reach, as Parquet files tell of themselves."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

Reach = tuple[Any, Any] | tuple[()]


class Reaches:
    """Least and greatest values by file and column, looked up once.

    A file of tables is never written anew under its name.
    """

    def __init__(self) -> None:
        self._told: dict[tuple[Path, str], Reach | None] = {}

    def apart(self, groups: Sequence[Sequence[Path]], column: str) -> bool:
        """Tell whether no value of a column stands in files of two of the groups.

        False where a file does not tell.
        """
        spans = []
        for paths in groups:
            reaches = [self._of(path, column) for path in paths]
            if None in reaches:
                return False
            values = [value for reach in reaches if reach for value in reach]
            if values:
                spans.append((min(values), max(values)))
        return all(one[1] < next_[0] for one, next_ in itertools.pairwise(sorted(spans)))

    def _of(self, path: Path, column: str) -> Reach | None:
        if (path, column) not in self._told:
            self._told[path, column] = _reach(path, column)
        return self._told[path, column]


def _reach(path: Path, column: str) -> Reach | None:
    """Return least and greatest value; nothing of a file without rows.

    None where the file does not tell them, or not of every row.
    """
    with pq.ParquetFile(path) as file:
        place = file.schema_arrow.get_field_index(column)
        groups = [file.metadata.row_group(number) for number in range(file.num_row_groups)]
        told = [group.column(place).statistics for group in groups if group.num_rows]
    if not all(each and each.has_min_max and each.null_count == 0 for each in told):
        return None
    return (min(each.min for each in told), max(each.max for each in told)) if told else ()
