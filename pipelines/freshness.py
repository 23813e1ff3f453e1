"""Whether the data known on a night may be scored: there is some, and it is not too old."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from churn.errors import ExtractError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from churn.tables import Known


def require_known(known: Known, tables: Iterable[str]) -> None:
    """Refuse a day before any data.

    Raises
    ------
    ExtractError
        Naming the table and the remedy.
    """
    for name in tables:
        if known.observed_through(name) is None:
            raise ExtractError(
                f"no delivery of {name} was known on {known.day}",
                where=f"table {name}, night {known.day}",
                do="choose a later --as-of, or ingest the deliveries of that time",
            )


def require_fresh(known: Known, tables: Sequence[str], max_age: int) -> None:
    """Refuse a night before any data, and data older than ``max_age`` days.

    Raises
    ------
    ExtractError
        Naming the table, through which day it was observed, and the remedy.
    """
    require_known(known, tables)
    for name in tables:
        through = known.observed_through(name)
        if through is not None and through < known.day - timedelta(days=max_age + 1):
            raise ExtractError(
                f"{name} was observed through {through}, more than {max_age} days before the night",
                where=f"table {name}, night {known.day}",
                do="ingest newer deliveries, choose an earlier --as-of, or raise max_age",
            )
