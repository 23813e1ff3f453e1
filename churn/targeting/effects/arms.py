"""Who was drawn into which arm of which campaign, what was known of it before, and who left.

By assignment: whoever was selected counts in the arm it was drawn into, reached or not. Draws are
looked at by half month: a departure counts from the day of the assignment to the end of an outcome
window that opens with the half month (its lead is no grace for a contact, so it counts in).
"""

from __future__ import annotations

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.tables import Known
from churn.windows import TimeSettings, Window, month_end

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
    known: Known, draws: Window, outcomes: ir.Table, context: ir.Table, actions: list[str]
) -> ir.Table:
    """Return a row per draw of a subscriber.

    Columns: ``subscriber_id``, :data:`DRAW`, ``treated`` (0 or 1), ``left_active``,
    ``left_passive`` (0 or 1), and :data:`EARLIER` (float64 or words; null: not known).

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
    """
    contacts = known.campaign_contacts.filter(draws.contains(_.contacted_on))
    contacts = contacts.filter(_.action.isnull() | _.action.isin(actions))
    only = contacts.group_by("campaign_id").aggregate(
        kinds=_.action.nunique(), only_action=_.action.max()
    )
    rows = contacts.left_join(only, "campaign_id")
    named = ibis.cases((rows.kinds == 1, rows.only_action))
    rows = rows.mutate(action=ibis.coalesce(rows.action, named)).filter(_.action.notnull())
    drawn = (
        _with_share(rows)
        .group_by(ID, "campaign_id", "action")
        .aggregate(
            treated=(_.arm == "treated").cast("int64").max(),
            contacted_on=_.contacted_on.min(),
            control_share=_.control_share.min(),
        )
    )
    found = outcomes.select(ID, "outcome", "event_on")
    joined = drawn.left_join(found, ID).drop(f"{ID}_right")
    joined = joined.left_join(_earlier(context), ID).drop(f"{ID}_right")
    # who had gone before its draw was nobody's to keep
    still = joined.event_on.isnull() | (joined.event_on >= joined.contacted_on)
    return joined.filter(still).select(
        ID,
        "campaign_id",
        "action",
        "control_share",
        "treated",
        *EARLIER,
        drawn_from=ibis.literal(draws.start),
        **{
            f"left_{cause}": (_.outcome == cause).fill_null(ibis.literal(value=False)).cast("int64")
            for cause in ("active", "passive")
        },
    )


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
