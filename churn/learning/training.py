"""Fitting every head on all the history, and telling of it what past nights could have told.

Origins calibrate, choose and judge: each is a fit that has not seen the rows it is asked about.
What was chosen is then fitted on every mature row, and calibrated on all that origins were asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import zip_longest
from typing import TypeVar

import numpy as np
import pandas as pd

from churn.causes import CAUSES, RISKS, HeadName
from churn.evaluation.intervals import Resampling
from churn.evaluation.ranking import BoolArray, FloatArray
from churn.evaluation.settings import EvaluationSettings
from churn.language import Text
from churn.learning.asking import HeadAsked
from churn.learning.assessment import TestPart, assess
from churn.learning.bench import ALL
from churn.learning.boosting import members_of
from churn.learning.bundle import Bundle
from churn.learning.capacity import Pursuit
from churn.learning.choosing import Choice, choose
from churn.learning.encoding import Encoder
from churn.learning.heads import Head, HeadReport, rule_figures
from churn.learning.learners import learners
from churn.learning.origins import Plan, planned
from churn.learning.parallel import side_by_side
from churn.learning.parts import META, TrainingPanel, checked
from churn.learning.scorers import Rows, Scorer, fitted
from churn.learning.settings import LearningSettings
from churn.learning.usual import Usual, spread_out, usual_contributions, usual_values
from churn.learning.wording import specs_by_name
from churn.panel.rows import DOWNGRADED
from churn.panel.split import Walk

T = TypeVar("T")


@dataclass(frozen=True)
class Trained:
    """The result of training.

    Attributes
    ----------
    bundle
        What scores: models of all the history, reports inside.
    test_scores
        The test rows' meta columns, ``downgraded`` where it is told, their segments, and
        ``p_<cause>_<learner>`` of the origins that judged: what any further comparison on the test
        part needs. A head that no origin could tell of at a snapshot has none there.
    """

    bundle: Bundle
    test_scores: pd.DataFrame

    @property
    def reports(self) -> Mapping[HeadName, HeadReport]:
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
    walk: Walk,
    open_findings: int | None = None,
    meta: Mapping[str, str] | None = None,
    pursuit: Pursuit | None = None,
) -> Trained:
    """Train and judge every head.

    Parameters
    ----------
    panel
        One row per subscriber and snapshot: ``subscriber_id``, ``customer_id``, ``snapshot``,
        ``outcome`` (active, passive, gone, administrative, won_back, re_entered, off_record,
        none), ``weight``, where the walk folds customers ``fold``, and the features.
        Administrative, won-back, re-entered and off-record rows are left out everywhere; gone rows
        do not train and count as 0 in both heads afterwards. Row order does not matter.
        A column ``downgraded`` (bool, null: not observed), where there is one, is what a head of
        its own foretells of all those rows.
        A column ``training_weight``, where there is one, stands in for ``weight`` in fitting. A
        column ``plain_weight`` tells what rows would weigh if no campaign had touched any.
    features
        Specs with ``name``, ``family``, ``unit``, ``en``, ``zh``.
    walk
        Which snapshots teach, calibrate and test.
    open_findings
        Open findings of the leak audit; None where it was not run.
    meta
        Facts about the training run to keep in the bundle.
    pursuit
        The clock and the journal of the search for capacity; without a clock the same rows give
        the same bytes.

    Raises
    ------
    ModelError
        If the panel lacks columns, rows of a part, or holds unknown snapshots or outcomes.
    LeakError
        If a night learns from its own snapshot or a later one.
    """
    evaluation = evaluation or EvaluationSettings()
    specs = specs_by_name(features, settings.never_used)
    data = checked(panel)
    plan = planned(walk, data.frame)
    reports = {
        cause: HeadReport(cause=cause, off=off, **data.of(cause).counted(cause, plan))
        for cause in data.heads
        if (off := _why_off(data, cause, settings)) is not None
    }
    asked = {
        cause: HeadAsked(data, cause, settings) for cause in data.heads if cause not in reports
    }
    _search(data, plan, asked, list(specs), settings, pursuit)
    _ask(data, plan, asked, list(specs), settings)
    more = (DOWNGRADED, *evaluation.segments)
    kept = [*META, *(name for name in more if name in data.frame)]
    scores = data.frame.loc[plan.tested, kept].copy()
    chosen: dict[HeadName, Choice] = {}
    for cause, head in asked.items():
        counted = data.of(cause).counted(cause, plan) | {"origins": tuple(head.facts)}
        if not (head.told & plan.calibrating).any() or not (head.told & plan.tested).any():
            reports[cause] = HeadReport(cause=cause, off=_NO_NIGHT, **counted)
            continue
        counted |= {
            "booster": head.searched.members[ALL],
            "trials": head.searched.trials,
            "leaf_share": head.trees[ALL].min_leaf_share,
            "shrinkage": head.trees[ALL].shrinkage,
        }
        choice, chances, where = _judged(head, plan, settings)
        found = assess(
            cause, chances, choice.champion, _test_part(data, head, where, evaluation),
            evaluation, open_findings,
        )  # fmt: skip
        reports[cause] = HeadReport(
            cause=cause,
            champion=choice.champion,
            candidates=choice.candidates,
            combination=choice.combination,
            combination_gain=choice.gain,
            losses=dict(choice.losses),
            minus_least=dict(choice.minus_least),
            **counted,
            **found,
        )
        chosen[cause] = choice
        for name, chance in chances.items():
            told = pd.Series(chance, index=data.frame.index[where])
            scores[f"p_{cause}_{name}"] = told.where(data.known(cause)[where])
    encoder, heads, usual = _scoring(data, plan, chosen, reports, list(specs), settings)
    bundle = Bundle(
        features=tuple(specs.values()),
        encoder=encoder,
        heads=heads,
        reports={cause: reports[cause] for cause in data.heads},
        disagreement=settings.disagreement,
        threads=settings.threads,
        out_of_time=walk.out_of_time,
        meta={"split": walk.order, **(meta or {})},
        usual=usual,
    )
    return Trained(bundle, scores.reset_index(drop=True))


def _search(
    data: TrainingPanel,
    plan: Plan,
    heads: Mapping[HeadName, HeadAsked],
    names: list[str],
    settings: LearningSettings,
    pursuit: Pursuit | None,
) -> None:
    """Find how hard each head is learned, on rows that no test knows."""
    # which levels there are is all that this encoder knows of rows that a fit has not seen
    frame = data.frame[plan.choosing]
    matrix = Encoder.fit(frame, names, settings.min_level_share).transform(frame)
    for head in heads.values():
        head.search(plan, matrix, pursuit)


def _ask(
    data: TrainingPanel,
    plan: Plan,
    heads: Mapping[HeadName, HeadAsked],
    names: list[str],
    settings: LearningSettings,
) -> None:
    """Fit every origin and ask it: first those that choose the methods, under all of them."""
    for calibrates in (True, False):
        for origin in plan.origins:
            if origin.calibrates is not calibrates or not heads:
                continue
            fits = origin.fitted & data.trainable
            encoder = Encoder.fit(data.frame[fits], names, settings.min_level_share)
            matrices = [encoder.transform(data.frame[rows]) for rows in (fits, origin.asked)]
            work = [head.to_fit(origin, fits, *matrices) for head in heads.values()]
            side_by_side(_in_turn(work), settings.threads)
        if calibrates:
            for head in heads.values():
                head.choose_methods(plan.calibrating)


def _in_turn(heads: Iterable[Iterable[T]]) -> list[T]:
    """Return the work of all heads, one of each head's in turn: all begin with what takes long."""
    return [piece for each in zip_longest(*heads) for piece in each if piece is not None]


def _judged(
    head: HeadAsked, plan: Plan, settings: LearningSettings
) -> tuple[Choice, dict[str, FloatArray], BoolArray]:
    """Choose on calibration rows and return the test rows' chances by that.

    Returns
    -------
    tuple
        The choice, calibrated on all rows that origins were asked about; by learner the chances of
        test rows, by calibrations and choices that these took no part in; which rows those are.
    """
    where = plan.tested & head.told
    every = head.rows(plan.calibrating | plan.tested)
    choice = choose(head.rows(plan.calibrating), settings, churners=every.churners)
    told: dict[str, FloatArray] = {}
    for calibrating, judged in plan.judgements:
        own = choice
        if plan.crossed:
            own = choose(head.rows(calibrating), settings, churners=every.churners)
        chances = own.chances(head.rows(judged))
        chances[choice.champion] = chances[own.champion]
        for name, chance in chances.items():
            told.setdefault(name, np.full(len(where), np.nan))[judged & head.told] = chance
    return choice.recalibrated(every), {name: chance[where] for name, chance in told.items()}, where


def _scoring(
    data: TrainingPanel,
    plan: Plan,
    chosen: Mapping[HeadName, Choice],
    reports: Mapping[HeadName, HeadReport],
    names: list[str],
    settings: LearningSettings,
) -> tuple[Encoder, dict[HeadName, Head], dict[str, Usual]]:
    """Fit what was chosen on every mature row that teaches, and measure what is usual there."""
    every = data.trainable & plan.teach
    encoder = Encoder.fit(data.frame[every], names, settings.min_level_share)
    matrix = encoder.transform(data.frame[every])
    fitting: dict[HeadName, Rows] = {}
    measured: dict[HeadName, Rows] = {}
    for cause in chosen:
        own_rows, known = data.of(cause), every & data.known(cause)
        own_matrix = matrix if known.sum() == every.sum() else matrix[known[every]]
        fitting[cause] = own_rows.fitting_rows(own_matrix, known, cause)
        measured[cause] = own_rows.rows(own_matrix, known, cause)
    work = _in_turn(
        [(cause, name) for name in reversed([*choice.methods])] for cause, choice in chosen.items()
    )
    fits = side_by_side(
        [
            partial(_scorer, chosen[cause], reports[cause], fitting[cause], name, settings)
            for cause, name in work
        ],
        settings.threads,
    )
    scorers = dict(zip(work, fits, strict=True))
    heads: dict[HeadName, Head] = {}
    for cause, choice in chosen.items():
        own_rows, counted = data.of(cause), measured[cause]
        head = Head(
            cause=cause,
            scorers={name: scorers[cause, name] for name in choice.methods},
            champion=choice.champion,
            combination=choice.combination,
            base_rate=float(own_rows.weight @ own_rows.churned(cause) / own_rows.weight.sum()),
        )
        told = spread_out(len(counted.matrix))
        added = head.booster.contributions(counted.matrix[told], encoder.groups)
        often = usual_contributions(added, encoder, counted.weight[told])
        heads[cause] = replace(head, rules=rule_figures(head.tree, counted), usual=often)
    told = spread_out(len(matrix))
    usual = usual_values(data.frame[every].iloc[told], encoder, data.weight[every][told])
    return encoder, heads, usual


def _scorer(
    choice: Choice,
    report: HeadReport,
    rows: Rows,
    name: str,
    settings: LearningSettings,
    _threads: int,
) -> Scorer:
    """Fit a learner as it was chosen; it keeps the threads of the settings to score with."""
    bounds = {"min_leaf_share": report.leaf_share, "shrinkage": report.shrinkage}
    own = settings.with_tree(settings.tree.model_copy(update=bounds))
    method = choice.methods[name]
    learner = learners(own, members_of(report.booster, method))[name]
    model, repair = fitted(learner, method, rows, settings.seed)
    return Scorer(model, method, repair, choice.calibrators[name])


_NO_NIGHT = Text(
    "no past night had seen enough churners to be judged by", "历史快照的流失用户不足，无法检验"
)


def _why_off(data: TrainingPanel, cause: HeadName, settings: LearningSettings) -> Text | None:
    """Say why a head is off, if it is."""
    if cause not in settings.heads:
        return Text(
            f"{RISKS[cause].text.en} is not modelled by the settings",
            f"设置未启用{RISKS[cause].text.zh}模型",
        )
    data = data.of(cause)
    taught = data.trainable & (data.training_weight > 0)
    events = int(np.count_nonzero(data.churned(cause) & taught))
    if events < settings.min_events and cause not in CAUSES:
        return Text(
            f"{events:,} downgrades over all mature snapshots, fewer than the "
            f"{settings.min_events:,} needed",
            f"全部成熟快照共有降档 {events:,} 次，少于所需的 {settings.min_events:,} 次",
        )
    if events < settings.min_events:
        return Text(
            f"{events:,} churners over all mature snapshots, fewer than the "
            f"{settings.min_events:,} needed",
            f"全部成熟快照共有流失用户 {events:,} 户，少于所需的 {settings.min_events:,} 户",
        )
    return None


def _test_part(
    data: TrainingPanel, head: HeadAsked, where: BoolArray, evaluation: EvaluationSettings
) -> TestPart:
    frame = data.frame[where]
    return TestPart(
        churned=data.churned(head.cause)[where],
        weight=data.of(head.cause).weight[where],
        subscribers=pd.factorize(frame["subscriber_id"])[0].astype(np.int64),
        resampling=Resampling.over(
            frame["customer_id"].to_numpy(),
            replicates=evaluation.replicates,
            seed=evaluation.seed,
        ),
        snapshots=frame["snapshot"].nunique(),
        unseen=head.unseen[where],
        segments={name: frame[name] for name in evaluation.segments if name in frame},
    )
