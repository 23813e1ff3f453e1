"""How a ready-made table became features, kept so that the next one is read in the same way."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from churn.errors import ExtractError
from churn.frozen import Frozen
from churn.ingest.columns import nearest
from churn.ingest.spelling import plain
from churn.language import Language
from churn.ready_made.recognition import TELLING, Reading, SetAside, usual_of
from churn.ready_made.totals import Total

SCALE = 8  # times by which another unit moves the middle of a column at least


class TableRecipe(Frozen):
    """How a table became features, and how the next one will.

    Attributes
    ----------
    positive
        The values of the target that count, as text in lower case.
    base_rate
        The population's share, where the training table was resampled.
    sampled_rate
        The table's own share.
    totals
        Sums of like columns, which are features as well.
    """

    version: int = 1
    target: str
    positive: tuple[str, ...]
    id: str | None
    group: str | None
    time: str | None = None
    gap: int = 0
    base_rate: float | None
    sampled_rate: float
    seed: int
    columns: tuple[Reading, ...]
    set_aside: tuple[SetAside, ...]
    totals: tuple[Total, ...] = ()

    @property
    def specs(self) -> tuple[Reading | Total, ...]:
        """All features, in their order."""
        return (*self.columns, *self.totals)

    @property
    def language(self) -> Language:
        """Chinese where the headers are."""
        han = any(
            "\u4e00" <= sign <= "\u9fff" for reading in self.columns for sign in reading.column
        )
        return "zh" if han else "en"

    def features(self, table: pa.Table) -> tuple[pd.DataFrame, dict[str, int]]:
        """Read a table's features as training read them.

        Returns
        -------
        tuple
            One column per feature in the table's row order; per header how many values were
            read as missing, or as rare words, because they do not fit what training found there.

        Raises
        ------
        ExtractError
            If columns are absent, hardly a value of one fits, or one has no value any more.
        """
        absent = [
            reading.column for reading in self.columns if reading.column not in table.column_names
        ]
        if absent:
            raise ExtractError(
                f"{len(absent)} columns of the training table are absent: {', '.join(absent)}",
                where="the new table, header",
                do=f"deliver them under their names{nearest(absent[0], table.column_names)}",
            )
        features, unread = {}, {}
        for reading in self.columns:
            values = plain(table[reading.column])
            if values is None:
                raise _foreign(reading, table.num_rows)
            features[reading.name], misfits = reading.read(values)
            if misfits:
                unread[reading.column] = misfits
            present = len(values) - values.null_count
            judged = reading.kind != "text" or present >= TELLING
            if misfits > present / 2 and judged:
                raise _foreign(reading, misfits)
            if not present and reading.filled * len(values) >= TELLING:
                raise _blank(reading, len(values))
            if reading.usual is not None:
                _require_scale(reading, usual_of(features[reading.name]))
        summed = {total.name: total.of(features) for total in self.totals}
        return pd.DataFrame(features | summed), unread

    def ids(self, table: pa.Table) -> pa.Array:
        """Return each row's id as it stands in the file; its number, from 1, where none is named.

        Raises
        ------
        ExtractError
            If the column is absent.
        """
        if self.id is None:
            return pa.array(np.arange(1, table.num_rows + 1))
        if self.id not in table.column_names:
            raise ExtractError(
                f"the column of ids, {self.id}, is absent{nearest(self.id, table.column_names)}",
                where="the new table, header",
                do="deliver it under its name",
            )
        return pa.concat_arrays(table[self.id].chunks)


def _foreign(reading: Reading, misfits: int) -> ExtractError:
    what = f"column {reading.column} was a {reading.kind} in training; {misfits:,} values are not"
    if reading.kind == "text" and reading.levels:
        what = f"training never saw {misfits:,} values of column {reading.column}"
    return ExtractError(
        what, where="the new table", do="write it as in the training table, or fit again"
    )


def _blank(reading: Reading, rows: int) -> ExtractError:
    return ExtractError(
        f"column {reading.column} has no value in {rows:,} rows; in training"
        f" {reading.filled:.0%} of rows had one",
        where="the new table",
        do="deliver its values, or fit again without it (--leave-out)",
    )


def _require_scale(reading: Reading, now: tuple[float, float, float] | None) -> None:
    """Refuse numbers of another size altogether: cents for yuan, seconds for minutes.

    A choice of customers shifts a column; only a unit moves nearly all of it by ten times.
    """
    if reading.usual is None or now is None:
        return
    least, middle, greatest = reading.usual
    larger = now[0] > greatest and now[1] > SCALE * middle
    if larger or (now[2] < least and now[1] * SCALE < middle):
        raise ExtractError(
            f"column {reading.column} is about {now[1]:.4g} here and was about {middle:.4g} in"
            f" training, where 90 % lay between {least:.4g} and {greatest:.4g}: another unit",
            where="the new table",
            do="deliver it in the unit of the training table, or fit again",
        )
