"""``churn profile``: a delivery in pictures, one page for each that is looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from churn.errors import UsageError
from churn.ingest.fit import current_entries
from churn.ingest.matching import BOOKS
from churn.ingest.profiles import profile_of
from churn.ingest.registry import Entry, Registry
from churn.ingest.set_aside import EVERYTHING, Selection
from churn.language import Language
from churn.report.page.profile import DeliveryPage, write_profile
from churn.store.atomic import write_bytes
from churn.windows import months_between
from pipelines.run import Run

NAMED = 10  # deliveries that an error names


def profile(
    run: Run,
    selection: Selection = EVERYTHING,
    language: Language | None = None,
    folder: Path | None = None,
) -> list[Path]:
    """Write the page of each delivery selected, else of each table's newest; return where.

    Parameters
    ----------
    folder
        Where the pages go; ``profiles`` in the workspace if not told.

    Raises
    ------
    UsageError
        If no such delivery was ingested.
    """
    entries = list(Registry(run.workspace).entries.values())
    chosen = _chosen(entries, selection)
    with run.stages.noted("profile", None) as note:
        written = []
        for entry in chosen:
            page = write_profile(_page(run, entry, entries), language or run.settings.language)
            place = (folder or run.workspace.profiles) / f"{entry.table}-{entry.label}.html"
            write_bytes(place, page)
            written.append(place)
        note.text = f"{len(written)} pages"
        return written


def _chosen(entries: Sequence[Entry], selection: Selection) -> list[Entry]:
    """Return the deliveries that are meant: without one named, the newest of each table."""
    meant = [e for e in entries if selection.names(e.table, e.label)]
    if not meant:
        names = sorted({f"{entry.table} {entry.label}" for entry in entries}, reverse=True)
        raise UsageError(
            "no such delivery was ingested",
            where=" ".join(filter(None, (selection.table, selection.delivery))) or "the workspace",
            do=f"choose among {'; '.join(names[:NAMED])}" if names else "run `churn ingest` first",
        )
    if selection.delivery is not None:
        return meant
    newest = {entry.table: entry for entry in sorted(meant, key=_age)}
    return list(newest.values())


def _age(entry: Entry) -> tuple[str, str]:
    return (entry.delivered_on, entry.partition)


def _page(run: Run, entry: Entry, entries: Sequence[Entry]) -> DeliveryPage:
    mine = sorted((each for each in entries if each.table == entry.table), key=_age)
    before = [each for each in mine if _age(each) < _age(entry)]
    months: Counter[str] = Counter()
    for each in current_entries(mine, run.workspace.root):
        for month, counted in profile_of(each, run.workspace).months.items():
            months[month] += counted.rows
    day = max(delivery.delivered_on for delivery in run.tables.deliveries)
    strange = {match.table: match.unmatched for match in run.matches(day) if match.table != BOOKS}
    return DeliveryPage(
        entry,
        profile_of(entry, run.workspace),
        (before[-1], profile_of(before[-1], run.workspace)) if before else None,
        {month: months[month] for month in months_between(min(months), max(months))}
        if months
        else {},
        [finding for finding in run.fit(day) if finding.table == entry.table],
        strange.get(entry.table),
    )
