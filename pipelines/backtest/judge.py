"""Replayed nights against what is known to have happened since, one by one and pooled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from churn import labels, panel
from churn.evaluation.backtest import (
    HeadFigures,
    NightFigures,
    PooledHead,
    Stability,
)
from churn.evaluation.groups import Group, in_groups
from churn.evaluation.intervals import Resampling, intervals
from churn.evaluation.ranking import Scored
from churn.evaluation.stability import kept_share, population_stability, rank_correlation
from churn.learning import CAUSES
from churn.learning.assessment import head_metrics
from churn.learning.learners import BOOSTING
from pipelines.backtest.lists import list_figures

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from churn.evaluation import EvaluationSettings
    from churn.language import Text
    from churn.learning import Cause
    from pipelines.backtest.replay import Replay
    from pipelines.run import Run

CHAMPION = "champion"
MEASURED = (
    "average_precision",
    "roc_auc",
    "lift_1",
    "lift_5",
    "lift_10",
    "brier",
    "observed_expected",
    "observed_expected_in_list",
)


@dataclass(frozen=True)
class Judged:
    """A replayed night beside what happened.

    Parameters
    ----------
    rows
        :meth:`Replay.scores` with ``outcome`` and ``weight``, administrative ends left out.
    everyone
        The same, administrative ends included.
    """

    replay: Replay
    everyone: pd.DataFrame
    selected: pd.DataFrame | None

    @property
    def night(self) -> date:
        """The night."""
        return self.replay.night

    @property
    def rows(self) -> pd.DataFrame:
        """Those whose outcome counts."""
        counted = ~self.everyone["outcome"].isin(labels.NO_CHURN_NO_STAY)
        return self.everyone[counted.to_numpy()]


def judge(run: Run, replay: Replay, as_of: date) -> Judged:
    """Put the outcomes known now beside what the night said."""
    told = _outcomes(run, replay.night, as_of)
    everyone = _beside(replay.scores(), told)
    everyone.insert(0, "night", pd.Timestamp(replay.night))
    selected = None
    if replay.in_place is not None:
        selected = _beside(replay.selected(), told)
    return Judged(replay, everyone, selected)


def _beside(rows: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    both = rows.merge(told, on="subscriber_id", how="left", validate="one_to_one")
    return both.assign(
        outcome=both["outcome"].fillna("none"), weight=both["weight"].astype("float64").fillna(1.0)
    )


def _outcomes(run: Run, night: date, as_of: date) -> pd.DataFrame:
    """Return outcome and arm weight of everyone with a service state, as known now."""
    settings = run.settings
    now = run.tables.known_at(as_of)
    told = labels.outcomes(now, night, settings.time, settings.states, settings.labels.chosen)
    arms = panel.arm_weights(
        now, night, settings.time, told, control_group=settings.panel.control_group
    ).select("subscriber_id", "weight")
    rows = told.select("subscriber_id", "outcome").left_join(
        arms, "subscriber_id", rname="{name}_of_arms"
    )
    wanted = rows.select("subscriber_id", "outcome", "weight")
    return run.engine.to_arrow(wanted, order_by=["subscriber_id"]).to_pandas()


def night_figures(run: Run, judged: Judged, before: Judged | None) -> NightFigures:
    """Measure one night."""
    everyone, rows = judged.everyone, judged.rows
    evaluation = run.settings.evaluation
    weight = everyone["weight"]
    heads = {cause: _head(rows, cause, judged, evaluation, nights=1) for cause in CAUSES}
    return NightFigures(
        night=judged.night,
        learned=judged.replay.training.learned,
        eligible=len(everyone),
        administrative=len(everyone) - len(rows),
        treated=int((weight == 0).sum()),
        controls=int((weight > 1).sum()),
        heads=heads,
        planned=list_figures(run, [judged]),
        stability=_stability(before, judged, evaluation.list_size) if before else {},
    )


def pooled_heads(run: Run, nights: Sequence[Judged]) -> dict[str, PooledHead]:
    """Measure both heads over all nights on which they were on."""
    found = {}
    for cause in CAUSES:
        on = [one for one in nights if f"p_{cause}" in one.everyone]
        if not on:
            figures = HeadFigures(off=_off(nights[-1], cause))
            found[str(cause)] = PooledHead(figures=figures)
            continue
        rows = pd.concat([one.rows for one in on], ignore_index=True)
        evaluation = run.settings.evaluation
        unseen = rows[rows["unseen"].to_numpy()]
        share = run.settings.panel.unseen_share
        if share:
            drawn = panel.never_trained(unseen["customer_id"].to_numpy(), share)
            unseen = unseen[drawn]
        found[str(cause)] = PooledHead(
            figures=_head(rows, cause, on[-1], evaluation, nights=len(on)),
            unseen=_unseen(unseen, cause, on[-1], evaluation),
            groups=_groups(run, on, cause),
        )
    return found


def _off(judged: Judged, cause: Cause) -> Text | None:
    return judged.replay.training.bundle().reports[cause].off


def _head(
    rows: pd.DataFrame,
    cause: Cause,
    judged: Judged,
    evaluation: EvaluationSettings,
    *,
    nights: int,
) -> HeadFigures:
    bundle = judged.replay.training.bundle()
    if cause not in bundle.heads:
        return HeadFigures(off=bundle.reports[cause].off)
    size = evaluation.list_size * nights
    return HeadFigures(
        champion=bundle.heads[cause].champion,
        metrics=_metrics(rows, cause, bundle.heads[cause].learners, size, evaluation),
        list_size=size,
        **_counted(rows, cause),
    )


def _counted(rows: pd.DataFrame, cause: Cause) -> dict[str, Any]:
    weight = rows["weight"].to_numpy(np.float64)
    churned = (rows["outcome"] == cause).to_numpy()
    mass = float(weight.sum())
    return {
        "events": int(np.count_nonzero(churned & (weight > 0))),
        "rows": int(np.count_nonzero(weight > 0)),
        "base_rate": float(weight @ churned) / mass if mass > 0 else float("nan"),
    }


def _metrics(
    rows: pd.DataFrame,
    cause: Cause,
    learners: Iterable[str],
    size: int,
    evaluation: EvaluationSettings,
) -> dict[str, dict[str, Any]]:
    """Measure the champion and every learner on the rows that weigh something."""
    counted = rows[(rows["weight"] > 0).to_numpy()]
    if counted.empty:
        return {}
    every = head_metrics(cause, size, evaluation)
    chosen = {name: every[name] for name in MEASURED}
    churned = (counted["outcome"] == cause).to_numpy()
    weight = counted["weight"].to_numpy(np.float64)
    draws = _draws(counted, evaluation)
    columns = {CHAMPION: f"p_{cause}", **{name: f"p_{cause}_{name}" for name in learners}}
    return {
        name: intervals(chosen, Scored.of(churned, counted[column].to_numpy()), draws, weight)
        for name, column in columns.items()
        if column in counted and counted[column].notna().all()
    }


def _draws(rows: pd.DataFrame, evaluation: EvaluationSettings) -> Resampling:
    return Resampling.over(
        rows["customer_id"].to_numpy(), replicates=evaluation.replicates, seed=evaluation.seed
    )


def _unseen(
    rows: pd.DataFrame, cause: Cause, judged: Judged, evaluation: EvaluationSettings
) -> HeadFigures | None:
    """Measure the champion on customers no training had seen; None with too few churners."""
    counted = _counted(rows, cause)
    if counted["events"] < evaluation.min_test_churners:
        return None
    champion = judged.replay.training.bundle().heads[cause].champion
    found = _metrics(rows, cause, (), evaluation.list_size, evaluation)
    return HeadFigures(champion=champion, metrics=found, **counted)


def _groups(run: Run, nights: Sequence[Judged], cause: Cause) -> tuple[Group, ...]:
    """Set weighted training and its copy beside the outcome without contact, group by group."""
    copied = [one.rows for one in nights if f"copy_{cause}" in one.everyone]
    if not copied:
        return ()
    rows = pd.concat(copied, ignore_index=True)
    churned = (rows["outcome"] == cause).to_numpy()
    return in_groups(
        rows[f"p_{cause}_{BOOSTING}"].to_numpy(np.float64),
        rows[f"copy_{cause}"].to_numpy(np.float64),
        churned.astype(np.float64),
        churned=churned,
        weight=rows["weight"].to_numpy(np.float64),
        resampling=_draws(rows, run.settings.evaluation),
        groups=run.settings.backtest.groups,
    )


def _stability(before: Judged, after: Judged, size: int) -> dict[str, Stability]:
    """Compare the champion's scores with those of the night before."""
    found = {}
    for cause in CAUSES:
        column = f"p_{cause}"
        if column not in before.everyone or column not in after.everyone:
            continue
        first, second = (one.everyone.set_index("subscriber_id")[column] for one in (before, after))
        both = first.index.intersection(second.index)
        heads = [set(one.nlargest(size, keep="first").index) for one in (first, second)]
        found[str(cause)] = Stability(
            population=population_stability(first.to_numpy(), second.to_numpy()),
            ranks=rank_correlation(first[both].to_numpy(), second[both].to_numpy()),
            kept=kept_share(heads[0], heads[1], set(both)),
        )
    return found


def spread(nights: Sequence[NightFigures], cause: str, metric: str) -> Mapping[str, float]:
    """Return least, greatest and standard deviation of the champion's metric over the nights."""
    values = np.array(
        [
            night.heads[cause].metrics[CHAMPION][metric].value
            for night in nights
            if CHAMPION in night.heads[cause].metrics
        ]
    )
    values = values[np.isfinite(values)]
    if not len(values):
        return {}
    return {"least": float(values.min()), "most": float(values.max()), "sd": float(values.std())}
