"""The synthetic operator: an invented telecom whose every chance is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from churn.errors import SettingsError
from churn.sample import campaigns, returns
from churn.sample.operator import Operator
from churn.sample.truthfiles import TruthFiles
from churn.sample.writing import Deliveries
from churn.store import atomic

SMALL = 20_000  # worlds up to this size are compressed hard, larger ones fast


@dataclass(frozen=True)
class SampleReport:
    """What was written.

    Parameters
    ----------
    rows
        Good rows per table, over all files; restated and late rows count where delivered.
    files
        Files per table.
    dirt
        Lines broken or repeated on purpose, per file and kind of defect; not among ``rows``.
    truth_rows
        Subscribers × snapshots in ``truth/outcomes.parquet``.
    """

    rows: Mapping[str, int]
    files: Mapping[str, int]
    dirt: Mapping[str, Mapping[str, int]]
    truth_rows: int


def generate(
    folder: Path,
    *,
    customers: int,
    months: int,
    seed: int,
    calls_per_month: float = 10,
    start: date = date(2023, 1, 1),
    dirty: bool = True,
    campaign_share: float | None = None,
    control_share: float | None = None,
    effect: float = 1.0,
    additions: bool = False,
    downgrades: bool = False,
    re_entries: float = 0.0,
) -> SampleReport:
    """Write the deliveries of an invented operator to ``folder``, and the truth beside them.

    Same arguments, same bytes. The world is lived month by month, so memory depends on the number
    of subscribers and not on the number of months. Formats: ``data/sample/README.md``.

    Parameters
    ----------
    folder
        Gets ``extracts/`` and ``truth/``; older ones are replaced.
    customers
        How many **subscribers** (lines) the world begins with, before eight months of settling;
        households and firms hold several, so there are about a third fewer holders.
    months
        Months delivered; the truth has a snapshot on the day of each delivery.
    calls_per_month
        Call records per subscriber and month, on average.
    start
        First of the first month delivered.
    dirty
        Whether to put about 0.02 % of broken or repeated lines into bills and calls.
    campaign_share
        Share of the base that a month's retention campaigns select, controls included; the usual
        3.8 % if not given. Another share gives another world of the same mechanism.
    control_share
        Share of every list that is left alone; 10 to 25 % by campaign if not given.
    effect
        What the effects of contacts are multiplied by: 1 as shipped, 0 for none.
    additions
        Whether to deliver the optional columns and tables too that the shipped world lacks
        (``docs/adr/0030-additions.md``); all other files keep their bytes.
    downgrades
        Whether lines move to cheaper tariffs: another world, which delivers the additions too and
        tells its chances in ``truth/downgrades.parquet`` (``docs/adr/0030-additions.md``).
    re_entries
        Share of the mobile lines that leave for good whose holder begins anew under another number,
        told in ``truth/re_entries.parquet``; as often somebody else of their circle begins a line.
        More than 0 gives another world (``docs/adr/0035-re-entries.md``).

    Raises
    ------
    SettingsError
        When a number is out of range or ``start`` is not the first of a month.
    """
    if customers < 1 or months < 1 or calls_per_month <= 0 or seed < 0 or start.day != 1:
        raise SettingsError(
            "a world needs at least one customer, one month, some calls, a seed of 0 or more and"
            " a start on the first of a month",
            where="churn sample",
            do="correct --customers, --months, --calls-per-month or --seed",
        )
    share = campaigns.USUAL if campaign_share is None else campaign_share
    if not 0 <= share <= campaigns.MOST:
        raise SettingsError(
            f"campaigns cannot select {share:.0%} of the base a month",
            where="churn sample",
            do=f"give a --campaign-share between 0 and {campaigns.MOST:g}",
        )
    held_out = campaigns.USUAL if control_share is None else control_share
    if not 0 < held_out < 1 or not -2 <= effect <= 2:
        raise SettingsError(
            "campaigns leave some of their lists alone, not all, and effects are at most doubled",
            where="churn sample",
            do="give a --control-share between 0 and 1, and an --effect between -2 and 2",
        )
    if not 0 <= re_entries <= returns.MOST:
        raise SettingsError(
            f"{re_entries:.0%} of those who leave cannot begin anew: as many neighbours begin too",
            where="churn sample",
            do=f"give --re-entries between 0 and {returns.MOST:g}",
        )
    with atomic.folder(folder / "extracts") as extracts, atomic.folder(folder / "truth") as truth:
        level = 9 if customers <= SMALL else 1
        deliveries = Deliveries(extracts, level, dirty=dirty)
        programme = campaigns.Programme(share / campaigns.USUAL, control_share, effect)
        operator = Operator(
            start,
            seed,
            customers,
            calls_per_month,
            deliveries,
            programme,
            additions=additions or downgrades,
            downgrades=downgrades,
            re_entries=re_entries,
        )
        more = {"downgrades": downgrades, "re_entries": re_entries > 0}
        with TruthFiles(truth, **more) as truths:
            operator.run(months, truths)
        atomic.write_json(truth / "dirt.json", deliveries.dirt)
    return SampleReport(deliveries.rows, deliveries.files, deliveries.dirt, truths.rows)
