"""Columns a definition cannot do without, where an initial load does not tell them of the past.

An initial load of history leaves its current-state columns null on days before its extraction. A
definition that asks who held a line, or when its contract ends, would then judge every line as if
it had no holder or no contract: such snapshots are refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from churn.errors import LeakError

if TYPE_CHECKING:
    from churn.labels.definition import LabelDefinition
    from churn.tables import Known


def unknown_columns(then: Known, definition: LabelDefinition) -> tuple[str, ...]:
    """Return those that the definition needs and the snapshot's day does not tell.

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
        if column in then.hidden_columns(table)
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
    raise LeakError(
        f"definition {definition.name} needs {', '.join(unknown)}, which snapshot {then.day} did "
        "not know: the initial load tells only the state of its extraction",
        where=f"labels, definition {definition.name}, snapshot {then.day}",
        do="choose a snapshot from the extraction on, or another definition; where a column never "
        "changes, list it under `constant:` of the initial load",
    )
