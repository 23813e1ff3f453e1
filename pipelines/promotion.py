"""Promotion: a challenger beside the champion, what follows by the rules, and who scores then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from churn.causes import CAUSES, HEADS, HeadName
from churn.learning import Bundle
from churn.learning.heads import combine
from churn.monitoring.promotion import Decision, HeadDuel, Standing, duel, rule_of
from churn.report.decisions import decision_line
from churn.store.atomic import write_bytes
from churn.store.stages import Stage
from pipelines.models.champion import (
    champion,
    drop_shadow,
    fits_the_code,
    has_champion,
    has_shadow,
    let_shadow,
    passing,
    put_in_place,
    shadow,
)
from pipelines.models.training import Training
from pipelines.run import Run
from pipelines.score import SCORES, scored_by

STAGE = "promotion"
DECISION = "decision.json"
HASH = 12
"""Characters of a bundle's hash that name it, as on the night's page."""
KEPT = ["subscriber_id", "customer_id", "snapshot", "outcome", "weight"]


@dataclass(frozen=True)
class Evidence:
    """What two models said of nights that neither had learned, beside what happened.

    Attributes
    ----------
    rows
        One row per subscriber and night: :data:`KEPT` and, per cause, ``champion_<cause>`` and
        ``challenger_<cause>``, missing where a head said nothing.
    same_reasons
        By cause: see :class:`churn.monitoring.promotion.HeadDuel`.
    """

    rows: pd.DataFrame
    same_reasons: Mapping[HeadName, float]

    @property
    def nights(self) -> tuple[date, ...]:
        """The nights, in the order of time."""
        return tuple(sorted({pd.Timestamp(day).date() for day in self.rows["snapshot"].unique()}))


NOTHING = Evidence(pd.DataFrame(columns=KEPT), {})


@dataclass(frozen=True)
class Pair:
    """The model in place, if there is one, and the one that may take its place."""

    champion: Bundle | None
    challenger: Bundle

    @property
    def inputs(self) -> dict[str, str | None]:
        """Return both hashes."""
        held = self.champion.fingerprint if self.champion else None
        return {"champion": held, "challenger": self.challenger.fingerprint}


def of_training(run: Run, training: Training, *, asked: bool) -> Decision | None:
    """Decide about the model of a training; None where it is in place already.

    ``asked`` tells that a person wanted the training, and not a night.
    """
    bundle = training.bundle()
    challenger = passing(bundle) or bundle
    held = champion(run.workspace) if has_champion(run.workspace) else None
    if held is not None and held.fingerprint == challenger.fingerprint:
        return None
    pair = Pair(held, challenger)
    inputs = {"training": training.stage.content}
    return decide(
        run, training.as_of, pair, inputs, lambda: _matured(run, training, pair), asked=asked
    )


def decide(
    run: Run,
    night: date,
    pair: Pair,
    inputs: Mapping[str, object],
    evidence: Callable[[], Evidence],
    *,
    asked: bool,
) -> Decision:
    """Decide about a challenger, in a stage whose note in the ledger holds all figures.

    What was decided is decided so again until something that it rests on has changed: a run that
    was killed before it had acted goes on as it began.
    """
    settings = run.settings
    standing = _standing(run, night, pair, asked=asked)
    everything = {
        **inputs,
        **pair.inputs,
        "asked": asked,
        "features": run.feature_version,
        "settings": run.used(settings.monitoring, settings.evaluation, settings.time),
    }

    def make(to: Path) -> str:
        found = evidence() if pair.champion else NOTHING
        decision = _decision(run, night, pair, standing, found)
        write_bytes(to / DECISION, decision.model_dump_json(indent=2).encode())
        return f"{decision_line(decision).en}; {_which(decision)}"

    return decision_of(run.stages.run(STAGE, night.isoformat(), everything, make))


def _which(decision: Decision) -> str:
    """Name the bundles: several challengers may be of one night."""
    named = [f"challenger {decision.challenger[:HASH]}"]
    if decision.champion is not None:
        named.append(f"champion {decision.champion[:HASH]}")
    return ", ".join(named)


def decision_of(stage: Stage) -> Decision:
    """Return a stored decision."""
    return Decision.model_validate_json((stage.folder / DECISION).read_bytes())


def scores_after(run: Run, training: Training, decision: Decision | None) -> Bundle | None:
    """Return the bundle that scores once a decision is carried out; None where there is none."""
    if decision is not None and decision.verdict == "promoted":
        return passing(training.bundle())
    return champion(run.workspace) if has_champion(run.workspace) else None


def carry_out(run: Run, bundle: Bundle, decision: Decision) -> None:
    """Put a challenger's passing heads in place, beside the champion, or nowhere."""
    chosen = passing(bundle)
    if chosen is not None and decision.verdict == "promoted":
        put_in_place(chosen, run.workspace)
    elif chosen is not None and decision.verdict == "shadowed":
        if not has_shadow(run.workspace) or shadow(run.workspace).fingerprint != chosen.fingerprint:
            let_shadow(chosen, run.workspace)
    elif has_shadow(run.workspace) and shadow(run.workspace).fingerprint == decision.challenger:
        drop_shadow(run.workspace)


def _standing(run: Run, night: date, pair: Pair, *, asked: bool) -> Standing:
    held, challenger = pair.champion, pair.challenger
    trained = held.meta.get("as_of") if held else None
    return Standing(
        champion_heads=frozenset(held.heads) if held else frozenset(),
        challenger_heads=frozenset(
            cause for cause in challenger.heads if challenger.reports[cause].passed
        ),
        fits=held is None or fits_the_code(run, held),
        age=(night - date.fromisoformat(trained)).days if trained else 0,
        asked=asked,
    )


def _decision(
    run: Run, night: date, pair: Pair, standing: Standing, evidence: Evidence
) -> Decision:
    held, challenger, settings = pair.champion, pair.challenger, run.settings
    heads = _duels(run, evidence, standing.champion_heads & standing.challenger_heads)
    lacking = standing.champion_heads - standing.challenger_heads
    trained = held.meta.get("as_of") if held else None
    return Decision(
        as_of=night,
        rule=rule_of(standing, heads, settings.monitoring, settings.evaluation),
        challenger=challenger.fingerprint,
        challenger_of=challenger.meta.get("as_of", night.isoformat()),
        champion=held.fingerprint if held else None,
        champion_of=trained,
        age=standing.age if trained else None,
        nights=evidence.nights,
        heads=heads,
        lacking=tuple(cause for cause in HEADS if cause in lacking),
    )


def _duels(run: Run, evidence: Evidence, causes: frozenset[HeadName]) -> dict[HeadName, HeadDuel]:
    found: dict[HeadName, HeadDuel] = {}
    for cause in CAUSES:
        columns = [f"{model}_{cause}" for model in ("champion", "challenger")]
        if cause not in causes or not set(columns) <= set(evidence.rows):
            continue
        rows = evidence.rows.dropna(subset=columns)
        rows = rows.rename(columns=dict(zip(columns, ("champion", "challenger"), strict=True)))
        rows = rows.assign(churned=(rows["outcome"] == cause).to_numpy(np.bool_))
        head = duel(
            rows,
            run.settings.evaluation,
            nights=rows["snapshot"].nunique(),
            same_reasons=evidence.same_reasons.get(cause),
        )
        if head is not None:
            found[cause] = head
    return found


def _matured(run: Run, training: Training, pair: Pair) -> Evidence:
    """Return the nights of the challenger's test that became final after the champion's training.

    Of these the champion had learned nothing, and the challenger's origins stood where the nights
    did. Where folds of customers judge, the challenger has seen others of the same nights: they
    tell nothing of the two.
    """
    held = pair.champion
    trained = held.meta.get("as_of") if held else None
    if held is None or trained is None or training.panel.manifest().walk.order == "customer":
        return NOTHING
    since, scores = date.fromisoformat(trained), training.test_scores()
    days = pd.to_datetime(scores["snapshot"]).dt.date
    parts: list[pd.DataFrame] = []
    same: dict[HeadName, float] = {}
    for night in sorted(set(days)):
        if run.settings.time.mature_on(night) < since:
            continue
        stored = training.panel.stage.folder / f"{night.isoformat()}.parquet"
        features = pq.read_table(stored).to_pandas()
        given = _given(run, held, features, night)
        if given is None:
            continue
        own = scores[days == night]
        own = own[KEPT].assign(**_out_of_origin(own, pair.challenger))
        parts.append(own.merge(given, on="subscriber_id", validate="one_to_one"))
        same = _same_reasons(pair, features, given, run.settings.evaluation.list_size)
    return Evidence(pd.concat(parts, ignore_index=True), same) if parts else NOTHING


def _given(run: Run, held: Bundle, features: pd.DataFrame, night: date) -> pd.DataFrame | None:
    """Return the chances that the champion gave on a night, or gives by what the night knew.

    None where it gave none and its features are not defined any more.
    """
    stage = run.stages.stored("score", night)
    by = scored_by(stage) if stage else None
    if stage is not None and by is not None and by["bundle"] == held.fingerprint:
        said = pq.read_table(stage.folder / SCORES).to_pandas()
    elif set(held.needed) <= set(features.columns):
        said = pd.concat([features[["subscriber_id"]], held.score(features)], axis=1)
    else:
        return None
    columns = {f"p_{cause}": f"champion_{cause}" for cause in CAUSES if f"p_{cause}" in said}
    return said[["subscriber_id", *columns]].rename(columns=columns)


def _out_of_origin(rows: pd.DataFrame, challenger: Bundle) -> dict[str, np.ndarray]:
    """Return the challenger's chances of rows that its origins were asked about."""
    chances: dict[HeadName, np.ndarray] = {}
    for cause in CAUSES:
        head = challenger.heads.get(cause)
        name = f"p_{cause}_{head.champion}" if head else ""
        known = name in rows.columns
        chances[cause] = (
            rows[name].to_numpy(np.float64) if known else np.full(len(rows), float("nan"))
        )
    return {f"challenger_{cause}": chance for cause, chance in combine(chances).items()}


def _same_reasons(
    pair: Pair, features: pd.DataFrame, given: pd.DataFrame, size: int
) -> dict[HeadName, float]:
    """Return by head the share of the champion's list that both would give one first reason."""
    held, challenger = pair.champion, pair.challenger
    if held is None or not {*held.needed, *challenger.needed} <= set(features.columns):
        return {}
    rows = features.merge(given, on="subscriber_id", validate="one_to_one")
    same: dict[HeadName, float] = {}
    for cause in CAUSES:
        if cause not in held.heads or cause not in challenger.heads:
            continue
        order = rows.sort_values(
            [f"champion_{cause}", "subscriber_id"], ascending=[False, True], kind="stable"
        ).head(size)
        first = [model.first_reasons(order, cause) for model in (held, challenger)]
        same[cause] = float(np.mean([one == other for one, other in zip(*first, strict=True)]))
    return same
