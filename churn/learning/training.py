"""Fitting both heads on a panel that is already split, measuring them, and refitting.

Train rows fit, calibration rows choose, combine and calibrate, test rows only measure. Then the
chosen models are fitted again on all mature rows and keep their calibrator.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from churn.causes import CAUSES, Cause
from churn.evaluation.gates import HEADS
from churn.evaluation.intervals import Resampling
from churn.evaluation.ranking import BoolArray
from churn.evaluation.settings import EvaluationSettings
from churn.language import Text
from churn.learning.assessment import TestPart, assess
from churn.learning.bundle import Bundle
from churn.learning.choosing import Choice, choose
from churn.learning.encoding import Encoder
from churn.learning.heads import Head, HeadReport, rule_figures
from churn.learning.parts import META, PARTS, TrainingPanel, checked
from churn.learning.scorers import Rows
from churn.learning.settings import LearningSettings
from churn.learning.wording import specs_by_name


@dataclass(frozen=True)
class Trained:
    """The result of training.

    Attributes
    ----------
    bundle
        What scores: refitted models, reports inside.
    test_scores
        The test rows' meta columns and ``p_<cause>_<learner>`` of the models that were
        measured, before refitting: what any further comparison on the test part needs.
    """

    bundle: Bundle
    test_scores: pd.DataFrame

    @property
    def reports(self) -> Mapping[Cause, HeadReport]:
        """What was found about each head."""
        return self.bundle.reports

    @property
    def passed(self) -> bool:
        """Whether any head passes the gate."""
        return any(report.passed for report in self.reports.values())


def fit(
    panel: pd.DataFrame,
    features: Iterable[object],
    settings: LearningSettings,
    evaluation: EvaluationSettings | None = None,
    *,
    open_findings: int | None = None,
    out_of_time: bool = True,
    meta: Mapping[str, str] | None = None,
) -> Trained:
    """Train, measure and refit both heads.

    Parameters
    ----------
    panel
        One row per subscriber and snapshot: ``subscriber_id``, ``customer_id``, ``snapshot``,
        ``part`` (train, calibration, test), ``outcome`` (active, passive, gone, administrative,
        won_back, off_record, none), ``weight``, and the features. Administrative, won-back and
        off-record rows are left out everywhere; gone rows do not train and count as 0 in both heads
        afterwards. Row order does not matter.
        A column ``training_weight``, where there is one, stands in for ``weight`` in fitting. A
        column ``plain_weight`` tells what rows would weigh if no campaign had touched any.
    features
        Specs with ``name``, ``family``, ``unit``, ``en``, ``zh``.
    open_findings
        Open findings of the leak audit; None where it was not run.
    out_of_time
        Whether the parts are split by time; False is reported wherever figures are.
    meta
        Facts about the training run to keep in the bundle.

    Raises
    ------
    ModelError
        If the panel lacks columns, rows of a part, or holds unknown parts or outcomes.
    LeakError
        If a part begins before the one before it has ended.
    """
    evaluation = evaluation or EvaluationSettings()
    specs = specs_by_name(features)
    data = checked(panel, out_of_time=out_of_time)
    train, calibration, test = (data.at(part) for part in PARTS)
    fitted = train & data.trainable
    encoder = Encoder.fit(data.frame[fitted], list(specs), settings.min_level_share)
    matrices = {
        part: encoder.transform(data.frame[where])
        for part, where in (("train", fitted), ("calibration", calibration), ("test", test))
    }
    scores = data.frame.loc[test, list(META)].copy()
    reports: dict[Cause, HeadReport] = {}
    chosen: dict[Cause, Choice] = {}
    for cause in CAUSES:
        counted = data.counted(cause)
        off = _why_off(data.rows(matrices["train"], fitted, cause), cause, settings)
        if off is not None:
            reports[cause] = HeadReport(cause=cause, off=off, **counted)
            continue
        picked = choose(
            data.fitting_rows(matrices["train"], fitted, cause),
            data.rows(matrices["calibration"], calibration, cause),
            data.frame.loc[calibration, "customer_id"].to_numpy(),
            settings,
        )
        chances = picked.chances(matrices["test"])
        found = assess(
            cause, chances, picked.champion, _test_part(data, test, fitted, cause, evaluation),
            evaluation, open_findings,
        )  # fmt: skip
        reports[cause] = HeadReport(
            cause=cause,
            champion=picked.champion,
            candidates=picked.candidates,
            combination=picked.combination,
            combination_gain=picked.gain,
            **counted,
            **found,
        )
        chosen[cause] = picked
        for name, chance in chances.items():
            scores[f"p_{cause}_{name}"] = chance
    del matrices
    encoder, heads = _refitted(data, chosen, list(specs), settings)
    bundle = Bundle(
        features=tuple(specs.values()),
        encoder=encoder,
        heads=heads,
        reports=reports,
        disagreement=settings.disagreement,
        threads=settings.threads,
        out_of_time=out_of_time,
        meta=dict(meta or {}),
    )
    return Trained(bundle, scores.reset_index(drop=True))


def _refitted(
    data: TrainingPanel,
    chosen: Mapping[Cause, Choice],
    names: list[str],
    settings: LearningSettings,
) -> tuple[Encoder, dict[Cause, Head]]:
    """Fit the chosen models again on every mature row that may train."""
    every = data.trainable
    encoder = Encoder.fit(data.frame[every], names, settings.min_level_share)
    matrix = encoder.transform(data.frame[every])
    heads: dict[Cause, Head] = {}
    for cause, picked in chosen.items():
        rows = data.fitting_rows(matrix, every, cause)
        head = Head(
            cause=cause,
            scorers=picked.refitted(rows, settings),
            champion=picked.champion,
            combination=picked.combination,
            base_rate=float((data.weight @ (data.outcome == cause).to_numpy()) / data.weight.sum()),
        )
        counted = data.rows(matrix, every, cause)
        heads[cause] = Head(**{**head.__dict__, "rules": rule_figures(head.tree, counted)})
    return encoder, heads


def _why_off(train: Rows, cause: Cause, settings: LearningSettings) -> Text | None:
    """Say why a head is off, if it is."""
    if cause not in settings.heads:
        return Text(
            f"{cause} churn is not modelled by the settings", f"设置未启用{HEADS[cause].zh}模型"
        )
    events = int(np.count_nonzero(train.churned & (train.weight > 0)))
    if events < settings.min_events:
        return Text(
            f"{events:,} training churners, fewer than the {settings.min_events:,} needed",
            f"训练集流失用户 {events:,} 户，少于所需的 {settings.min_events:,} 户",
        )
    return None


def _test_part(
    data: TrainingPanel,
    test: BoolArray,
    fitted: BoolArray,
    cause: Cause,
    evaluation: EvaluationSettings,
) -> TestPart:
    frame = data.frame[test]
    seen = frame["customer_id"].isin(data.frame.loc[fitted, "customer_id"])
    return TestPart(
        churned=data.churned(cause)[test],
        weight=data.weight[test],
        subscribers=pd.factorize(frame["subscriber_id"])[0].astype(np.int64),
        resampling=Resampling.over(
            frame["customer_id"].to_numpy(),
            replicates=evaluation.replicates,
            seed=evaluation.seed,
        ),
        snapshots=frame["snapshot"].nunique(),
        unseen=~seen.to_numpy(),
    )
