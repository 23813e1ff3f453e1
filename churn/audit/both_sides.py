"""LEAK203: one customer, or one line under two customers, in several folds of customers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import pandas as pd

from churn.audit.finding import Code, Finding
from churn.language import Text

CODE = Code(
    "LEAK203",
    Text("the same on both sides of a split that is not by time", "同一主体分处非时间划分的两侧"),
    Text(
        "split by what holds the lines together: the customer, `--group` in a ready-made table",
        "按将其联系在一起的主体划分：客户，或现成表的 `--group`",
    ),
)
#: Share of the lines from which it shows in figures that lines changed hands between snapshots.
MOVED = 0.01


def find(panel: pd.DataFrame, folded: Collection[date]) -> list[Finding]:
    """Count customers and subscribers that are met in more than one fold.

    A customer is drawn whole, so one is too many. A line that was handed over between two
    snapshots is drawn with either holder: some are in two folds wherever lines change hands.

    Parameters
    ----------
    panel
        ``customer_id``, ``subscriber_id``, ``snapshot``, ``fold``.
    folded
        The snapshots that folds are asked about; what time keeps apart may share customers, as
        nights do.
    """
    days = pd.to_datetime(panel["snapshot"])
    rows = panel[days.isin([pd.Timestamp(day) for day in folded]).to_numpy()]
    found = []
    for key, figure, least in (
        ("customer_id", "customers", 0.0),
        ("subscriber_id", "subscribers", MOVED),
    ):
        folds = rows.groupby(key)["fold"].nunique()
        torn = int((folds > 1).sum())
        if torn and torn >= least * len(folds):
            found.append(CODE.found(key, **{figure: torn, "share": torn / len(folds)}))
    return found
