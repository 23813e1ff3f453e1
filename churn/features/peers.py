"""Whom the subscriber is in touch with, and how many of them have left."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.features.arithmetic import days_until, flag, ratio
from churn.features.family import ID, Family, View
from churn.features.feature import Feature, counted
from churn.language import Text

GONE = ("contract_lapsed", "removed", "locked", "left", "ported_out")

NO_TALK = Text("no talk with a contact person in 90 days", "近90天未与联系人通话")
NO_PEER = Text("no contact person in 90 days", "近90天无联系人")


def build(view: View) -> ir.Table:
    """One row per subscriber with any contact in 90 days.

    Contacts are grouped before they are counted: one row per subscriber and peer, then a count.
    """
    quarter, month = view.window("calls", 90), view.window("calls", 30)
    gone = view.current.filter(_.state.isin(GONE)).select(
        peer_id=_[ID], gone=True, days=days_until(view.day, _.since)
    )
    recent = month.contains(_.started_at)
    contacts = (
        view.known.calls.filter(quarter.contains(_.started_at) & _.peer_id.notnull())
        .select(
            ID,
            "peer_id",
            recent=flag(recent),
            seconds=ibis.cases((_.kind == "voice", _.seconds)),
            competitor=flag(_.network == "competitor"),
        )
        .group_by(ID, "peer_id")
        .aggregate(
            times=_.count(),
            lately=_.recent.sum(),
            seconds=_.seconds.sum(),
            competitor=_.competitor.max(),
        )
        .mutate(before=_.times - _.lately)
        .left_join(gone, "peer_id")
        .mutate(gone=_.gone.fill_null(False))  # noqa: FBT003 - the fill value, not a switch
    )
    left_lately = (_.days <= month.days).fill_null(False)  # noqa: FBT003 - the fill value
    left_this_quarter = (_.days <= quarter.days).fill_null(False)  # noqa: FBT003 - the fill value
    return contacts.group_by(ID).aggregate(
        peers_90d=_.count(),
        top_peer_share_90d=ratio(_.times.max(), _.times.sum()),
        peers_gone_90d=flag(_.gone).sum(),
        peers_gone_share_90d=ratio(flag(_.gone).sum(), _.count()),
        peers_30d=_.count(where=_.lately > 0),
        peers_new_share_30d=ratio(
            _.count(where=(_.lately > 0) & (_.before == 0)), _.count(where=_.lately > 0)
        ),
        peers_lost_share_30d=ratio(
            _.count(where=(_.lately == 0) & (_.before > 0)), _.count(where=_.before > 0)
        ),
        peers_left_30d=_.count(where=left_lately),
        peers_left_90d=_.count(where=left_this_quarter),
        talk_left_share_30d=ratio(_.seconds.sum(where=left_lately).fill_null(0), _.seconds.sum()),
        talk_left_share_90d=ratio(
            _.seconds.sum(where=left_this_quarter).fill_null(0), _.seconds.sum()
        ),
        peers_competitor_share_90d=ratio(_.competitor.sum(), _.count()),
        talk_competitor_share_90d=ratio(
            _.seconds.sum(where=_.competitor == 1).fill_null(0), _.seconds.sum()
        ),
    )


FAMILY = Family(
    name="peers",
    text=Text("contacts", "交往圈"),
    needs=("calls", "status_events"),
    build=build,
    features=(
        counted("peers_90d", "contact persons in 90 days", "近90天联系人数"),
        counted("peers_30d", "contact persons in 30 days", "近30天联系人数"),
        Feature(
            "peers_new_share_30d",
            "share",
            Text("no contact person in 30 days", "近30天无联系人"),
            "share of contact persons of 30 days who are new",
            "近30天新增联系人占比",
        ),
        Feature(
            "peers_lost_share_30d",
            "share",
            Text(
                "no contact person in the 60 days before the last 30", "最近30天之前的60天无联系人"
            ),
            "share of earlier contact persons not in touch within 30 days",
            "近30天未再联系的联系人占比",
            topic="use",
        ),
        counted(
            "peers_left_30d",
            "contact persons who left within 30 days",
            "近30天离网联系人数",
            topic="circle",
            of_others=True,
        ),
        counted(
            "peers_left_90d",
            "contact persons who left within 90 days",
            "近90天离网联系人数",
            topic="circle",
            of_others=True,
        ),
        Feature(
            "talk_left_share_30d",
            "share",
            NO_TALK,
            "share of talk time with who left within 30 days",
            "与近30天离网联系人通话时长占比",
            topic="circle",
            of_others=True,
        ),
        Feature(
            "talk_left_share_90d",
            "share",
            NO_TALK,
            "share of talk time with who left within 90 days",
            "与近90天离网联系人通话时长占比",
            topic="circle",
            of_others=True,
        ),
        Feature(
            "peers_competitor_share_90d",
            "share",
            NO_PEER,
            "share of contact persons with competitors",
            "竞争对手用户占联系人比例",
            topic="competition",
            of_others=True,
        ),
        Feature(
            "talk_competitor_share_90d",
            "share",
            NO_TALK,
            "share of talk time with competitors' customers",
            "与竞争对手用户通话时长占比",
            topic="competition",
            of_others=True,
        ),
        Feature(
            "top_peer_share_90d",
            "share",
            NO_PEER,
            "share of calls and messages with the closest contact person",
            "与最常联系人的通信占比",
        ),
        counted(
            "peers_gone_90d",
            "contact persons who left",
            "已离网联系人数",
            topic="circle",
            of_others=True,
        ),
        Feature(
            "peers_gone_share_90d",
            "share",
            NO_PEER,
            "share of contact persons who left",
            "已离网联系人占比",
            topic="circle",
            of_others=True,
        ),
    ),
)
