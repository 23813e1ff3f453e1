"""The third head: downgrades, where a panel tells of them, beside two that compete."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from churn.causes import CAUSES
from churn.learning import Bundle
from churn.learning.scoring import BatchScorer
from churn.learning.settings import LearningSettings
from churn.learning.training import fit
from churn.report.notes import gate_lines
from tests.learners import QUICK


@pytest.fixture(scope="module")
def told(panel):
    """Return the operator's panel with moves of who calls little on a dear plan, from month two."""
    dear = (panel["plan"] == "gold") & (panel["calls_90d"] < 40)
    drawn = np.random.default_rng(3).random(len(panel)) < np.where(dear, 0.6, 0.01)
    moved = pd.Series(drawn, panel.index, dtype="boolean")
    return panel.assign(downgraded=moved.mask(panel["snapshot"] == panel["snapshot"].min()))


def trained_on(world, panel, **settings):
    """Train the head alone, with learners that take little."""
    quick = LearningSettings.model_validate(
        {**QUICK, "heads": ["downgrade"], "learners": ["tree", "boosting"], **settings}
    )
    return fit(panel, world.features, quick, world.evaluation, walk=world.walk)


@pytest.fixture(scope="module")
def third(world, told):
    """Return the head trained on it."""
    return trained_on(world, told)


def test_downgrades_are_learned_through_the_same_gate(third, told):
    """The head passes; months of which plan changes tell nothing teach and test nothing."""
    report = third.reports["downgrade"]
    assert report.passed
    assert report.metrics[report.champion]["roc_auc"].value > 0.7
    kept = told[~told["outcome"].isin(["administrative"])]
    known = kept[kept["downgraded"].notna()]
    assert report.rows["train"] == len(known) < len(kept)
    assert report.events["train"] == known["downgraded"].sum()
    assert third.test_scores["downgraded"].notna().all()
    assert all(third.reports[cause].off for cause in CAUSES)


def test_it_enters_no_sum_and_says_why_in_both_languages(third, tonight):
    """A chance of its own beside the causes, with reasons; the bundle is read back to the bit."""
    bundle = Bundle.from_files(third.bundle.to_files())
    rows = pa.Table.from_pandas(
        tonight.assign(subscriber_id=tonight.index), preserve_index=False
    ).combine_chunks()
    for language, word in (("en", "plan"), ("zh", "套餐")):
        made = BatchScorer(bundle.to_files(), language)(rows.to_batches()[0]).to_pandas()
        assert made["p_active"].isna().all()  # off: what competes leaves the third as it is
        top = made.nlargest(20, "p_downgrade")
        assert top["p_downgrade"].min() > 3 * made["p_downgrade"].mean()
        reasons = top["reason_1_downgrade"] + top["reason_2_downgrade"].fillna("")
        assert reasons.str.contains(word).mean() > 0.5
        assert made["rule_text_downgrade"].str.len().min() > 0
    assert bundle.told == ("active", "passive", "downgrade")
    assert bundle.on == ("downgrade",)


def test_too_few_downgrades_turn_the_head_off_and_it_says_so(world, told):
    """In words of its own: nobody left."""
    few = trained_on(world, told, min_events=10_000)
    off = few.reports["downgrade"].off
    assert "downgrades over all mature snapshots, fewer than the 10,000" in off.en
    assert "降档" in off.zh
    assert few.bundle.told[-1] == "downgrade"
    assert few.bundle.on == ()


def test_where_no_plan_changes_come_there_is_no_such_head(bundle, tonight):
    """No column of the scores; the gate's lines say why."""
    assert bundle.told == CAUSES
    assert not [name for name in bundle.score(tonight) if "downgrade" in name]
    assert gate_lines(bundle.reports, "en")[2] == (
        "downgrade: off (no plan changes were delivered to learn from)"
    )
    assert "未交付" in gate_lines(bundle.reports, "zh")[2]
