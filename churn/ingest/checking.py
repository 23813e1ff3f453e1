"""A look at all extracts before anything is written: are they there, readable, as mapped."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from churn.errors import ChurnError, ExtractError
from churn.ingest.casting import bare
from churn.ingest.contracts import too_many
from churn.ingest.corrections import NOTHING_CORRECTED, Corrections
from churn.ingest.heads import Head, read_head
from churn.ingest.interpretation import Interpretation, interpretations
from churn.ingest.matching import BOOKS, EXPECTED, in_heads, key_of, respelt
from churn.ingest.names import last_day
from churn.ingest.planning import Feed, Planned, make_plan
from churn.ingest.settings import IngestSettings
from churn.ingest.staging import resolve_feed
from churn.ingest.suggestion.advice import way_of
from churn.ingest.targets import listed_under
from churn.tables import TABLES, Table
from churn.windows import months_between

NAMED_GAPS = 6
MORE_PROBLEMS = ("more problem", "more problems", ": `churn check` lists them all")
MORE_DELIVERIES = ("more delivery fails", "more deliveries fail", " like it")
_LINES = re.compile(r"[\d,]+ of the first [\d,]+ lines")


@dataclass(frozen=True)
class Findings:
    """What a check found.

    Parameters
    ----------
    problems
        What keeps ingest from starting, each with its remedy.
    notes
        What is worth knowing.
    deliveries, files
        How many were looked at.
    columns
        How each column of these blocks was read.
    heads
        Table and the first block of one of its sources' newest file.
    """

    problems: tuple[ChurnError, ...]
    notes: tuple[str, ...]
    deliveries: int
    files: int
    heads: tuple[tuple[str, Head], ...] = field(default=(), repr=False)
    columns: tuple[Interpretation, ...] = field(default=(), repr=False)

    @property
    def ok(self) -> bool:
        """Whether ingest would start."""
        return not self.problems

    def counted(self, table: str, column: str) -> Mapping[str, int]:
        """Return how many accepted rows of the first blocks hold each value of a text column."""
        return Counter(
            value
            for name, head in self.heads
            if name == table
            for value in head.rows[column].drop_null().to_pylist()
        )

    def summary(self) -> str:
        """Say what was looked at and found, problems in full."""
        head = f"{self.files} files of {self.deliveries} deliveries looked at: "
        verdict = f"{len(self.problems)} problems" if self.problems else "all as the settings say"
        return "\n".join([head + verdict, *self.notes, *map(str, self.problems)])


def raise_first(problems: Sequence[ChurnError], more: tuple[str, str, str] = MORE_PROBLEMS) -> None:
    """Raise the first of several errors and say how many more there are.

    Parameters
    ----------
    more
        What the others are: one of them, several of them, and what follows.
    """
    if not problems:
        return
    first, *others = problems
    if not others:
        raise first
    one, several, rest = more
    do = f"{first.do}; {len(others)} {one if len(others) == 1 else several}{rest}"
    raise type(first)(first.what, where=first.where, do=do) from first


def check(
    settings: IngestSettings, base: Path, corrections: Corrections = NOTHING_CORRECTED
) -> Findings:
    """Look at every extract that the settings name, without writing anything.

    The header of every file is compared with the settings, and the first block of each source's
    newest file with the rules of its table.

    Parameters
    ----------
    base
        The folder of the settings file.
    corrections
        Records to be read as they were corrected.
    """
    try:
        plan = make_plan(settings, base, (), corrections)
    except ChurnError as error:
        return Findings((error,), (), 0, 0)
    problems = [*plan.problems, *header_problems(plan.planned, settings)]
    heads: list[tuple[str, Head]] = []
    columns: list[Interpretation] = []
    for planned, feed, head in _heads(plan.planned, settings):
        heads.append((planned.table, head))
        source = settings.mappings[planned.table].sources[feed.source]
        columns += interpretations(TABLES[planned.table], source, head)
        problems += _row_problems(planned, feed, head, settings)
    strange, told = _fit(plan.planned, heads, settings)
    problems += strange
    notes = [f"delivered twice, counted once: {name}" for name in plan.repeated]
    notes += told
    notes += _periods_missing(plan.planned)
    missing = [n for n, t in TABLES.items() if t.required and n not in settings.mappings]
    notes += [f"table {name} is needed and has no sources" for name in missing]
    files = sum(len(planned.feeds) for planned in plan.planned)
    columns.sort(key=lambda each: list(TABLES).index(each.table))
    return Findings(
        tuple(problems), tuple(notes), len(plan.planned), files, tuple(heads), tuple(columns)
    )


def _periods_missing(planned: Iterable[Planned]) -> list[str]:
    """Tell of each table which months have no file between others that have one."""
    months: dict[str, set[str]] = {}
    for delivery in planned:
        day = last_day(delivery.partition)
        if day is not None:
            months.setdefault(delivery.table, set()).add(f"{day:%Y-%m}")
    notes = []
    for table, there in months.items():
        gaps = [month for month in months_between(min(there), max(there)) if month not in there]
        if gaps:
            shown = ", ".join(gaps[:NAMED_GAPS]) + (", …" if len(gaps) > NAMED_GAPS else "")
            notes.append(
                f"{table}: no file of {len(gaps)} months between others ({shown}); where their rows"
                " are in no other file, `churn ingest` tells so (FIT201)"
            )
    return notes


def header_problems(planned: Iterable[Planned], settings: IngestSettings) -> list[ChurnError]:
    """Return what is wrong with the headers and encodings, once per table and cause."""
    causes: dict[tuple[str, str, str], dict[str, ChurnError]] = {}
    for delivery in planned:
        sources = settings.mappings[delivery.table].sources
        for feed in delivery.feeds:
            try:
                resolve_feed(TABLES[delivery.table], delivery.mode, sources[feed.source], feed)
            except ChurnError as error:
                cause = (delivery.table, _LINES.sub("many lines", error.what), error.do)
                causes.setdefault(cause, {}).setdefault(error.where, error)
    return [
        _alike(table, problem, list(errors.values()))
        for (table, problem, _), errors in causes.items()
    ]


def _alike(table: str, problem: str, errors: list[ChurnError]) -> ChurnError:
    """Return one error for files that fail alike."""
    first, *others = errors
    if not others:
        return first
    return type(first)(
        f"{len(errors)} files of {table} alike: {problem}",
        where=f"{first.where} and {len(others)} more",
        do=first.do,
    )


def _heads(
    planned: Iterable[Planned], settings: IngestSettings
) -> Iterator[tuple[Planned, Feed, Head]]:
    """Judge, per source, the first block of the newest file in which there are rows."""
    newest = sorted(
        ((delivery, feed) for delivery in planned for feed in delivery.feeds),
        key=lambda pair: (pair[0].delivered_on, pair[1].file.name),
        reverse=True,
    )
    done: set[tuple[str, int]] = set()
    for delivery, feed in newest:
        if (delivery.table, feed.source) in done:
            continue
        source = settings.mappings[delivery.table].sources[feed.source]
        try:
            head = read_head(TABLES[delivery.table], delivery.mode, source, feed)
        except ChurnError:  # told with the headers, or by ingest where the damage lies deeper
            done.add((delivery.table, feed.source))
            continue
        if head is not None and head.judged:
            done.add((delivery.table, feed.source))
            yield delivery, feed, head


def _row_problems(
    planned: Planned, feed: Feed, head: Head, settings: IngestSettings
) -> list[ChurnError]:
    table = settings.mappings[planned.table]
    breach = too_many(head.broken, head.unlisted, head.shapes, head.judged, table, of="the first ")
    if breach is None:
        return []
    place = listed_under(planned.table)
    advice = _advice(TABLES[planned.table], head)
    error = ExtractError(
        breach,
        where=f"{planned.table}, {feed.file.name}",
        do=f"{advice}correct {place}.sources[{feed.source}] or the extract, or raise"
        f" {place}.max_rejected",
    )
    return [error]


def _advice(table: Table, head: Head) -> str:
    """Name the way in which columns are read that were not, where there is one."""
    ways = []
    for column, (header, texts) in head.unread.items():
        way = way_of(header, texts, table, table[column])
        if way is not None:
            ways.append(f"`{column}: {way}`")
    if not ways:
        return ""
    return f"under `columns:` say {', '.join(ways)}, which read these values; or "


def _fit(
    planned: Iterable[Planned], heads: Iterable[tuple[str, Head]], settings: IngestSettings
) -> tuple[list[ExtractError], list[str]]:
    """Hold the ids of the first rows to all those on the books; problems, and what is no problem.

    Nothing is said where the books cannot be read beforehand, or are the rows of a view.
    """
    books = _books(planned, settings)
    if not books:
        return [], []
    named = [
        (table, [text for text in head.rows["subscriber_id"].to_pylist() if text is not None])
        for table, head in heads
        if table != BOOKS and key_of(table) == "subscriber_id"
    ]
    problems, notes = [], []
    for match in in_heads(named, books):
        strange = sorted(
            {one for table, ids in named if table == match.table for one in ids} - books
        )
        spelling = respelt(strange, books)
        problem = match.problem(settings.mappings[match.table].min_matched, spelling)
        if problem is not None and spelling is not None:
            problems.append(problem)  # first rows alone may be of those who left long ago
        elif match.share < EXPECTED:
            notes.append(match.wording("the first "))
    return problems, notes


def _books(planned: Iterable[Planned], settings: IngestSettings) -> frozenset[str]:
    """Return the id of every subscriber in any delivery, as the operator writes them."""
    ids: set[str] = set()
    for delivery, feed in ((p, f) for p in planned if p.table == BOOKS for f in p.feeds):
        source = settings.mappings[BOOKS].sources[feed.source]
        try:
            rows = resolve_feed(TABLES[BOOKS], delivery.mode, source, feed)
            origins = [row.origins["subscriber_id"] for row in rows]
            if feed.view is not None or any(o.join is not None or o.position < 0 for o in origins):
                return frozenset()
            positions = sorted({origin.position for origin in origins})
            prefixes = {(o.position, o.how.prefix or "" if o.how else "") for o in origins}
            for records in feed.file.reader.records(positions):
                for position, prefix in prefixes:
                    ids.update(bare(records.fields[position].unique(), prefix).to_pylist())
        except ChurnError:  # told with the headers
            return frozenset()
    return frozenset(ids)
