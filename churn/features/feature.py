"""What a feature declares about itself: name, unit, what null means, the words an analyst reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from churn.language import Text

Unit = Literal[
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
]
NONE = "none"
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Feature:
    """One column of the feature table.

    Parameters
    ----------
    name
        Measure, statistic, window, as in ``competitor_share_90d``.
    unit
        What one unit of the value is; ``class`` marks a categorical (text) feature.
    null_means
        Why there may be no value; ``"none"`` where nothing having happened counts as 0, so that
        the feature is never null.
    en, zh
        The words an analyst reads beside the value.
    family
        Filled in by the family that declares it.
    """

    name: str
    unit: Unit
    null_means: str
    en: str
    zh: str
    family: str = ""

    def __post_init__(self) -> None:
        """Refuse a name that is no column name, and a class that would be filled with 0."""
        if not _NAME.fullmatch(self.name):
            msg = f"feature name {self.name!r} is not lower case with underscores"
            raise ValueError(msg)
        if self.unit == "class" and self.null_means == NONE:
            msg = f"feature {self.name} is a class: say what null means instead of 'none'"
            raise ValueError(msg)

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
