"""The ledger of runs: which stage ran for which night, when, and how it ended.

It tells people what happened; no result depends on it. Wall time lives here and nowhere else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from churn.errors import StorageError

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
class StageRun:
    """One stage of one run. ``state`` is running, done, skipped, failed or stopped."""

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

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
                connection.execute(SCHEMA)
                yield connection
        except sqlite3.DatabaseError as error:
            raise StorageError(
                f"the ledger of runs cannot be used: {error}",
                where=self._path.name,
                do="see whether the disk is full or closed; the ledger may be removed, lists do not"
                " depend on it",
            ) from error

    def start(self, stage: str, as_of: str | None) -> int:
        """Note that a stage begins; return its number."""
        with self._connection() as connection:
            cursor = connection.execute(
                "INSERT INTO stages (run, command, stage, as_of, started_at, state)"
                " VALUES (?, ?, ?, ?, ?, 'running')",
                (self._run, self._command, stage, as_of, _now()),
            )
            return int(cursor.lastrowid or 0)

    def finish(self, number: int, state: str, note: str = "") -> None:
        """Note how a stage ended."""
        with self._connection() as connection:
            connection.execute(
                "UPDATE stages SET state = ?, finished_at = ?, note = ? WHERE id = ?",
                (state, _now(), note, number),
            )

    def close_stopped(self) -> None:
        """Note of stages that a kill left running that they stopped; only under the lock."""
        if not self._path.exists():
            return
        with self._connection() as connection:
            connection.execute(
                "UPDATE stages SET state = 'stopped', note = 'killed' WHERE state = 'running'"
            )

    def entries(self, last: int = 20, stage: str | None = None) -> list[StageRun]:
        """Return the latest entries, oldest first; of one stage alone, if it is named."""
        if not self._path.exists():
            return []
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT run, command, stage, as_of, started_at, finished_at, state, note"
                " FROM stages WHERE ?1 IS NULL OR stage = ?1 ORDER BY id DESC LIMIT ?2",
                (stage, last),
            ).fetchall()
        return [StageRun(*row) for row in reversed(rows)]
