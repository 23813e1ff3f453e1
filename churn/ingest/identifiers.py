"""Identifiers may be phone numbers: tables hold keyed hashes, the map back lies with personal data.

All identifiers share one namespace, so the hash of a call's other side is the hash of the
subscriber it is.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Sequence
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from churn.engines import Engine
from churn.errors import SettingsError
from churn.tables import Table

DIGITS = 16
SEPARATOR = "\x1f"
KINDS = {
    "subscriber_id": "subscriber",
    "successor_id": "subscriber",
    "customer_id": "customer",
    "group_id": "group",
}
SCHEMA = pa.schema([("kind", pa.string()), ("hash", pa.string()), ("id", pa.string())])
_KEY = b"key"


def hashed_id(key: str, identifier: str) -> str:
    """Return the hash that stands for an identifier in the tables.

    Examples
    --------
    >>> hashed_id("not so secret", "10000000001")
    '98556297432338df'
    """
    text = f"{key}{SEPARATOR}{identifier}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:DIGITS]


def hashed(column: ir.StringValue, key: str) -> ir.StringValue:
    """Return :func:`hashed_id` as an expression; null stays null."""
    return (ibis.literal(key + SEPARATOR) + column).hexdigest("md5").substr(0, DIGITS)


class IdMap:
    """The map from hashes to the operator's own identifiers, for the lists that people work with.

    Parameters
    ----------
    path
        ``id_map.parquet``: kind (subscriber, customer, group), hash, id; sorted.
    key
        The key of the hash; a map made with another key is started anew.
    erased
        Hashes that never enter the map.
    """

    def __init__(self, path: Path, key: str, erased: Collection[str] = ()) -> None:
        self._path = path
        self._erased = sorted(erased)
        self._key = key
        self._stamp = hashlib.sha256(key.encode()).hexdigest().encode()

    def add(self, rows: ir.Table, table: Table, engine: Engine) -> None:
        """Add the operator's own identifiers in a delivery that the map does not hold yet.

        Raises
        ------
        SettingsError
            If two identifiers have the same hash.
        """
        columns = [c.name for c in table.columns if c.identifier and c.name in KINDS]
        if not columns:
            return
        parts = [
            rows.filter(rows[name].notnull())
            .select(kind=ibis.literal(KINDS[name]), hash=hashed(rows[name], self._key), id=name)
            .distinct()
            for name in columns
        ]
        pairs = ibis.union(*parts, distinct=True) if len(parts) > 1 else parts[0]
        if self._erased:
            pairs = pairs.filter(pairs.hash.notin(self._erased))
        known = self._known()
        if known:
            held = engine.read_parquet(known, ibis.Schema.from_pyarrow(SCHEMA))
            pairs = pairs.anti_join(held, ["kind", "hash", "id"])
        new = engine.to_arrow(pairs).cast(SCHEMA)
        if new.num_rows or not known:
            self._write(known, new)

    def _known(self) -> Sequence[Path]:
        if not self._path.exists():
            return []
        stamp = (pq.read_schema(self._path).metadata or {}).get(_KEY)
        return [self._path] if stamp == self._stamp else []

    def _write(self, known: Sequence[Path], new: pa.Table) -> None:
        held = [pq.read_table(path, schema=SCHEMA) for path in known]
        merged = pa.concat_tables([*(t.replace_schema_metadata() for t in held), new])
        merged = merged.sort_by([(name, "ascending") for name in SCHEMA.names]).combine_chunks()
        pairs = merged.select(["hash", "id"]).group_by(["hash", "id"]).aggregate([])
        collisions = pairs.num_rows - len(pairs["hash"].unique())
        if collisions:
            raise SettingsError(
                f"{collisions} identifiers share their hash with another one",
                where="ingest.id_key",
                do="choose another id_key; all tables are then rebuilt",
            )
        partial = self._path.with_name(f"{self._path.name}.partial")
        pq.write_table(
            merged.replace_schema_metadata({_KEY: self._stamp}), partial, compression="zstd"
        )
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(self._path)
