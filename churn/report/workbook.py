"""``last_notices.xlsx``: whose removal is near, and how to reach them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from churn.language import Text, Words
from churn.report.book import ListSheet, SummarySheet, write_book
from churn.report.columns import LAST_NOTICES
from churn.report.parts import HandOut
from churn.report.summary import TO_KNOW, Section, definitions, sentences
from churn.report.words import CODES
from churn.states import StateSettings
from churn.targeting.settings import LastNoticeSettings

_STARTS = {
    "arrears": Text("after the oldest overdue bill fell due", "自最早欠费账单到期日起满"),
    "state": Text("after the state began", "自进入该状态起满"),
}


def write_last_notices(night: HandOut) -> bytes:
    """Return ``last_notices.xlsx``; names and phones stand in it unmasked.

    The next removal comes first and who owes nothing by the latest balance last.
    """
    notices = night.notices
    rows = _with_notes(notices.frame)
    told: list[Words] = [*_left_out(notices.off_books), *notices.notes]
    notes = [sentences(TO_KNOW, told)] if told else []
    return write_book(
        night.as_of,
        night.language,
        Text(f"Last notices, night of {night.as_of}", f"销号前告知名单（{night.as_of}）"),
        [ListSheet(Text("Last notices", "销号前告知"), rows, LAST_NOTICES)],
        SummarySheet(
            Text("About", "说明"),
            _urgency(rows, notices.settings.near_days),
            [_rules(notices.settings, notices.states), *notes, definitions(LAST_NOTICES)],
        ),
        currency=night.currency,
    )


def _left_out(off_books: int) -> list[Text]:
    """Name and count who is near removal and not on the list."""
    if not off_books:
        return []
    return [
        Text(
            f"Not listed: {off_books:,} whose state says that removal is near, but who are no "
            "longer on the books, so that nobody knows whom to tell.",
            f"未列入{off_books:,}户：按状态临近销号，但已不在用户资料中，无法确定告知对象。",
        )
    ]


def _with_notes(frame: pd.DataFrame) -> pd.DataFrame:
    """Add ``note`` and sort: the next removal first, who owes nothing last.

    A balance of 0 beside a removal means that the subscriber has paid since, or that the balance
    came late: whoever calls should look before announcing a removal.
    """
    paid = [not pd.isna(owed) and float(owed) == 0 for owed in frame["amount_owed"]]
    notes = pd.Series(
        ["owes_nothing" if settled else None for settled in paid], frame.index, dtype="str"
    )
    ordered = frame.assign(note=notes, paid=paid)
    ordered = ordered.sort_values(["paid", "removal_on", "subscriber_id"], ignore_index=True)
    return ordered.drop(columns="paid")


def _urgency(rows: pd.DataFrame, near_days: int) -> Text:
    """Say in one sentence how urgent the list is, and who is hard to reach."""
    if rows.empty:
        return Text(
            f"Nobody is to be removed within {near_days} days.",
            f"{near_days}天内没有待销号的用户。",
        )
    past = sum(days < 0 for days in rows["days_left"])
    untold = _untold(rows["notified"].tolist())
    alone = int(rows["contact"].isna().sum())
    return Text(
        f"{_count(len(rows), 'subscriber', 'subscribers')}: "
        f"{_count(past, 'is', 'are')} past the removal date, "
        f"{len(rows) - past:,} within {near_days} days; {untold.en}"
        f"{_count(alone, 'has', 'have')} no other contact.",
        f"共{len(rows):,}户：已过销号日{past:,}户，{near_days}天内到期{len(rows) - past:,}户；"
        f"{untold.zh}无其他联系方式{alone:,}户。",
    )


def _untold(notified: Sequence[bool | None]) -> Text:
    """Say how many were not told yet; nothing where notices are not delivered."""
    known = [bool(notice) for notice in notified if not pd.isna(notice)]
    if not known:
        return Text("", "")
    untold = known.count(False)
    return Text(f"{_count(untold, 'was', 'were')} not told yet; ", f"尚未告知{untold:,}户；")


def _count(number: int, singular: str, plural: str) -> str:
    return f"{number:,} {singular if number == 1 else plural}"


def _rules(settings: LastNoticeSettings, states: StateSettings) -> Section:
    lines = []
    for rule in settings.rules(states):
        start = _STARTS[rule.counts_from]
        months = Text(f"{rule.months} months ", f"{rule.months}个月") if rule.months else ""
        days = Text(f"{rule.days} days ", f"{rule.days}天") if rule.days else ""
        delay = Text("", start.zh) + months + days + Text(start.en, "")
        lines.append((CODES[rule.state], delay))
    return Section(Text("Removal by state", "销号规则"), tuple(lines))
