"""A new line recognised as one that left, by whom it is in touch with."""

from __future__ import annotations

from datetime import timedelta

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.features.arithmetic import days_until, flag, ratio
from churn.features.family import ID, Family, View
from churn.features.feature import NONE, Feature
from churn.language import Text
from churn.states import DEPARTED

NEW_DAYS = 180
"""Days in service up to which a line may be somebody's next one."""
APART_DAYS = 45
"""Days between the end of one line and the beginning of the next, either way."""
HUB_LINES = 30
"""Lines in touch with a number from which on it tells nobody apart: a service, a courier."""
SHARED_LEAST = 3
"""Contact persons that both have, at least."""
ALL_TIMES = 2
"""All contact persons that either has are fewer than so many times those that both have."""


def build(view: View) -> ir.Table:
    """One row per line that began in 180 days, on the books and with contacts.

    Each new line is held against those that left about when it began; the two are one subscriber
    where each is the other's closest match and most of what they have they share.
    """
    began = view.known.subscribers.filter(_.activated_on >= view.day - timedelta(days=NEW_DAYS))
    new = began.select(ID, began_on=_.activated_on)
    left = view.current.filter(_.state.isin(sorted(DEPARTED)))
    old = left.filter(_.since >= view.day - timedelta(days=NEW_DAYS)).select(ID, left_on=_.since)
    lookback = view.window("calls", NEW_DAYS)
    asked = ibis.union(new.select(ID), old.select(ID))
    pairs = (
        view.known.calls.filter(lookback.contains(_.started_at) & _.peer_id.notnull())
        .semi_join(asked, ID)
        .select(ID, "peer_id")
        .distinct()
    )
    lines = pairs.group_by("peer_id").aggregate(lines=_.count())
    pairs = pairs.semi_join(lines.filter(_["lines"] <= HUB_LINES), "peer_id")
    contacts = pairs.group_by(ID).aggregate(contacts=_.count())
    news = pairs.inner_join(new, ID).select("peer_id", "began_on", new_id=_[ID])
    olds = pairs.inner_join(old, ID).select("peer_id", "left_on", old_id=_[ID])
    apart = days_until(view.day, _.left_on) - days_until(view.day, _.began_on)
    shared = (
        news.inner_join(olds, "peer_id")
        .filter((_.new_id != _.old_id) & (apart.abs() <= APART_DAYS))
        .group_by("new_id", "old_id")
        .aggregate(shared=_.count())
        .filter(_.shared >= SHARED_LEAST)
        .inner_join(contacts.select(new_id=_[ID], of_new=_.contacts), "new_id")
        .inner_join(contacts.select(old_id=_[ID], of_old=_.contacts), "old_id")
        .select("new_id", "old_id", "shared", everyone=_.of_new + _.of_old - _.shared)
        .filter(_.everyone < _.shared * ALL_TIMES)
    )
    closest = [ibis.desc("shared"), "everyone", "old_id", "new_id"]
    matched = shared.filter(
        (ibis.row_number().over(group_by="new_id", order_by=closest) == 0)
        & (ibis.row_number().over(group_by="old_id", order_by=closest) == 0)
    )
    rows = new.inner_join(contacts, ID).left_join(matched.rename({ID: "new_id"}), ID)
    return rows.select(
        ID,
        re_entry=flag(_.old_id.notnull()),
        re_entry_alike_180d=ratio(_.shared, _.everyone),
    )


FAMILY = Family(
    name="re_entry",
    text=Text("re-entry", "重入网"),
    needs=("calls", "status_events", "subscribers"),
    build=build,
    features=(
        Feature(
            "re_entry",
            "flag",
            NONE,
            "recognised as a subscriber who had left",
            "疑似重入网用户",
            of_others=True,
        ),
        Feature(
            "re_entry_alike_180d",
            "share",
            Text("no line that left is alike", "无相似的离网用户"),
            "share of contact persons in common with a line that left",
            "与离网用户共同联系人占比",
            of_others=True,
        ),
    ),
)
