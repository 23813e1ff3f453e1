"""A world in which lines move to cheaper tariffs, by chances that are told."""

from __future__ import annotations

import gzip
import io
from datetime import date

import numpy as np
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from churn.sample import generate

SIZE = {"customers": 3000, "months": 5, "seed": 4, "calls_per_month": 0.2, "dirty": False}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Return the folder of a world in which lines move down."""
    folder = tmp_path_factory.mktemp("moves")
    generate(folder, **SIZE, downgrades=True)
    return folder


def changes(folder):
    """Return all plan changes delivered, by why they happened."""
    paths = sorted((folder / "extracts" / "plan_changes").iterdir())
    read = [pacsv.read_csv(io.BytesIO(gzip.decompress(path.read_bytes()))) for path in paths]
    return [row for table in read for row in table.to_pylist()]


def test_moves_come_as_told(world):
    """Whom the truth says to move is delivered on the first of the next month, with a lower fee."""
    truth = pq.read_table(world / "truth" / "downgrades.parquet").to_pandas()
    asked = [row for row in changes(world) if row["reason"] == "asked"]
    assert all(row["fee_change"] < 0 and row["from_plan"] != row["to_plan"] for row in asked)
    delivered = {(str(row["subscriber_id"]), row["changed_on"]) for row in asked}
    told = truth[truth["downgraded"] & (truth["snapshot"] < date(2023, 5, 1))]
    after = [date(day.year, day.month + 1, 1) for day in told["snapshot"]]
    assert len(told) > 60
    assert set(zip(told["subscriber_id"], after, strict=True)) <= delivered


def test_the_chances_are_true_and_differ(world):
    """As many move as the chances add up to, and those of the highest far more often."""
    truth = pq.read_table(world / "truth" / "downgrades.parquet").to_pandas()
    expected, happened = truth["p_downgrade"].sum(), truth["downgraded"].sum()
    assert abs(happened - expected) < 3 * np.sqrt(expected)
    top = truth.nlargest(len(truth) // 20, "p_downgrade")
    assert top["downgraded"].sum() > 0.2 * happened
    assert 0.004 < truth["downgraded"].mean() < 0.03


def test_nobody_changes_its_tariff_unless_asked_for(tmp_path):
    """With additions alone, plan changes are discounts: never asked for, never another tariff."""
    generate(tmp_path, **{**SIZE, "customers": 300}, additions=True)
    found = changes(tmp_path)
    assert {row["reason"] for row in found} == {"other", "offer_ended"}
    assert not (tmp_path / "truth" / "downgrades.parquet").exists()
