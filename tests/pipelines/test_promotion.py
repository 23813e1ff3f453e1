"""Who scores after a training or after nights that two models scored: decided, told, carried out.

No model is fitted here: of the finished night's model another is made, heads exchanged and loud, so
that which of the two is worse is beyond doubt.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from churn.learning import Bundle
from churn.learning.calibration import Calibrator
from churn.learning.combination import Combination
from churn.learning.heads import Head
from churn.monitoring.promotion import Decision
from churn.store.atomic import write_json
from churn.tracking.registry import versions
from churn.tracking.store import Store
from pipelines.models.champion import (
    MAPPING,
    champion,
    fits_the_mapping,
    has_shadow,
    in_place,
    let_shadow,
    put_in_place,
    shadow,
)
from pipelines.models.track import track
from pipelines.models.training import TEST_SCORES, Training
from pipelines.monitor.shadow import SHADOW, judge_shadow, score_beside
from pipelines.panel import Panel
from pipelines.promotion import NOTHING, Pair, carry_out, decide, of_training
from pipelines.run import Run, open_run
from pipelines.score import MODEL, SCORES
from tests.pipelines.conftest import Deployment

pytestmark = [pytest.mark.slow, pytest.mark.few_tables]
NIGHT, BEFORE, PAST = date(2024, 4, 1), date(2023, 11, 1), date(2024, 1, 1)
EASY = {"least_churners": 10, "least_same_reasons": 0}
FEW = {"min_test_churners": 5, "list_size": 100, "replicates": 60}


@pytest.fixture
def run(copied: Deployment) -> Iterator[Run]:
    """Open the finished night; what few churners there are may tell."""
    copied.change(lambda settings: settings.update(evaluation=FEW))
    copied.change(lambda settings: settings.update(monitoring={"promotion": EASY}))
    with open_run(copied.settings) as opened:
        yield opened


def _exchanged(bundle: Bundle, trained: date = BEFORE) -> Bundle:
    """Return a model that takes either cause for the other and cries wolf, of another night.

    Without the latter its lists are short, and may by chance earn more than right ones do.
    """
    active, passive = (_alarmed(bundle.heads[cause]) for cause in ("active", "passive"))
    return replace(
        bundle,
        heads={
            "active": replace(passive, cause="active"),
            "passive": replace(active, cause="passive"),
        },
        meta={**bundle.meta, "as_of": trained.isoformat()},
    )


def _alarmed(head: Head) -> Head:
    """Return a head of whose learners each takes the odds to be twenty times as high."""

    def louder(line: Calibrator | Combination) -> Any:
        return line.model_copy(update={"intercept": line.intercept + 3})

    return replace(
        head,
        combination=louder(head.combination) if head.combination else None,
        scorers={
            name: replace(scorer, calibrator=louder(scorer.calibrator))
            for name, scorer in head.scorers.items()
        },
    )


def _training(run: Run) -> Training:
    stored, rows = run.stages.stored("train", NIGHT), run.stages.stored("panel", NIGHT)
    assert stored is not None
    assert rows is not None
    return Training(stored, Panel(rows, NIGHT, run.settings.panel), champion_in_place=True)


def _noted(run: Run) -> list[str]:
    """Return what the ledger says of decisions, the oldest first."""
    return [entry.note for entry in run.ledger.entries(stage="promotion")]


def test_a_better_challenger_takes_the_place_and_the_ledger_tells_why(run: Run) -> None:
    """By nights that became final after the champion's training; again, nothing is left to decide.

    The line in the ledger holds the rule, the nights and every head's figures; so do the tags of
    the version and the metrics of its training's run in MLflow.
    """
    good = champion(run.workspace)
    put_in_place(_exchanged(good), run.workspace)
    training = _training(run)
    decision = of_training(run, training, asked=False)
    assert decision is not None
    assert (decision.rule, decision.verdict) == ("better", "promoted")
    assert decision.champion_of == BEFORE.isoformat()
    assert decision.age == (NIGHT - BEFORE).days
    time = run.settings.time
    assert decision.nights
    assert all(BEFORE <= time.mature_on(night) <= NIGHT for night in decision.nights)
    assert set(decision.heads) == {"active", "passive"}
    for head in decision.heads.values():
        assert head.log_loss.value < 0
        assert head.same_reasons is not None
    assert any(head.log_loss.upper < 0 for head in decision.heads.values())
    note = _noted(run)[-1]
    for text in ("challenger of 2024-04-01 (champion of 2023-11-01", "put in place", "log loss -",
                 "profit", "observed/expected", str(decision.nights[0]),
                 f"challenger {good.fingerprint[:12]}, champion "):  # fmt: skip
        assert text in note
    carry_out(run, training.bundle(), decision)
    assert in_place(run.workspace) == good.fingerprint
    assert of_training(run, training, asked=False) is None
    assert track(run, training, good, decision) is None
    assert track(run, training, good, decision) is None, "once recorded, it is there"
    store = Store(run.workspace.tracking)
    (version,) = versions(store)
    assert version.tags["decision"] == "promoted"
    assert version.tags["against"] == BEFORE.isoformat()
    points = store.client.get_metric_history(version.run, "decision_log_loss_active")
    assert [point.value for point in points] == [decision.heads["active"].log_loss.value]


@pytest.mark.parametrize("asked", [False, True])
def test_a_worse_challenger_is_held_back_whoever_asked(run: Run, *, asked: bool) -> None:
    """Its origins' chances of the same nights, exchanged, fall behind the champion's."""
    good = champion(run.workspace)
    put_in_place(replace(good, meta={**good.meta, "as_of": BEFORE.isoformat()}), run.workspace)
    held = in_place(run.workspace)
    training = _training(run)
    path = training.stage.folder / TEST_SCORES
    scores = pq.read_table(path).to_pandas()
    columns = [f"p_{cause}_{good.heads[cause].champion}" for cause in ("active", "passive")]
    scores[columns] = scores[columns[::-1]].to_numpy()
    pq.write_table(pa.Table.from_pandas(scores, preserve_index=False), path)
    decision = of_training(run, training, asked=asked)
    assert decision is not None
    assert (decision.rule, decision.verdict) == ("worse", "held")
    carry_out(run, training.bundle(), decision)
    assert in_place(run.workspace) == held
    assert not has_shadow(run.workspace)
    assert "held back; it is shown to be worse" in _noted(run)[-1]


def _without_evidence(run: Run, challenger: Bundle, *, asked: bool) -> Decision:
    decision = decide(
        run, NIGHT, Pair(champion(run.workspace), challenger), {}, lambda: NOTHING, asked=asked
    )
    carry_out(run, challenger, decision)
    return decision


def test_a_challenger_must_pass_on_every_head_that_the_champion_has(run: Run) -> None:
    """One failing head keeps the champion, and is named."""
    held = champion(run.workspace)
    failing = held.reports["active"].model_copy(update={"verdict": None})
    challenger = replace(held, reports={**held.reports, "active": failing})
    decision = _without_evidence(run, challenger, asked=True)
    assert (decision.rule, decision.lacking) == ("gate", ("active",))
    assert in_place(run.workspace) == held.fingerprint


def test_what_cannot_be_told_yet_waits_unless_a_person_asked(run: Run) -> None:
    """A night's challenger scores beside the champion; a person's goes in place."""
    held = champion(run.workspace)
    challenger = _exchanged(held)
    assert _without_evidence(run, challenger, asked=False).rule == "unproven"
    assert in_place(run.workspace) == held.fingerprint
    assert shadow(run.workspace).fingerprint == challenger.fingerprint
    assert _without_evidence(run, challenger, asked=True).rule == "asked"
    assert in_place(run.workspace) == challenger.fingerprint
    assert not has_shadow(run.workspace), "it was held against another champion"


def _scored(run: Run, stage: str, bundle: Bundle) -> None:
    """Store what a model says of a past night, whose features the panel holds."""
    rows = run.stages.stored("panel", NIGHT)
    assert rows is not None
    frame = pq.read_table(rows.folder / f"{PAST}.parquet").to_pandas()
    scores = pd.concat([frame[["subscriber_id"]], bundle.score(frame)], axis=1)

    def make(to: Path) -> str:
        pq.write_table(pa.Table.from_pandas(scores, preserve_index=False), to / SCORES)
        by = {"bundle": bundle.fingerprint, "trained_as_of": BEFORE.isoformat()}
        write_json(to / MODEL, by)
        return ""

    run.stages.run(stage, PAST.isoformat(), {"bundle": bundle.fingerprint}, make)


def test_a_shadow_is_judged_once_its_nights_are_final(run: Run) -> None:
    """It scores beside the champion; what both said of a final night decides; not twice."""
    good = champion(run.workspace)
    bad = _exchanged(good)
    put_in_place(bad, run.workspace)
    let_shadow(good, run.workspace)
    assert judge_shadow(run, NIGHT) is None, "no night that both scored is final"
    _scored(run, "score", bad)
    _scored(run, SHADOW, good)
    decision = judge_shadow(run, NIGHT)
    assert decision is not None
    assert (decision.rule, decision.nights) == ("better", (PAST,))
    assert in_place(run.workspace) == good.fingerprint
    assert not has_shadow(run.workspace)
    put_in_place(good, run.workspace)
    let_shadow(bad, run.workspace)
    _scored(run, "score", good)
    _scored(run, SHADOW, bad)
    decision = judge_shadow(run, NIGHT)
    assert decision is not None
    assert decision.rule == "worse"
    assert not has_shadow(run.workspace), "it is dropped"
    let_shadow(bad, run.workspace)
    assert judge_shadow(run, date(2024, 4, 2)) is None, "nothing is known that was not"


def test_a_changed_mapping_is_no_other_file(run: Run) -> None:
    """A model fits while columns are read as they were; files elsewhere are the same mapping."""
    held = champion(run.workspace)
    assert fits_the_mapping(run, replace(held, meta={})), "it does not say"
    bundle = replace(held, meta={MAPPING: run.mapping_version})
    tables = dict(run.settings.ingest.tables)
    source = tables["subscribers"].sources[0]
    for change, fits in (
        ({"files": "elsewhere/*.csv"}, True),
        ({"encoding": "gb18030"}, False),
    ):
        other = source.model_copy(update=change)
        table = tables["subscribers"].model_copy(update={"sources": (other,)})
        ingest = run.settings.ingest.model_copy(update={"tables": {**tables, "subscribers": table}})
        run.settings = run.settings.model_copy(update={"ingest": ingest})
        run.__dict__.pop("mapping_version", None)
        assert fits_the_mapping(run, bundle) is fits


def test_a_shadow_scores_the_night(run: Run) -> None:
    """Into a stage of its own; one whose features are defined otherwise is dropped."""
    bad = _exchanged(champion(run.workspace))
    let_shadow(bad, run.workspace)
    score_beside(run, NIGHT)
    stage, night = run.stages.stored(SHADOW, NIGHT), run.stages.stored("score", NIGHT)
    assert stage is not None
    assert night is not None
    said, held = (pq.read_table(each.folder / SCORES).to_pandas() for each in (stage, night))
    assert said["subscriber_id"].tolist() == held["subscriber_id"].tolist()
    assert said["p_active"].tolist() != held["p_active"].tolist()
    run.__dict__["feature_version"] = "changed"
    score_beside(run, NIGHT)
    assert not has_shadow(run.workspace)
