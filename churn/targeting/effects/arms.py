"""Who was drawn into which arm of which campaign, what was known of it before, and who left.

By assignment: whoever was selected counts in the arm it was drawn into, reached or not. Draws are
looked at by half month: a departure counts from the day of the assignment to the end of an outcome
window that opens with the half month (its lead is no grace for a contact, so it counts in).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.causes import CAUSES
from churn.tables import Known
from churn.windows import TimeSettings, Window, add_months, month_end, month_start

ID = "subscriber_id"
DRAW = ("campaign_id", "drawn_from", "action", "control_share")
"""What makes one lot: the share of controls too, since it falls once effects are settled."""
EARLIER = (
    "average_bill",
    "yearly_spend",
    "amount_overdue",
    "recent_fault",
    "tenure_days",
    "offers_in_year",
    "key_account",
    "has_mobile",
    "contract_days",
    "recent_complaint",
    "customer_type",
)
"""What the arms must have in common: known of each before its draw."""
WORDS = frozenset({"customer_type"})
"""Those that are words; all others are numbers."""
_HALF = 15
DAYS_OF_MONTH = 30


def half_month(day: date) -> Window:
    """Return the half month that a day lies in.

    Examples
    --------
    >>> half_month(date(2025, 2, 14)) == Window(date(2025, 2, 1), date(2025, 2, 15))
    True
    """
    first = day.replace(day=1)
    if day.day < _HALF:
        return Window(first, first.replace(day=_HALF))
    return Window(first.replace(day=_HALF), month_end(day) + timedelta(days=1))


def exposure(time: TimeSettings) -> TimeSettings:
    """Return the windows in which an effect is looked for: all of lead and outcome."""
    return time.model_copy(update={"lead": 0, "outcome": time.lead + time.outcome})


def draw_days(known: Known) -> ir.Table:
    """Return the days on which anybody was drawn, and how many were: ``contacted_on, contacts``."""
    by_day = known.campaign_contacts.group_by("contacted_on")
    return by_day.aggregate(contacts=_.count().cast("int64"))


def assignments(
    known: Known,
    draws: Window,
    outcomes: ir.Table,
    context: ir.Table,
    actions: list[str],
    downgrades: ir.Table | None = None,
) -> ir.Table:
    """Return a row per draw of a subscriber.

    Columns: ``subscriber_id``, :data:`DRAW`, ``treated`` (0 or 1), ``left_active``,
    ``left_passive`` (0 or 1), ``left_downgrade`` where downgrades are told, and :data:`EARLIER`
    (float64 or words; null: not known).

    Parameters
    ----------
    known
        What is known by now, outcomes too.
    draws
        The half month.
    outcomes
        Of all subscribers from the half month's first day, see :func:`exposure`.
    context
        What the decision knew of each on that day.
    actions
        The catalogue's names. Controls without an action on record get that of their campaign,
        where it had only one.
    downgrades
        Who moved to a cheaper plan from the half month's first day on, with ``downgraded_on``;
        None: not on record.
    """
    joined = _still_there(drawn(known, draws, actions), outcomes)
    joined = joined.left_join(_earlier(context), ID).drop(f"{ID}_right")
    moved: dict[str, ir.Value] = {}
    if downgrades is not None:
        joined = joined.left_join(downgrades, ID).drop(f"{ID}_right")
        later = joined.downgraded_on >= joined.contacted_on
        moved["left_downgrade"] = later.fill_null(ibis.literal(value=False)).cast("int64")
    return joined.select(
        ID,
        "campaign_id",
        "action",
        "control_share",
        "treated",
        *EARLIER,
        drawn_from=ibis.literal(draws.start),
        **{
            f"left_{cause}": (_.outcome == cause).fill_null(ibis.literal(value=False)).cast("int64")
            for cause in CAUSES
        },
        **moved,
    )


def followed(
    known: Known,
    draws: Window,
    outcomes: ir.Table,
    actions: list[str],
    days: Sequence[int],
    margin_share: Callable[[ir.StringValue], ir.Value],
) -> ir.Table:
    """Return a row per draw of a subscriber: whether it had left so many days later, and margin.

    Columns: ``subscriber_id, campaign_id, action, drawn_from``, and for each number of days
    ``left_active_<days>``, ``left_passive_<days>`` (0 or 1) and ``margin_<days>`` (float64,
    currency: the margin of the full months' bills after the half month began, less what its
    contacts of these days cost; null where bills are not observed that far).

    Parameters
    ----------
    outcomes
        Of all subscribers from the half month's first day, in a window of at least as many days
        after the half month's end.
    margin_share
        Margin as a share of the bill, by product.
    """
    joined = _still_there(drawn(known, draws, actions), outcomes)
    books = known.at(draws.start).subscribers.select(ID, "product")
    joined = joined.left_join(books, ID).drop(f"{ID}_right")
    columns: dict[str, ir.Value] = {"drawn_from": ibis.literal(draws.start)}
    for length in days:
        billed = _billed(known, draws, length)
        cost = _cost(known, joined, length)
        for name, part in ((f"billed_{length}", billed), (f"cost_{length}", cost)):
            keys = [key for key in (ID, "contacted_on") if key in part.columns]
            joined = joined.left_join(part.rename({name: "amount"}), keys, rname=f"{{name}}_{name}")
        soon = joined.event_on < joined.contacted_on + ibis.interval(days=length)
        for cause in CAUSES:
            left = ((joined.outcome == cause) & soon).fill_null(ibis.literal(value=False))
            columns[f"left_{cause}_{length}"] = left.cast("int64")
        amounts = [joined[f"{kind}_{length}"].fill_null(0.0) for kind in ("billed", "cost")]
        margin = amounts[0] * margin_share(joined["product"]) - amounts[1]
        observed = _bills_observed(known, draws, length)
        columns[f"margin_{length}"] = margin if observed else ibis.null("float64")
    return joined.select(ID, "campaign_id", "action", **columns)


def drawn(known: Known, draws: Window, actions: list[str]) -> ir.Table:
    """Return who was drawn into which arm for which action of which campaign, and with what share.

    Columns: ``subscriber_id, campaign_id, action, treated, contacted_on, control_share``.
    """
    contacts = known.campaign_contacts.filter(draws.contains(_.contacted_on))
    contacts = contacts.filter(_.action.isnull() | _.action.isin(actions))
    only = contacts.group_by("campaign_id").aggregate(
        kinds=_.action.nunique(), only_action=_.action.max()
    )
    rows = contacts.left_join(only, "campaign_id")
    named = ibis.cases((rows.kinds == 1, rows.only_action))
    rows = rows.mutate(action=ibis.coalesce(rows.action, named)).filter(_.action.notnull())
    by_draw = _with_share(rows).group_by(ID, "campaign_id", "action")
    return by_draw.aggregate(
        treated=(_.arm == "treated").cast("int64").max(),
        contacted_on=_.contacted_on.min(),
        control_share=_.control_share.min(),
    )


def _still_there(drawn: ir.Table, outcomes: ir.Table) -> ir.Table:
    """Add outcomes; who had gone before its draw was nobody's to keep."""
    found = outcomes.select(ID, "outcome", "event_on")
    joined = drawn.left_join(found, ID).drop(f"{ID}_right")
    return joined.filter(joined.event_on.isnull() | (joined.event_on >= joined.contacted_on))


def _months(draws: Window, days: int) -> Window:
    """Return the full months of so many days, from the first that begins in the half or after."""
    start = draws.start if draws.start.day == 1 else add_months(month_start(draws.start), 1)
    return Window(start, add_months(start, days // DAYS_OF_MONTH))


def _bills_observed(known: Known, draws: Window, days: int) -> bool:
    through = known.observed_through("bills") if known.has("bills") else None
    return through is not None and through >= _months(draws, days).end - timedelta(days=1)


def _billed(known: Known, draws: Window, days: int) -> ir.Table:
    months = _months(draws, days)
    sums = known.bills.filter(months.contains(_.bill_month)).group_by(ID)
    return sums.aggregate(amount=_.amount_due.sum().cast("decimal(18, 2)").cast("float64"))


def _cost(known: Known, drawn: ir.Table, days: int) -> ir.Table:
    """Return what the contacts of so many days from each draw cost: ``contacted_on`` is its day."""
    spent = known.campaign_contacts.filter(_.arm == "treated").select(
        ID, "cost", spent_on="contacted_on"
    )
    pairs = drawn.select(ID, "contacted_on").distinct().inner_join(spent, ID)
    inside = (pairs.spent_on >= pairs.contacted_on) & (
        pairs.spent_on < pairs.contacted_on + ibis.interval(days=days)
    )
    sums = pairs.filter(inside).group_by(ID, "contacted_on")
    return sums.aggregate(amount=_.cost.sum().cast("decimal(18, 2)").cast("float64"))


def _with_share(rows: ir.Table) -> ir.Table:
    """Give both arms of a day the share of controls they were drawn with; 0: not on record.

    Some operators record it of one arm only.
    """
    share = rows.control_share.cast("float64")
    of_day = ["campaign_id", "action", "contacted_on"]
    days = rows.group_by(of_day).aggregate(of_day=share.max())
    whole = rows.group_by("campaign_id", "action").aggregate(of_all=share.max())
    joined = rows.left_join(days, of_day, rname="{name}_of_day")
    joined = joined.left_join(whole, ["campaign_id", "action"], rname="{name}_of_all")
    return joined.mutate(control_share=ibis.coalesce(joined.of_day, joined.of_all, 0.0))


def _earlier(context: ir.Table) -> ir.Table:
    """Return :data:`EARLIER` per subscriber."""
    columns = {
        name: context[name] if name in WORDS else context[name].cast("float64") for name in EARLIER
    }
    return context.select(ID, **columns)
