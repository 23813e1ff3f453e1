"""What an operator knows of subscribers and the canonical tables have no column for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from churn.language import Text

NAME = re.compile(r"[a-z][a-z0-9_]*")

AttributeUnit = Literal[
    "class",
    "count",
    "currency",
    "days",
    "flag",
    "hours",
    "MB",
    "minutes",
    "points",
    "ratio",
    "share",
    "years",
]


@dataclass(frozen=True)
class Attribute:
    """One extra column: its values stand in the table ``attributes`` under its name.

    Parameters
    ----------
    name
        Also the name of the feature it becomes.
    unit
        ``class`` is kept as ``text``, all else as ``number``.
    en, zh
        What an analyst reads.
    words
        What the codes of a class are called, where they are not to be read as they are.
    """

    name: str
    unit: AttributeUnit
    en: str
    zh: str
    words: Mapping[str, Text] = field(default_factory=dict, hash=False)

    @property
    def null_means(self) -> Text:
        """What no value means, in words that stand alone."""
        return Text(f"{self.en} not on record", f"无{self.zh}记录")
