"""The panel as training needs it: checked, without what is excluded, sorted, counted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd

from churn.causes import CAUSES, NO_CHURN_NO_STAY, OUTCOMES, HeadName
from churn.errors import ModelError
from churn.evaluation.ranking import BoolArray, FloatArray
from churn.learning.encoding import Matrix
from churn.learning.origins import WHERE, Plan
from churn.learning.scorers import Rows
from churn.panel import heads
from churn.panel.rows import DOWNGRADED

META = ("subscriber_id", "customer_id", "snapshot", "outcome", "weight")
TRAINING_WEIGHT = "training_weight"
PLAIN_WEIGHT = "plain_weight"
DOWNGRADE: HeadName = "downgrade"


@dataclass(frozen=True)
class TrainingPanel:
    """The checked rows, sorted by snapshot and subscriber.

    Attributes
    ----------
    weight
        What a row counts for in calibration, metrics and gate.
    training_weight
        What it counts for in fitting; the same unless the panel has a column of that name.
    plain_weight
        What it would count for in fitting if no campaign had touched it; None unless the panel has
        a column of that name.
    """

    frame: pd.DataFrame
    outcome: pd.Series
    weight: FloatArray
    training_weight: FloatArray
    plain_weight: FloatArray | None = None

    @property
    def trainable(self) -> BoolArray:
        """Rows that may train: not gone before the window opened, and with a weight."""
        weight = self.training_weight
        if self.plain_weight is not None:
            weight = np.maximum(weight, self.plain_weight)
        return np.asarray(self.outcome != "gone") & (weight > 0)

    @property
    def heads(self) -> tuple[HeadName, ...]:
        """What heads can be told of: the causes of churn, and downgrades where they are told."""
        return (*CAUSES, DOWNGRADE) if DOWNGRADED in self.frame else CAUSES

    def known(self, head: HeadName) -> BoolArray:
        """Tell of which rows it is known whether they met it: shape (n,)."""
        return heads.known(self.frame, head)

    def of(self, head: HeadName) -> Self:
        """Return the same rows as a head counts them: those of which it is not known weigh nothing.

        Whoever went without its plan changes observed says nothing of downgrades.
        """
        if head in CAUSES:
            return self
        known = self.known(head).astype(np.float64)
        plain = self.plain_weight
        return replace(
            self,
            weight=self.weight * known,
            training_weight=self.training_weight * known,
            plain_weight=None if plain is None else plain * known,
        )

    def churned(self, head: HeadName) -> BoolArray:
        """Tell who met what a head foretells; leaving for the other cause counts as staying."""
        return heads.met(self.frame, head)

    def rows(self, matrix: Matrix, where: BoolArray, cause: HeadName) -> Rows:
        """Return a head's rows as they are measured, given their encoded features."""
        return Rows(matrix, self.churned(cause)[where], self.weight[where])

    def fitting_rows(self, matrix: Matrix, where: BoolArray, cause: HeadName) -> Rows:
        """Return a head's rows as a learner fits them, with the way back to their weight.

        Where fitting weighs the outcomes otherwise than measuring does, as on a table that was
        resampled by outcome, the logit is off by a constant, exactly.
        """
        churned, fitting = self.churned(cause)[where], self.training_weight[where]
        ratio = [
            float(self.weight[where][side].sum()) / float(fitting[side].sum())
            if side.any()
            else 1.0
            for side in (churned, ~churned)
        ]
        shift = float(np.log(ratio[0] / ratio[1])) if min(ratio) > 0 else 0.0
        plain = None if self.plain_weight is None else self.plain_weight[where]
        return Rows(matrix, churned, fitting, shift, plain)

    def counted(self, cause: HeadName, plan: Plan) -> dict[str, Any]:
        """Count a head's churners and rows, and take its base rate, by what rows serve for."""
        events, rows, rates = {}, {}, {}
        churned = self.churned(cause)
        for part, rows_of in (
            ("train", plan.teach),
            ("calibration", plan.calibrating),
            ("test", plan.tested),
        ):
            where = rows_of & (self.weight > 0)
            mass = float(self.weight[where].sum())
            hits = float(self.weight @ (churned & where))
            events[part] = int(np.count_nonzero(churned & where))
            rows[part] = int(np.count_nonzero(where))
            rates[part] = hits / mass if mass > 0 else float("nan")
        return {"events": events, "rows": rows, "base_rate": rates}


def _refuse_negative(weight: FloatArray) -> None:
    if not np.isfinite(weight).all() or (weight < 0).any():
        raise ModelError(
            f"{np.count_nonzero(~(weight >= 0)):,} weights are negative or not finite",
            where=WHERE,
            do="weigh every row by 0 or more",
        )


def checked(panel: pd.DataFrame) -> TrainingPanel:
    """Refuse a malformed panel; drop rows that are neither churn nor a stay; sort."""
    absent = [name for name in META if name not in panel.columns]
    if absent:
        raise ModelError(f"columns {', '.join(absent)} are absent", where=WHERE, do="add them")
    unknown = int((~panel["outcome"].isin(OUTCOMES)).sum())
    if unknown:
        raise ModelError(
            f"{unknown:,} rows have an unknown outcome",
            where=WHERE,
            do=f"use {', '.join(OUTCOMES)}",
        )
    training_weight = TRAINING_WEIGHT if TRAINING_WEIGHT in panel.columns else "weight"
    plain = PLAIN_WEIGHT if PLAIN_WEIGHT in panel.columns else None
    for name in ("weight", training_weight, *([plain] if plain else [])):
        _refuse_negative(panel[name].to_numpy(dtype=np.float64))
    kept = panel[(~panel["outcome"].isin(NO_CHURN_NO_STAY)).to_numpy()]
    frame = kept.sort_values(["snapshot", "subscriber_id"], kind="stable", ignore_index=True)
    return TrainingPanel(
        frame,
        frame["outcome"],
        frame["weight"].to_numpy(dtype=np.float64),
        frame[training_weight].to_numpy(dtype=np.float64),
        frame[plain].to_numpy(dtype=np.float64) if plain else None,
    )
