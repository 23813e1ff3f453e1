"""Who was erased stays out: tombstones of hashed identifiers, and tables without their rows.

A row goes where the erased is whom it tells of: the subscriber, or the customer where a table has
no subscriber. Where others' rows name the erased, the other side of a call, a successor, the cell
is blanked. Raw records set aside are blanked where any word of them is an erased identifier.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from churn.errors import SettingsError, StorageError
from churn.ingest.corrections import Corrections
from churn.ingest.identifiers import hashed_id
from churn.ingest.registry import Entry, Registry
from churn.ingest.writing import TableFile
from churn.store import Workspace
from churn.store.atomic import json_bytes, write_bytes
from churn.tables import TABLES, Table

FILE = "erased.json"
VERSION = 1
_WORDS = re.compile(r"[\s,;|~\"'\x00-\x1f{}\[\]]+")


@dataclass(frozen=True)
class Erased:
    """The hashed identifiers of everybody who was erased.

    Parameters
    ----------
    key
        The key of the hash.
    """

    ids: frozenset[str]
    key: str

    @classmethod
    def read(cls, personal: Path, key: str) -> Erased:
        """Return the tombstones of a workspace.

        Raises
        ------
        StorageError
            If they cannot be read: without them the erased would come back.
        SettingsError
            If they were made with another key of the identifiers.
        """
        path = personal / FILE
        if not path.exists():
            return cls(frozenset(), key)
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content["version"] != VERSION:
                raise ValueError  # noqa: TRY301 - told as any other that is not read
            ids, stamp = frozenset(map(str, content["ids"])), content["key"]
        except (ValueError, KeyError, TypeError) as error:
            raise StorageError(
                "the record of who was erased cannot be read",
                where=f"personal/{FILE}",
                do="put the file back from a copy; without it the erased would come back",
            ) from error
        if stamp != _stamp(key):
            raise SettingsError(
                f"{len(ids)} identifiers were erased under another ingest.id_key: who they are "
                "cannot be told under this one, and they would come back",
                where="ingest.id_key",
                do="set the key back; to change it, start a new workspace and erase there again",
            )
        return cls(ids, key)

    def with_ids(self, ids: Collection[str]) -> Erased:
        """Return these with more hashed identifiers."""
        return replace(self, ids=self.ids | frozenset(ids))

    def write(self, personal: Path) -> None:
        """Keep them, closed to other users."""
        content = {"version": VERSION, "key": _stamp(self.key), "ids": sorted(self.ids)}
        write_bytes(personal / FILE, json_bytes(content), mode=0o600)

    @cached_property
    def _array(self) -> pa.Array:
        return pa.array(sorted(self.ids), pa.string())

    def out_of(self, rows: ir.Table, table: Table) -> ir.Table:
        """Leave the erased out of rows whose identifiers are hashed."""
        if not self.ids:
            return rows
        ids = sorted(self.ids)
        subject, others = identifiers(table)
        if subject is not None:
            rows = rows.filter(rows[subject].isnull() | rows[subject].notin(ids))
        blanked = {
            name: ibis.cases((rows[name].isin(ids), ibis.null()), else_=rows[name]).cast("string")
            for name in others
        }
        return rows.mutate(**blanked) if blanked else rows

    def blank(self, raw: bytes) -> bytes:
        """Return a raw record, or nothing of it where it names one of the erased."""
        if not self.ids:
            return raw
        text = raw.replace(b"\0", b"").decode("utf-8", errors="ignore")
        words = {word for word in _WORDS.split(text) if word}
        erased = any(hashed_id(self.key, word) in self.ids for word in words)
        return b"" if erased else raw

    def keep(self, batch: pa.RecordBatch, table: Table) -> tuple[pa.RecordBatch, int]:
        """Leave the erased out of stored rows; return how many rows went or were blanked."""
        subject, others = identifiers(table)
        changed = 0
        for name in others:
            hit = self._hit(batch, name)
            number = int(pc.sum(hit).as_py() or 0)
            if number:
                at = batch.schema.get_field_index(name)
                blanked = pc.if_else(hit, pa.scalar(None, batch.schema.field(at).type), batch[name])
                batch = batch.set_column(at, batch.schema.field(at), blanked)
                changed += number
        if subject is not None:
            hit = self._hit(batch, subject)
            changed += int(pc.sum(hit).as_py() or 0)
            batch = batch.filter(pc.invert(hit))
        return batch, changed

    def _hit(self, batch: pa.RecordBatch, name: str) -> pa.Array:
        return pc.fill_null(pc.is_in(batch[name], self._array), fill_value=False)

    def names(self, batch: pa.RecordBatch, table: Table) -> bool:
        """Tell whether stored rows name any of the erased."""
        subject, others = identifiers(table)
        columns = [*others, *([subject] if subject else [])]
        return any(bool(pc.any(self._hit(batch, name)).as_py()) for name in columns)


def _stamp(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def identifiers(table: Table) -> tuple[str | None, tuple[str, ...]]:
    """Return the column that says whom a row tells of, and the others that name somebody."""
    names = [column.name for column in table.columns if column.identifier]
    subject = next((name for name in ("subscriber_id", "customer_id") if name in names), None)
    return subject, tuple(name for name in names if name != subject)


def erase_rows(workspace: Workspace, erased: Erased) -> dict[str, int]:
    """Write the deliveries anew that name any of the erased; return how many rows changed.

    Returns
    -------
    dict
        By table. The rows are those that ingest would now write of the same files.
    """
    registry = Registry(workspace)
    counts: dict[str, int] = {}
    replaced: list[Entry] = []
    incoming = workspace.personal / "incoming"
    for entry in registry.entries.values():
        table = TABLES[entry.table]
        path = workspace.root / entry.path
        if not path.exists() or not _names(path, table, erased):
            continue
        incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
        writer = TableFile(
            incoming / "erased.parquet", table, date.fromisoformat(entry.delivered_on)
        )
        changed = 0
        for batch in pq.ParquetFile(path).iter_batches():
            kept, gone = erased.keep(batch, table)
            changed += gone
            if "delivered_on" in kept.schema.names:
                kept = kept.drop_columns(["delivered_on"])
            if kept.num_rows:
                writer.add(kept)
        final, _ = writer.finish(path.parent, path.stem.rpartition("-")[0])
        replaced.append(replace(entry, path=final.relative_to(workspace.root).as_posix()))
        counts[table.name] = counts.get(table.name, 0) + changed
    if replaced:
        registry.put(replaced)
        registry.remove_orphans()
    return counts


def _names(path: Path, table: Table, erased: Erased) -> bool:
    subject, others = identifiers(table)
    columns = [*others, *([subject] if subject else [])]
    if not columns:
        return False
    batches = pq.ParquetFile(path).iter_batches(columns=columns)
    return any(erased.names(batch, table) for batch in batches)


def erase_raw(workspace: Workspace, erased: Erased) -> int:
    """Blank the raw records set aside that name any of the erased; return how many.

    Their file, line and rule stay, so that accepted and set aside still add up to delivered.
    """
    blanked = 0
    for path in sorted(workspace.quarantine.rglob("*.parquet")):
        table = pq.read_table(path)
        if "raw" not in table.column_names:
            continue
        before = table["raw"].to_pylist()
        after = [erased.blank(raw) if raw else raw for raw in before]
        gone = sum(old != new for old, new in zip(before, after, strict=True))
        if gone:
            at = table.schema.get_field_index("raw")
            table = table.set_column(at, "raw", pa.array(after, pa.binary()))
            sink = pa.BufferOutputStream()
            pq.write_table(table, sink, compression="zstd")
            write_bytes(path, sink.getvalue().to_pybytes())
            blanked += gone
    return blanked


def erase_from_map(path: Path, erased: Erased) -> int:
    """Take the erased out of the map of identifiers; return how many entries went."""
    if not path.exists():
        return 0
    table = pq.read_table(path)
    hit = pc.is_in(table["hash"], pa.array(sorted(erased.ids), pa.string()))
    gone = int(pc.sum(hit).as_py() or 0)
    if gone:
        sink = pa.BufferOutputStream()
        pq.write_table(table.filter(pc.invert(hit)), sink, compression="zstd")
        write_bytes(path, sink.getvalue().to_pybytes(), mode=path.stat().st_mode & 0o777)
    return gone


def erase_corrections(personal: Path, erased: Erased) -> int:
    """Forget corrected records that name any of the erased; return how many."""
    corrections = Corrections.read(personal)
    kept: dict[str, dict[int, str]] = {}
    gone = 0
    for sha256, records in corrections.files.items():
        own = {at: text for at, text in records.items() if erased.blank(text.encode())}
        gone += len(records) - len(own)
        if own:
            kept[sha256] = own
    if gone:
        Corrections(kept).write(personal)
    return gone
