"""Panel rows as the column checks see them: who left, when, and which half of the customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from churn.audit.measures import Bools, Floats, Ints
from churn.causes import CAUSES, NO_CHURN_NO_STAY
from churn.draws import number

#: Fewer churners than this tell too little about any column.
ENOUGH = 40
LEFT = "left"
_LEFT_AS = (*CAUSES, "gone")


@dataclass(frozen=True)
class AuditRows:
    """The rows that are churn or its absence, and what hindsight knows of them.

    Attributes
    ----------
    features
        Shape (n, columns).
    targets
        By name, shape (n,): the outcome is active, is passive; ``left``: known by now to have left
        on the snapshot or later. Those with enough churners only.
    days_left
        Shape (n,): days from the snapshot until the subscriber left; NaN where it is not known to
        have left.
    snapshot
        Shape (n,): the snapshot's number, from the oldest.
    half
        Shape (n,): which half of the customers, by digest.
    subscriber
        Shape (n,): the subscriber as a number.
    """

    features: pd.DataFrame
    targets: Mapping[str, Bools]
    days_left: Floats
    snapshot: Ints
    half: Bools
    subscriber: Ints

    @cached_property
    def oldest(self) -> Mapping[str, Bools]:
        """By target, the rows of the oldest snapshots that together have enough churners.

        Hindsight tells most where it looks back farthest.
        """
        rows = {}
        for name, churned in self.targets.items():
            reached = np.cumsum(np.bincount(self.snapshot[churned]))
            rows[name] = self.snapshot <= int(np.searchsorted(reached, 2 * ENOUGH))
        return rows

    @cached_property
    def leavers(self) -> Bools:
        """Rows of subscribers who left, where they did not all leave after the same time."""
        known = np.isfinite(self.days_left)
        kinds = len(np.unique(self.days_left[known]))
        enough = len(np.unique(self.subscriber[known])) >= ENOUGH and kinds > 2  # noqa: PLR2004 - a yes and a no is no date
        return known if enough else np.zeros(len(known), dtype=np.bool_)


def audit_rows(
    panel: pd.DataFrame, features: Sequence[str], left_on: pd.Series | None = None
) -> AuditRows:
    """Read a panel for the column checks.

    Parameters
    ----------
    panel
        Meta columns, ``event_on`` where dates are known, and the features.
    left_on
        By ``subscriber_id``, the day it left for good, as known by now; where it is not given, the
        panel's own outcomes tell.
    """
    rows = panel[~panel["outcome"].isin(NO_CHURN_NO_STAY).to_numpy()]
    snapshot = pd.to_datetime(rows["snapshot"])
    days = _days_left(
        rows["subscriber_id"], snapshot, _left_on(rows) if left_on is None else left_on
    )
    targets: dict[str, Bools] = {name: (rows["outcome"] == name).to_numpy() for name in CAUSES}
    targets[LEFT] = np.isfinite(days)
    return AuditRows(
        features=rows[list(features)].reset_index(drop=True),
        targets={name: hit for name, hit in targets.items() if hit.sum() >= ENOUGH},
        days_left=days,
        snapshot=snapshot.rank(method="dense").to_numpy(dtype=np.int64) - 1,
        half=_halves(rows["customer_id"]),
        subscriber=pd.factorize(rows["subscriber_id"])[0].astype(np.int64),
    )


def _left_on(rows: pd.DataFrame) -> pd.Series:
    """Return the day on which each subscriber left, by its outcomes in the panel."""
    if "event_on" not in rows:
        return pd.Series()
    left = rows[rows["outcome"].isin(_LEFT_AS).to_numpy()]
    return left["event_on"].groupby(left["subscriber_id"]).max()


def _days_left(subscribers: pd.Series, snapshot: pd.Series, left_on: pd.Series) -> Floats:
    """Count the days until the exit: shape (n,); NaN where none is known on the day or later."""
    if left_on.empty:
        return np.full(len(subscribers), np.nan)
    days = (pd.to_datetime(subscribers.map(pd.to_datetime(left_on))) - snapshot).dt.days
    return np.asarray(days.where(days >= 0).to_numpy(dtype=np.float64, na_value=np.nan))


def _halves(customers: pd.Series) -> Bools:
    """Give whole customers to one half, by the digest of their id."""
    codes, names = pd.factorize(customers)
    drawn = np.array([number(f"audit:{name}", digits=2) for name in names], dtype=np.int64)
    return np.asarray(drawn[codes] % 2 == 0)
