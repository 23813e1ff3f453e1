"""LEAK205: treated rows that count: who was saved teaches the model that there was no risk."""

from __future__ import annotations

import pandas as pd

from churn.audit.finding import Code, Finding
from churn.language import Text
from churn.windows import TimeSettings

CODE = Code(
    "LEAK205",
    Text(
        "rows count although a campaign treated them before the outcome window closed",
        "结果窗口结束前已被营销干预的行仍计权",
    ),
    Text("weigh treated rows 0", "干预行权重应为0"),
)
_READ = ("subscriber_id", "snapshot", "event_on", "ended_by_holder")


def find(panel: pd.DataFrame, treated: pd.DataFrame, time: TimeSettings) -> list[Finding]:
    """Count the rows with weight whose subscriber was contacted in the treated arm.

    A contact after the holder had ended the service came too late to change anything: such rows
    may count, see :mod:`churn.panel.weights`.

    Parameters
    ----------
    panel
        ``subscriber_id``, ``snapshot``, ``weight``, ``event_on``, ``ended_by_holder``.
    treated
        ``subscriber_id``, ``contacted_on`` of every contact in the treated arm, known by now.
    """
    if treated.empty:
        return []
    rows = panel.loc[(panel["weight"] != 0).to_numpy(), list(_READ)]
    left_on = pd.to_datetime(rows["event_on"]).where(rows["ended_by_holder"])
    rows = rows[["subscriber_id"]].assign(
        day=pd.to_datetime(rows["snapshot"]), left_on=left_on, row=range(len(rows))
    )
    contacts = treated[["subscriber_id"]].assign(on=pd.to_datetime(treated["contacted_on"]))
    exposed = pd.Timedelta(days=time.lead + time.outcome)
    counting = 0
    for day, some in rows.groupby("day"):  # all days at once would be too many pairs
        inside = contacts[((contacts["on"] >= day) & (contacts["on"] < day + exposed)).to_numpy()]
        met = some.merge(inside, on="subscriber_id")
        in_time = met["left_on"].isna() | (met["on"] <= met["left_on"])
        counting += int(met.loc[in_time, "row"].nunique())
    return [CODE.found("weight", rows=counting)] if counting else []
