"""Past nights again: nothing of later days in them, nobody favoured, and errors that say which."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from churn.errors import ExtractError
from churn.evaluation import EvaluationSettings
from churn.store.hashing import sha256_file
from churn.tables import Known
from churn.targeting import TargetingSettings
from pipelines import panel, score
from pipelines.backtest import backtest, nights
from pipelines.backtest.lists import list_figures
from pipelines.backtest.replay import Judged, challenge, play, train
from pipelines.bundles import write_bundle
from pipelines.ingest import ingest
from pipelines.run import open_run
from tests.deployments import few_tables
from tests.pipelines.conftest import Deployment

pytestmark = pytest.mark.slow(70)
NIGHT, LAST = date(2023, 12, 1), date(2024, 1, 1)


def _quick(settings: dict[str, Any]) -> None:
    """Few tables, two learners without a choice of rebalancing, a gate that small worlds pass."""
    few_tables(settings)
    once = {"rebalancing": {"methods": ["none"]}}
    settings["panel"] = {"test": 1, "calibration": 1, "unseen_share": 0.1}
    settings["learning"] = {
        "min_events": 10,
        "learners": ["tree", "boosting"],
        "tree": once,
        "boosting": {"rounds": 20, "search": {"trials": 0}, **once},
    }
    settings["evaluation"] = {
        "replicates": 20,
        "calibration_low": 0.01,
        "calibration_high": 100,
        "min_test_churners": 1,
    }


@pytest.fixture(scope="module")
def replayed(
    deploy_in: Callable[..., Deployment],
    small_world: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Deployment:
    """Return a deployment whose latest two nights with final outcomes were replayed."""
    folder = tmp_path_factory.mktemp("replayed") / "deployment"
    deployment = deploy_in(folder, small_world, _quick)
    assert deployment.run("ingest").returncode == 0
    done = deployment.run("backtest", "--nights", "2")
    assert done.returncode == 0, done.stderr
    assert "2 nights replayed, outcomes known as of 2024-04-01" in done.stdout
    return deployment


def _folder(deployment: Deployment) -> Path:
    (found,) = (deployment.workspace / "backtests").iterdir()
    return found


def test_what_was_delivered_later_changes_nothing(
    replayed: Deployment,
    deploy_in: Callable[..., Deployment],
    small_world: Path,
    tmp_path: Path,
) -> None:
    """With no file that came after the night, training, scores and list are the same.

    So is the panel, whose features a replay keeps per snapshot and a training builds at once.
    And with the night's models in place, ``churn score`` gives what the replay gave.
    """
    shutil.copytree(small_world / "extracts", tmp_path / "world" / "extracts")
    for path in (tmp_path / "world" / "extracts").rglob("*.csv.gz"):
        if date.fromisoformat(path.name.removesuffix(".csv.gz").split("_")[-1]) > NIGHT:
            path.unlink()
    then = deploy_in(tmp_path / "then", tmp_path / "world", _quick)
    with open_run(then.settings) as run:
        ingest(run)
        plain = panel.build(run, NIGHT).stage
        training = train(run, NIGHT)
        shared = replayed.workspace / "stages" / "panel" / NIGHT.isoformat()
        for path in plain.folder.glob("*.parquet"):
            assert sha256_file(path) == sha256_file(shared / path.name)
        stored = play(run, NIGHT, training, training if training.passing else None)
        again = replayed.workspace / "stages" / "replay" / NIGHT.isoformat()
        for name in ("scores.parquet", "selected.parquet"):
            assert (stored.stage.folder / name).exists() == (again / name).exists()
            if (again / name).exists():
                assert sha256_file(stored.stage.folder / name) == sha256_file(again / name)
        write_bundle(training.bundle(), run.workspace.models / "champion")
        scored = score.score(run, NIGHT).frame()
    replay = stored.scores()
    assert len(scored) > 1500
    pd.testing.assert_series_equal(scored["subscriber_id"], replay["subscriber_id"])
    for cause in training.bundle().heads:
        pd.testing.assert_series_equal(scored[f"p_{cause}"], replay[f"p_{cause}"])


def test_the_files_agree(replayed: Deployment) -> None:
    """Counts of the result are those of the rows; nights and both trainings are on the page."""
    folder = _folder(replayed)
    result = json.loads((folder / "backtest.json").read_text(encoding="utf-8"))
    rows = pq.read_table(folder / "backtest.parquet").to_pandas()
    assert [night["night"] for night in result["nights"]] == [str(NIGHT), str(LAST)]
    for night in result["nights"]:
        here = rows[rows["night"] == pd.Timestamp(night["night"])]
        counted = here[here["outcome"] != "administrative"]
        assert night["eligible"] == len(here)
        assert night["treated"] == (here["weight"] == 0).sum() > 0
        for cause, head in night["heads"].items():
            if head["off"] is None:
                left = (counted["outcome"] == cause) & (counted["weight"] > 0)
                assert head["events"] == left.sum()
                expected = counted["weight"] @ counted[f"p_{cause}"]
                seen = counted["weight"] @ (counted["outcome"] == cause)
                told = head["metrics"]["champion"]["observed_expected"]["value"]
                assert told == pytest.approx(seen / expected)
    groups = result["pooled"]["active"]["groups"]
    assert sum(group["rows"] for group in groups) == result["pooled"]["active"]["figures"]["rows"]
    assert set(result["not_judged"]) == {"2024-02-01", "2024-03-01", "2024-04-01"}
    page = (folder / "backtest.html").read_text(encoding="utf-8")
    assert str(NIGHT) in page
    assert "all weights 1" in page


def test_customers_kept_out_never_trained(replayed: Deployment) -> None:
    """A tenth of the customers is in no training row of any night, and is scored all the same."""
    rows = pq.read_table(_folder(replayed) / "backtest.parquet").to_pandas()
    assert rows.loc[rows["unseen"], "customer_id"].nunique() > 50
    for night in (NIGHT, LAST):
        stage = replayed.workspace / "stages" / "replay_train" / night.isoformat()
        learned = set(pq.read_table(stage / "customers.parquet")["customer_id"].to_pylist())
        here = rows[rows["night"] == pd.Timestamp(night)]
        assert not learned & set(here.loc[here["unseen"], "customer_id"])
        assert set(here.loc[~here["unseen"], "customer_id"]) <= learned


def test_nothing_is_put_in_place_or_handed_over(replayed: Deployment) -> None:
    """A replay leaves models and exports alone."""
    assert not list((replayed.workspace / "models").iterdir())
    assert not list((replayed.workspace / "exports").iterdir())


def test_a_second_run_replays_nothing(replayed: Deployment) -> None:
    """Every stage is skipped, and the text is told again; in Chinese only the page is new."""
    again = replayed.run("backtest", "--nights", "2")
    assert {line.split()[1] for line in again.stderr.splitlines()} == {"skipped"}, again.stderr
    replayed.change(lambda settings: settings.update(language="zh"))
    try:
        chinese = replayed.run("backtest", "--nights", "2", "--log", "json")
    finally:
        replayed.change(lambda settings: settings.update(language="en"))
    told = [json.loads(line) for line in chinese.stderr.splitlines()]
    assert {one["stage"] for one in told if one["state"] == "done"} == {"backtest"}
    page = (_folder(replayed) / "backtest.html").read_text(encoding="utf-8")
    assert 'lang="zh-CN"' in page
    assert "逐夜结果" in page
    assert replayed.run("backtest", "--nights", "2").returncode == 0


def test_one_training_may_serve_several_nights(replayed: Deployment, tmp_path: Path) -> None:
    """With --every 2 the second night is scored by the models of the first."""
    copy = tmp_path / "copy"
    shutil.copytree(replayed.settings.parent, copy)
    with open_run(copy / replayed.settings.name) as run:
        found = backtest(run, nights=2, every=2).result()
    assert [night.learned.as_of for night in found.nights] == [NIGHT, NIGHT]


def test_a_night_that_cannot_be_replayed_is_passed_over(
    replayed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nights before it are replayed instead, and it is told with its reason."""
    real = nights.require_fresh

    def stale(known: Known, *given: Any) -> None:
        if known.day == date(2023, 12, 1):
            raise ExtractError("odd", where="here", do="nothing")
        real(known, *given)

    monkeypatch.setattr(nights, "require_fresh", stale)
    with open_run(replayed.settings) as run:
        found = nights.choose(run, date(2024, 4, 1), 3)
    assert found.nights == (date(2023, 10, 1), date(2023, 11, 1), date(2024, 1, 1))
    assert found.left_out[date(2023, 12, 1)].en == "odd"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--nights", "30"), 2, "4 of the 30 nights asked for can be replayed: 2023-10-01 … 2024"),
        (("--night", "2024-03-01"), 12, "labels of snapshot 2024-03-01 are not final before"),
        (("--night", "2023-05-01"), 11, "no snapshot up to 2023-05-01"),
        (("--night", "2023-12-01", "--nights", "2"), 2, "give one of both"),
        (("--nights", "0"), 2, "--nights"),
    ],
)
def test_nights_that_cannot_be_replayed_are_named(
    replayed: Deployment, words: tuple[str, ...], code: int, said: str
) -> None:
    """Too many nights, immature ones, ones without history: each with its exit code and remedy."""
    done = replayed.run("backtest", *words)
    assert done.returncode == code
    assert said in done.stderr


def _training(night: int, *passing: str) -> Any:
    return SimpleNamespace(night=night, passing=frozenset(passing))


def test_a_champion_goes_on_unless_it_is_beaten_on_every_head() -> None:
    """As on real nights: a challenger takes over only with all heads that are in place."""
    both, one, none = _training(1, "active", "passive"), _training(2, "active"), _training(3)
    assert challenge(None, none) is None
    assert challenge(None, one) is one
    assert challenge(both, one) is both
    assert challenge(both, none) is both
    assert challenge(one, both) is both


def _judged(selected: pd.DataFrame | None) -> Judged:
    replay: Any = SimpleNamespace(night=NIGHT, in_place=SimpleNamespace(night=NIGHT))
    return Judged(replay, pd.DataFrame(), selected)


def _run(**targeting: Any) -> Any:
    settings = SimpleNamespace(
        targeting=TargetingSettings(**targeting), evaluation=EvaluationSettings(replicates=20)
    )
    return SimpleNamespace(settings=settings)


def test_the_gone_weigh_on_the_list_and_the_treated_are_stood_in_for() -> None:
    """Four contacts by call: one would have been kept, one was gone, one counts for two, one 0.

    An offer costs 3 and 20 for 0.3 of those who stay; it keeps 0.3 of leavers worth 200.
    """
    selected = pd.DataFrame(
        {
            "subscriber_id": list("abcde"),
            "customer_id": list("abcde"),
            "action": "offer",
            "p_active": 0.2,
            "p_passive": 0.1,
            "value_if_saved": 200.0,
            "expected_profit": 5.0,
            "control": [False, False, False, True, False],
            "outcome": ["active", "gone", "none", "none", "administrative"],
            "weight": [1.0, 1.0, 0.0, 2.0, 1.0],
        }
    )
    found = list_figures(_run(), [_judged(selected)])
    kept, lost = 0.3 * (200 - 20) - 3, -0.3 * 20 - 3
    assert found.realised.value == pytest.approx(kept + lost + 2 * lost)
    assert found.observed_expected.value == pytest.approx(1 / (4 * 0.2))
    assert (found.listed, found.controls, found.gone, found.churned) == (4, 1, 1, 1)
    assert (found.administrative, found.judged, found.expected) == (1, 3, 20)


def test_nights_without_models_have_no_list_and_empty_lists_earn_nothing() -> None:
    """Refused is not the same as empty."""
    assert list_figures(_run(), [_judged(None)]).refused is not None
    columns = ["subscriber_id", "customer_id", "action", "outcome"]
    empty = pd.DataFrame(columns=columns, dtype=str).assign(
        control=np.array([], dtype=bool),
        **{
            name: np.array([], dtype=float)
            for name in ("weight", "p_active", "p_passive", "value_if_saved", "expected_profit")
        },
    )
    found = list_figures(_run(), [_judged(empty)])
    assert found.refused is None
    assert found.realised.value == found.expected == 0
