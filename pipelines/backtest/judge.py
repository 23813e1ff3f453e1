"""A replayed night against what is known to have happened since."""

from __future__ import annotations

from datetime import date

import pandas as pd

from churn import labels, panel
from churn.causes import CAUSES
from churn.evaluation.backtest import NightFigures, Stability
from churn.evaluation.stability import kept_share, population_stability, rank_correlation
from pipelines.backtest.heads import head_figures
from pipelines.backtest.lists import list_figures
from pipelines.backtest.replay import Judged, Replay
from pipelines.run import Run


def judge(run: Run, replay: Replay, as_of: date) -> Judged:
    """Put the outcomes known now beside what the night said."""
    outcomes = _outcomes(run, replay.night, as_of)
    everyone = _beside(replay.scores(), outcomes)
    everyone.insert(0, "night", pd.Timestamp(replay.night))
    selected = _beside(replay.selected(), outcomes) if replay.in_place is not None else None
    return Judged(replay, everyone, selected)


def _beside(rows: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    both = rows.merge(outcomes, on="subscriber_id", how="left", validate="one_to_one")
    return both.assign(
        outcome=both["outcome"].fillna("off_record"),
        weight=both["weight"].astype("float64").fillna(1.0),
    )


def _outcomes(run: Run, night: date, as_of: date) -> pd.DataFrame:
    """Return outcome and arm weight of everyone with a service state, as known now."""
    settings = run.settings
    now = run.tables.known_at(as_of)
    outcomes = labels.outcomes(now, night, settings.time, settings.states, settings.labels.chosen)
    arms = panel.arm_weights(
        now, night, settings.time, outcomes, control_group=settings.panel.control_group
    ).select("subscriber_id", "weight")
    rows = outcomes.select("subscriber_id", "outcome").left_join(
        arms, "subscriber_id", rname="{name}_of_arms"
    )
    wanted = rows.select("subscriber_id", "outcome", "weight")
    return run.engine.to_arrow(wanted, order_by=["subscriber_id"]).to_pandas()


def night_figures(run: Run, judged: Judged, before: Judged | None) -> NightFigures:
    """Measure one night."""
    everyone, rows = judged.everyone, judged.rows
    evaluation = run.settings.evaluation
    weight = everyone["weight"]
    bundle = judged.replay.training.bundle()
    heads = {cause: head_figures(rows, cause, bundle, evaluation, nights=1) for cause in CAUSES}
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


def _stability(before: Judged, after: Judged, size: int) -> dict[str, Stability]:
    """Compare the champion's scores with those of the night before."""
    stability = {}
    for cause in CAUSES:
        column = f"p_{cause}"
        if column not in before.everyone or column not in after.everyone:
            continue
        first, second = (
            night.everyone.set_index("subscriber_id")[column] for night in (before, after)
        )
        both = first.index.intersection(second.index)
        heads = [set(chances.nlargest(size, keep="first").index) for chances in (first, second)]
        stability[str(cause)] = Stability(
            population=population_stability(first.to_numpy(), second.to_numpy()),
            ranks=rank_correlation(first[both].to_numpy(), second[both].to_numpy()),
            kept=kept_share(heads[0], heads[1], set(both)),
        )
    return stability
