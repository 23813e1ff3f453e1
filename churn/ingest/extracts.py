"""The files of extracts on disk: which belong to a source, and which stand beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from churn.errors import ExtractError
from churn.ingest.corrections import Corrections
from churn.ingest.names import last_day
from churn.ingest.readers import Corrected, FileFormat, Reader, reader_of
from churn.ingest.sources import JoinMapping, SourceMapping
from churn.ingest.views import ViewInput
from churn.store.hashing import fingerprint


@dataclass(frozen=True)
class Extract:
    """One file on disk; ``name`` is relative to the folder of the extracts.

    ``corrections`` is the hash of what corrects records of it, if anything does; ``state`` tells
    whether it is still the file that was hashed.
    """

    name: str
    reader: Reader
    sha256: str
    corrections: str = ""
    state: tuple[int, int] | None = None

    def require_unchanged(self) -> None:
        """Refuse a file that has been written to since it was hashed.

        Raises
        ------
        ExtractError
            If it has changed, or is gone.
        """
        if self.state is not None and _state_of(self.reader.path) != self.state:
            raise ExtractError(
                "the file changed while it was read",
                where=self.name,
                do="run again once it is whole; deliver under another name and rename when done",
            )


def extract_of(folder: Path, path: Path, how: FileFormat, corrections: Corrections) -> Extract:
    """Return a file with its hash, read as what corrects records of it has them."""
    reader = reader_of(path, how)
    state = _state_of(path)
    sha256 = reader.sha256()
    records = corrections.of(sha256)
    name = path.relative_to(folder).as_posix()
    if not records:
        return Extract(name, reader, sha256, state=state)
    hashed = fingerprint(sorted(records.items()))
    return Extract(name, Corrected(reader, records), sha256, hashed, state)


def _state_of(path: Path) -> tuple[int, int] | None:
    """Return size and time of change; None where there is no such file."""
    try:
        known = path.stat()
    except OSError:
        return None
    return known.st_size, known.st_mtime_ns


def delivered_files(folder: Path, pattern: str, source: SourceMapping) -> list[tuple[Path, Path]]:
    """Return the files that a pattern finds, each with what is named after the delivery.

    That is the file, or the folder whose parts a cluster wrote. Control files are none of them.

    Raises
    ------
    ExtractError
        If a folder of parts is not whole.
    """
    found: list[tuple[Path, Path]] = []
    for path in sorted(folder.glob(pattern)):
        if path.is_file():
            found.append((path, path))
        elif path.is_dir():
            found += [(part, path) for part in _parts(path)]
    if source.control is None:
        return found
    controls = {source.control.beside(path) for path, _ in found}
    return [(path, named) for path, named in found if path not in controls]


def _parts(folder: Path) -> list[Path]:
    """Return the parts of one table that a cluster wrote into a folder; none of any other folder.

    What begins with a dot or an underscore tells of the writing and is no part.
    """
    within = sorted(folder.iterdir())
    parts = [path for path in within if path.name[0] not in "._"]
    if not any(path.name.startswith("part-") or path.name == "_SUCCESS" for path in within):
        return (
            [] if not any("=" in path.name and path.is_dir() for path in parts) else _split(folder)
        )
    if any(path.name in {"_temporary", ".spark-staging"} for path in within):
        raise ExtractError(
            "the folder is still being written, or its writing was broken off",
            where=folder.name,
            do="run again once the writer has finished, which removes its _temporary",
        )
    return parts if all(path.is_file() for path in parts) else _split(folder)


def _split(folder: Path) -> list[Path]:
    raise ExtractError(
        "the folder is divided by the values of a column, which its files do not hold",
        where=folder.name,
        do="write the table without dividing it, or map one folder by value with a `constant:`",
    )


BEGINNING = timedelta(days=31)  # in which the first file of an input goes with what came before


class Beside:
    """The files that stand beside those of a source: one for all, or one for each delivery."""

    def __init__(
        self, folder: Path, table: str, how: JoinMapping | ViewInput, corrections: Corrections
    ) -> None:
        self._folder, self._how, self._corrections = folder, how, corrections
        self._dated = _named(folder, how) if isinstance(how, ViewInput) and how.name else None
        self._one = _only(folder, table, how) if self._dated is None else None
        self._read: dict[Path, Extract] = {}

    def of(self, period: str, delivered_on: date) -> list[Extract]:
        """Return the file for a delivery: of its own period, else of any; the newest by then.

        Behind it stand the files that were delivered before it, where it is read with some.

        In the month before the first of them was delivered it is the first, for an input that is
        read `once:`: at the beginning of all, what came days earlier is about those lines as well.

        Raises
        ------
        ExtractError
            If there is none, or several were delivered on one day.
        """
        paths = [self._one] if self._one else self._paths(period, delivered_on)
        for path in paths:
            if path not in self._read:
                self._read[path] = extract_of(self._folder, path, self._how, self._corrections)
        return [self._read[path] for path in paths]

    def _paths(self, period: str, delivered_on: date) -> list[Path]:
        dated = self._dated or []
        first = min((day for _, day, _ in dated), default=delivered_on)
        lenient = isinstance(self._how, ViewInput) and bool(self._how.once)
        beginning = lenient and first - BEGINNING <= delivered_on < first
        by = first if beginning else delivered_on
        known = [each for each in dated if each[1] <= by]
        mine = [each for each in known if period and _same(each[0], period)] or known
        newest = max((day for _, day, _ in mine), default=None)
        paths = [path for _, day, path in mine if day == newest]
        if len(paths) != 1:
            raise ExtractError(
                f"{len(paths)} files of {self._how.files} go with what was delivered on"
                f" {delivered_on}; it is exactly one",
                where="ingest.views",
                do="deliver the file that belongs to it, or tell them apart in `name:`",
            )
        before = self._how.before if isinstance(self._how, ViewInput) else 0
        older = sorted((day, path) for _, day, path in dated if newest and day < newest)
        return [*paths, *(path for _, path in older[::-1][:before])]


def _same(period: str, other: str) -> bool:
    """Tell equal periods, a month's and its last day's among them."""
    return period == other or (last_day(period) or period) == (last_day(other) or other)


def _named(folder: Path, how: ViewInput) -> list[tuple[str, date, Path]]:
    """Return period, day and path of each file of a view's input."""
    found = []
    for path in sorted(folder.glob(how.files)):
        told = how.delivery(path.relative_to(folder).as_posix())
        if told is None:
            raise ExtractError(
                f"a file that {how.files} finds is not named {how.name and how.name.root}",
                where=path.relative_to(folder).as_posix(),
                do="rename the file, or correct `name:` or `files:` of the view's input",
            )
        found.append((*told, path))
    return found


def _only(folder: Path, table: str, how: JoinMapping | ViewInput) -> Path:
    paths = [path for path in sorted(folder.glob(how.files)) if path.is_file()]
    if len(paths) != 1:
        raise ExtractError(
            f"{len(paths)} files are called {how.files}; a joined file is exactly one",
            where=f"ingest.tables.{table}, join",
            do="deliver the file, or correct the pattern",
        )
    return paths[0]
