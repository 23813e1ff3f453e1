"""Scored rows, sorted once and weighed many times.

Every metric reads a :class:`Weighed`. Sorting is the dear part and happens once; a bootstrap
replicate only changes the weights, so it costs a few passes over the rows instead of a copy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


class Top(NamedTuple):
    """The head of a ranking: weight of its churners, of all its rows, and churners expected."""

    hits: float
    mass: float
    expected: float


@dataclass(frozen=True)
class Scored:
    """Rows in order of falling score; rows with equal scores form one group and share its cut.

    Build it with :meth:`of`.

    Attributes
    ----------
    score, outcome
        Shape (n,), in falling order of the score; outcome is True for churn.
    order
        Shape (n,): position of each sorted row in the arrays given to :meth:`of`.
    """

    score: FloatArray
    outcome: BoolArray
    order: IntArray

    @classmethod
    def of(cls, outcome: npt.ArrayLike, score: npt.ArrayLike) -> Scored:
        """Sort the rows.

        Parameters
        ----------
        outcome
            Shape (n,): 1 or True for churn, 0 or False for everything else.
        score
            Shape (n,): finite; higher means riskier.

        Raises
        ------
        ValueError
            If lengths differ, a score is not finite or an outcome is neither 0 nor 1.
        """
        raw = np.asarray(outcome)
        scores = np.asarray(score, dtype=np.float64)
        if raw.shape != scores.shape or raw.ndim != 1:
            raise ValueError(
                f"outcome has shape {raw.shape}, score {scores.shape}: both must be (n,)"
            )
        if not np.isfinite(scores).all():
            raise ValueError(f"{np.count_nonzero(~np.isfinite(scores))} scores are not finite")
        truth = raw.astype(np.bool_)
        if (truth != raw).any():
            raise ValueError("outcomes must be 0 or 1")
        order = np.argsort(-scores, kind="stable")
        return cls(scores[order], truth[order], order.astype(np.int64))

    def weighed(self, weight: npt.ArrayLike | None = None) -> Weighed:
        """Attach weights given in the original row order; without them each row weighs 1."""
        if weight is None:
            return Weighed(self, np.ones(len(self.score)))
        given = np.asarray(weight, dtype=np.float64)
        if given.shape != self.score.shape:
            raise ValueError(f"weight has shape {given.shape}, expected {self.score.shape}")
        if not (given >= 0).all() or not np.isfinite(given).all():
            raise ValueError("weights must be finite and not negative")
        return Weighed(self, given[self.order])

    @cached_property
    def falling(self) -> FloatArray:
        """The negated score: rising, so that it can be searched."""
        return -self.score

    @cached_property
    def churners(self) -> IntArray:
        """Positions of the churners."""
        return np.flatnonzero(self.outcome).astype(np.int64)

    @cached_property
    def churner_groups(self) -> tuple[IntArray, IntArray, IntArray]:
        """First churner, first row and end of every group of equal scores with a churner in it.

        The first counts within :attr:`churners`, the others count rows. Cuts at other groups
        add stayers only, so no curve has a corner there.
        """
        starts = np.searchsorted(self.falling, self.falling[self.churners], side="left")
        start, first = np.unique(starts, return_index=True)
        end = np.searchsorted(self.falling, self.falling[start], side="right")
        return first.astype(np.int64), start.astype(np.int64), end.astype(np.int64)

    @cached_property
    def squared_error(self) -> FloatArray:
        """Squared distance of score and outcome, per row."""
        return np.square(self.score - self.outcome)

    @cached_property
    def log_error(self) -> FloatArray:
        """Negative log-likelihood of the outcome, per row, chances kept strictly inside (0, 1)."""
        chance = np.clip(self.score, 1e-12, 1 - 1e-12)
        return -np.log(np.where(self.outcome, chance, 1 - chance))


@dataclass(frozen=True)
class Weighed:
    """Scored rows with one weight each, in sorted order."""

    scored: Scored
    weight: FloatArray

    @cached_property
    def mass(self) -> FloatArray:
        """Shape (n + 1,): weight of the first k rows."""
        return np.concatenate(([0.0], np.cumsum(self.weight)))

    @property
    def total(self) -> float:
        """Weight of all rows."""
        return float(self.mass[-1])

    @cached_property
    def group_hits(self) -> FloatArray:
        """Weight of the churners in each group that holds one."""
        first = self.scored.churner_groups[0]
        if not len(first):
            return np.zeros(0)
        return np.add.reduceat(self.weight[self.scored.churners], first)

    @cached_property
    def events(self) -> float:
        """Weight of all churners."""
        return float(self.group_hits.sum())

    @cached_property
    def churner_mass(self) -> FloatArray:
        """Weight of the first k churners, for k from 0 to their number."""
        return np.concatenate(([0.0], np.cumsum(self.weight[self.scored.churners])))

    @property
    def base_rate(self) -> float:
        """Weighted share of churners; NaN without rows."""
        return self.events / self.total if self.total > 0 else float("nan")

    @cached_property
    def cuts(self) -> tuple[FloatArray, FloatArray]:
        """Weight of churners and of all rows at the end of each group that holds a churner."""
        return np.cumsum(self.group_hits), self.mass[self.scored.churner_groups[2]]

    def top(self, size: float) -> Top:
        """Take the riskiest rows until their weight is ``size``.

        The group the cut falls into counts by the share of it that fits, which is what drawing
        from it at random gives on average.
        """
        size = min(size, self.total)
        if size <= 0:
            return Top(0.0, 0.0, 0.0)
        row = min(int(np.searchsorted(self.mass, size, side="left")), len(self.weight)) - 1
        cut = self.scored.falling[row]
        start = int(np.searchsorted(self.scored.falling, cut, side="left"))
        end = int(np.searchsorted(self.scored.falling, cut, side="right"))
        before = float(self.mass[start])
        inside = float(self.mass[end]) - before
        share = (size - before) / inside if inside > 0 else 0.0
        hits = self.churner_mass[np.searchsorted(self.scored.churners, [start, end])]
        above, among = float(hits[0]), float(hits[1] - hits[0])
        expected = float(self.weight[:start] @ self.scored.score[:start])
        expected += share * inside * float(self.scored.score[row])
        return Top(above + share * among, size, expected)


Metric: TypeAlias = Callable[[Weighed], float]
