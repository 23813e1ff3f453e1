"""LEAK104: a value that training reads otherwise than the night did that scored it."""

from __future__ import annotations

import pandas as pd

from churn.audit.finding import Code, Finding
from churn.audit.future import differing
from churn.language import Text

CODE = Code(
    "LEAK104",
    Text(
        "has another value in training than on the night that scored the same subscriber",
        "训练取值与当晚评分同一用户时的取值不一致",
    ),
    Text(
        "find the delivery that claims to have been there: its day of delivery is too early",
        "查找声称当时已到的交付：其交付日期登记过早",
    ),
)


def find(scored: pd.DataFrame, training: pd.DataFrame) -> list[Finding]:
    """Compare what a past night read with what training reads for that day now.

    Parameters
    ----------
    scored, training
        ``subscriber_id`` and features.
    """
    compared = len(set(scored["subscriber_id"]) & set(training["subscriber_id"]))
    return [
        CODE.found(name, differing=rows, compared=compared)
        for name, rows in differing(scored, training).items()
    ]
