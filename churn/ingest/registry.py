"""``tables/deliveries.json``: what was ingested, from which files, with which counts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, cast

from churn.errors import VersionError
from churn.store import Workspace
from churn.store.atomic import write_json
from churn.tables import Delivery, Mode

REGISTRY_VERSION = 1
FILE = "deliveries.json"

Slot = tuple[str, str, str]


def label_of(partition: str, delivered_on: str) -> str:
    """Return what the files of a delivery are called: its period and day.

    Examples
    --------
    >>> label_of("2024-03", "2024-04-05"), label_of("", "2024-04-05")
    ('2024-03-20240405', 'all-20240405')
    """
    period = re.sub(r"[^\w.-]", "_", partition) or "all"
    return f"{period}-{delivered_on.replace('-', '')}"


@dataclass(frozen=True)
class FileEntry:
    """One file of a delivery: delivered = accepted + quarantined + not selected.

    ``role`` is ``rows``, or ``joined`` for a file beside the first, whose accepted lines add
    columns and no rows. A file that two sources read stands here once for each. Where a source
    unpivots, each record counts once for every row it becomes. The first input of a view has the
    role ``viewed``: its accepted lines are those that the view took, and the view's own rows stand
    in an entry of their own. ``corrections`` is the hash of what corrected its records, if anything
    did.
    """

    name: str
    sha256: str
    source: int
    role: str = "rows"
    delivered: int = 0
    accepted: int = 0
    quarantined: int = 0
    not_selected: int = 0
    rows_per_record: int = 1
    corrections: str = ""


@dataclass(frozen=True)
class Entry:
    """One delivery as it was ingested; paths are relative to the workspace."""

    table: str
    partition: str
    delivered_on: str
    covers_until: str
    mode: str
    path: str
    mapping: str
    code_version: str
    files: tuple[FileEntry, ...]
    rules: Mapping[str, int] = field(default_factory=dict)
    quarantine: str | None = None
    assumed_lag: int | None = None
    current_state: tuple[str, ...] = ()
    constant: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)

    @property
    def slot(self) -> Slot:
        """What identifies a delivery: table, partition, day."""
        return (self.table, self.partition, self.delivered_on)

    @property
    def label(self) -> str:
        """Its name among files."""
        return label_of(self.partition, self.delivered_on)

    def _total(self, count: str, role: str = "rows") -> int:
        return sum(getattr(file, count) for file in self.files if file.role == role)

    @property
    def delivered(self) -> int:
        """Records in its files, once per source that reads them.

        Through a view: its rows, and the lines of its first input that it did not take.
        """
        taken = self._total("accepted", "viewed")
        return self._total("delivered") + self._total("delivered", "viewed") - taken

    @property
    def accepted(self) -> int:
        """Rows in the canonical table."""
        return self._total("accepted")

    @property
    def quarantined(self) -> int:
        """Records set aside, those of joined files not among them."""
        return self._total("quarantined") + self._total("quarantined", "viewed")

    @property
    def not_selected(self) -> int:
        """Records that ``only:`` or a view left out."""
        return self._total("not_selected") + self._total("not_selected", "viewed")

    def delivery(self, root: Path) -> Delivery:
        """Return what the tables read of it; ``root`` is the workspace's."""
        return Delivery(
            table=self.table,
            partition=self.partition,
            delivered_on=date.fromisoformat(self.delivered_on),
            covers_until=date.fromisoformat(self.covers_until),
            mode=cast("Mode", self.mode),
            assumed_lag=self.assumed_lag,
            current_state=self.current_state,
            constant=self.constant,
            paths=(root / self.path,),
        )

    def inputs(self) -> tuple[tuple[str, int, str], ...]:
        """Return name, source and hash of every file it was made of."""
        return tuple(sorted((file.name, file.source, file.sha256) for file in self.files))

    def corrections(self) -> frozenset[tuple[str, str]]:
        """Return name and corrections of every file whose records were corrected."""
        return frozenset((file.name, file.corrections) for file in self.files if file.corrections)

    def content(self) -> dict[str, Any]:
        """Return it as JSON-like content; files without corrections do not speak of any."""
        content = asdict(self)
        for file in content["files"]:
            if not file["corrections"]:
                del file["corrections"]
        return content


class Registry:
    """All entries of a workspace, in memory and on disk."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._path = workspace.tables / FILE
        self.entries: dict[Slot, Entry] = {}
        if self._path.exists():
            content = json.loads(self._path.read_text(encoding="utf-8"))
            if content.get("version") != REGISTRY_VERSION:
                raise VersionError(
                    f"the tables are of version {content.get('version')}, this program reads"
                    f" {REGISTRY_VERSION}",
                    where=f"tables/{FILE}",
                    do="name a new workspace in the settings; it is rebuilt from the extracts",
                )
            self.entries = {entry.slot: entry for entry in map(_entry, content["deliveries"])}

    def known_by(self, day: date) -> list[Entry]:
        """Return the entries of which a day may have known any row, in a fixed order."""
        entries = (self.entries[slot] for slot in sorted(self.entries))
        return [e for e in entries if e.delivery(self._workspace.root).known_by(day)]

    def put(self, entries: Iterable[Entry]) -> None:
        """Register deliveries whose Parquet files are in place; each replaces one of its slot."""
        self.entries |= {entry.slot: entry for entry in entries}
        self._write()

    def drop(self, slots: Iterable[Slot]) -> None:
        """Forget deliveries."""
        gone = set(slots)
        self.entries = {slot: e for slot, e in self.entries.items() if slot not in gone}
        self._write()

    def _write(self) -> None:
        rows = [self.entries[slot].content() for slot in sorted(self.entries)]
        write_json(self._path, {"version": REGISTRY_VERSION, "deliveries": rows})

    def whole(self, entry: Entry) -> bool:
        """Tell whether the entry's Parquet file is there."""
        return (self._workspace.root / entry.path).exists()

    def remove_orphans(self) -> None:
        """Remove what a killed run left: tables and quarantines that no entry names."""
        kept = {e.path for e in self.entries.values()}
        root = self._workspace.root
        for folder in (self._workspace.tables, self._workspace.personal / "tables"):
            for path in sorted(folder.glob("*/*.parquet*")):
                if path.relative_to(root).as_posix() not in kept:
                    path.unlink()


def _entry(raw: dict[str, Any]) -> Entry:
    files = tuple(FileEntry(**file) for file in raw.pop("files"))
    lists = {name: tuple(raw.pop(name)) for name in ("current_state", "constant")}
    return Entry(**{**raw, **lists, "files": files})


def deliveries(workspace: Workspace) -> list[Delivery]:
    """Return the deliveries that a workspace holds, in a fixed order."""
    entries = Registry(workspace).entries
    return [entries[slot].delivery(workspace.root) for slot in sorted(entries)]
