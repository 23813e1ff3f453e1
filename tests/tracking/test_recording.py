"""Recording a training: runs, figures, curves, files; once; whole or not at all."""

from __future__ import annotations

import errno
import json
import re
import sqlite3
import subprocess
import sys
from dataclasses import replace

import pandas as pd
import pytest

from churn.errors import ModelError, StorageError
from churn.tracking import recording
from churn.tracking.library import mlflow
from churn.tracking.recording import record
from churn.tracking.registry import aliases, name_versions, told_run, versions
from churn.tracking.store import Store
from tests.tracking.conftest import copy_of

pytestmark = pytest.mark.slow
LEARNERS = {"tree", "boosting", "network", "combination"}


def runs(store, wanted=""):
    """Return the runs by name."""
    found = store.client.search_runs([store.experiment.experiment_id], wanted)
    return {run.info.run_name: run for run in found}


def test_one_run_per_training_and_one_per_head_and_learner_below_it(recorded):
    """Names, tags and parents make the four learners of two heads and two months comparable."""
    found = runs(recorded, "tags.kind != 'trial'")
    assert len(found) == 2 + 2 * 2 * 4
    parent = found["training 2024-09-01"]
    its = f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'"
    below = runs(recorded, f"{its} and tags.kind = 'learner'")
    assert {(run.data.tags["head"], run.data.tags["learner"]) for run in below.values()} == {
        (head, learner) for head in ("active", "passive") for learner in LEARNERS
    }
    assert {run.data.tags["as_of"] for run in below.values()} == {"2024-09-01"}
    champions = runs(recorded, "tags.champion = 'yes' and tags.as_of = '2024-10-01'")
    assert {run.data.tags["head"] for run in champions.values()} == {"active", "passive"}
    assert {run.info.status for run in found.values()} == {"FINISHED"}
    month = runs(recorded, "tags.head = 'active' and tags.learner = 'boosting'")
    assert set(month) == {"boosting 2024-09-01 active", "boosting 2024-10-01 active"}
    colours = {run.data.tags["mlflow.runColor"] for run in month.values()}
    assert len(colours) == 2, "two months are told apart"


def test_every_capacity_that_was_tried_is_a_run(recorded, told):
    """With its settings, its log loss, and its share in the booster that scores."""
    for cause, report in told.bundle.reports.items():
        found = runs(recorded, f"tags.tried_for = '{cause}' and tags.as_of = '2024-09-01'")
        assert len(found) == len(report.trials) == 6
        for number, trial in enumerate(report.trials, 1):
            data = found[f"capacity {number} 2024-09-01 {cause}"].data
            assert data.params["leaves"] == str(trial.capacity.leaves)
            assert data.metrics["log_loss"] == trial.log_loss
        shares = [run.data.metrics["share"] for run in found.values()]
        assert sum(shares) == pytest.approx(1)
        boosting = runs(recorded)[f"boosting 2024-09-01 {cause}"].data.params
        assert boosting["member_1"].startswith(f"{report.booster[0].share:.2f} of rounds ")


def test_figures_carry_their_intervals(recorded, told):
    """Every metric of the report stands with its bounds; trainings repeat their champions'."""
    report = told.bundle.reports["active"]
    run = runs(recorded)["tree 2024-09-01 active"]
    for name, one in report.metrics["tree"].items():
        for figure, value in ((name, one.value), (f"{name}_lower", one.lower)):
            if value == value:  # noqa: PLR0124 - what is undefined is left out
                assert run.data.metrics[figure] == value, figure
    assert run.data.metrics["base_rate"] == report.base_rate["test"]
    assert run.data.metrics["minus_booster_upper"] == report.minus_booster["tree"].upper
    assert run.data.params["rebalancing"] in {"none", "weights", "undersampling"}
    assert run.data.params["max_leaves"] == "8"
    parent = runs(recorded)["training 2024-09-01"].data
    best = report.metrics[report.champion]["average_precision"]
    assert parent.metrics["active/average_precision_upper"] == best.upper
    assert parent.params["learning.boosting.rounds"] == "25"
    assert parent.params["churners_train_active"] == str(report.events["train"])


def test_curves_run_over_whole_percents(recorded):
    """Gain rises to 1, lift falls to 1, reliability has its groups."""
    run = runs(recorded)["boosting 2024-09-01 active"].info.run_id

    def points(name):
        history = recorded.client.get_metric_history(run, name)
        return [(one.step, one.value) for one in sorted(history, key=lambda one: one.step)]

    gain, lift = dict(points("curve/gain")), dict(points("curve/lift"))
    assert list(gain) == [*range(1, 10), *range(10, 101, 5)]
    assert list(gain.values()) == sorted(gain.values())
    assert gain[100] == pytest.approx(1)
    assert lift[100] == pytest.approx(1)
    assert lift[10] == pytest.approx(gain[10] * 10)
    assert lift[10] == pytest.approx(
        runs(recorded)["boosting 2024-09-01 active"].data.metrics["lift_10"]
    )
    assert len(points("reliability/observed")) == len(points("reliability/promised")) > 3
    precision = dict(points("curve/precision_by_recall"))
    assert precision[100] <= precision[1]


def test_files_open_by_themselves_and_name_nobody(recorded, small):
    """Pages, rules in both languages and SQL, tables, JSON; no subscriber, nothing pickled."""
    found = runs(recorded)
    folder = recorded.path(found["tree 2024-09-01 active"].info.artifact_uri)
    assert {path.name for path in folder.iterdir()} == {
        "figures.html", "tree.en.html", "tree.zh.html", "rules.en.txt", "rules.zh.txt", "rules.sql",
    }  # fmt: skip
    assert "calls to competitors' numbers > " in (folder / "rules.en.txt").read_text("utf-8")
    assert "拨打竞争对手号码占比" in (folder / "rules.zh.txt").read_text("utf-8")
    assert (folder / "rules.sql").read_text("utf-8").startswith("CASE\n")
    booster = recorded.path(found["boosting 2024-09-01 active"].info.artifact_uri)
    table = pd.read_csv(booster / "importance.csv")
    assert table["share_of_influence"].sum() == pytest.approx(1, abs=1e-4)
    assert table["feature"][0] == "competitor_share_90d"
    parent = recorded.path(found["training 2024-09-01"].info.artifact_uri)
    assert json.loads((parent / "panel.json").read_text("utf-8"))["as_of"] == "2024-09-01"
    assert json.loads((parent / "audit.json").read_text("utf-8"))["open"] == []
    everything = [path for path in recorded.artifacts.rglob("*") if path.is_file()]
    assert not [path.name for path in everything if path.suffix in {".pkl", ".pickle", ".joblib"}]
    ids = set(small.trained.test_scores["subscriber_id"]) | {"c0001"}
    for path in everything:
        words = set(re.findall(r"\w+", path.read_bytes().decode("utf-8", errors="ignore")))
        assert not words & ids, path.name


def test_learners_are_compared_by_segment(training, told):
    """Each with its head's champion: areas by DeLong per value of the class, paired figures."""
    lines = training.parent.files["comparison.csv"].decode().splitlines()
    rows = [dict(zip(lines[0].split(","), line.split(","), strict=True)) for line in lines[1:]]
    report = told.bundle.reports["active"]
    mine = [row for row in rows if row["head"] == "active" and row["learner"] == "tree"]
    if report.champion == "tree":
        mine = [row for row in rows if row["head"] == "active" and row["learner"] == "boosting"]
    assert {row["minus"] for row in mine} == {report.champion}
    areas = {row["rows"]: row for row in mine if row["metric"] == "roc_auc"}
    assert {"all", "plan: basic", "plan: gold"} <= set(areas)
    expected = (
        report.metrics[mine[0]["learner"]]["roc_auc"].value
        - report.metrics[report.champion]["roc_auc"].value
    )
    assert float(areas["all"]["difference"]) == pytest.approx(expected, abs=1e-5)
    assert 0 <= float(areas["all"]["p_value"]) <= 1
    assert {row["metric"] for row in mine} == {"roc_auc", "average_precision", "log_loss"}


def test_the_version_loads_as_the_bundle_bit_by_bit(recorded, small, monkeypatch, tmp_path):
    """By its alias, without a server: the same scores, under a signature, no folder left behind."""
    monkeypatch.chdir(tmp_path)
    name_versions(recorded, {"champion": 1, "challenger": 2})
    mlflow.set_tracking_uri(recorded.uri)
    mlflow.set_registry_uri(recorded.uri)
    try:
        model = mlflow.pyfunc.load_model("models:/churn@champion")
    finally:
        mlflow.set_tracking_uri(None)
        mlflow.set_registry_uri(None)
    counts = small.tonight.select_dtypes("int64").columns
    tonight = small.tonight.astype(dict.fromkeys(counts, "float32"))  # as engines deliver them
    wanted = small.trained.bundle.score(tonight)
    wanted = wanted.astype({"rule_active": "float64", "rule_passive": "float64"})
    pd.testing.assert_frame_equal(model.predict(tonight), wanted, check_exact=True)
    inputs = model.metadata.signature.inputs.input_dict()
    assert set(inputs) == set(small.trained.bundle.needed)
    assert set(model.metadata.signature.outputs.input_names()) == set(wanted.columns)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_where_one_stands(empty_store, training, tmp_path, monkeypatch):
    """No `mlruns`, no database of MLflow's own choosing."""
    store = copy_of(empty_store, tmp_path)
    beside = tmp_path / "beside"
    beside.mkdir()
    monkeypatch.chdir(beside)
    record(store, training)
    assert versions(store)[0].files() == dict(training.model.files)
    assert list(beside.iterdir()) == []


def test_a_training_is_recorded_once(recorded, training):
    """By the hash of its content."""
    before = (len(runs(recorded)), len(versions(recorded)))
    assert not record(recorded, training)
    assert (len(runs(recorded)), len(versions(recorded))) == before


@pytest.fixture(scope="module")
def brief(training):
    """Return the training without the capacities that were tried: the fewer runs, the quicker."""
    learners = tuple(run for run in training.children if run.tags["kind"] == "learner")
    return replace(training, children=learners)


class Killed(BaseException):
    """Stands for a kill: nothing catches it."""


@pytest.mark.parametrize("after", ["create_run", "log_batch", "create_logged_model",
                                   "create_model_version", "set_terminated"])  # fmt: skip
@pytest.mark.parametrize("call", [1, 3])
def test_a_killed_recording_is_mended_by_the_next(
    empty_store, brief, tmp_path, monkeypatch, after, call
):
    """Wherever it was killed: one training, one version, no run left running."""
    store = copy_of(empty_store, tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(store.client, after, killed_after(getattr(store.client, after), call))
        if call > 1 and after in {"create_logged_model", "create_model_version"}:
            assert record(store, brief), "it happens once"
            assert not record(store, brief)
        else:
            with pytest.raises(Killed):
                record(store, brief)
    require_whole(Store(store.root), brief)


@pytest.mark.parametrize(
    ("after", "call"), [("delete_logged_model", 1), ("set_terminated", 9), ("delete_run", 8)]
)
def test_a_killed_mending_is_finished_by_the_next(
    empty_store, brief, tmp_path, monkeypatch, after, call
):
    """A training that was half deleted is neither taken for recorded nor left behind in part."""
    store = copy_of(empty_store, tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(store.client, "create_model_version", killed_before)
        with pytest.raises(Killed):
            record(store, brief)
    mending = Store(store.root)
    with monkeypatch.context() as patch:
        patch.setattr(mending.client, after, killed_after(getattr(mending.client, after), call))
        with pytest.raises(Killed):
            record(mending, brief)
    require_whole(Store(store.root), brief)


def test_what_somebody_else_logs_is_left_alone(empty_store, tmp_path):
    """A data scientist's own run beside the trainings, still going on, is not mended away."""
    store = copy_of(empty_store, tmp_path)
    store.open_to_write()
    own = store.client.create_run(store.experiment.experiment_id, run_name="my own")
    recording.mend(store)
    assert set(runs(store)) == {"my own"}
    assert store.client.get_run(own.info.run_id).info.status == "RUNNING"


def killed_before(*_given, **_named):
    """Stand for a call that never came about."""
    raise Killed


def killed_after(asked, call):
    """Let a function be called so many times, and be killed when it has done its work."""
    calls = 0

    def kill(*given, **named):
        nonlocal calls
        calls += 1
        found = asked(*given, **named)
        if calls == call:
            raise Killed
        return found

    return kill


def require_whole(again, training):
    """Record once more: one training, one version, nothing of the killed ones."""
    record(again, training)
    found = runs(again)
    assert len(found) == 1 + len(training.children) == 1 + 2 * 4
    assert {run.info.status for run in found.values()} == {"FINISHED"}
    (version,) = versions(again)
    assert version.run == found["training 2024-09-01"].info.run_id
    assert version.files() == dict(training.model.files)
    kept = {path.name for path in again.artifacts.iterdir()} - {"models"}
    assert kept == {run.info.run_id for run in found.values()}, "no files of the killed one"
    assert len(list((again.artifacts / "models").iterdir())) == 1
    assert not again.partial.exists()


def test_a_store_killed_while_it_was_made_is_made_anew(tmp_path, monkeypatch):
    """The database has its name only once it is whole."""
    store = Store(tmp_path / "mlflow")
    with monkeypatch.context() as patch:
        patch.setattr(
            "churn.tracking.store.MlflowClient.create_registered_model",
            lambda *_given, **_named: (_ for _ in ()).throw(Killed),
        )
        with pytest.raises(Killed):
            store.open_to_write()
    assert not store.database.exists()
    assert versions(Store(store.root).open_to_write()) == []


def test_a_moved_workspace_keeps_its_trainings(recorded, next_month, tmp_path):
    """Files are found where they are now, and nothing is written where they were."""
    moved = copy_of(recorded, tmp_path)
    assert moved.moved
    assert versions(moved)[0].folder.is_relative_to(moved.root), "readers follow, too"
    assert not record(moved, next_month)
    assert not moved.moved
    uris = {run.info.artifact_uri for run in runs(moved).values()}
    assert all(uri.startswith(moved.artifacts.as_uri()) for uri in uris)
    assert versions(moved)[0].files() == versions(recorded)[0].files()


def test_a_run_names_its_training_and_its_learner(recorded):
    """What MLflow's pages show can be compared as well; a foreign run is no training's."""
    found = runs(recorded)
    training = found["training 2024-09-01"].info.run_id
    assert told_run(recorded, training) == (training, None)
    tree = found["tree 2024-09-01 active"].info.run_id
    assert told_run(recorded, tree) == (training, "tree")
    assert told_run(recorded, "f" * 32) == (None, None)


def test_names_stand_for_versions(recorded):
    """Given, moved, taken away."""
    name_versions(recorded, {"champion": 1, "challenger": 2})
    assert aliases(recorded) == {"champion": 1, "challenger": 2}
    name_versions(recorded, {"champion": 2, "challenger": None})
    assert aliases(recorded) == {"champion": 2}


def test_without_a_store_readers_say_so(tmp_path):
    """Nothing is made by looking."""
    with pytest.raises(ModelError, match="no training has been tracked yet"):
        versions(Store(tmp_path / "mlflow"))
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_another_version_is_told(tmp_path):
    """The registry's error, not a traceback."""
    store = Store(tmp_path / "mlflow")
    store.root.mkdir()
    store.database.write_bytes(b"no database at all" * 100)
    with pytest.raises(ModelError, match="the registry cannot be used"):
        versions(store)
    with pytest.raises(ModelError, match="the registry cannot be used"):
        recording.record(store, None)


def test_a_locked_database_is_told(empty_store, tmp_path, monkeypatch):
    """While a moved store is followed, too: the night tells a failed stage and goes on."""
    store = copy_of(empty_store, tmp_path)
    store.experiment.artifact_location  # noqa: B018 - asked before the lock
    monkeypatch.setattr(
        "churn.tracking.store.sqlite3.connect",
        lambda _path: (_ for _ in ()).throw(sqlite3.OperationalError("database is locked")),
    )
    with pytest.raises(ModelError, match="the registry cannot be used: database is locked"):
        record(store, None)


FULL = """
import resource, sys
from pathlib import Path
from churn.errors import StorageError
from churn.tracking import registry, store
there = store.Store(Path(sys.argv[1]))
there.experiment
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
try:
    registry.name_versions(there, {"refused": 1})
except StorageError as error:
    print(error)
"""


def test_a_disk_that_refuses_the_database_is_the_storages_error(recorded, tmp_path):
    """A file-size limit of the system stands in for it: not the registry's error, 15 and not 14."""
    store = copy_of(recorded, tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(store.root)], capture_output=True, text=True, check=False
    )
    assert "the store of trainings cannot be read or written (SQLITE_" in done.stdout, done.stderr
    assert store.database.name in done.stdout


def test_artefacts_that_the_disk_refuses_are_the_storages_error(recorded, monkeypatch):
    """Reading a version, too: a place and a remedy instead of a traceback."""
    (version, *_others) = versions(recorded)
    with monkeypatch.context() as patch:
        patch.setattr(
            "pathlib.Path.read_bytes",
            lambda _path: (_ for _ in ()).throw(OSError(errno.EIO, "input/output error")),
        )
        with pytest.raises(StorageError, match=r"cannot be read or written \(EIO\)"):
            version.files()
