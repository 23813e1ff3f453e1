"""The story of a downgrade, from deliveries to files: foreseen, warned of, and answered."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from churn.sample import generate
from tests.deployments import Deployment, deployment, few_tables

pytestmark = pytest.mark.acceptance


def with_plan_changes(settings: dict[str, Any]) -> None:
    """Let the operator deliver few tables, and plan changes."""
    few_tables(settings)
    name = "plan_changes_{period}_{delivered_on}.csv.gz"
    source = {"files": "plan_changes/*.csv.gz", "name": name}
    settings["ingest"]["tables"]["plan_changes"] = {"sources": [source]}
    settings["learning"]["learners"] = ["tree", "boosting"]
    settings["evaluation"] = {"replicates": 50, "min_test_churners": 5}
    settings["targeting"] = {"least_profit": 0.1}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the deliveries of an operator whose lines move to cheaper plans."""
    folder = tmp_path_factory.mktemp("world")
    generate(
        folder, customers=900, months=12, seed=5, calls_per_month=0.2, dirty=False, downgrades=True
    )
    return folder


@pytest.fixture(scope="module")
def night(world: Path, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """Return its finished night, in English."""
    deployed = deployment(tmp_path_factory.mktemp("night") / "deployment", world, with_plan_changes)
    done = deployed.run("nightly")
    assert done.returncode == 0, done.stderr
    return deployed


def contacts(folder: Path) -> list[dict[str, str]]:
    """Return the list of a night."""
    return list(csv.DictReader(io.StringIO((folder / "targets.csv").read_text("utf-8-sig"))))


def test_a_downgrade_is_foreseen_and_stands_once_on_the_list(
    night: Deployment, world: Path, tmp_path: Path
) -> None:
    """The list answers it, chances come true in their order, and all of it adds up."""
    (folder,) = (night.workspace / "exports").iterdir()
    rows = contacts(folder)
    down = [row for row in rows if row["cause"] == "downgrade"]
    assert down
    assert {row["action"] for row in down} == {"plan_advice"}
    assert {row["decided_by"] for row in down} == {"risk_downgrade"}
    assert all(row["p_downgrade"] and row["reason_1"] and row["rule"] for row in down)
    assert len({row["subscriber_id"] for row in rows}) == len(rows)
    counts = json.loads((folder / "manifest.json").read_text("utf-8"))["counts"]
    assert counts["targets"]["listed_by_cause"]["downgrade"] == len(down)

    out = tmp_path / "scores.csv"
    assert night.run("score", "--out", str(out)).returncode == 0
    with out.open(encoding="utf-8") as file:
        scores = list(csv.DictReader(file))
    assert list(scores[0]) == ["subscriber_id", "p_active", "p_passive", "p_downgrade"]
    truth = pq.read_table(world / "truth" / "downgrades.parquet").to_pandas()
    last = truth[truth["snapshot"] == truth["snapshot"].max()]
    chances = last.set_index("subscriber_id")["p_downgrade"]
    scores.sort(key=lambda row: -float(row["p_downgrade"]))
    true = [chances.get(row["subscriber_id"], 0.0) for row in scores]
    assert sum(true[: len(true) // 10]) > 2 * sum(true) / 10


@pytest.mark.parametrize(
    ("language", "sheet", "word"),
    [("en", "Downgrades foreseen", "owngrade"), ("zh", "降档预警", "降档")],
)
def test_it_is_told_in_both_languages(
    night: Deployment, tmp_path: Path, language: str, sheet: str, word: str
) -> None:
    """Warned of in its sheet, shown on the page beside its model, told by `churn explain`."""
    told = night.copied(tmp_path / "told")
    told.change(lambda settings: settings.update(language=language))
    done = told.run("nightly")
    assert done.returncode == 0, done.stderr
    (root,) = (told.workspace / "exports").iterdir()
    folder = max([root, *root.glob("rev*")], key=lambda path: len(path.parts))
    counts = json.loads((folder / "manifest.json").read_text("utf-8"))["counts"]
    warned = openpyxl.load_workbook(folder / "expiring.xlsx")[sheet]
    assert warned.max_row - 2 == counts["early_warnings"]["downgrades_foreseen"] > 0
    assert word in (folder / "report.html").read_text("utf-8")
    (first, *_) = [row for row in contacts(folder) if row["cause"] == "downgrade"]
    explained = told.run("explain", first["subscriber_id"])
    assert explained.returncode == 0, explained.stderr
    assert word in explained.stdout
