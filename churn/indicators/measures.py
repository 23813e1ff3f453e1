"""What is counted in each window, by region, account manager, tier and product of the line."""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.causes import CAUSES
from churn.indicators.contacts import BILLS_AROUND, answered_draws, contacts
from churn.indicators.definitions import DIMENSIONS
from churn.indicators.listed import covered, others
from churn.indicators.rows import known_outcomes, standing, told, within
from churn.labels.downgrades import moves_down
from churn.labels.silence import USE_TABLES
from churn.states import first_of, last_seen
from churn.tables import Known
from churn.targeting.value import bill_before
from churn.windows import TimeSettings, Window, add_months, month_end, month_start

_LOOKS = (0, 60, 120, 180, 240, 300, 365, 425)
_BEFORE, _AFTER, _CORRECTION = 90, 30, 30
_ON_RECORD = (
    "warned",
    "dialled",
    "answered",
    *(f"{kind}_{cause}" for kind in ("drawn", "listed", "unlisted") for cause in CAUSES),
)
_FINAL = (
    "treated",
    "control",
    "treated_stayed",
    "control_stayed",
    "control_left",
    "reached",
    "others",
    "others_left",
)
_BILLED = tuple(f"{arm}_bill{of}" for arm in ("treated", "control") for of in ("", "_squared"))


def measures(
    known: Known,
    history: ir.Table,
    away: ir.Table,
    used: ir.Table | None,
    lines: ir.Table,
    windows: ir.Table,
    time: TimeSettings,
    bills: int,
    *,
    answers: ir.Table | None = None,
) -> list[ir.Table]:
    """Return the counts of each window; together they are one long table.

    Parameters
    ----------
    history
        Spans of service states, :func:`churn.states.spans` of the night's status events.
    away
        :func:`churn.states.departures` of them, best written out.
    used
        :func:`churn.labels.silence.months_of_use` of the night; none: no table of use.
    lines
        :func:`dimensions_of_lines`, best written out: every count is told by them.
    windows
        ``start, end`` (exclusive), ``month`` (bool: a whole calendar month), one row each.
    bills
        The last full bills that revenue lost is the mean of.
    answers
        What came back of contacts beside the deliveries: ``subscriber_id, contacted_on, answer``.

    Returns
    -------
    list of Table
        ``start, end``, the dimensions (null: not known), ``measure``, ``n`` and ``amount``
        (currency; null where the measure has none).
    """
    final = _final(away, time)
    # Before windows make many rows of a line.
    of_lines = history.left_join(lines, "subscriber_id").drop("subscriber_id_right")
    counted = [told(standing(of_lines, windows), "lines"), _left(known, final, windows, bills)]
    if known.has("port_queries"):
        counted.append(_asked(known, windows))
    if known.has("plan_changes"):
        counted.append(_downgrades(known, history, windows))
    if used is not None:
        counted.append(_silent(known, history, used, windows))
    counted.append(_commitments(known, windows))
    if known.has("campaign_contacts"):
        drawn = answered_draws(known, answers)
        # In one query each: what they count is the same few rows, found once.
        counted.append(ibis.union(*contacts(known, drawn, away, windows, time)))
        counted.append(covered(drawn, final, windows, time))
        counted.extend(others(known, of_lines, drawn, away, windows, time))
    return [_grouped(rows, lines) for rows in counted]


def observable(
    known: Known,
    windows: Iterable[Window],
    whole: Container[Window],
    time: TimeSettings,
    first_change: date | None,
) -> dict[str, set[Window]]:
    """Return, of each measure that is not always known, the windows in which it is.

    Silence needs whole months that the records of use cover, a downgrade days that plan changes
    cover, a renewal and the outcome of a contact need their time; without its table nothing is
    known, which is not nought.

    Parameters
    ----------
    whole
        Those of the windows that are whole calendar months.
    first_change
        :func:`churn.labels.first_change`; None where no change of a plan is on record.
    """
    night, windows = known.day, list(windows)
    use_end = _use_end(known)
    lists = known.has("campaign_contacts")
    known_in = {
        "port_queries": {w for w in windows if known.has("port_queries")},
        "downgrades": {w for w in windows if _plans_cover(known, w, first_change)},
        "silent": {w for w in windows if w in whole and w.end <= use_end + timedelta(days=1)},
        "renewed": {w for w in windows if w.end + timedelta(days=_AFTER) <= night},
    }
    on_record = {w for w in windows if lists}
    final = {w for w in on_record if w.end <= known_outcomes(known, time)}
    billed = {w for w in final if _bills_after_cover(known, w)}
    return (
        known_in
        | dict.fromkeys(_ON_RECORD, on_record)
        | dict.fromkeys(_FINAL, final)
        | dict.fromkeys(_BILLED, billed)
    )


def _bills_after_cover(known: Known, window: Window) -> bool:
    """Tell whether the bills after every contact of a window are on record."""
    through = known.observed_through("bills")
    last = month_start(window.end - timedelta(days=1))
    return through is not None and through >= month_end(add_months(last, BILLS_AROUND))


def _plans_cover(known: Known, window: Window, first_change: date | None) -> bool:
    """Tell whether plan changes are on record for all of a window, as the label asks it."""
    through = known.observed_through("plan_changes")
    if first_change is None or through is None:
        return False
    return month_start(first_change) <= window.start and window.end <= through + timedelta(days=1)


def dimensions_of_lines(known: Known) -> ir.Table:
    """Return the dimensions of every line, as last seen on the books of the last months.

    Returns
    -------
    Table
        ``subscriber_id``, the dimensions, and ``role``: what the line is there for.
    """
    looks = []
    for days in _LOOKS:
        books = known.at(known.day - timedelta(days=days)).subscribers
        marked = books.key_account_classes.fill_null("").strip()
        key = (marked != "") & (marked != "potential")
        looks.append(
            books.select(
                "subscriber_id",
                "region",
                "account_manager",
                "product",
                "role",
                tier=key.ifelse("key", "mass"),
            )
        )
    return last_seen(looks)


def _grouped(rows: ir.Table, lines: ir.Table) -> ir.Table:
    """Sum ``subscriber_id, start, end, measure, amount`` by window, dimensions and measure.

    Machine lines are none of the operator's customers, and a companion line may lie still.
    """
    every = rows if "role" in rows.columns else rows.left_join(lines, "subscriber_id")
    role = every.role.fill_null("")
    still = (every.measure == "silent") & (role == "companion")
    of_lines = every.filter((role != "machine") & ~still)
    sums = of_lines.group_by("start", "end", *DIMENSIONS, "measure").agg(
        n=of_lines.count(),
        # Exact sums: in whatever order an engine adds, the figure is the same.
        amount=of_lines.amount.cast("decimal(18, 4)").sum().cast("decimal(28, 4)").cast("float64"),
    )
    return sums.select("start", "end", *DIMENSIONS, "measure", "n", "amount")


def _final(away: ir.Table, time: TimeSettings) -> ir.Table:
    """Return the departures that are final on the books, returns within win-back taken out."""
    back = away.back_on < away.ended_on + ibis.interval(days=time.win_back)
    return away.filter(
        away.ended_on.notnull(),
        away.cause.isin(["active", "passive"]),
        ~back.fill_null(False),  # noqa: FBT003 - a fill value
    )


def _left(known: Known, final: ir.Table, windows: ir.Table, bills: int) -> ir.Table:
    # A number may be lost more than once; its bills are those before the last time.
    last = first_of(final, "subscriber_id", ibis.desc("left_on"))
    worth = bill_before(known, last, bills)
    rows = final.left_join(worth, "subscriber_id").drop("subscriber_id_right")
    dated = within(rows.mutate(amount=rows.lost), windows, rows.ended_on)
    return told(dated, ibis.literal("left_") + dated.cause)


def _asked(known: Known, windows: ir.Table) -> ir.Table:
    rows = known.port_queries.select("subscriber_id", asked_on=known.port_queries["on"])
    dated = within(rows, windows, rows.asked_on).select("subscriber_id", "start", "end").distinct()
    return told(dated, "port_queries")


def _downgrades(known: Known, history: ir.Table, windows: ir.Table) -> ir.Table:
    moves = moves_down(known, history)
    dated = within(moves, windows, moves.changed_on)
    lost = dated.group_by("subscriber_id", "start", "end").agg(amount=dated.fee_lost.sum())
    return told(lost, "downgrades")


def _use_end(known: Known) -> date:
    """Return the last day that all records of use cover."""
    through = [known.observed_through(name) for name in USE_TABLES if known.has(name)]
    return min((day for day in through if day is not None), default=date.min)


def _silent(known: Known, history: ir.Table, months: ir.Table, windows: ir.Table) -> ir.Table:
    covered = windows.end <= _use_end(known) + timedelta(days=1)
    whole = windows.filter(windows.month & covered)
    free = history.filter(history.state == "in_service")
    there = free.inner_join(whole, [free.start_on <= whole.start])
    there = there.filter(there.end_on.isnull() | (there.end_on >= there.end))
    first = months.group_by("subscriber_id").agg(first_month=months.month.min())
    used_before = there.inner_join(first, "subscriber_id").filter(_.first_month < _.start)
    quiet = used_before.anti_join(
        months,
        [
            used_before.subscriber_id == months.subscriber_id,
            used_before.start == months.month,
        ],
    )
    return told(quiet, "silent")


def _commitments(known: Known, windows: ir.Table) -> ir.Table:
    """Return each commitment that ended, and again where a later end was seen in time."""
    looks = []
    for days in range(0, _LOOKS[-1] + 1, 30):
        day = known.day - timedelta(days=days)
        books = known.at(day).subscribers
        looks.append(
            books.filter(books.contract_ends_on.notnull()).select(
                "subscriber_id", ends_on=books.contract_ends_on, seen_on=ibis.date(day)
            )
        )
    seen = ibis.union(*looks)
    ends = seen.select("subscriber_id", "ends_on").distinct()
    ended = within(ends, windows, ends.ends_on)
    later = seen.select("subscriber_id", later=seen.ends_on, seen_on=seen.seen_on)
    both = ended.inner_join(later, "subscriber_id")
    renewed = both.filter(
        both.later >= both.ends_on + ibis.interval(days=_CORRECTION),
        both.seen_on >= both.ends_on - ibis.interval(days=_BEFORE),
        # The books are looked at every thirty days: a renewal is seen up to so many days late.
        both.seen_on <= both.ends_on + ibis.interval(days=_AFTER + _CORRECTION),
    )
    kept = renewed.select("subscriber_id", "ends_on", "start", "end").distinct()
    return ibis.union(told(ended, "ended"), told(kept, "renewed"))
