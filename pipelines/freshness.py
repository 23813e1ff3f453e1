"""Whether the data known on a night may be scored: there is some, and it is not too old."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from churn.errors import ExtractError
from churn.panel import PanelSettings
from churn.tables import Known
from pipelines.run import REQUIRED


def watched(known: Known, settings: PanelSettings) -> tuple[str, ...]:
    """Return the tables whose age decides whether a night may be scored.

    Those nobody can be scored without, and of the tables that tell of a whole history those that
    were ever delivered: one that has stopped coming would else be scored from what it once said.
    Tables of rare events are not among them, since nothing may simply have happened.
    """
    return (*REQUIRED, *(name for name in settings.history_tables if known.has(name)))


def require_known(known: Known, tables: Iterable[str]) -> None:
    """Refuse a day before any data."""
    for name in tables:
        if not known.has(name):
            raise ExtractError(
                f"no delivery of {name} was known on {known.day}",
                where=f"table {name}, night {known.day}",
                do="choose a later --as-of, or ingest the deliveries of that time",
            )


def require_fresh(known: Known, tables: Sequence[str], max_age: int) -> None:
    """Refuse a night before any data, or data older than ``max_age`` days, naming the table."""
    require_known(known, tables)
    for name in tables:
        age = known.age(name)
        if age is not None and age > max_age:
            through = known.observed_through(name)
            remedy = "ingest newer deliveries, choose an earlier --as-of, or raise max_age"
            if name not in REQUIRED:
                remedy += f"; take {name} out of panel.history_tables if it comes no more"
            raise ExtractError(
                f"{name} was observed through {through}, more than {max_age} days before the night",
                where=f"table {name}, night {known.day}",
                do=remedy,
            )
