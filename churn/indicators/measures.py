"""What is counted in each window, by region, account manager, tier and product of the line."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.indicators.definitions import DIMENSIONS
from churn.labels.downgrades import moves_down
from churn.labels.silence import USE_TABLES
from churn.states import StateSettings, departures, first_of, in_service
from churn.tables import Known
from churn.targeting.value import bill_before
from churn.windows import TimeSettings, Window, month_start

_LOOKS = (0, 60, 120, 180, 240, 300, 365, 425)
_BEFORE, _AFTER, _CORRECTION = 90, 30, 30


def measures(
    known: Known,
    history: ir.Table,
    used: ir.Table | None,
    lines: ir.Table,
    windows: ir.Table,
    states: StateSettings,
    time: TimeSettings,
    bills: int,
) -> list[ir.Table]:
    """Return the counts of each window; together they are one long table.

    Parameters
    ----------
    history
        Spans of service states, :func:`churn.states.spans` of the night's status events.
    used
        :func:`churn.labels.silence.months_of_use` of the night; none: no table of use.
    lines
        :func:`dimensions_of_lines`, best written out: every count is told by them.
    windows
        ``start, end`` (exclusive), ``month`` (bool: a whole calendar month), one row each.
    bills
        The last full bills that revenue lost is the mean of.

    Returns
    -------
    list of Table
        ``start, end``, the dimensions (null: not known), ``measure``, ``n`` and ``amount``
        (currency; null where the measure has none).
    """
    away = departures(history, states)
    counted = [_base(history, windows), _left(known, away, windows, time, bills)]
    if known.has("port_queries"):
        counted.append(_asked(known, windows))
    if known.has("plan_changes"):
        counted.append(_downgrades(known, history, windows))
    if used is not None:
        counted.append(_silent(known, history, used, windows))
    counted.append(_commitments(known, windows))
    if known.has("campaign_contacts"):
        counted += _contacts(known, away, windows, time)
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
    settled = timedelta(days=time.lead + time.outcome + time.grace)
    contacts = known.has("campaign_contacts")
    known_in = {
        "port_queries": {w for w in windows if known.has("port_queries")},
        "downgrades": {w for w in windows if _plans_cover(known, w, first_change)},
        "silent": {w for w in windows if w in whole and w.end <= use_end + timedelta(days=1)},
        "renewed": {w for w in windows if w.end + timedelta(days=_AFTER) <= night},
    }
    final = {w for w in windows if contacts and w.end + settled <= night}
    arms = ("treated", "control", "treated_stayed", "control_stayed", "reached")
    return known_in | dict.fromkeys(arms, final)


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
        ``subscriber_id`` and the dimensions.
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
                tier=key.ifelse("key", "mass"),
                seen_on=ibis.date(known.day - timedelta(days=days)),
            )
        )
    return first_of(ibis.union(*looks), "subscriber_id", ibis.desc("seen_on")).drop("seen_on")


def _grouped(rows: ir.Table, lines: ir.Table) -> ir.Table:
    """Sum ``subscriber_id, start, end, measure, amount`` by window, dimensions and measure."""
    told = rows.left_join(lines, "subscriber_id")
    sums = told.group_by("start", "end", *DIMENSIONS, "measure").agg(
        n=told.count(),
        # Exact sums: in whatever order an engine adds, the figure is the same.
        amount=told.amount.cast("decimal(18, 4)").sum().cast("decimal(28, 4)").cast("float64"),
    )
    return sums.select("start", "end", *DIMENSIONS, "measure", "n", "amount")


def _told(rows: ir.Table, measure: ir.StringValue | str) -> ir.Table:
    named = ibis.literal(measure) if isinstance(measure, str) else measure
    amount = rows.amount if "amount" in rows.columns else ibis.null("float64")
    return rows.select("subscriber_id", "start", "end", measure=named, amount=amount)


def _in(rows: ir.Table, windows: ir.Table, day: ir.DateValue) -> ir.Table:
    """Put each row into the windows that hold its day; the windows may overlap."""
    dated = rows.mutate(day=day)
    return dated.inner_join(windows, [dated.day >= windows.start, dated.day < windows.end])


def _base(history: ir.Table, windows: ir.Table) -> ir.Table:
    served = history.filter(in_service(history.state) | (history.state == "suspended"))
    begun = served.inner_join(windows, [served.start_on < windows.start])
    there = begun.filter(begun.end_on.isnull() | (begun.end_on >= begun.start))
    return _told(there, "lines")


def _left(
    known: Known, away: ir.Table, windows: ir.Table, time: TimeSettings, bills: int
) -> ir.Table:
    back = away.back_on < away.ended_on + ibis.interval(days=time.win_back)
    final = away.filter(
        away.ended_on.notnull(),
        away.cause.isin(["active", "passive"]),
        ~back.fill_null(False),  # noqa: FBT003 - a fill value
    )
    # A number may be lost more than once; its bills are those before the last time.
    last = first_of(final, "subscriber_id", ibis.desc("left_on"))
    worth = bill_before(known, last, bills)
    rows = final.left_join(worth, "subscriber_id").drop("subscriber_id_right")
    dated = _in(rows.mutate(amount=rows.lost), windows, rows.ended_on)
    return _told(dated, ibis.literal("left_") + dated.cause)


def _asked(known: Known, windows: ir.Table) -> ir.Table:
    rows = known.port_queries.select("subscriber_id", asked_on=known.port_queries["on"])
    dated = _in(rows, windows, rows.asked_on).select("subscriber_id", "start", "end").distinct()
    return _told(dated, "port_queries")


def _downgrades(known: Known, history: ir.Table, windows: ir.Table) -> ir.Table:
    moves = moves_down(known, history)
    dated = _in(moves, windows, moves.changed_on)
    lost = dated.group_by("subscriber_id", "start", "end").agg(amount=dated.fee_lost.sum())
    return _told(lost, "downgrades")


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
    return _told(quiet, "silent")


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
    ended = _in(ends, windows, ends.ends_on)
    later = seen.select("subscriber_id", later=seen.ends_on, seen_on=seen.seen_on)
    both = ended.inner_join(later, "subscriber_id")
    renewed = both.filter(
        both.later >= both.ends_on + ibis.interval(days=_CORRECTION),
        both.seen_on >= both.ends_on - ibis.interval(days=_BEFORE),
        # The books are looked at every thirty days: a renewal is seen up to so many days late.
        both.seen_on <= both.ends_on + ibis.interval(days=_AFTER + _CORRECTION),
    )
    kept = renewed.select("subscriber_id", "ends_on", "start", "end").distinct()
    return ibis.union(_told(ended, "ended"), _told(kept, "renewed"))


def _contacts(
    known: Known, away: ir.Table, windows: ir.Table, time: TimeSettings
) -> Sequence[ir.Table]:
    """Return contacts drawn against controls whose outcome is known, reached, and who stayed."""
    rows = known.campaign_contacts.filter(_.control_share.notnull())
    length = time.lead + time.outcome
    final = rows.filter(
        rows.contacted_on <= known.day - timedelta(days=length + time.grace)
    ).select("subscriber_id", "contacted_on", "arm", "answer")
    first = first_of(final, ["subscriber_id", "contacted_on"], ["arm", "answer"])
    dated = _in(first, windows, first.contacted_on)
    cured = (away.back_on <= away.left_on + ibis.interval(days=time.grace)).fill_null(False)  # noqa: FBT003 - a fill value
    gone = away.filter(~cured).select("subscriber_id", "left_on")
    lost = dated.inner_join(gone, "subscriber_id")
    lost = lost.filter(
        lost.left_on >= lost.contacted_on,
        lost.left_on < lost.contacted_on + ibis.interval(days=length),
    )
    key = ["subscriber_id", "contacted_on", "start", "end"]
    stayed = dated.anti_join(lost.select(*key).distinct(), key)
    spoken = ~dated.answer.isin(["not_reached", "not reached", "未接通"])
    reached = dated.filter((dated.arm == "treated") & dated.answer.notnull() & spoken)
    return [
        _told(dated, dated.arm),
        _told(stayed, stayed.arm + "_stayed"),
        _told(reached, "reached"),
    ]
