"""Tickets and orders of all kinds in one file: which are complaints, which were done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from churn.ingest.suggestion.filling import Filled
from churn.ingest.suggestion.likeness import words_of
from churn.ingest.suggestion.profiles import Profile
from churn.ingest.suggestion.readings import LEVELS
from churn.language import Text

COMPLAINED = frozenset({"complaint", "claim", "grievance", "dispute", "escalation"})
SIGNS = ("投诉", "申诉", "抱怨", "越级")
DONE = frozenset({"completed", "complete", "done", "executed", "fulfilled", "processed"})
DONE_SIGNS = ("竣工", "已完成", "已执行", "已归档", "完工")
UNDONE = frozenset({"cancelled", "canceled", "pending", "rejected", "failed", "withdrawn"})
UNDONE_SIGNS = ("撤单", "取消", "作废", "在途", "待处理", "退单", "未完成")
SOME, NEARLY_ALL = 0.02, 0.98  # share of the rows that are complaints, where others stand beside


def complaints_in(filled: Filled) -> tuple[Mapping[str, Any], tuple[Text, ...]]:
    """Return which values of which column make a ticket a complaint, and ask; else nothing."""
    for profile in filled.look.profiles:
        if not 1 < len(profile.distinct) <= LEVELS or not profile.present:
            continue
        counted = profile.counted()
        values = sorted(value for value in counted if _complains(profile.named(value)))
        share = sum(counted[value] for value in values) / profile.present
        if SOME <= share <= NEARLY_ALL:
            ask = Text(
                f"tickets of other kinds stand beside: {share:.0%} are complaints by "
                f"{profile.header}",
                f"含其他类型的工单：按{profile.header}，{share:.0%}为投诉",
            )
            return {profile.header: {"in": values}}, (ask,)
    return {}, ()


def done_in(filled: Filled) -> tuple[Mapping[str, Any], tuple[Text, ...]]:
    """Return which values of which column make an order one that was carried out, and ask."""
    for profile in filled.unused:
        done = done_values(profile)
        if done:
            counted = profile.counted()
            rows = profile.rows - sum(counted[value] for value in done)
            ask = Text(
                f"{rows:,} rows were not carried out by {profile.header}, and are left out",
                f"按{profile.header}，{rows:,}行未执行，未读取",
            )
            return {profile.header: {"in": done}}, (ask,)
    return {}, ()


def done_values(profile: Profile) -> list[str]:
    """Return the values that say an order was done, where others say that it was not."""
    if not 1 < len(profile.distinct) <= LEVELS:
        return []
    done = sorted(v for v in profile.values if _is(profile.named(v), DONE, DONE_SIGNS))
    undone = any(_is(profile.named(v), UNDONE, UNDONE_SIGNS) for v in profile.values)
    return done if undone else []


def _is(value: str, words: frozenset[str], signs: tuple[str, ...]) -> bool:
    return bool(words & {*words_of(value)}) or any(sign in value for sign in signs)


def _complains(value: str) -> bool:
    return _is(value, COMPLAINED, SIGNS)
