"""Asking what other targeting settings would do changes nothing of the night."""

from __future__ import annotations

from pathlib import Path

import pytest

from churn.errors import ChurnError, SettingsError, UsageError
from churn.store.hashing import sha256_file
from churn.targeting import TargetingSettings
from pipelines import score, target
from pipelines.plan import plan
from pipelines.run import open_reader, open_run
from tests.pipelines.conftest import Deployment

pytestmark = [pytest.mark.slow, pytest.mark.few_tables]


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
        scores = score.score(run)
        asked = target.plan(run, scores, target.settings_of(run, scores.as_of))
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


def test_scenarios_stand_beside_the_nights_own_list(copied: Deployment, tmp_path: Path) -> None:
    """By budget, by key and from a file; the first is what was decided, and nothing is touched."""
    path = tmp_path / "scenarios.yaml"
    path.write_text(
        "dear offer:\n  actions: {offer: {offer_cost: 150}}\nno money:\n  budget: {month: 0}\n",
        encoding="utf-8",
    )
    with open_run(copied.settings) as run:
        stored = target.target(run).plan()
    before = _made(copied.workspace)
    with open_reader(copied.settings) as reader:
        compared = plan(
            reader,
            budgets=[1e6],
            changes=["budget.max_contacts=3; actions.offer.take_rate=1"],
            scenarios=path,
        )
        own, rich, few, dear, poor = compared.plans
        assert own.totals == stored.totals | {"left_out": own.totals["left_out"]}
        assert own.shared == own.totals["listed"] == len(stored.frame)
        assert rich.totals["expected_profit"] >= own.totals["expected_profit"]
        assert few.totals["listed"] + few.totals["control"] == 3
        offer = next(action for action in dear.settings.actions if action.name == "offer")
        assert offer.offer_cost == 150
        assert len(dear.settings.actions) == len(own.settings.actions)
        assert poor.totals["planned_spend"] == 0
        told = compared.summary().splitlines()
        assert told[0].split("  ")[-1].strip() == "no money"
        pages = []
        for name in ("one.html", "two.html"):
            compared.write(tmp_path / name)
            pages.append((tmp_path / name).read_bytes())
        assert pages[0] == pages[1]
        assert b"dear offer" in pages[0]
        halved = plan(reader).plans
        month = own.settings.budget.month
        assert [each.settings.budget.month for each in halved] == [month, month / 2, month * 2]
    assert _made(copied.workspace) == before


@pytest.mark.parametrize(
    ("change", "error", "what"),
    [
        ("budget.mont=3", SettingsError, "month"),
        ("budget", UsageError, "sets nothing"),
        ("actions.gift.effect=2", SettingsError, "effect"),
    ],
)
def test_a_change_that_is_no_setting_is_told(
    copied: Deployment, change: str, error: type[ChurnError], what: str
) -> None:
    """Nearest key, or how a change is written."""
    with open_reader(copied.settings) as reader, pytest.raises(error, match=what):
        plan(reader, changes=[change])
