"""What a definition of churn is. Each one has a file of its own and a line in ``registry``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

import ibis.expr.types as ir

from churn.tables import Known
from churn.windows import TimeSettings

if TYPE_CHECKING:
    from churn.language import Text

Outcome = Literal["active", "passive", "gone", "administrative", "none"]
OUTCOMES: tuple[Outcome, ...] = ("active", "passive", "gone", "administrative", "none")

Decide = Callable[[Known, ir.Table, date, TimeSettings], ir.Table]


@dataclass(frozen=True)
class LabelDefinition:
    """A named definition of churn.

    Parameters
    ----------
    reads
        The canonical tables that its outcomes depend on: a label is final only when each of them
        has been observed far enough.
    decide
        From what is known, the spans of it, a snapshot and the time settings to one row per
        subscriber with any span. It may assume that the labels are mature.
    """

    name: str
    text: Text
    reads: tuple[str, ...]
    decide: Decide
