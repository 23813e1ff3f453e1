"""A look at all extracts before anything is written: are they there, readable, as mapped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from churn.errors import ChurnError
from churn.ingest.planning import make_plan
from churn.ingest.staging import resolve_feed
from churn.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from churn.ingest.planning import Planned
    from churn.ingest.settings import IngestSettings


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
    """

    problems: tuple[ChurnError, ...]
    notes: tuple[str, ...]
    deliveries: int
    files: int

    @property
    def ok(self) -> bool:
        """Whether ingest would start."""
        return not self.problems

    def summary(self) -> str:
        """Say what was looked at and found, problems in full."""
        head = f"{self.files} files of {self.deliveries} deliveries looked at: "
        found = f"{len(self.problems)} problems" if self.problems else "all as the settings say"
        return "\n".join([head + found, *self.notes, *map(str, self.problems)])

    def require(self) -> None:
        """Raise the first problem and say how many more there are.

        Raises
        ------
        ChurnError
            If there is one.
        """
        raise_first(self.problems)


def raise_first(problems: Sequence[ChurnError]) -> None:
    """Raise the first of several errors and say how many more there are."""
    if not problems:
        return
    first = problems[0]
    if len(problems) == 1:
        raise first
    more = f"{first.do}; {len(problems) - 1} more like it: `churn check` lists them all"
    raise type(first)(first.what, where=first.where, do=more) from first


def check(settings: IngestSettings, base: Path) -> Findings:
    """Look at every extract that the settings name, without writing anything.

    Parameters
    ----------
    base
        The folder of the settings file.
    """
    try:
        plan = make_plan(settings, base, ())
    except ChurnError as error:
        return Findings((error,), (), 0, 0)
    problems = [*plan.problems, *header_problems(plan.planned, settings)]
    notes = [f"delivered twice, counted once: {name}" for name in plan.repeated]
    missing = [n for n, t in TABLES.items() if t.required and n not in settings.tables]
    notes += [f"table {name} is needed and has no sources" for name in missing]
    files = sum(len(planned.feeds) for planned in plan.planned)
    return Findings(tuple(problems), tuple(notes), len(plan.planned), files)


def header_problems(planned: Iterable[Planned], settings: IngestSettings) -> list[ChurnError]:
    """Return what is wrong with the first block of the deliveries' files, once per wording."""
    problems: dict[str, ChurnError] = {}
    for delivery in planned:
        sources = settings.tables[delivery.table].sources
        for feed in delivery.feeds:
            try:
                resolve_feed(TABLES[delivery.table], delivery.mode, sources[feed.source], feed)
            except ChurnError as error:
                problems.setdefault(f"{delivery.table} {error}", error)
    return list(problems.values())
