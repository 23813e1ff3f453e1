"""How often the operator had to remind the subscriber to pay."""

from __future__ import annotations

import ibis.expr.types as ir
from ibis import _

from churn.features.arithmetic import days_until
from churn.features.family import ID, Family, View
from churn.features.feature import counted, days_since
from churn.language import Text


def build(view: View) -> ir.Table:
    """One row per subscriber notified in 180 days."""
    lookback = view.window("notices", 180)
    notices = view.known.notices.filter(lookback.contains(_.notified_on))
    return notices.group_by(ID).aggregate(
        notices_30d=_.count(where=view.window("notices", 30).contains(_.notified_on)),
        notices_180d=_.count(),
        days_since_notice_180d=days_until(view.day, _.notified_on.max()),
    )


FAMILY = Family(
    name="notices",
    text=Text("notices", "催缴通知"),
    needs=("notices",),
    build=build,
    features=(
        counted("notices_30d", "notices sent in 30 days", "近30天催缴次数", topic="payment"),
        counted("notices_180d", "notices sent in 180 days", "近180天催缴次数", topic="payment"),
        days_since("days_since_notice_180d", "notice", "催缴", topic="payment"),
    ),
)
