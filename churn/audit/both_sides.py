"""LEAK203: one customer, or one line under two customers, on both sides of a split by customer."""

from __future__ import annotations

import pandas as pd

from churn.audit.finding import Code, Finding
from churn.language import Text
from churn.panel.split import Order

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


def find(panel: pd.DataFrame, order: Order) -> list[Finding]:
    """Count customers and subscribers that are met in more than one part.

    A customer is drawn whole, so one is too many. A line that was handed over between two
    snapshots is drawn with either holder: some are in two parts wherever lines change hands.

    Parameters
    ----------
    panel
        ``customer_id``, ``subscriber_id``, ``part``.
    order
        Parts that time keeps apart may share customers, as nights do.
    """
    if order == "time":
        return []
    rows = panel if order == "customer" else panel[(panel["part"] != "test").to_numpy()]
    found = []
    for key, figure, least in (
        ("customer_id", "customers", 0.0),
        ("subscriber_id", "subscribers", MOVED),
    ):
        parts = rows.groupby(key)["part"].nunique()
        torn = int((parts > 1).sum())
        if torn and torn >= least * len(parts):
            found.append(CODE.found(key, **{figure: torn, "share": torn / len(parts)}))
    return found
