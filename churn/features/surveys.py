"""How satisfied the subscriber said to be."""

from __future__ import annotations

import ibis.expr.types as ir
from ibis import _

from churn.features.family import ID, Family, View
from churn.features.feature import Feature
from churn.language import Text

NO_ANSWER = Text("no survey answer in 180 days", "近180天无满意度评分")


def build(view: View) -> ir.Table:
    """One row per subscriber who answered in 180 days; of several answers on a day the lowest."""
    lookback = view.window("surveys", 180)
    answers = view.known.surveys.filter(lookback.contains(_.answered_on))
    per_day = answers.group_by(ID, "answered_on").aggregate(score=_.score.min())
    return per_day.group_by(ID).aggregate(
        survey_score_last_180d=_.score.argmax(_.answered_on),
        survey_score_min_180d=_.score.min(),
    )


FAMILY = Family(
    name="surveys",
    text=Text("satisfaction", "满意度"),
    needs=("surveys",),
    build=build,
    features=(
        Feature(
            "survey_score_last_180d",
            "points",
            NO_ANSWER,
            "last satisfaction score",
            "最近一次满意度评分",
            topic="satisfaction",
        ),
        Feature(
            "survey_score_min_180d",
            "points",
            NO_ANSWER,
            "lowest satisfaction score in 180 days",
            "近180天最低满意度评分",
            topic="satisfaction",
        ),
    ),
)
