"""LEAK205: treated rows that count: who was saved teaches the model that there was no risk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from churn.language import Text
from churn.panel.audit.finding import Code

if TYPE_CHECKING:
    from churn.panel.audit.finding import Finding
    from churn.windows import TimeSettings

CODE = Code(
    "LEAK205",
    "blocks",
    Text(
        "rows count although a campaign treated them before the outcome window closed",
        "结果窗口结束前已被营销干预的行仍计权",
    ),
    Text("weigh treated rows 0", "干预行权重应为0"),
)


def find(panel: pd.DataFrame, treated: pd.DataFrame, time: TimeSettings) -> list[Finding]:
    """Count the rows with weight whose subscriber was contacted in the treated arm.

    Parameters
    ----------
    panel
        ``subscriber_id``, ``snapshot``, ``weight``.
    treated
        ``subscriber_id``, ``contacted_on`` of every contact in the treated arm, known by now.
    """
    if treated.empty:
        return []
    rows = panel.loc[(panel["weight"] != 0).to_numpy(), ["subscriber_id", "snapshot"]]
    rows = rows.assign(snapshot=pd.to_datetime(rows["snapshot"]), row=range(len(rows)))
    met = rows.merge(treated.assign(on=pd.to_datetime(treated["contacted_on"])), "inner")
    exposed = pd.Timedelta(days=time.lead + time.outcome)
    inside = (met["on"] >= met["snapshot"]) & (met["on"] < met["snapshot"] + exposed)
    counting = int(met.loc[inside, "row"].nunique())
    return [CODE.found("weight", rows=counting)] if counting else []
