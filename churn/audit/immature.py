"""LEAK204: labels that are not final, used as if they were."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from churn.audit.finding import Code, Finding
from churn.labels import LabelDefinition
from churn.labels.maturity import observed_through
from churn.language import Text
from churn.tables import Known
from churn.windows import TimeSettings

CODE = Code(
    "LEAK204",
    Text(
        "labels are used that are not final: who leaves later counts as staying",
        "使用了尚未成熟的标签：之后离网者被当作留存",
    ),
    Text("leave the snapshot out, or ingest what happened since", "剔除该快照，或接入其后数据"),
)


def find(
    panel: pd.DataFrame, now: Known, time: TimeSettings, definition: LabelDefinition
) -> list[Finding]:
    """Compare each snapshot's maturity with what has been observed by now.

    Parameters
    ----------
    panel
        ``snapshot``; one row per subscriber and snapshot.
    """
    observed = observed_through(now, definition)
    found = []
    for snapshot, rows in panel["snapshot"].value_counts().items():
        day = pd.Timestamp(snapshot).date()
        missing = time.mature_on(day) - observed if observed else timedelta(days=1)
        if missing > timedelta(0):
            found.append(CODE.found(day.isoformat(), days=missing.days, rows=int(rows)))
    return found
