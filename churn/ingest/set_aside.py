"""The records that were set aside, read back: by table, delivery and rule; and their correction.

They are personal data, and lie in the personal folder.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import pyarrow.parquet as pq

from churn.errors import ExtractError, UsageError
from churn.ingest.corrections import Corrections
from churn.ingest.readers import UTF_8, Corrected, FileFormat, Reader, of_lines, reader_of
from churn.ingest.registry import Registry
from churn.ingest.settings import IngestSettings
from churn.store import Workspace

NAMED = 10  # deliveries that an error names


@dataclass(frozen=True)
class Selection:
    """Which records are meant: of a table, a delivery, a rule; None for all.

    A delivery is named as its file in the quarantine is, by its period, or by its day.
    """

    table: str | None = None
    delivery: str | None = None
    rule: str | None = None

    def names(self, table: str, delivery: str) -> bool:
        """Tell whether a delivery is meant."""
        period, _, day = delivery.rpartition("-")
        spelt = {delivery, period, day, f"{day[:4]}-{day[4:6]}-{day[6:]}"}
        return self.table in {None, table} and (self.delivery is None or self.delivery in spelt)

    def holds(self, rule: str) -> bool:
        """Tell whether a rule is meant."""
        return self.rule is None or self.rule.upper() == rule.upper()


EVERYTHING = Selection()


@dataclass(frozen=True)
class Aside:
    """What was set aside of one delivery.

    Parameters
    ----------
    delivery
        Its name among files: period and day.
    ingested
        Whether the rest of it is in the canonical table; else it broke its contract.
    counts
        Records by code of the rule that they broke, of those selected.
    """

    table: str
    delivery: str
    path: Path
    ingested: bool
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Record:
    """One record set aside; ``text`` is how it was delivered, fit to be shown."""

    table: str
    delivery: str
    file: str
    line: int
    rule: str
    text: str


@dataclass(frozen=True)
class Correction:
    """A record as it should have been delivered."""

    file: str
    line: int
    text: str


def set_aside(workspace: Workspace, selection: Selection = EVERYTHING) -> list[Aside]:
    """Return what is set aside of each delivery, in a fixed order.

    Raises
    ------
    UsageError
        If nothing of what is selected was set aside.
    """
    held = {entry.quarantine for entry in Registry(workspace).entries.values()}
    every = [
        Aside(
            path.parent.name,
            path.stem,
            path,
            path.relative_to(workspace.root).as_posix() in held or path.parent.name == "feedback",
            _rules(path),
        )
        for path in sorted(workspace.quarantine.glob("*/*.parquet"))
    ]
    found = []
    for aside in every:
        counts = {rule: n for rule, n in aside.counts.items() if selection.holds(rule)}
        if counts and selection.names(aside.table, aside.delivery):
            found.append(Aside(aside.table, aside.delivery, aside.path, aside.ingested, counts))
    if not found and selection != EVERYTHING:
        names = [f"{aside.table} {aside.delivery} ({', '.join(aside.counts)})" for aside in every]
        raise UsageError(
            "no such record is set aside",
            where=", ".join(filter(None, (selection.table, selection.delivery, selection.rule))),
            do=f"choose among {'; '.join(names[:NAMED])}" if names else "nothing is set aside",
        )
    return found


def records(settings: IngestSettings, base: Path, asides: Iterable[Aside]) -> Iterator[Record]:
    """Yield the records of these deliveries and rules, each as text.

    Parameters
    ----------
    base
        The folder of the settings file.
    """
    folder = settings.extracts(base)
    for aside in asides:
        encodings: dict[str, str] = {}
        for row in _rows(aside.path):
            if row.rule not in aside.counts:
                continue
            if row.file not in encodings:
                how = _format_of(settings, folder, aside.table, row.file)
                encodings[row.file] = of_lines(how.encoding) if how else UTF_8
            text = shown(row.raw, encodings[row.file])
            yield Record(aside.table, aside.delivery, row.file, row.line, row.rule, text)


def shown(raw: bytes, encoding: str) -> str:
    r"""Return a record as text: bytes that do not decode, and signs that cannot be seen, escaped.

    Examples
    --------
    >>> shown(b"a,\xff\x00b", "utf-8")
    'a,\\xff\\x00b'
    """
    text = raw.decode(encoding, "backslashreplace")
    return "".join(
        sign if sign.isprintable() or sign == "\t" else sign.encode("unicode_escape").decode()
        for sign in text
    )


def corrected(
    settings: IngestSettings,
    base: Path,
    asides: Iterable[Aside],
    known: Corrections,
    given: Collection[Correction],
) -> tuple[Corrections, int]:
    """Return the corrections with those given, and how many of these are new.

    A record given as it is shown is not corrected; one corrected before, and in the same way, is
    not new.

    Raises
    ------
    ExtractError
        If a file is gone or has changed, or a record cannot be written in its encoding.
    UsageError
        If a record was not set aside, or is more than one.
    """
    folder = settings.extracts(base)
    raw: dict[str, dict[int, tuple[bytes, str]]] = defaultdict(dict)
    for aside in asides:
        for row in _rows(aside.path):
            raw[row.file][row.line] = (row.raw, aside.table)
    by_file: dict[str, dict[int, str]] = defaultdict(dict)
    for correction in given:
        by_file[correction.file][correction.line] = correction.text
    new = 0
    for file, texts in sorted(by_file.items()):
        tables = {table for _, table in raw.get(file, {}).values()} or set(settings.mappings)
        formats = (_format_of(settings, folder, table, file) for table in sorted(tables))
        how = next((how for how in formats if how is not None), None)
        if how is None or not (folder / file).is_file():
            raise ExtractError(
                "records of it are to be corrected, and the file is not there",
                where=file,
                do="put the file back; rows of a view are corrected in the files it reads",
            )
        reader = reader_of(folder / file, how)
        sha256 = reader.sha256()
        done = known.of(sha256)
        changed = {
            number: text
            for number, text in texts.items()
            if done.get(number) != text
            and text != shown(raw.get(file, {}).get(number, (b"", ""))[0], reader.encoding)
        }
        _require_correctable(file, reader, done, raw.get(file, {}), changed)
        new += len(changed)
        known = known.with_records(sha256, changed) if changed else known
    return known, new


def _require_correctable(
    file: str,
    reader: Reader,
    done: Mapping[int, str],
    raw: Mapping[int, tuple[bytes, str]],
    changed: Mapping[int, str],
) -> None:
    strange = sorted(set(changed) - set(raw))
    if strange:
        raise UsageError(
            f"{len(strange):,} of the records to be corrected are not set aside; the first is"
            f" {strange[0]}",
            where=file,
            do="keep file and line as `churn quarantine show --out` writes them",
        )
    several = sorted(number for number, text in changed.items() if {"\n", "\r"} & set(text))
    if several:
        raise UsageError(
            f"{len(several):,} corrected records run over several lines; the first is {several[0]}",
            where=file,
            do="write each record on one line",
        )
    there = (Corrected(reader, done) if done else reader).raw(changed)
    if any(there.get(number) != raw[number][0] for number in changed):
        raise ExtractError(
            "the file is no longer the one whose records were set aside",
            where=file,
            do="run `churn ingest`, then correct what is set aside of the new file",
        )
    for number, text in changed.items():
        try:
            text.encode(reader.encoding)
        except UnicodeEncodeError as error:
            raise ExtractError(
                f"a corrected record holds signs that {reader.encoding} does not have",
                where=f"{file}, line {number}",
                do="write it with the signs of the file's encoding",
            ) from error


def read_corrections(path: Path) -> list[Correction]:
    """Read corrected records: JSON lines with ``file``, ``line`` and ``record``.

    Raises
    ------
    UsageError
        If it is not there or a line is none of these; nothing of it is taken then.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            "the corrected records cannot be read",
            where=path.name,
            do="name a file that `churn quarantine show --out` wrote, saved as UTF-8",
        ) from error
    found = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            found.append(Correction(str(row["file"]), int(row["line"]), str(row["record"])))
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(
                "a line is no corrected record: an object with file, line and record",
                where=f"{path.name}, line {number}",
                do="change `record` alone in what `churn quarantine show --out` wrote",
            ) from error
    return found


def as_json_lines(found: Iterable[Record]) -> bytes:
    """Write records as JSON lines, to be corrected and read by :func:`read_corrections`."""
    rows = (
        {
            "table": record.table,
            "delivery": record.delivery,
            "file": record.file,
            "line": record.line,
            "rule": record.rule,
            "record": record.text,
        }
        for record in found
    )
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


class _Row(NamedTuple):
    file: str
    line: int
    rule: str
    raw: bytes


def _rules(path: Path) -> dict[str, int]:
    """Count the records of a file of the quarantine by rule."""
    with pq.ParquetFile(path) as file:
        name = "rule" if "rule" in file.schema_arrow.names else "reason"
        counted = file.read(columns=[name])[name].value_counts().to_pylist()
    return dict(sorted((each["values"], each["counts"]) for each in counted))


def _rows(path: Path) -> Iterator[_Row]:
    """Yield the records of a file; of answers that did not fit, what was filled in."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches():
            for row in batch.to_pylist():
                if "raw" in row:
                    yield _Row(row["file"], row["line"], row["rule"], row["raw"])
                else:
                    cells = {k: v for k, v in row.items() if k not in {"line", "reason"}}
                    raw = json.dumps(cells, ensure_ascii=False).encode()
                    yield _Row(path.stem, row["line"], row["reason"], raw)


def _format_of(settings: IngestSettings, folder: Path, table: str, file: str) -> FileFormat | None:
    """Return how a file that feeds a table is read; None for one that no source names."""
    mapping = settings.mappings.get(table)
    for source in mapping.sources if mapping else ():
        patterns: list[tuple[str, FileFormat]] = [(join.files, join) for join in source.join]
        if source.files is not None:
            patterns.insert(0, (source.files, source))
        if source.view is not None:
            inputs = settings.views[source.view].inputs.values()
            patterns += [(each.files, each) for each in inputs]
        for pattern, how in patterns:
            there = any(path == folder / file for path in folder.glob(pattern))
            if there or PurePosixPath(file).match(pattern):
                return how
    return None
