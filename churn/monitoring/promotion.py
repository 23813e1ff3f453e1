"""Promotion: whether a challenger takes the champion's place, by nights that neither had learned.

Both are held against the same rows: what the champion said of nights whose outcomes became final
after its training, and what the challenger says of them out of its own learning. The difference of
log loss and of what a list of the night's length earns are paired over customers, so that the luck
of who was drawn cancels; observed over expected says whose chances can be taken at their word. A
rule says what follows, and the decision carries every figure that it rests on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from churn.causes import HeadName
from churn.evaluation import EvaluationSettings
from churn.evaluation.calibration import observed_expected
from churn.evaluation.comparison import compare
from churn.evaluation.intervals import Figure, Interval, Resampling, intervals
from churn.evaluation.metrics import log_loss
from churn.evaluation.profit import list_profit
from churn.evaluation.ranking import Scored
from churn.frozen import Frozen
from churn.monitoring.settings import MonitoringSettings, PromotionSettings

Verdict = Literal["promoted", "held", "shadowed"]
Rule = Literal[
    "first",
    "gate",
    "worse",
    "definitions",
    "reasons",
    "better",
    "head",
    "asked",
    "old",
    "unproven",
]
VERDICTS: Mapping[Rule, Verdict] = MappingProxyType(
    {
        "first": "promoted",
        "gate": "held",
        "worse": "held",
        "definitions": "promoted",
        "reasons": "shadowed",
        "better": "promoted",
        "head": "promoted",
        "asked": "promoted",
        "old": "promoted",
        "unproven": "shadowed",
    }
)
"""What each rule leads to."""


class HeadDuel(Frozen):
    """One head's champion and challenger on the nights that neither had learned.

    Attributes
    ----------
    rows, churners
        Rows that weigh something and, of these, those whose outcome is the head's.
    log_loss
        The challenger's minus the champion's, in nats a row: below 0 the challenger is better.
    profit
        What the challenger's lists would have earned minus what the champion's would have, in
        currency over all nights, at the list size of the settings.
    auc
        The challenger's area under the ROC curve minus the champion's (DeLong).
    champion_ratio, challenger_ratio
        Observed over expected of either.
    champion_loss
        The champion's log loss, in nats a row: what ``log_loss`` is small or large beside.
    same_reasons
        Share of the champion's list whose first reason is the same by both; None where the
        champion's features are not defined any more, or the list is empty.
    """

    rows: int
    churners: int
    log_loss: Interval
    profit: Interval
    auc: Interval
    champion_ratio: Interval
    challenger_ratio: Interval
    champion_loss: Figure
    same_reasons: float | None = None


class Standing(Frozen):
    """What is known of both models beside the nights.

    Attributes
    ----------
    champion_heads, challenger_heads
        Those that pass the gate.
    fits
        Whether the champion reads features as they are defined today.
    age
        Days since the champion was trained.
    asked
        Whether a person asked for the training: what is not shown to be worse then goes in place.
    """

    champion_heads: frozenset[HeadName]
    challenger_heads: frozenset[HeadName]
    fits: bool
    age: int
    asked: bool


class Decision(Frozen):
    """What was decided about a challenger, and all that it rests on.

    Attributes
    ----------
    challenger, champion
        Hashes of the bundles; no champion where none was in place.
    challenger_of, champion_of
        Nights that they were trained for.
    nights
        Nights that both were held against.
    lacking
        Heads of the champion that the challenger lacks.
    """

    as_of: date
    rule: Rule
    challenger: str
    challenger_of: str
    champion: str | None = None
    champion_of: str | None = None
    age: int | None = None
    nights: tuple[date, ...] = ()
    heads: dict[HeadName, HeadDuel] = Field(default_factory=dict)
    lacking: tuple[HeadName, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Whether the challenger was put in place, held back, or scores beside the champion."""
        return VERDICTS[self.rule]


def duel(
    rows: pd.DataFrame,
    evaluation: EvaluationSettings,
    *,
    nights: int,
    same_reasons: float | None = None,
) -> HeadDuel | None:
    """Hold a head's two models against what happened.

    Parameters
    ----------
    rows
        ``customer_id weight churned`` and the chances ``champion`` and ``challenger``, one row per
        subscriber and night.
    nights
        How many nights they are of: so many lists are written.
    same_reasons
        See :class:`HeadDuel`.

    Returns
    -------
    HeadDuel
        None where nobody that weighs left, or nobody stayed: nothing can be told.
    """
    weighing = rows[(rows["weight"] > 0).to_numpy()]
    churned = weighing["churned"].to_numpy(np.bool_)
    if not 0 < churned.sum() < len(churned):
        return None
    paired = weighing.rename(columns={"challenger": "first", "champion": "second"})
    size = float(evaluation.list_size * nights)
    chosen = {"log_loss": log_loss, "profit": list_profit(size, evaluation.profit)}
    found = compare(paired, chosen, evaluation)
    weight = weighing["weight"].to_numpy(np.float64)
    drawn = Resampling.over(
        weighing["customer_id"].to_numpy(), replicates=evaluation.replicates, seed=evaluation.seed
    )
    ratios = {
        name: intervals(
            {"ratio": observed_expected},
            Scored.of(churned, weighing[name].to_numpy()),
            drawn,
            weight,
        )["ratio"]
        for name in ("champion", "challenger")
    }
    return HeadDuel(
        rows=len(weighing),
        churners=int(churned.sum()),
        log_loss=found.differences["log_loss"],
        profit=found.differences["profit"],
        auc=found.areas.difference,
        champion_ratio=ratios["champion"],
        challenger_ratio=ratios["challenger"],
        champion_loss=log_loss(Scored.of(churned, weighing["champion"].to_numpy()).weighed(weight)),
        same_reasons=same_reasons,
    )


def worse(head: HeadDuel, evaluation: EvaluationSettings) -> bool:
    """Tell whether a challenger is shown to be worse: in log loss, profit, or calibration.

    Its calibration is where it is shown to miss the range of the gate, and the champion's is not.
    """
    low, high = evaluation.calibration_low, evaluation.calibration_high
    misses = not head.challenger_ratio.meets(low, high) and head.champion_ratio.meets(low, high)
    return head.log_loss.lower > 0 or head.profit.upper < 0 or misses


def better(head: HeadDuel) -> bool:
    """Tell whether a challenger is shown to be better: in log loss or in profit."""
    return head.log_loss.upper < 0 or head.profit.lower > 0


def rule_of(
    standing: Standing,
    heads: Mapping[HeadName, HeadDuel],
    settings: MonitoringSettings,
    evaluation: EvaluationSettings,
) -> Rule:
    """Return the first rule that applies to a challenger.

    Parameters
    ----------
    heads
        The heads that both have and that the nights tell anything of.
    """
    limits = settings.promotion
    told = {cause: head for cause, head in heads.items() if head.churners >= limits.least_churners}
    gained = standing.challenger_heads - standing.champion_heads
    shown = any(better(head) for head in told.values())
    old = standing.age > settings.model_age
    applies: dict[Rule, bool] = {
        "gate": not standing.champion_heads <= standing.challenger_heads
        or not standing.challenger_heads,
        "first": not standing.champion_heads,
        "worse": any(worse(head, evaluation) for head in told.values()),
        "definitions": not standing.fits,
        "asked": standing.asked,
        "reasons": (shown or bool(gained)) and _strange(told.values(), limits),
        "better": shown,
        "head": bool(gained),
        "old": old and _no_worse(standing, told, limits),
    }
    return next((rule for rule, holds in applies.items() if holds), "unproven")


def _strange(heads: Iterable[HeadDuel], settings: PromotionSettings) -> bool:
    """Tell whether a challenger would give most of those on the list another first reason."""
    return any(
        head.same_reasons is not None and head.same_reasons < settings.least_same_reasons
        for head in heads
    )


def _no_worse(
    standing: Standing, told: Mapping[HeadName, HeadDuel], settings: PromotionSettings
) -> bool:
    """Tell whether every head is shown not to lose more log loss than is put up with."""
    return set(told) == standing.champion_heads and all(
        head.log_loss.upper <= settings.tolerance * head.champion_loss for head in told.values()
    )
