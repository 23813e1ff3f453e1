"""``targets.xlsx``: the ranked list to work from, its parts, who was left out, and the summary."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from churn.language import Language, Text
from churn.report.book import ListSheet, SummarySheet, write_book
from churn.report.chosen import left_out_counts, limits_of, why_chosen
from churn.report.columns import ACCOUNT_MANAGER, LISTED, REGION, SUBSCRIBER, ListColumn, listed_of
from churn.report.parts import HandOut, Tonight
from churn.report.summary import sections
from churn.report.words import words_of
from churn.targeting.answers import ANSWERS

MOST_SHEETS = 40
_WIDE = 60
_TO_WORK_WITH = (
    ListColumn(
        "why",
        "text",
        Text("Why this contact", "联系依据"),
        Text(
            "what happens without it, what the action changes, what it is worth",
            "不联系的后果、措施效果与价值",
        ),
        widest=_WIDE,
        wraps=False,
    ),
    ListColumn(
        "script",
        "text",
        Text("What to say", "话术"),
        Text("of the action", "该措施的话术"),
        widest=_WIDE,
        wraps=False,
    ),
    ListColumn(
        "avoid",
        "text",
        Text("What not to offer", "禁止事项"),
        Text("and not to say", "不得提供或提及的内容"),
        widest=_WIDE,
        wraps=False,
    ),
    ListColumn(
        "contact_id",
        "text",
        Text("Contact", "联系编号"),
        Text("by which the answer comes back; leave it as it is", "回收结果所用编号，请勿改动"),
    ),
    ListColumn(
        "answer",
        "input",
        Text("Answer", "结果"),
        Text("to be filled in, for `churn feedback`", "请填写，由 `churn feedback` 回收"),
        widest=18,
        choices=tuple(answer.text for answer in ANSWERS.values()),
    ),
)
WORKED = (*LISTED, *_TO_WORK_WITH)
"""The columns of the workbook's list, where nothing more is told."""
LEFT_OUT = (
    ListColumn(
        "reason",
        "code",
        Text("Left out because", "未入选原因"),
        Text("each has exactly one", "每户仅一个原因"),
        widest=56,
    ),
    ListColumn(
        "limit",
        "text",
        Text("Limit", "限制"),
        Text("that its best contact lost out to", "最优联系所受限制"),
        widest=32,
    ),
    ListColumn("subscribers", "count", Text("Subscribers", "用户数"), Text("scored", "已评分")),
    ListColumn(
        "paying",
        "count",
        Text("Would pay", "有收益"),
        Text("whose best contact would earn more than the least", "最优联系收益高于下限的用户"),
    ),
    ListColumn(
        "forgone",
        "money",
        Text("Forgone", "放弃收益"),
        Text("what those contacts would earn", "上述联系的预期收益合计"),
        bar=True,
    ),
)
MISSED = (
    SUBSCRIBER,
    *LEFT_OUT[:2],
    ListColumn("action", "code", Text("Action", "措施"), Text("its best", "最优措施")),
    ListColumn(
        "expected_profit",
        "money",
        Text("Forgone", "放弃收益"),
        Text("what that would earn", "该措施的预期收益"),
        bar=True,
    ),
)


def write_targets(night: HandOut, tonight: Tonight, gate: Sequence[str] = ()) -> bytes:
    """Return ``targets.xlsx``; ``gate`` are the lines on what the models can do.

    Every contact stands on the list, and once on the sheet of its manager or else of its region.
    """
    settings, language = tonight.settings, night.language
    words = words_of(settings.actions)
    rows = worked(tonight, language)
    columns = (*listed_of(rows), *_TO_WORK_WITH)
    sheets = [ListSheet(Text("Targets", "目标名单"), rows, columns, words)]
    sheets += [ListSheet(name, part, columns, words) for name, part in parts(rows)]
    left = left_out_counts(tonight.done.left_out, settings, language)
    sheets.append(
        ListSheet(Text("Left out", "未入选"), left, LEFT_OUT, {**words, "reason": words["tonight"]})
    )
    if tonight.missed is not None:
        missed = tonight.missed.assign(limit=limits_of(tonight.missed, settings, language))
        sheets.append(
            ListSheet(
                Text("Just missed", "有收益未入选"),
                missed,
                MISSED,
                {**words, "reason": words["tonight"]},
            )
        )
    return write_book(
        night.as_of,
        language,
        Text(f"Retention list, night of {night.as_of}", f"挽留名单（{night.as_of}）"),
        sheets,
        SummarySheet(
            Text("Summary", "汇总"),
            tonight.done.message,
            sections(
                tonight.done,
                settings,
                (*columns, *LEFT_OUT, *MISSED),
                gate=gate,
                notes=night.notes,
            ),
        ),
        currency=night.currency,
    )


def worked(tonight: Tonight, language: Language) -> pd.DataFrame:
    """Add to the list what is read and filled in by who works from it: ``WORKED`` columns."""
    actions = {action.name: action for action in tonight.settings.actions}
    reasons = [sentence.of(language) for sentence in why_chosen(tonight)]
    named = [actions[name] for name in tonight.frame["action"]]
    return tonight.frame.assign(
        why=pd.Series(reasons, tonight.frame.index, dtype="str"),
        script=[(action.script or action.label).of(language) for action in named],
        avoid=[action.avoid.of(language) if action.avoid else None for action in named],
        answer=None,
    )


def parts(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Return the list by account manager, and by region of those without one, most contacts first.

    What belongs to more than ``MOST_SHEETS`` of them is on no sheet of its own.
    """
    unit = rows[ACCOUNT_MANAGER.name].fillna(rows[REGION.name])
    sizes = unit.value_counts(sort=False).sort_index().sort_values(ascending=False, kind="stable")
    names = sizes.index[:MOST_SHEETS]
    return [(str(name), rows[unit == name]) for name in names]
