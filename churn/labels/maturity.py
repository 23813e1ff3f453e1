"""Which labels may be used: those that are final, of snapshots that knew what they are judged by.

A label is final only once everything that could change it has been observed. An initial load of
history leaves its current-state columns null on days before its extraction, and a table may not
have been delivered by then. A definition that asks who held a line, when its contract ends or what
it was billed would then judge every line as if it had no holder, no contract or no bill: such
snapshots are refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from churn.errors import LeakError
from churn.labels.default import DEFAULT
from churn.labels.definition import LabelDefinition
from churn.tables import Known
from churn.windows import TimeSettings


def observed_through(known: Known, definition: LabelDefinition) -> date | None:
    """Return the last day observed in every table the definition reads; None if one is absent."""
    days = [known.observed_through(table) for table in definition.reads]
    return None if None in days else min(day for day in days if day is not None)


def is_mature(
    known: Known, snapshot: date, time: TimeSettings, definition: LabelDefinition = DEFAULT
) -> bool:
    """Tell whether the labels of ``snapshot`` are final.

    ``snapshot + lead + outcome + max(grace, win_back) <= observed_through`` of every table that
    the definition reads; the day on the left is itself one that must have been observed.
    """
    observed = observed_through(known, definition)
    return observed is not None and time.mature_on(snapshot) <= observed


def mature_snapshots(
    candidates: Iterable[date],
    known: Known,
    time: TimeSettings,
    definition: LabelDefinition = DEFAULT,
) -> list[date]:
    """Return those of the ``candidates`` whose labels are final, in order."""
    return sorted(day for day in set(candidates) if is_mature(known, day, time, definition))


def require_mature(
    known: Known, snapshot: date, time: TimeSettings, definition: LabelDefinition = DEFAULT
) -> None:
    """Refuse labels that are not final; they are never negatives.

    Raises
    ------
    LeakError
        Naming the snapshot, the day that must have been observed, and the day that was.
    """
    if is_mature(known, snapshot, time, definition):
        return
    needed = time.mature_on(snapshot)
    seen = {table: known.observed_through(table) for table in definition.reads}
    short = {table: day for table, day in seen.items() if day is None or day < needed}
    observed_days = ", ".join(
        f"{table} is observed through {day}" if day else f"{table} was never delivered"
        for table, day in sorted(short.items())
    )
    observed = observed_through(known, definition)
    latest = observed - (needed - snapshot) if observed else None
    remedy = f"ingest deliveries that cover {needed}"
    if latest is not None:
        remedy = f"choose a snapshot up to {latest}, or {remedy}"
    raise LeakError(
        f"the labels of snapshot {snapshot} are not final before {needed}: {observed_days}",
        where=f"labels, definition {definition.name}, as of {known.day}",
        do=remedy,
    )


def unknown_columns(then: Known, definition: LabelDefinition) -> tuple[str, ...]:
    """Return those that the definition needs and the snapshot's day did not know of any row.

    Parameters
    ----------
    then
        The tables as known at the snapshot.

    Returns
    -------
    tuple of str
        As ``table.column``.
    """
    return tuple(
        f"{table}.{column}"
        for table, column in definition.needs
        if not then.has(table) or column in then.hidden_columns(table)
    )


def require_columns(then: Known, definition: LabelDefinition) -> None:
    """Refuse labels that would be judged as if a column were blank everywhere.

    Raises
    ------
    LeakError
        Naming the columns and the snapshot.
    """
    unknown = unknown_columns(then, definition)
    if not unknown:
        return
    absent = sorted({table for table, _ in definition.needs if not then.has(table)})
    why = (
        f"no delivery of {', '.join(absent)} had come by then"
        if absent
        else "the initial load tells only the state of its extraction"
    )
    raise LeakError(
        f"definition {definition.name} needs {', '.join(unknown)}, which snapshot {then.day} did "
        f"not know: {why}",
        where=f"labels, definition {definition.name}, snapshot {then.day}",
        do="choose a later snapshot, or another definition; where a column never changes, list it "
        "under `constant:` of the initial load",
    )
