"""Which files there are, what deliveries they make, and which of them came twice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from churn.errors import ChurnError, ExtractError, SettingsError
from churn.ingest.corrections import NOTHING_CORRECTED, Corrections
from churn.ingest.extracts import Beside, Extract, delivered_files, extract_of
from churn.ingest.names import last_day
from churn.ingest.readers import FileFormat
from churn.ingest.registry import Entry, Slot
from churn.ingest.settings import IngestSettings
from churn.ingest.sources import InitialLoad, JoinMapping, SourceMapping
from churn.ingest.targets import listed_under
from churn.ingest.views import ViewInput, ViewMapping
from churn.store.hashing import fingerprint
from churn.tables import TABLES, Mode


@dataclass(frozen=True)
class Feed:
    """One file that feeds a delivery through one source, with the files joined to it.

    Through a view, ``file`` is that of its first input and ``joined`` are those of the others;
    ``further`` are the delivery's other files of the first, where it is read together, and
    ``earlier`` those delivered before each of ``joined`` that are read with it. ``as_of`` is the
    day that the first one's name tells.
    """

    source: int
    file: Extract
    joined: tuple[Extract, ...] = ()
    view: ViewMapping | None = None
    further: tuple[Extract, ...] = ()
    earlier: tuple[tuple[Extract, ...], ...] = ()
    as_of: date | None = None

    @property
    def extracts(self) -> tuple[Extract, ...]:
        """All files that it is made of."""
        return (self.file, *self.further, *self.joined, *(e for each in self.earlier for e in each))


@dataclass(frozen=True)
class Planned:
    """A delivery to be: the files of one table, partition and day.

    Parameters
    ----------
    covers_until
        The last day whose facts it holds, where that is declared: the earliest of its files'.
    """

    table: str
    partition: str
    delivered_on: date
    covers_until: date | None
    mode: Mode
    feeds: tuple[Feed, ...]
    load: InitialLoad | None
    mapping: str

    @property
    def slot(self) -> Slot:
        """What identifies it."""
        return (self.table, self.partition, self.delivered_on.isoformat())

    def inputs(self) -> tuple[tuple[str, int, str], ...]:
        """Return name, source and hash of every file it is made of."""
        files = [(f.source, extract) for f in self.feeds for extract in f.extracts]
        return tuple(sorted({(e.name, source, e.sha256) for source, e in files}))

    def corrections(self) -> frozenset[tuple[str, str]]:
        """Return name and corrections of every file whose records are corrected."""
        files = (extract for feed in self.feeds for extract in feed.extracts)
        return frozenset((e.name, e.corrections) for e in files if e.corrections)


@dataclass(frozen=True)
class Plan:
    """All deliveries that the files make; what is wrong with some; who came twice."""

    planned: tuple[Planned, ...]
    problems: tuple[ChurnError, ...]
    repeated: tuple[str, ...]


@dataclass(frozen=True)
class _Dated:
    feed: Feed
    partition: str
    delivered_on: date
    covers_until: date | None
    load: InitialLoad | None


def make_plan(
    settings: IngestSettings,
    base: Path,
    ingested: Iterable[Entry],
    corrections: Corrections = NOTHING_CORRECTED,
) -> Plan:
    """Find the files of every table and sort them into deliveries.

    Parameters
    ----------
    ingested
        What the workspace holds: a file it already counted, since archived, is not counted again.
    corrections
        Records to be read as they were corrected.

    Raises
    ------
    ExtractError
        If the folder of the extracts is not there.
    """
    folder = settings.extracts(base)
    if not folder.is_dir():
        raise ExtractError(
            "the folder of the extracts is not there",
            where=f"ingest.folder ({settings.folder})",
            do="create it, or correct the path; it is relative to the settings file",
        )
    entries = list(ingested)
    planned: list[Planned] = []
    problems: list[ChurnError] = []
    repeated: list[str] = []
    for name, mapping in settings.mappings.items():
        mode = mapping.mode or TABLES[name].mode
        mine = [entry for entry in entries if entry.table == name]
        arrived: list[_Dated] = []
        for number, source in enumerate(mapping.sources):
            try:
                arrived += _find(folder, name, number, source, mine, settings.views, corrections)
            except ChurnError as error:
                problems.append(error)
        if mode != "full":
            arrived, again = _once(arrived, mine)
            repeated += [f"{name}: {file}" for file in again]
        slots: dict[tuple[date, str], list[_Dated]] = {}
        for dated in arrived:
            slots.setdefault((dated.delivered_on, dated.partition), []).append(dated)
        for (day, partition), files in sorted(slots.items()):
            loads = {dated.load for dated in files}
            if len(loads) > 1:
                problems.append(_disagreeing(name, partition, day))
                continue
            feeds = tuple(
                sorted((d.feed for d in files), key=lambda feed: (feed.file.name, feed.source))
            )
            covers = min((d.covers_until for d in files if d.covers_until), default=None)
            version = mapping_fingerprint(settings, name, {feed.source for feed in feeds})
            planned.append(Planned(name, partition, day, covers, mode, feeds, loads.pop(), version))
    return Plan(tuple(planned), tuple(problems), tuple(repeated))


_NOT_OF_A_ROW = {"extra", "from_delivery", "to_delivery"}  # what changes no row of a delivery


def mapping_fingerprint(settings: IngestSettings, table: str, sources: Collection[int]) -> str:
    """Return one hash of all that decides how files become a delivery's rows.

    Parameters
    ----------
    sources
        Numbers of the sources that feed it: another layout, added behind them, changes nothing.
    """
    every = settings.mappings[table].sources
    used_here = tuple(every[number] for number in sorted(sources) if number < len(every))
    mapping = (
        settings.mappings[table]
        .model_copy(update={"sources": used_here})
        .model_dump(
            mode="json",
            exclude={
                "max_rejected": True,
                "max_rejected_rows": True,
                "min_matched": True,
                "sources": {"__all__": _NOT_OF_A_ROW},
            },
        )
    )
    used = {source.view for source in used_here if source.view}
    if used:
        mapping["views"] = {n: settings.views[n].model_dump(mode="json") for n in sorted(used)}
    return fingerprint(
        {"mapping": mapping, "key": settings.key(), "table": repr(TABLES[table]), "format": 1}
    )


def _disagreeing(table: str, partition: str, day: date) -> SettingsError:
    return SettingsError(
        f"two sources feed the delivery {partition or 'without period'} of {day} and disagree on"
        " its initial_load",
        where=f"{listed_under(table)}.sources",
        do="give both sources the same initial_load, or different days of delivery",
    )


def _find(
    folder: Path,
    table: str,
    number: int,
    source: SourceMapping,
    ingested: list[Entry],
    views: Mapping[str, ViewMapping],
    corrections: Corrections,
) -> list[_Dated]:
    view = views[source.view] if source.view else None
    pattern = view.inputs[view.checked.first].files if view else source.files or ""
    paths = delivered_files(folder, pattern, source)
    where = f"{listed_under(table)}.sources[{number}].files"
    beside: Sequence[JoinMapping | ViewInput] = source.join
    how: FileFormat = source
    if view:
        where = f"ingest.views.{source.view}.inputs.{view.checked.first}.files"
        beside = [view.inputs[name] for name in view.others]
        how = view.inputs[view.checked.first]
    archived = any(file.source == number for entry in ingested for file in entry.files)
    if not paths and not source.optional and not archived:
        raise ExtractError(
            f"no file is called {pattern}",
            where=where,
            do="run `churn ingest`, which asks the database; where it has no rows yet, set"
            " `optional: true`"
            if source.query
            else "deliver the files, correct the pattern, or set `optional: true`",
        )
    others = [Beside(folder, table, other, corrections) for other in beside] if paths else []
    files = []
    for path, named in paths:
        extract = extract_of(folder, path, how, corrections)
        values = source.name.read(named.relative_to(folder).as_posix()) if source.name else {}
        if values is None:
            raise ExtractError(
                f"a file that {pattern} finds is not named {source.name and source.name.root}",
                where=f"{extract.name} ({where})",
                do="rename the file, or correct `name:` or `files:`",
            )
        period = values.get("period") or source.period or ""
        delivered_on = source.delivery_day(period, values.get("delivered_on"))
        if delivered_on is None:
            raise ExtractError(
                f"{period} is neither a month nor a day, from which its delivery is counted",
                where=f"{extract.name} ({where})",
                do="correct `name:`, or say in it when the files were delivered: {delivered_on}",
            )
        if not source.lays_out(delivered_on):
            continue
        load = source.initial_load
        declared: date | None = values.get("covers_until") or source.covers_until
        if load:
            declared = load.covers_until
        if declared and declared > delivered_on:
            raise SettingsError(
                f"a delivery of {delivered_on} is said to cover {declared}, which came after it",
                where=f"{extract.name} ({listed_under(table)}.sources[{number}])",
                do="correct covers_until: the last day whose facts the files hold",
            )
        read = [other.of(period, delivered_on) for other in others]
        earlier = tuple(before for _, *before in read) if any(len(e) > 1 for e in read) else ()
        own = tuple(each for each, *_ in read)
        day = last_day(period) or delivered_on - timedelta(days=1)
        feed = Feed(number, extract, own, view, earlier=tuple(map(tuple, earlier)), as_of=day)
        files.append(_Dated(feed, period, delivered_on, declared, load))
    return _together(files) if view and view.inputs[view.checked.first].together else files


def _together(files: Sequence[_Dated]) -> list[_Dated]:
    """Make one of all files of a delivery; it covers what the one that covers least does."""
    deliveries: dict[tuple[date, str], list[_Dated]] = {}
    for dated in files:
        deliveries.setdefault((dated.delivered_on, dated.partition), []).append(dated)
    whole = []
    for parts in deliveries.values():
        first, *others = sorted(parts, key=lambda dated: dated.feed.file.name)
        further = tuple(dated.feed.file for dated in others)
        covers = min((part.covers_until for part in parts if part.covers_until), default=None)
        whole.append(replace(first, feed=replace(first.feed, further=further), covers_until=covers))
    return whole


def _once(files: list[_Dated], ingested: list[Entry]) -> tuple[list[_Dated], list[str]]:
    """Leave out files whose content the table already has from an earlier file.

    A file without rows is never a repetition: it says that its period had none.
    """
    present = {dated.feed.file.name for dated in files}
    seen: dict[tuple[int, str], str] = {
        (file.source, file.sha256): file.name
        for entry in ingested
        for file in entry.files
        if file.role == "rows" and file.name not in present
    }
    kept: list[_Dated] = []
    again: list[str] = []
    order = sorted(files, key=lambda d: (d.delivered_on, d.feed.file.name, d.feed.source))
    content = _contents([dated.feed.file for dated in order])
    for dated in order:
        file, source = dated.feed.file, dated.feed.source
        keys = {(source, file.sha256), (source, content[file.name])}
        if any(key in seen for key in keys) and file.reader.has_records():
            again.append(file.name)
            continue
        seen |= dict.fromkeys(keys, file.name)
        kept.append(dated)
    return kept, again


def _contents(files: list[Extract]) -> dict[str, str]:
    """Return, per name, a hash that is equal for equal content, however it was packed.

    Only files whose gzip trailers (checksum and length) agree are unpacked to be compared.
    """
    trailers = {file.name: file.reader.trailer() for file in files}
    alike: dict[bytes | None, set[str]] = {None: set()}
    for file in files:
        if trailers[file.name] is not None:
            alike.setdefault(trailers[file.name], set()).add(file.sha256)
    return {
        file.name: file.reader.sha256_of_content()
        if len(alike[trailers[file.name]]) > 1
        else file.sha256
        for file in files
    }
