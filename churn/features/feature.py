"""What a feature declares about itself: name, unit, what null means, the words an analyst reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from churn.language import Text

Unit = Literal[
    "class",
    "count",
    "currency",
    "days",
    "days ago",
    "flag",
    "hours",
    "MB",
    "minutes",
    "points",
    "ratio",
    "share",
    "years",
]
TOPICS = (
    "circle",
    "competition",
    "complaints",
    "contract",
    "faults",
    "hold",
    "orders",
    "payment",
    "price",
    "satisfaction",
    "tariff",
    "use",
)
"""What a contact can be about, as far as features that are shipped can tell."""
NONE = Text("none", "无")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Feature:
    """One column of the feature table.

    Parameters
    ----------
    name
        Measure, statistic, window, as in ``competitor_share_90d``.
    unit
        What one unit of the value is; ``class`` marks a categorical (text) feature, ``ratio``
        one that is told as a change (0.88 is −12 %), ``days ago`` the days since an event.
    null_means
        What no value means, in words that stand alone in a reason (``no commitment``); ``NONE``
        where nothing having happened counts as 0, so that the feature is never null.
    en, zh
        The words an analyst reads before the value.
    family
        Filled in by the family that declares it.
    below_zero
        What is said instead where a number below 0 means something else; ``{value}`` is replaced
        by the number without its sign.
    words
        What the codes of a class are called, where they are not the operator's own words.
    topic
        What a contact made for its sake would be about; features of one topic, of whatever family,
        give one reason together. Empty where the feature merely ranks: nobody calls about it.
    of_others
        Whether it says what other people did: it counts, and nobody is told it of a subscriber.
    """

    name: str
    unit: Unit
    null_means: Text
    en: str
    zh: str
    family: str = ""
    below_zero: Text | None = None
    words: Mapping[str, Text] = field(default_factory=dict, hash=False)
    topic: str = ""
    of_others: bool = False

    def __post_init__(self) -> None:
        """Refuse a name that is no column name, and a class that would be filled with 0."""
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"feature name {self.name!r} is not lower case with underscores")
        if self.unit == "class" and self.null_means == NONE:
            raise ValueError(f"feature {self.name} is a class: say what null means instead of NONE")

    @property
    def categorical(self) -> bool:
        """Whether the values are words, not numbers."""
        return self.unit == "class"

    @property
    def type(self) -> str:
        """The column's type: every number is rounded to float32 before it leaves the engine."""
        return "string" if self.categorical else "float32"

    @property
    def never_null(self) -> bool:
        """Whether absence counts as 0."""
        return self.null_means == NONE

    @property
    def text(self) -> Text:
        """The words in both languages."""
        return Text(self.en, self.zh)


def counted(name: str, en: str, zh: str, *, topic: str = "", of_others: bool = False) -> Feature:
    """Return a feature that counts what happened; that nothing did is 0."""
    return Feature(name, "count", NONE, en, zh, topic=topic, of_others=of_others)


def days_since(name: str, en: str, zh: str, *, topic: str = "") -> Feature:
    """Return the days since the last event of a kind, such as a visit, in a window of 180."""
    never = Text(f"no {en} in 180 days", f"近180天无{zh}")
    return Feature(name, "days ago", never, f"last {en}", f"最近一次{zh}", topic=topic)
