"""A new line recognised as one that left, by whom it is in touch with."""

from __future__ import annotations

from datetime import timedelta

import ibis.expr.types as ir
from ibis import _

from churn.features.arithmetic import flag, ratio
from churn.features.family import ID, Family, View
from churn.features.feature import NONE, Feature
from churn.language import Text
from churn.states import DEPARTED, NEW_DAYS, contacts_of, next_lines


def build(view: View) -> ir.Table:
    """One row per line that began in 180 days, on the books and with contacts.

    Which of them is the next one of a line that left: :mod:`churn.states.re_entries`.
    """
    since = view.day - timedelta(days=NEW_DAYS)
    began = view.known.subscribers.filter(_.activated_on >= since)
    new = began.select(ID, began_on=_.activated_on)
    left = view.current.filter(_.state.isin(sorted(DEPARTED)))
    old = left.filter(_.since >= since).select(ID, left_on=_.since)
    lookback = view.window("calls", NEW_DAYS)
    pairs = contacts_of(view.known.calls.filter(lookback.contains(_.started_at)), new, old)
    next_ones = next_lines(pairs, new, old).rename({ID: "new_id"})
    rows = new.semi_join(pairs, ID).left_join(next_ones, ID)
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
