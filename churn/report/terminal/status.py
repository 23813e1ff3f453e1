"""The ledger of runs on a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from churn.report.terminal.grid import grid
from churn.store.ledger import StageRun

_HEADS = ("started (UTC)", "command", "stage", "night", "state", "note")


def ledger_lines(entries: Iterable[StageRun]) -> list[str]:
    """Return one line per stage."""
    rows = [
        (
            entry.started_at[:19],
            entry.command,
            entry.stage,
            entry.as_of or "",
            entry.state,
            entry.note,
        )
        for entry in entries
    ]
    return grid([_HEADS, *rows]) if rows else ["nothing has run in this workspace yet"]
