"""What retention has already done: only treated contacts, since controls were left alone."""

from __future__ import annotations

import ibis.expr.types as ir
from ibis import _

from churn.features.arithmetic import days_until
from churn.features.family import ID, Family, View
from churn.features.feature import counted, days_since
from churn.language import Text


def build(view: View) -> ir.Table:
    """One row per subscriber contacted in 180 days."""
    lookback = view.window("campaign_contacts", 180)
    quarter = view.window("campaign_contacts", 90)
    month = view.window("campaign_contacts", 30)
    contacts = view.known.campaign_contacts.filter(lookback.contains(_.contacted_on))
    treated = contacts.filter(_.arm == "treated")
    return treated.group_by(ID).aggregate(
        contacts_30d=_.count(where=month.contains(_.contacted_on)),
        contacts_90d=_.count(where=quarter.contains(_.contacted_on)),
        contacts_180d=_.count(),
        days_since_contact_180d=days_until(view.day, _.contacted_on.max()),
    )


FAMILY = Family(
    name="campaign_contacts",
    text=Text("retention contacts", "挽留接触"),
    needs=("campaign_contacts",),
    build=build,
    features=(
        counted("contacts_30d", "retention contacts in 30 days", "近30天挽留接触次数"),
        counted("contacts_90d", "retention contacts in 90 days", "近90天挽留接触次数"),
        counted("contacts_180d", "retention contacts in 180 days", "近180天挽留接触次数"),
        days_since("days_since_contact_180d", "retention contact", "挽留接触"),
    ),
)
