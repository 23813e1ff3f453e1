"""What a contact can come back with, and which answers bind every later hand-over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from churn.language import LANGUAGES, Text
from churn.tables.canonical import CHANNELS


@dataclass(frozen=True)
class Answer:
    """One answer.

    Parameters
    ----------
    text
        What people fill in.
    closes
        The channels that nobody of the customer is contacted by any more.
    """

    text: Text
    closes: tuple[str, ...] = ()


_PHONE = ("call", "sms")
ANSWERS: Mapping[str, Answer] = {
    "accepted": Answer(Text("accepted", "接受")),
    "considering": Answer(Text("considering", "考虑")),
    "refused": Answer(Text("refused", "拒绝")),
    "not_reached": Answer(Text("not reached", "未接通")),
    "do_not_call": Answer(Text("do not call", "请勿致电"), _PHONE),
    "wrong_number": Answer(Text("wrong number", "号码错误"), _PHONE),
    "not_the_holder": Answer(Text("not the holder", "非机主"), _PHONE),
    "deceased": Answer(Text("deceased", "机主已故"), tuple(CHANNELS)),
    "already_left": Answer(Text("already left", "已离网"), tuple(CHANNELS)),
}


def code_of(filled_in: str) -> str | None:
    """Return the answer that a person filled in, in either language; none if it is none of them.

    Examples
    --------
    >>> code_of(" Do not call "), code_of("请勿致电"), code_of("do_not_call"), code_of("maybe")
    ('do_not_call', 'do_not_call', 'do_not_call', None)
    """
    text = filled_in.strip().casefold()
    for code, answer in ANSWERS.items():
        if text in {code, *(answer.text.of(language).casefold() for language in LANGUAGES)}:
            return code
    return None


def closed_by(context: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    """Return the context with the channels closed that answers close, for the whole customer.

    Parameters
    ----------
    context
        Of :func:`churn.targeting.context.context`, as rows.
    answers
        ``subscriber_id, answer`` on record.
    """
    binding = answers[answers["answer"].map(lambda code: bool(ANSWERS[code].closes))]
    if binding.empty:
        return context
    holders = context.set_index("subscriber_id")["customer_id"]
    closed: dict[str, set[str]] = {}
    for subscriber, code in zip(binding["subscriber_id"], binding["answer"], strict=True):
        if subscriber in holders.index:
            closed.setdefault(holders[subscriber], set()).update(ANSWERS[code].closes)
    words = {
        holder: "".join(f"{name};" for name in CHANNELS if name in channels)
        for holder, channels in closed.items()
    }
    more = context["customer_id"].map(lambda holder: words.get(holder, ""))
    return context.assign(opt_outs=context["opt_outs"].astype("str").fillna("") + more)
