"""What the last-notice list says of itself: its order, its notes, its one sentence."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from churn.language import Text

OWES_NOTHING = "owes_nothing"


def with_notes(frame: pd.DataFrame) -> pd.DataFrame:
    """Add ``note`` and sort: the next removal first, who owes nothing last.

    A balance of 0 beside a removal means that the subscriber has paid since, or that the balance
    came late: whoever calls should look before announcing a removal.
    """
    paid = [not pd.isna(owed) and float(owed) == 0 for owed in frame["amount_owed"]]
    notes = pd.Series(
        [OWES_NOTHING if settled else None for settled in paid], frame.index, dtype="str"
    )
    ordered = frame.assign(note=notes, paid=paid)
    ordered = ordered.sort_values(["paid", "removal_on", "subscriber_id"], ignore_index=True)
    return ordered.drop(columns="paid")


def notices_message(rows: pd.DataFrame, near_days: int) -> Text:
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
