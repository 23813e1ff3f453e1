"""The ledger of runs: which stage ran for which night, when, and how it ended.

It tells people what happened; no result depends on it. Wall time lives here and nowhere else.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS stages (
    id INTEGER PRIMARY KEY,
    run TEXT NOT NULL,
    command TEXT NOT NULL,
    stage TEXT NOT NULL,
    as_of TEXT,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    state TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT ''
)
"""


@dataclass(frozen=True)
class Entry:
    """One stage of one run. ``state`` is running, done, skipped or failed."""

    run: str
    command: str
    stage: str
    as_of: str | None
    started_at: str
    finished_at: str | None
    state: str
    note: str


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class Ledger:
    """The runs of one workspace, in an embedded database that survives a kill."""

    def __init__(self, path: Path, command: str) -> None:
        self._path = path
        self._command = command
        self._run = _now()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None)
        connection.execute(SCHEMA)
        return connection

    def start(self, stage: str, as_of: str | None) -> int:
        """Note that a stage begins; return its number."""
        with closing(self._connect()) as connection:
            cursor = connection.execute(
                "INSERT INTO stages (run, command, stage, as_of, started_at, state)"
                " VALUES (?, ?, ?, ?, ?, 'running')",
                (self._run, self._command, stage, as_of, _now()),
            )
            return int(cursor.lastrowid or 0)

    def finish(self, number: int, state: str, note: str = "") -> None:
        """Note how a stage ended."""
        with closing(self._connect()) as connection:
            connection.execute(
                "UPDATE stages SET state = ?, finished_at = ?, note = ? WHERE id = ?",
                (state, _now(), note, number),
            )

    def entries(self, last: int = 20) -> list[Entry]:
        """Return the latest entries, oldest first."""
        with closing(self._connect()) as connection:
            rows = connection.execute(
                "SELECT run, command, stage, as_of, started_at, finished_at, state, note"
                " FROM stages ORDER BY id DESC LIMIT ?",
                (last,),
            ).fetchall()
        return [Entry(*row) for row in reversed(rows)]
