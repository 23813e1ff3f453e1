"""Whom the subscriber is in touch with, and how many of them have left."""

from __future__ import annotations

import ibis.expr.types as ir
from ibis import _

from churn.features.arithmetic import flag, ratio
from churn.features.family import ID, Family, View
from churn.features.feature import Feature, counted
from churn.language import Text

GONE = ("contract_lapsed", "removed", "locked", "left", "ported_out")

NO_PEER = Text("no contact person in 90 days", "近90天无联系人")


def build(view: View) -> ir.Table:
    """One row per subscriber with any contact in 90 days.

    Contacts are grouped before they are counted: one row per subscriber and peer, then a count.
    """
    quarter = view.window("calls", 90)
    gone = view.current.filter(_.state.isin(GONE)).select(peer_id=_[ID], gone=True)
    contacts = (
        view.known.calls.filter(quarter.contains(_.started_at) & _.peer_id.notnull())
        .group_by(ID, "peer_id")
        .aggregate(times=_.count())
        .left_join(gone, "peer_id")
        .mutate(gone=_.gone.fill_null(False))  # noqa: FBT003 - the fill value, not a switch
    )
    return contacts.group_by(ID).aggregate(
        peers_90d=_.count(),
        top_peer_share_90d=ratio(_.times.max(), _.times.sum()),
        peers_gone_90d=flag(_.gone).sum(),
        peers_gone_share_90d=ratio(flag(_.gone).sum(), _.count()),
    )


FAMILY = Family(
    name="peers",
    text=Text("contacts", "交往圈"),
    needs=("calls", "status_events"),
    build=build,
    features=(
        counted("peers_90d", "contact persons in 90 days", "近90天联系人数"),
        Feature(
            "top_peer_share_90d",
            "share",
            NO_PEER,
            "share of calls and messages with the closest contact person",
            "与最常联系人的通信占比",
        ),
        counted("peers_gone_90d", "contact persons who left", "已离网联系人数", topic="circle"),
        Feature(
            "peers_gone_share_90d",
            "share",
            NO_PEER,
            "share of contact persons who left",
            "已离网联系人占比",
            topic="circle",
        ),
    ),
)
