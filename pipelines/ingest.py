"""``churn ingest``: the delivered files into the canonical tables, dirty as they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import churn.ingest
from churn import states
from churn.ingest import IngestReport, deliveries, fit, profiles
from churn.ingest.checking import raise_first
from churn.ingest.fit import FitFinding
from churn.ingest.matching import BOOKS, EXPECTED, Match, respelt, strangers
from churn.ingest.query_files import ask
from churn.ingest.registry import Registry
from pipelines import daily_sums
from pipelines.identities import own_ids
from pipelines.run import Run

MORE_TABLES = ("more table does not match", "more tables do not match", " like it")
LOOKED_AT = 10_000  # ids of which it is tried how they would match


def ingest(run: Run) -> IngestReport:
    """Read what is new, register it, and refuse what does not fit the settings or each other.

    Raises
    ------
    ExtractError
        If a table breaks its contract beyond its limit, a state code is unknown, or hardly a row
        of a table is of anybody on the books.
    """
    report = take_in(run)
    require_fit(run)
    return report


def take_in(run: Run) -> IngestReport:
    """Ask the databases, read what is new, and refuse state codes that the settings do not know.

    Raises
    ------
    ExtractError
        If a database does not answer, a table breaks its contract beyond its limit, or a state code
        is unknown.
    """
    with run.stages.noted("ingest", None) as note:
        asked = ask(run.settings.ingest, run.base, run.today)
        report = churn.ingest.ingest(
            run.settings.ingest,
            run.base,
            run.workspace,
            run.ingest_engine,
            code_version=run.ingest_version,
        )
        profiles.remove_orphans(list(Registry(run.workspace).entries.values()), run.workspace)
        _require_known_codes(run)
        strange = tuple(
            match.wording()
            for match in _matches(run)
            if match.share < EXPECTED and match.table != BOOKS  # newcomers are no strangers
        )
        fits = tuple(finding.wording().en for finding in _found(run))
        brought = tuple(each.wording() for each in asked)
        report = replace(report, strange=strange, fits=fits, asked=brought)
        note.text = report.summary()
        if report.unchanged:
            note.skip(report.summary())
    _keep_sums(run)
    return report


def _keep_sums(run: Run) -> None:
    """Sum what came in by subscriber and day, where it is much."""
    delivered = deliveries(run.workspace)
    run.sums_kept.remove_orphans(delivered)
    missing = run.sums_kept.missing(delivered)
    if missing:
        with run.stages.noted("sums", None) as note:
            note.text = daily_sums.make(run.ingest_engine, missing)


def require_fit(run: Run) -> None:
    """Refuse tables that do not fit each other, or what was delivered before.

    First those of which hardly a row is of somebody on the books: their ids are spelt apart.

    Raises
    ------
    ExtractError
        Of the first such table; the others are counted.
    """
    problems = []
    for match in _matches(run):
        least = run.settings.ingest.mappings[match.table].min_matched
        if match.share < least:
            problems.append(match.problem(least, _spelling(run, match)))
    if any(problems):
        with run.stages.noted("ingest", None):  # the ledger tells that it did not go well
            raise_first([problem for problem in problems if problem is not None], MORE_TABLES)
    if any(finding.stops for finding in _found(run)):
        with run.stages.noted("ingest", None):
            fit.require_fit(_found(run))


def _spelling(run: Run, match: Match) -> str | None:
    """Say how the ids of a table differ from those of the books, from the map of identifiers."""
    entries = Registry(run.workspace).known_by(_last(run))
    strange, books = strangers(
        match, entries, run.workspace.root, run.ingest_engine, most=LOOKED_AT
    )
    ids = own_ids(run)
    return respelt(
        [ids[name] for name in strange if name in ids], [ids[name] for name in books if name in ids]
    )


def _matches(run: Run) -> tuple[Match, ...]:
    return run.matches(_last(run)) if run.tables.deliveries else ()


def _found(run: Run) -> tuple[FitFinding, ...]:
    return run.fit(_last(run)) if run.tables.deliveries else ()


def _last(run: Run) -> date:
    return max(delivery.delivered_on for delivery in run.tables.deliveries)


def _require_known_codes(run: Run) -> None:
    if not run.tables.deliveries:
        return
    events = run.tables.known_at(_last(run)).status_events
    counted = run.engine.to_arrow(
        states.unknown_codes(events, run.settings.states), order_by=["status"]
    )
    states.require_known_codes(
        dict(zip(counted["status"].to_pylist(), counted["rows"].to_pylist(), strict=True))
    )
