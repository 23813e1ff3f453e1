"""What goes to those who act: the dialler's file, and whom no other campaign may touch.

The dialler's file tells nothing of chances, values, profits or arms; a contact has an id of its
own, by which answers come back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, timedelta

import pandas as pd

from churn.language import Language
from churn.report.flat import csv_bytes, harmless
from churn.targeting import TargetingSettings

HANDOVER = (
    "contact_id",
    "phone",
    "script",
    "priority",
    "valid_until",
    "calling_hours",
    "attempts",
)
SUPPRESS = ("subscriber_id", "until")
_ID_DIGITS = 16


def contact_id(night: date, subscriber: str) -> str:
    """Return the id of a contact: of a subscriber's hash and the night, alike on every run.

    Examples
    --------
    >>> len(contact_id(date(2025, 3, 10), "s1"))
    16
    """
    name = f"contact|{night.isoformat()}|{subscriber}"
    return hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()[:_ID_DIGITS]


def handover(
    frame: pd.DataFrame,
    details: pd.DataFrame,
    settings: TargetingSettings,
    night: date,
    language: Language,
) -> tuple[bytes, dict[str, int]]:
    """Return the dialler's file, and how many of the list are in it and why others are not.

    One contact per phone, payer and household, the best; who has no phone is not in it.

    Parameters
    ----------
    frame
        The list, best first: ``subscriber_id`` (hashed), ``customer_id, action, channel, rank``.
    details
        ``subscriber_id, phone, account_id`` of the listed.
    """
    chosen = settings.handover
    named = ["subscriber_id", "customer_id", "action", "channel", "rank"]
    rows = frame.loc[frame["channel"].isin(chosen.channels), named]
    rows = rows.merge(details, on="subscriber_id", how="left")
    rows = rows.assign(phone=[dialled(phone) for phone in rows["phone"]])
    counts = {"listed": len(rows), "no_phone": int((rows["phone"] == "").sum())}
    rows = rows[rows["phone"] != ""]
    before = len(rows)
    payer = rows["account_id"].fillna(rows["subscriber_id"])
    rows = rows.assign(payer=payer).sort_values("rank", kind="stable")
    for column in ("phone", "payer", "customer_id"):
        rows = rows.drop_duplicates(column)
    counts |= {"same_person": before - len(rows), "handed_over": len(rows)}
    scripts = {action.name: action.script or action.label for action in settings.actions}
    last = (night + timedelta(days=chosen.valid_days)).isoformat()
    lines = [
        (
            contact_id(night, row.subscriber_id),
            row.phone,
            harmless(scripts[row.action].of(language)),
            place,
            last,
            chosen.calling_hours,
            chosen.attempts,
        )
        for place, row in enumerate(rows.itertuples(index=False), start=1)
    ]
    return csv_bytes(HANDOVER, lines, chosen.encoding), counts


def suppressed(last_days: Mapping[str, date], encoding: str) -> bytes:
    """Return whom other campaign systems must leave alone, under the operator's own ids.

    Parameters
    ----------
    last_days
        The last day on which each is, by id: controls, and who is held out of the programme.
    """
    rows = [(harmless(name), last_days[name].isoformat()) for name in sorted(last_days)]
    return csv_bytes(SUPPRESS, rows, encoding)


def dialled(phone: object) -> str:
    """Return a phone as a dialler takes it: digits, 00 for a plus; empty without one."""
    if not isinstance(phone, str):
        return ""
    return "".join(each for each in phone.replace("+", "00") if each.isdecimal())
