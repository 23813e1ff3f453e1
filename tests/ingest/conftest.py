"""A little operator: extracts written as bytes, ingested in one call, read back as rows."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from churn.engines import Engine
from churn.ingest import Findings, IngestReport, IngestSettings, check, deliveries, ingest
from churn.store import Workspace


class Operator:
    """Delivers files, runs ingest with the settings it has, and looks at the outcome."""

    def __init__(self, root: Path, engine: Engine) -> None:
        self.root = root
        self.engine = engine
        self.workspace = Workspace(root / "workspace").open()
        self.tables: dict[str, Any] = {}
        self.id_key = "a key for tests"
        (root / "extracts").mkdir()

    def deliver(self, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
        """Write an extract; packed where its name ends in ``.gz``."""
        path = self.root / "extracts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = content if isinstance(content, bytes) else content.encode(encoding)
        path.write_bytes(gzip.compress(data, mtime=0) if name.endswith(".gz") else data)
        return path

    def map(self, table: str, *sources: dict[str, Any], **options: Any) -> None:
        """Set the sources of a table; files are ``<table>_<period>_<day>`` unless told."""
        defaults = {
            "files": f"{table}_*",
            "name": f"{table}_{{period}}_{{delivered_on}}.csv*",
        }
        self.tables[table] = {
            "sources": [
                {**({} if "delivered_on" in s else defaults), **s} for s in (sources or ({},))
            ],
            **options,
        }

    def settings(self) -> IngestSettings:
        """Return the settings as the product reads them."""
        return IngestSettings.model_validate(
            {"folder": "extracts", "id_key": self.id_key, "tables": self.tables}
        )

    def check(self) -> Findings:
        """Look at the extracts without writing."""
        return check(self.settings(), self.root)

    def ingest(self, code_version: str = "1", **options: Any) -> IngestReport:
        """Bring the tables up to date."""
        return ingest(
            self.settings(),
            self.root,
            self.workspace,
            self.engine,
            code_version=code_version,
            **options,
        )

    def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        """Return the stored rows of a table, delivery by delivery, as tuples of the columns."""
        return [
            tuple(row[name] for name in columns)
            for delivery in deliveries(self.workspace)
            if delivery.table == table
            for path in delivery.paths
            for row in pq.read_table(path).to_pylist()
        ]

    def quarantined(self, table: str) -> list[tuple[str, int, str, bytes]]:
        """Return what was set aside: file, line, rule, raw line."""
        return [
            (row["file"], row["line"], row["rule"], row["raw"])
            for path in sorted((self.workspace.quarantine / table).glob("*.parquet"))
            for row in pq.read_table(path).to_pylist()
        ]

    def id_map(self) -> list[dict[str, str]]:
        """Return the map from hashes to the operator's own ids."""
        rows: list[dict[str, str]] = pq.read_table(
            self.workspace.personal / "id_map.parquet"
        ).to_pylist()
        return rows

    def stored_bytes(self) -> dict[str, bytes]:
        """Return every file of tables and personal data by its path."""
        return {
            path.relative_to(self.workspace.root).as_posix(): path.read_bytes()
            for folder in (self.workspace.tables, self.workspace.personal)
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }


@pytest.fixture
def operator(tmp_path: Path, engine: Engine) -> Operator:
    """Return an operator with an empty folder of extracts and a new workspace."""
    return Operator(tmp_path, engine)
