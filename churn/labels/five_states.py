"""The five-state reading of one operator's study: five states are churn, at once and for good.

A city branch of China Unicom, with one month of billing data, counted 锁定期, 强拆销号, 退网停机,
预登录停机 and 欠费服务暂停 all as churned or about to churn. So there is no grace and no win-back:
the first day in one of them decides, whatever follows. 退网停机 is active; 强拆销号, 欠费服务暂停
and 预登录停机 (also of a number never used) are passive; 锁定期 inherits, as everywhere. Ends that
the study does not name keep their cause: porting out is active, a lapsed contract passive, and
administrative ends are no churn.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from pydantic import Field

from churn.frozen import Frozen
from churn.labels.deciding import judged
from churn.labels.definition import LabelDefinition
from churn.labels.evidence import Evidence
from churn.language import Text
from churn.states import departures


class FiveStatesSettings(Frozen):
    """The parameters of the five-state reading (``labels.five_states:``)."""

    never_used: bool = Field(
        default=True,
        description="whether a number stopped at pre-registration counts though it was never used",
    )


def five_states(settings: FiveStatesSettings) -> LabelDefinition:
    """Return the five-state reading with its parameters."""

    def judge(evidence: Evidence) -> ir.Table:
        spans = evidence.spans
        if settings.never_used:
            unused = (spans.state == "preregistered") & spans.cause.isnull()
            spans = spans.mutate(cause=ibis.cases((unused, "passive"), else_=spans.cause))
        at_once = evidence.time.model_copy(update={"grace": 0, "win_back": 0})
        return judged(departures(spans, evidence.states), evidence.snapshot, at_once)

    return LabelDefinition(
        name="five_states",
        text=Text(
            "locked, removed, left, stopped at pre-registration or suspended for arrears, "
            "without grace",
            "锁定期、强拆销号、退网停机、预登录停机、欠费服务暂停均视为流失，无宽限期",
        ),
        reads=("status_events",),
        judge=judge,
        for_good=True,
    )
