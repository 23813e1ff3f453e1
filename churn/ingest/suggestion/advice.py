"""What to say of a single column that a mapping could not read."""

from __future__ import annotations

import pyarrow as pa

from churn.ingest.suggestion.document import scalar
from churn.ingest.suggestion.profiles import profile_of
from churn.ingest.suggestion.readings import MOST, reading
from churn.tables import Column, Table


def way_of(header: str, texts: pa.Array, table: Table, column: Column) -> str | None:
    """Return what the settings would say of a column, as YAML; None where no way reads it.

    Parameters
    ----------
    texts
        All its values of some rows, shape (rows,).
    """
    rows = pa.table({"values": texts, "file": pa.repeat(pa.scalar(0, pa.int32()), len(texts))})
    way = reading(profile_of(header, 0, rows), table, column)
    if way.share < MOST or not way.how:
        return None
    return scalar({"from": header, **way.how})
