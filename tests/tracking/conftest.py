"""The small operator of the learners' tests, trained once, as it is recorded."""

from __future__ import annotations

import importlib.util
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from churn.audit import AuditSettings, judged
from churn.evaluation import EvaluationSettings
from churn.learning import fit
from churn.panel import PanelManifest
from churn.report.runs.training import TrainingRecord, write_training
from churn.tracking.recording import record
from churn.tracking.store import Store
from pipelines.models.track import requirements

FOLDER = Path(__file__).parents[1] / "learning"


def _operator():
    """Load what the learners' tests train on: a conftest of another folder cannot be imported."""
    spec = importlib.util.spec_from_file_location("small_operator", FOLDER / "conftest.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def small():
    """Return the operator's panel and what was trained on it."""
    operator = _operator()
    panel = operator.make_panel()
    meta = {"as_of": "2024-09-01", "split": "time", "features": "f"}
    trained = fit(
        panel,
        operator.FEATURES,
        operator.SETTINGS,
        operator.EVALUATION.model_copy(update={"segments": ("plan",)}),
        walk=operator.WALK,
        meta=meta,
    )
    last = panel[panel["snapshot"] == panel["snapshot"].max()]
    tonight = last[[feature["name"] for feature in operator.FEATURES]].reset_index(drop=True)
    return SimpleNamespace(
        trained=trained, tonight=tonight, settings=operator.SETTINGS, walk=operator.WALK
    )


@pytest.fixture(scope="session")
def told(small):
    """Return what is told of the training."""
    manifest = PanelManifest(as_of=date(2024, 9, 1), walk=small.walk, snapshots=(), dropped={})
    return TrainingRecord(
        as_of="2024-09-01",
        content="c" * 64,
        panel="d" * 64,
        settings="e" * 64,
        bundle=small.trained.bundle,
        model=small.trained.bundle,
        test_scores=small.trained.test_scores,
        manifest=manifest,
        audit=judged([], AuditSettings()),
        sections={"learning": small.settings, "evaluation": EvaluationSettings()},
        evaluation=EvaluationSettings(replicates=20, segments=("plan",), min_test_churners=5),
        language="en",
    )


@pytest.fixture(scope="session")
def training(told):
    """Return the training as it is recorded."""
    return write_training(told, loader="pipelines.pyfunc", requirements=requirements())


@pytest.fixture(scope="session")
def next_month(told):
    """Return another training, a month later."""
    later = replace(told, as_of="2024-10-01", content="a" * 64, panel="b" * 64)
    return write_training(later, loader="pipelines.pyfunc", requirements=requirements())


@pytest.fixture(scope="session")
def recorded(empty_store, tmp_path_factory, training, next_month):
    """Return a store with two months, for tests that change nothing in it but names."""
    store = copy_of(empty_store, tmp_path_factory.mktemp("recorded"))
    assert record(store, training)
    assert record(store, next_month)
    return store


def copy_of(store, to):
    """Return a copy of a store in another place, as if its workspace had been moved."""
    return Store(shutil.copytree(store.root, to / "mlflow"))
