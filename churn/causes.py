"""What may become of a subscriber, and which of it models foretell: named here and nowhere else.

The heads of a model are the entries of :data:`RISKS`; what they are called, whether they compete,
whether what they foretell is churn and which columns they give follows from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from churn.language import Text

Cause = Literal["active", "passive"]
"""A cause of churn that a head foretells."""
HeadName = Literal[Cause, "downgrade"]
"""What a head foretells: a cause of churn, or a move to a cheaper plan, which is none."""
Ending = Literal[Cause, "administrative"]
"""Why a service ended."""
Outcome = Literal[Ending, "gone", "won_back", "re_entered", "off_record", "none"]


@dataclass(frozen=True)
class Risk:
    """What one head foretells.

    Parameters
    ----------
    text
        What it is called on its own.
    word
        What it is called beside the word churn, or in a column of causes.
    competes
        Whether it excludes the other risks that compete: their chances add up to 1 at most. Those
        that do are the causes of churn.
    needs
        The optional table without which nobody can tell who met it; none: any source of outcomes.
    """

    text: Text
    word: Text
    competes: bool = True
    needs: str | None = None


RISKS: Mapping[HeadName, Risk] = MappingProxyType(
    {
        "active": Risk(Text("active churn", "主动流失"), Text("active", "主动")),
        "passive": Risk(Text("passive churn", "被动流失"), Text("passive", "被动")),
        "downgrade": Risk(
            Text("downgrade", "降档"),
            Text("downgrade", "降档"),
            competes=False,
            needs="plan_changes",
        ),
    }
)
CAUSES: tuple[Cause, ...] = ("active", "passive")
"""The causes of churn: who met one has left, and is counted so."""
HEADS: tuple[HeadName, ...] = tuple(RISKS)
"""All that heads foretell, in the order in which they are told."""

NOT_DELIVERED: Mapping[HeadName, Text] = MappingProxyType(
    {
        "downgrade": Text(
            "off (no plan changes were delivered to learn from)",
            "未启用（未交付可供学习的套餐变更数据）",
        )
    }
)
"""Why a head that a training could not even look at is off."""

OUTCOMES: Mapping[Outcome, Text] = MappingProxyType(
    {
        **{cause: RISKS[cause].text for cause in CAUSES},
        "gone": Text("gone before the outcome window opened", "在结果窗口开始前已离网"),
        "administrative": Text(
            "administrative: no churn, excluded and counted",
            "行政原因：不算流失，剔除并计数",
        ),
        "won_back": Text(
            "won back: no churn, excluded and counted", "挽回成功：不算流失，剔除并计数"
        ),
        "re_entered": Text(
            "back under another number: no churn, excluded and counted",
            "重入网：不算流失，剔除并计数",
        ),
        "off_record": Text(
            "no service state on record any more: excluded and counted",
            "已无服务状态记录：剔除并计数",
        ),
        "none": Text("stayed", "未流失"),
    }
)
NO_CHURN_NO_STAY: tuple[Outcome, ...] = (
    "administrative",
    "won_back",
    "re_entered",
    "off_record",
)
"""Outcomes that are excluded and counted: neither churn nor its absence.

*off_record* is no definition's to give: it is that of the eligible who have no state on record now.
"""
