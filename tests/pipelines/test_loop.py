"""A night, its hand-over, answers that come back, and what the next night knows of it."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.pipelines.conftest import Deployment

pytestmark = [pytest.mark.slow, pytest.mark.few_tables]


def test_the_loop_closes(copied: Deployment) -> None:
    """What was handed over rests the next night; what was answered binds the same one again.

    The file for the dialler is its owner's alone and names nobody that was spared; a "do not call"
    leaves its contact out of the revision, in which nobody else's arm has changed.
    """
    (folder,) = (copied.workspace / "exports").iterdir()
    night = date.fromisoformat(folder.name)
    assert (folder / "handover.csv").stat().st_mode & 0o077 == 0
    with (folder / "handover.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    assert set(rows[0]) == {
        "contact_id", "phone", "script", "priority", "valid_until", "calling_hours", "attempts",
    }  # fmt: skip
    kept = sorted((copied.workspace / "handed_over" / folder.name).glob("rev*"))
    record = pq.read_table(kept[0]).to_pandas()
    totals = json.loads((folder / "manifest.json").read_text("utf-8"))["counts"]["targets"]
    assert len(record) == totals["selected"]
    assert (record["arm"] == "control").sum() == totals["control"]

    tomorrow = (night + timedelta(days=1)).isoformat()
    done = copied.run("target", "--as-of", tomorrow)
    assert done.returncode == 0, done.stderr
    (stage,) = (copied.workspace / "stages" / "target").glob(f"{tomorrow}*")
    later = json.loads((stage / "totals.json").read_text("utf-8"))["totals"]
    assert later["not_selected"]["cool_down"] >= totals["selected"]
    moved = _moved_since(copied, tomorrow)
    assert (moved["since"], moved["again"]) == (folder.name, 0)
    assert sum(moved["became"].values()) == totals["listed"]
    assert sum(moved["listed"].values()) == later["listed"]

    back = copied.workspace / "back.csv"
    answers = "\n".join(f"{row['contact_id']},请勿致电" for row in rows[:1])
    back.write_text(f"联系编号,结果\n{answers}\n", encoding="gb18030")
    done = copied.run("feedback", str(back))
    assert done.returncode == 0, done.stderr
    assert "1 that bind the next hand-over" in done.stdout
    done = copied.run("export")
    assert done.returncode == 0, done.stderr
    with (folder / "rev2" / "handover.csv").open(encoding="utf-8-sig", newline="") as file:
        again = {row["contact_id"] for row in csv.DictReader(file)}
    assert rows[0]["contact_id"] not in again
    assert {row["contact_id"] for row in rows[1:]} <= again
    second = pq.read_table(kept[0].with_name("rev002.parquet")).to_pandas()
    assert not set(second["subscriber_id"]) & set(record["subscriber_id"])


def _moved_since(copied: Deployment, night: str) -> dict[str, Any]:
    """Hand over a later night; return what its manifest counts as moved, as its files tell it."""
    done = copied.run("export", "--as-of", night)
    assert done.returncode == 0, done.stderr
    folder = copied.workspace / "exports" / night
    moved: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))["counts"][
        "movements"
    ]
    page = (folder / "report.html").read_text("utf-8")
    assert f"Held against the list of {moved['since']}." in page
    assert "Lists of the last six months, so far" in page
    listed = pq.read_table(folder / "targets.parquet").to_pandas()["movement"].value_counts()
    assert {name: n for name, n in moved["listed"].items() if n} == listed.to_dict()
    return moved
