"""The rows of a query, kept as delivered files: Parquet of text, each with its hash beside it.

What a database says today may be otherwise tomorrow; what was read of it is kept, so that a night
can be told and repeated from its files. Such a file is an extract like any other from then on.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from churn.errors import ExtractError, SettingsError, StorageError
from churn.ingest.databases import FOLDER, SINCE, QueryMapping
from churn.ingest.settings import IngestSettings, expand
from churn.store import atomic

BLOCK = 8 << 20  # bytes of text read at once
GROUP = 131_072  # rows of a row group: fixed, so that equal rows are equal bytes
EVER = date(1, 1, 1)
_ZONED = frozenset({1184, 1266})  # PostgreSQL's types of times with a zone
_PERIOD = re.compile(r"[^_/\s\\]+")
_OF_THE_QUERY = ("42", "0A")  # classes of errors whose words are those of the query
_FORBIDDEN = "25006"
_DRIVER = "the driver of PostgreSQL is not installed"


@dataclass(frozen=True)
class Asked:
    """What a query brought.

    Parameters
    ----------
    kept
        Deliveries that were there, with the same rows.
    taken
        Deliveries kept now.
    rows
        Rows of those.
    """

    query: str
    kept: int
    taken: int
    rows: int

    def wording(self) -> str:
        """Say it in words."""
        taken = f"{self.taken} deliveries taken ({self.rows:,} rows)"
        return f"query {self.query}: {taken}, {self.kept} kept"


def ask(settings: IngestSettings, base: Path, today: date) -> tuple[Asked, ...]:
    """Keep what the queries of the settings bring, as files among the extracts.

    Parameters
    ----------
    base
        The folder of the settings file.
    today
        The day of asking: that of delivery where no column tells another.

    Raises
    ------
    ExtractError
        If a database does not answer or refuses a query, or a delivery that was kept has other rows
        now.
    """
    asked = []
    for name, query in settings.queries.items():
        folder = settings.extracts(base) / FOLDER / name
        files = _QueryFiles(name, query, folder)
        with atomic.storage_errors(f"{FOLDER}/{name} among the extracts"):
            try:
                asked.append(files.take(settings, today))
            finally:
                files.clear()
    return tuple(asked)


@dataclass(frozen=True)
class _QueryFiles:
    name: str
    query: QueryMapping
    folder: Path

    @property
    def where(self) -> str:
        return f"ingest.queries.{self.name}"

    @property
    def sql(self) -> str:
        return hashlib.sha256(self.query.model_dump_json().encode()).hexdigest()

    def take(self, settings: IngestSettings, today: date) -> Asked:
        kept = self._kept()
        asked_today = [slot for slot in kept if slot[1] == today.isoformat()]
        if self.query.delivered_on is None and any(
            kept[slot]["query"] == self.sql for slot in asked_today
        ):
            return Asked(self.name, len(asked_today), 0, 0)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.clear()
        address = expand(
            settings.databases[self.query.database].address,
            f"ingest.databases.{self.query.database}",
            lambda value: quote(value, safe=""),
        )
        since = max((date.fromisoformat(day) for _, day in kept), default=EVER)
        answer = self.folder / "answer.taking"
        with _connected(address, self.query.database) as connection:
            self._copy(connection, since, answer)
        return self._keep(self._write(_batches(answer), today), kept)

    def clear(self) -> None:
        """Remove what was taken and not kept."""
        for stale in self.folder.glob("*.taking"):
            stale.unlink()

    def _kept(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Return what is kept, by period and day of delivery.

        Raises
        ------
        ExtractError
            If a file is not what was kept.
        """
        kept = {}
        for told in sorted(self.folder.glob("*.json")):
            content = json.loads(told.read_text("utf-8"))
            path = told.with_suffix("")
            if not path.is_file():
                continue  # archived, or removed to be taken anew
            if _sha256(path) != content["sha256"]:
                raise ExtractError(
                    "rows of a database that were kept are not what they were",
                    where=f"{FOLDER}/{self.name}/{path.name}",
                    do="put the file back as it was kept, or remove it: it is then taken anew",
                )
            kept[content["period"], content["delivered_on"]] = content
        return kept

    def _copy(self, connection: Any, since: date, answer: Path) -> None:
        """Write the rows as CSV, sorted by day of delivery, period and their own text."""
        import psycopg  # noqa: PLC0415 - only who asks a database has to load its driver

        with _answers(self.where), psycopg.ClientCursor(connection) as cursor:
            text = self.query.sql
            if SINCE in text:
                text = cursor.mogrify(text, {"since": since})
            inner = psycopg.sql.SQL("({}\n) AS q").format(psycopg.sql.SQL(text))
            cursor.execute(psycopg.sql.SQL("SELECT * FROM {} LIMIT 0").format(inner))
            columns = [(each.name, each.type_code) for each in cursor.description or ()]
            self._require_columns([name for name, _ in columns])
            chosen = [self._chosen(psycopg.sql, name, kind) for name, kind in columns]
            order = [
                psycopg.sql.Identifier("q", name)
                for name in (self.query.delivered_on, self.query.period)
                if name
            ]
            copying = psycopg.sql.SQL(
                "COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT (FORMAT csv, HEADER)"
            ).format(
                psycopg.sql.SQL(", ").join(chosen),
                inner,
                psycopg.sql.SQL(", ").join([*order, psycopg.sql.SQL('q::text COLLATE "C"')]),
            )
            answer.touch(mode=0o600)
            with answer.open("wb") as file, cursor.copy(copying) as copy:
                for block in copy:
                    file.write(block)

    def _require_columns(self, names: Sequence[str]) -> None:
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise SettingsError(
                f"the query has {len(twice)} columns twice: {', '.join(twice)}",
                where=self.where,
                do="name each of them once (AS)",
            )
        for key in ("delivered_on", "period"):
            column = getattr(self.query, key)
            if column is not None and column not in names:
                raise SettingsError(
                    f"the query has no column {column}",
                    where=f"{self.where}.{key}",
                    do=f"select it, or name one of {', '.join(names)}",
                )

    def _chosen(self, sql: Any, name: str, kind: int) -> Any:
        column = sql.Identifier("q", name)
        if kind not in _ZONED:
            return column
        if self.query.zone is None:
            raise SettingsError(
                f"column {name} has times with a zone, and tables hold local times",
                where=f"{self.where}.zone",
                do="say in which zone the times are local, such as Asia/Shanghai",
            )
        return sql.SQL("{} AT TIME ZONE {} AS {}").format(
            column, sql.Literal(self.query.zone), sql.Identifier(name)
        )

    def _write(
        self, batches: Iterator[pa.RecordBatch], today: date
    ) -> dict[tuple[str, str], tuple[Path, int]]:
        """Write each delivery's rows beside its name, and return where, with their number."""
        written: dict[tuple[str, str], tuple[Path, int]] = {}
        writer: _Writer | None = None
        for batch in batches:
            for slot, rows in self._parted(batch, today):
                if writer is None or writer.slot != slot:
                    if writer is not None:
                        written[writer.slot] = writer.close()
                    writer = _Writer(slot, self._path(slot).with_suffix(".taking"), rows.schema)
                writer.add(rows)
        if writer is not None:
            written[writer.slot] = writer.close()
        return written

    def _path(self, slot: tuple[str, str]) -> Path:
        period, day = slot
        named = "_".join([self.name, *([period] if period else []), day.replace("-", "")])
        return self.folder / f"{named}.parquet"

    def _parted(
        self, batch: pa.RecordBatch, today: date
    ) -> Iterator[tuple[tuple[str, str], pa.RecordBatch]]:
        """Part a batch where the day of delivery or the period changes."""
        if self.query.delivered_on is None and self.query.period is None:
            yield ("", today.isoformat()), batch
            return
        days = self._values(batch, self.query.delivered_on, today.isoformat())
        periods = self._values(batch, self.query.period, "")
        slots = list(zip(periods, days, strict=True))
        start = 0
        for end in range(1, len(slots) + 1):
            if end == len(slots) or slots[end] != slots[start]:
                yield self._slot(*slots[start]), batch.slice(start, end - start)
                start = end

    def _values(self, batch: pa.RecordBatch, column: str | None, default: str) -> list[str | None]:
        return [default] * len(batch) if column is None else batch[column].to_pylist()

    def _slot(self, period: str | None, day: str | None) -> tuple[str, str]:
        try:
            delivered = date.fromisoformat((day or "")[:10])
        except ValueError:
            raise ExtractError(
                f"column {self.query.delivered_on} holds what is no day",
                where=f"{self.where}.delivered_on",
                do="select a date, and leave out rows without one",
            ) from None
        if period is None or (self.query.period and not _PERIOD.fullmatch(period)):
            raise ExtractError(
                f"column {self.query.period} holds what cannot name a period",
                where=f"{self.where}.period",
                do="select it as text without blanks or underscores: to_char(bill_month, 'YYYYMM')",
            )
        return period, delivered.isoformat()

    def _keep(
        self,
        taken: Mapping[tuple[str, str], tuple[Path, int]],
        kept: Mapping[tuple[str, str], Mapping[str, Any]],
    ) -> Asked:
        """Give what was written its name; refuse what differs from what was kept."""
        hashes = {slot: _sha256(path) for slot, (path, _) in taken.items()}
        same = [slot for slot in taken if slot in kept and kept[slot]["sha256"] == hashes[slot]]
        other = [
            slot
            for slot in taken
            if slot in kept and slot not in same and kept[slot]["query"] == self.sql
        ]
        fresh = [slot for slot in taken if slot not in same and slot not in other]
        for slot in fresh:
            path, rows = taken[slot]
            final = self._path(slot)
            content = {
                "delivered_on": slot[1],
                "period": slot[0],
                "query": self.sql,
                "rows": rows,
                "sha256": hashes[slot],
            }
            final.unlink(missing_ok=True)
            # What tells of it first: without its file it tells nothing, and is written again.
            atomic.write_json(final.with_name(f"{final.name}.json"), content)
            path.replace(final)
        if other:
            first = min(other, key=lambda slot: slot[::-1])
            raise ExtractError(
                f"{len(other)} deliveries that were kept have other rows in the database now",
                where=f"{self.where}: {FOLDER}/{self.name}/{self._path(first).name}",
                do="give rows that change a new day of delivery; or remove the kept files, to take"
                " them as they are now",
            )
        rows = sum(taken[slot][1] for slot in fresh)
        return Asked(self.name, len(same), len(fresh), rows)


class _Writer:
    """One delivery's file, in row groups of one size."""

    def __init__(self, slot: tuple[str, str], path: Path, schema: pa.Schema) -> None:
        self.slot = slot
        self._path = path
        self._rows = 0
        self._waiting: list[pa.RecordBatch] = []
        self._file = pq.ParquetWriter(path, schema, compression="zstd")
        path.chmod(0o600)

    def add(self, rows: pa.RecordBatch) -> None:
        self._waiting.append(rows)
        self._rows += len(rows)
        while sum(map(len, self._waiting)) >= GROUP:
            table = pa.Table.from_batches(self._waiting)
            self._file.write_table(table.slice(0, GROUP), row_group_size=GROUP)
            self._waiting = table.slice(GROUP).to_batches()

    def close(self) -> tuple[Path, int]:
        if any(map(len, self._waiting)) or not self._rows:
            table = pa.Table.from_batches(self._waiting)
            self._file.write_table(table, row_group_size=GROUP)
        self._file.close()
        return self._path, self._rows


def _batches(answer: Path) -> Iterator[pa.RecordBatch]:
    """Yield the rows of CSV as PostgreSQL writes it: what is null is empty and not quoted."""
    with answer.open(encoding="utf-8", newline="") as head:
        names = next(csv.reader(head))
    none: list[pa.Array] = [pa.array([], pa.string())] * len(names)
    yield pa.record_batch(none, names=names)  # no row is an answer, too
    with pacsv.open_csv(
        answer,
        pacsv.ReadOptions(block_size=BLOCK, use_threads=False),
        pacsv.ParseOptions(newlines_in_values=True),
        pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    ) as reader:
        yield from reader


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _connected(address: str, name: str) -> Iterator[Any]:
    """Open a connection that can only read."""
    where = f"ingest.databases.{name}"
    try:
        import psycopg  # noqa: PLC0415 - only who asks a database has to load its driver
    except ImportError as error:
        raise StorageError(
            _DRIVER, where=where, do="install this program from its lock file (`make setup`)"
        ) from error
    try:
        connection = psycopg.connect(
            address,
            client_encoding="UTF8",
            connect_timeout=10,
            options="-c default_transaction_read_only=on -c datestyle=ISO",
            application_name="churn",
        )
    except psycopg.Error as error:
        refused = "authentication" in str(error) or "password" in str(error)
        what = "refuses this user" if refused else "does not answer"
        # Neither its words nor the address are told on: they may hold what is secret.
        raise ExtractError(
            f"database {name} {what}",
            where=where,
            do="see whether the server runs and can be reached from here, and whether name, user"
            " and the password's environment variable are right",
        ) from None
    with connection:
        yield connection


@contextmanager
def _answers(where: str) -> Iterator[None]:
    """Turn a refused query into an error; values that a server's words may hold are not told."""
    import psycopg  # noqa: PLC0415 - only who asks a database has to load its driver

    try:
        yield
    except psycopg.Error as error:
        code = error.sqlstate or "no code"
        words = ""
        if code[:2] in _OF_THE_QUERY and error.diag.message_primary:
            words = f": {error.diag.message_primary}"
        what = "the query would change the database" if code == _FORBIDDEN else "the query failed"
        raise ExtractError(
            f"{what} ({code}{words})",
            where=where,
            do="try the query in the database, as the same user, and correct it",
        ) from None
