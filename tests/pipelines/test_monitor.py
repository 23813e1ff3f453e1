"""A finished deployment looks back on a night that it scored months ago."""

from __future__ import annotations

import json
import shutil
import sqlite3
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from churn import labels
from pipelines.audit import SCORED
from pipelines.monitor import monitor
from pipelines.monitor.challenge import due
from pipelines.run import open_reader, open_run
from tests.pipelines.conftest import Deployment

pytestmark = [pytest.mark.slow, pytest.mark.few_tables]
PAST, LATE = "2024-01-01", "2024-03-01"


def _score(deployment: Deployment, *nights: str) -> None:
    """Score past nights, as if their model had been trained before them; two snapshots will do."""
    deployment.change(lambda settings: settings.update(monitoring={"references": 2}))
    for night in nights:
        done = deployment.run("score", "--as-of", night)
        assert done.returncode == 0, done.stderr
        path = deployment.workspace / "stages" / "score" / night / "model.json"
        model = json.loads(path.read_text("utf-8"))
        path.write_text(json.dumps({**model, "trained_as_of": "2023-11-01"}), encoding="utf-8")


def _later(deployment: Deployment) -> None:
    """Let a night before have been scored by a model that was trained after it."""
    scored = deployment.workspace / "stages" / "score"
    shutil.copytree(scored / PAST, scored / "2023-11-01")
    model = {"bundle": "another", "trained_as_of": "2024-04-01"}
    (scored / "2023-11-01" / "model.json").write_text(json.dumps(model), encoding="utf-8")


def _hand_over(deployment: Deployment, night: str) -> int:
    """Let the list have been that of a past night; return how many contacts it holds."""
    workspace = deployment.workspace
    for folder in (workspace / "handed_over", workspace / "stages" / "target"):
        (made,) = (path for path in folder.iterdir() if path.is_dir())
        shutil.copytree(made, made.with_name(night))
    (draws,) = (workspace / "handed_over" / night).glob("rev*.parquet")
    return pq.read_table(draws)["arm"].to_pylist().count("treated")


def _blind(deployment: Deployment) -> None:
    """Let the first night that the model scored have known no figure."""
    path = deployment.workspace / "stages" / "score" / PAST / SCORED
    rows = pq.read_table(path).to_pandas()
    numeric = rows.select_dtypes("number").columns
    rows[numeric] = float("nan")
    pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), path)


def _turn_off(deployment: Deployment, cause: str) -> None:
    """Let a head that is off have scored the past night: its chances are missing."""
    path = deployment.workspace / "stages" / "score" / PAST / "scores.parquet"
    scores = pq.read_table(path).to_pandas()
    scores[f"p_{cause}"] = float("nan")
    pq.write_table(pa.Table.from_pandas(scores, preserve_index=False), path)


def test_a_night_begins_to_be_watched_when_its_window_opens(copied: Deployment) -> None:
    """The night's own watch has nothing to tell, and says so; it is a stage like any other."""
    done = copied.run("monitor")
    assert done.returncode == 0, done.stderr
    assert "its outcome window has not opened" in done.stdout
    with sqlite3.connect(copied.workspace / "ledger.sqlite") as ledger:
        stages = ledger.execute("SELECT command, state FROM stages WHERE stage = 'monitor'")
        assert stages.fetchall() == [("nightly", "done"), ("monitor", "skipped")]


def test_promised_and_observed(copied: Deployment) -> None:
    """A final night is counted as its labels say, one half over is completed; both are told.

    A night scored by a model that was trained after it is passed over.
    """
    _score(copied, PAST, LATE)
    _blind(copied)
    _later(copied)
    contacts = _hand_over(copied, PAST)
    with open_run(copied.settings) as run:
        monitored = monitor(run, date(2024, 4, 1))
        record = monitored.record()
        past = date.fromisoformat(PAST)
        settings = run.settings
        rows = labels.outcomes(
            run.tables.known_at(date(2024, 4, 1)), past, settings.time, settings.states
        )
        outcomes = run.engine.to_arrow(rows).to_pandas().set_index("subscriber_id")["outcome"]
        said = run.stages.stored("score", PAST)
        assert said is not None
        lines, page = monitored.summary(), monitored.page().decode()
    (list_,) = record.lists
    assert (list_.month, list_.contacts, list_.mature) == (past, contacts, True)
    assert 0 < list_.controls < list_.compared <= contacts
    assert record.passed_over == {"scored by a model trained later": 1}
    assert record.observed_through == date(2024, 3, 31)
    assert len(record.references) == 2
    assert all(settings.time.mature_on(day) <= record.observed_through for day in record.references)
    for cause, head in record.heads.items():
        final, half = head.nights
        assert (str(final.night), str(half.night)) == (PAST, LATE)
        assert final.final is not None
        # contacts weigh: the treated not at all, their controls for them
        assert final.final == pytest.approx((outcomes == cause).sum(), rel=0.5)
        assert final.metrics["observed_expected"].value == pytest.approx(
            final.final / final.promised
        )
        assert half.nowcast is not None
        assert half.final is None
        assert 0 < half.nowcast.known < 1
        assert half.nowcast.final.lower <= half.nowcast.final.value <= half.nowcast.final.upper
        assert any(name.startswith("region=") for name, _ in head.segments)
    assert record.drift is not None, "the night itself against what its model learned from"
    assert {each.feature for each in record.drift} == set(record.words)
    assert record.words["p_active"][0] == "chance: active churn", "tonight's against the first's"
    for text in ("Promised and observed", PAST[2:], LATE[2:], "half-matured"):
        assert text in page
    assert "<script" not in page
    assert "final" in lines
    assert "half-matured" in lines


def test_what_was_counted_once_is_kept(copied: Deployment) -> None:
    """The next night, no outcomes having come, counts no past snapshot again, and says the same.

    In Chinese, too, and what earlier nights expected is held against what is final. A head that
    was off is not watched.
    """
    _score(copied, PAST)
    _turn_off(copied, "passive")
    contacts = _hand_over(copied, "2023-12-01")
    assert copied.run("monitor", "--as-of", "2024-03-01").returncode == 0
    first, then = (
        copied.workspace / "stages" / "monitor" / day / "development.json"
        for day in ("2024-03-01", "2024-03-02")
    )
    assert copied.run("monitor", "--as-of", "2024-03-02").returncode == 0
    assert first.read_bytes() == then.read_bytes()
    assert json.loads(first.read_text("utf-8"))
    (before,), (after,) = (
        json.loads((each.with_name("monitor.json")).read_text("utf-8"))["lists"]
        for each in (first, then)
    )
    assert before["contacts"] == contacts
    assert before == after
    copied.change(lambda settings: settings.update(language="zh"))
    done = copied.run("monitor", "--as-of", "2024-04-01")
    assert done.returncode == 0, done.stderr
    assert "已成熟" in done.stdout
    assert "次半成熟估计中" in done.stdout
    assert "observed" not in done.stdout
    assert "主动流失" in done.stdout
    lines = done.stdout.splitlines()
    watched = [line for line in lines if "被动流失" in line and "首要原因" not in line]
    assert not watched, "only what the model itself says may have drifted"


def _alarm(deployment: Deployment, night: str) -> None:
    """Let a night's watch have told an alarm."""
    (folder,) = (deployment.workspace / "stages" / "monitor").iterdir()
    told = folder.with_name(night)
    shutil.copytree(folder, told)
    record = json.loads((told / "monitor.json").read_text("utf-8"))
    ratio = {"value": 2.0, "lower": 1.5, "upper": 2.5}
    stretch = {"since": night, "seen": 20, "expected": 10, "ratio": ratio, "chance": 1e-6}
    record |= {
        "as_of": night,
        "alarms": [{"head": "active", "group": "all", "stretch": stretch, "moved": []}],
    }
    (told / "monitor.json").write_text(json.dumps(record), encoding="utf-8")


@pytest.mark.parametrize(
    ("asked", "night", "why"),
    [
        ({}, "2025-01-01", None),
        ({"challenge_old": True}, "2024-04-20", None),
        (
            {"challenge_old": True},
            "2025-01-01",
            "the model in place is of 2024-04-01, 275 days old",
        ),
        ({"challenge_on_alarm": True}, "2024-05-02", "an alarm of 2024-05-01: active"),
        ({"challenge_on_alarm": True}, "2024-05-01", None),
    ],
)
def test_when_a_challenger_is_trained(
    copied: Deployment, asked: dict[str, bool], night: str, why: str | None
) -> None:
    """Where the settings ask for it: of an old model, or after an alarm; once, and with the reason.

    A training, whoever won, has answered what was told before it.
    """
    _alarm(copied, "2024-05-01")
    copied.change(lambda settings: settings.update(monitoring=asked))
    with open_reader(copied.settings) as run:
        assert due(run, date.fromisoformat(night)) == why
        trained = copied.workspace / "stages" / "train"
        (latest,) = trained.iterdir()
        shutil.copytree(latest, trained / night)
        assert due(run, date.fromisoformat(night)) == why, "a night that was stopped goes on"
        later = date.fromisoformat(night) + timedelta(days=1)
        assert due(run, later) is None
