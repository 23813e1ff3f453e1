"""LEAK304: a column as of the extraction: it tells who has left by now, whenever that was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from churn.language import Text
from churn.panel.audit.column import TELLS_ALL
from churn.panel.audit.finding import Code
from churn.panel.audit.rows import LEFT

if TYPE_CHECKING:
    from churn.panel.audit.column import Column
    from churn.panel.audit.finding import Finding

CODE = Code(
    "LEAK304",
    "blocks",
    Text(
        "tells who has left by now: the state of a later day stands in the past",
        "透露至今是否离网：以后来的状态充当过去",
    ),
    Text(
        "list it under `current_state:` of its initial load, or have it delivered as it stood",
        "列入首次加载的 `current_state:`，或按当时取值交付",
    ),
)


def find(column: Column) -> Finding | None:
    """Rank those known to have left; a column that ranks the outcome as well is another's case."""
    left, outcome = column.rankings.get(LEFT), column.outcome
    if left is None or left.lower < TELLS_ALL:
        return None
    if outcome is not None and outcome.lower >= left.lower:
        return None
    evidence = {"left_auc": left.auc, "auc_lower": left.lower, "leavers": left.churners}
    return CODE.found(column.name, **evidence)
