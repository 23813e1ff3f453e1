"""Columns a definition cannot do without, where a snapshot did not know them.

An initial load of history leaves its current-state columns null on days before its extraction, and
a table may not have been delivered by then. A definition that asks who held a line, when its
contract ends or what it was billed would then judge every line as if it had no holder, no contract
or no bill: such snapshots are refused.
"""

from __future__ import annotations

from churn.errors import LeakError
from churn.labels.definition import LabelDefinition
from churn.tables import Known


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
