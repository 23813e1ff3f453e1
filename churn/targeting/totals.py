"""Counts and sums of a list that reconcile, and one sentence that says what came of it."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from churn.language import Text

NOT_SELECTED: Mapping[str, Text] = {
    "applied_to_port": Text(
        "has applied to port out: contacted by nobody", "已申请携号转出，任何人不得联系"
    ),
    "cool_down": Text(
        "contacted, or left alone as a control, not long ago", "冷却期内（近期已联系或为对照）"
    ),
    "no_action": Text("no action answers the risk", "无适用的挽留措施"),
    "rule": Text(
        "a rule on earlier contacts or on offers a year forbids it",
        "受历史接触规则或年度优惠次数限制",
    ),
    "opted_out": Text("refused every channel that would do", "客户已拒绝相应渠道"),
    "held_out": Text("held out of the programme for the half year", "半年度整体对照，不做挽留营销"),
    "harmed": Text(
        "a contact would make it likelier to leave, as past ones showed: left alone",
        "历史对照显示联系会增加其流失，不予联系",
    ),
    "unsure": Text(
        "past contacts do not show surely enough that one would pay",
        "历史对照尚不足以确信联系有收益",
    ),
    "not_profitable": Text(
        "a contact would cost more than it is expected to save", "预期收益不抵成本"
    ),
    "other_line": Text("another line of the same customer is selected", "同一客户的其他号码已入选"),
    "beyond_limits": Text("would pay, but budget or capacity is used up", "有收益但预算或产能用完"),
}
"""Why a scored subscriber is not selected; each that is not has exactly one of these reasons."""


def totals(
    reason: pd.Series[str], listed: pd.DataFrame, controls: pd.DataFrame, budget: int
) -> dict[str, object]:
    """Return the totals of a list.

    Parameters
    ----------
    reason
        Per scored subscriber why it was not selected, ``""`` if it was.
    listed, controls
        The selected, with ``profit_cents`` and ``spend_cents``, ``cause`` and ``action``.
    budget
        What tonight may cost, in cents.

    Returns
    -------
    dict
        ``scored = selected + sum(not_selected)``, ``selected = listed + control``,
        ``planned_spend + withheld_spend <= budget_tonight``; amounts in currency.
    """
    counts = reason.value_counts()
    return {
        "scored": len(reason),
        "selected": int(counts.get("", 0)),
        "listed": len(listed),
        "control": len(controls),
        "not_selected": {name: int(counts.get(name, 0)) for name in NOT_SELECTED},
        "listed_by_cause": _by(listed, "cause"),
        "listed_by_action": _by(listed, "action"),
        "budget_tonight": budget / 100,
        "planned_spend": int(listed["spend_cents"].sum()) / 100,
        "withheld_spend": int(controls["spend_cents"].sum()) / 100,
        "expected_profit": int(listed["profit_cents"].sum()) / 100,
    }


def message(listed: int, controls: int, scored: int, resting: int) -> Text:
    """Say in one sentence what came of the night; ``resting`` are within the cool-down."""
    if listed:
        aside = Text("", "")
        if controls:
            aside = Text(
                f" {controls:,} more were selected and are left alone as the control arm.",
                f"另有{controls:,}户入选但留作对照组，不予联系。",
            )
        return Text(
            f"{listed:,} of {scored:,} scored subscribers are to be contacted tonight.{aside.en}",
            f"今晚共评分{scored:,}户，建议联系{listed:,}户。{aside.zh}",
        )
    if controls:
        return Text(
            f"The list is empty: the {controls:,} selected all fell to the control arm.",
            f"名单为空：入选的{controls:,}户全部划入对照组。",
        )
    if not scored:
        return Text("The list is empty: nobody was scored.", "名单为空：今晚没有可评分的用户。")
    aside = Text("", "")
    if resting:
        aside = Text(
            f" besides the {resting:,} contacted, or left alone as controls, not long ago",
            f"（另有{resting:,}户处于冷却期）",
        )
    return Text(
        f"The list is empty: of {scored:,} scored subscribers none is worth a contact tonight"
        f"{aside.en}. The summary counts why.",
        f"名单为空：已评分{scored:,}户，今晚没有值得联系的用户{aside.zh}，原因统计见汇总页。",
    )


def _by(listed: pd.DataFrame, column: str) -> dict[str, int]:
    return {str(name): int(n) for name, n in listed[column].value_counts().sort_index().items()}
