"""LEAK304: a column as of the extraction: it tells who has left by now, whenever that was."""

from __future__ import annotations

from churn.audit.column import AuditedColumn, is_pure
from churn.audit.finding import Code, Finding
from churn.audit.rows import LEFT
from churn.language import Text

CODE = Code(
    "LEAK304",
    Text(
        "tells who has left by now: the state of a later day stands in the past",
        "透露至今是否离网：以后来的状态充当过去",
    ),
    Text(
        "list it under `current_state:` of its initial load, or have it delivered as it stood",
        "列入首次加载的 `current_state:`，或按当时取值交付",
    ),
)


#: Who leaves within a year or two is foreseen far worse than who leaves next month: honest columns
#: reach 0.75, and no value of theirs is met by leavers only.
RANKS_LEFT = 0.9
PURE_ODDS, OF_LEAVERS = 50.0, 0.3


def find(column: AuditedColumn) -> Finding | None:
    """Rank those known to have left; a column that ranks the outcome as well is another's case."""
    left, outcome = column.rankings.get(LEFT), column.outcome
    if left is None or (outcome is not None and outcome.lower >= left.lower):
        return None
    if left.lower >= RANKS_LEFT:
        return CODE.found(
            column.name, left_auc=left.auc, auc_lower=left.lower, leavers=left.churners
        )
    pure, base = column.purity(LEFT), float(column.rows.targets[LEFT].mean())
    if pure.of_all >= OF_LEAVERS and is_pure(pure, base, odds=PURE_ODDS):
        return CODE.found(
            column.name, share=pure.share, share_lower=pure.lower,
            leavers=pure.churners, rows=pure.rows, of_leavers=pure.of_all,
        )  # fmt: skip
    return None
