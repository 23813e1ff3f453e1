"""LEAK206: control arms that were not drawn as the settings say, so that controls weigh wrongly.

A subscriber selected by two campaigns tells how arms are drawn: of those who were control in the
first, a fresh draw makes the second campaign's control share control again, a universal control
group makes all of them. Arms may be drawn by line or, as :mod:`churn.targeting` does, by customer:
the lines of one customer count as one, or a firm of many would look like many draws.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.audit.finding import Code, Finding
from churn.language import Text
from churn.late import Late
from churn.panel.settings import ControlGroup
from churn.tables import Known, holder
from churn.windows import TimeSettings

stats = Late("scipy.stats")

CODE = Code(
    "LEAK206",
    Text(
        "controls of several campaigns were not drawn as the settings say and weigh wrongly",
        "多个活动的对照组抽取方式与设置不符，权重有误",
    ),
    Text(
        "set `panel.control_group`: `universal` where the same customers are the control of every "
        "campaign, else `per_campaign`",
        "设置 `panel.control_group`：各活动共用同一对照组时为 `universal`，否则为 `per_campaign`",
    ),
)
SUBJECT = "control_group"
ID = "subscriber_id"
SUMMED = "decimal(18, 6)"  # adds up the same in any order
#: Fresh draws repeat a control less than this often, as a multiple of what their shares say.
TIMES = 2.0
#: Chance of so many by luck that is no luck any more.
TAIL = 1e-6
#: Share of a universal group's members who may have been treated: mistakes of delivery.
STRAYED = 0.05


def drawn_again(known: Known, time: TimeSettings) -> ir.Table:
    """Count the controls whom a later campaign selected while the earlier could still tell.

    Returns
    -------
    Table
        One row: ``rows``, pairs of campaigns within one exposure (lead and outcome window) that
        selected the same subscriber, which was control in the first; ``controls``, those in which
        it was control in the second too; ``expected``, as many as the second campaigns' control
        shares say. Several lines of a customer count as one, by their mean.
    """
    contacts = known.campaign_contacts
    contacts = contacts.mutate(control=(contacts.arm == "control").cast("int64"))
    shares = contacts.group_by("campaign_id").aggregate(
        own=_.control.sum().cast("float64") / _.count().cast("float64")
    )
    # A campaign draws once, however often it contacts.
    draws = contacts.group_by(ID, "campaign_id").aggregate(
        on=_.contacted_on.min(), control=_.control.min(), share=_.control_share.min()
    )
    draws = draws.join(shares, "campaign_id")
    draws = draws.mutate(share=ibis.coalesce(_.share.cast("float64"), _.own))
    order = ibis.window(group_by=ID, order_by=["on", "campaign_id"])
    pairs = draws.mutate(
        before=draws.control.lag().over(order),
        before_on=draws.on.lag().over(order),
        before_id=draws.campaign_id.lag().over(order),
    )
    exposed = time.lead + time.outcome
    near = (pairs.before == 1) & (pairs.on.delta(pairs.before_on, unit="day") < exposed)
    pairs = pairs.filter(near.fill_null(False))  # noqa: FBT003 - a fill value
    books = known.subscribers.select(ID, "customer_id")
    held = pairs.left_join(books, ID)
    held = held.mutate(customer=holder(held))
    by_customer = held.group_by("customer", "before_id", "campaign_id").aggregate(
        control=_.control.mean().cast(SUMMED), share=_.share.cast(SUMMED).mean().cast(SUMMED)
    )
    return by_customer.aggregate(
        rows=_.count().cast("int64"),
        controls=_.control.sum().cast("float64"),
        expected=_.share.sum().cast("float64"),
    )


def find(counted: Mapping[str, float | None], control_group: ControlGroup) -> list[Finding]:
    """Judge the counts of :func:`drawn_again` by how the settings say that arms are drawn."""
    rows = int(counted["rows"] or 0)
    controls, expected = float(counted["controls"] or 0.0), float(counted["expected"] or 0.0)
    if control_group == "per_campaign":
        luck = float(stats.poisson.sf(math.floor(controls) - 1, expected))
        wrong = controls > TIMES * expected and luck < TAIL
    else:
        strayed = rows - controls
        luck = float(stats.binom.sf(math.floor(strayed) - 1, rows, STRAYED))
        wrong = strayed > STRAYED * rows and luck < TAIL
    if not wrong:
        return []
    return [CODE.found(SUBJECT, rows=rows, controls=controls, expected=expected)]
