"""Asking what other targeting settings would do changes nothing of the night."""

from __future__ import annotations

from pathlib import Path

import pytest

from churn.store.hashing import sha256_file
from churn.targeting import TargetingSettings
from pipelines import score, target
from pipelines.run import open_reader, open_run
from tests.pipelines.conftest import Deployment

pytestmark = pytest.mark.slow


def _budget(settings: TargetingSettings, **changed: float) -> TargetingSettings:
    return settings.model_copy(update={"budget": settings.budget.model_copy(update=changed)})


def _made(workspace: Path) -> dict[str, str]:
    return {
        path.relative_to(workspace).as_posix(): sha256_file(path)
        for part in ("stages", "exports", "models")
        for path in sorted((workspace / part).rglob("*"))
        if path.is_file()
    }


def test_the_nights_own_settings_give_the_nights_own_list(copied: Deployment) -> None:
    """List, controls, reasons and totals are those that were stored."""
    with open_run(copied.settings) as run:
        stored = target.target(run)
        asked = target.plan(run, score.score(run), run.settings.targeting)
    assert stored.stage.skipped
    assert len(asked.frame)
    assert asked.frame.equals(stored.frame())
    assert asked.controls.equals(stored.controls())
    assert asked.totals == stored.plan().totals


def test_a_smaller_budget_earns_less_and_is_kept(copied: Deployment) -> None:
    """With a tenth of what the list costs, the plan spends no more than that and earns less."""
    with open_run(copied.settings) as run:
        scores, settings = score.score(run), run.settings.targeting
        full = target.plan(run, scores, settings)
        nights = settings.budget.nights_left(run.night(None))
        spends = full.totals["planned_spend"] + full.totals["withheld_spend"]
        tight = target.plan(run, scores, _budget(settings, month=spends / 10 * nights))
    assert tight.totals["planned_spend"] + tight.totals["withheld_spend"] <= spends / 10
    assert 0 < tight.totals["expected_profit"] < full.totals["expected_profit"]
    assert tight.totals["not_selected"]["beyond_limits"] > 0


def test_a_question_needs_no_lock_and_writes_nothing(copied: Deployment) -> None:
    """It can be asked while the night works; decisions and hand-outs stay as they are."""
    with open_run(copied.settings) as run:
        scores = score.score(run)
        before = _made(copied.workspace)
        with open_reader(copied.settings) as reader:
            asked = target.plan(reader, scores, _budget(reader.settings.targeting, month=0.0))
        assert asked.totals["planned_spend"] == 0
        assert _made(copied.workspace) == before
