"""A night, its hand-over, answers that come back, and what the next night knows of it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from churn.sample import generate
from tests.deployments import FEW_TABLES
from tests.pipelines.conftest import Deployment

pytestmark = pytest.mark.slow


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


@pytest.mark.acceptance
def test_what_a_list_changed_stands_on_a_later_nights_page(
    deploy_in: Callable[..., Deployment], tmp_path: Path
) -> None:
    """From files to figures: a night, its dialler's file filled in and taken back, four months on.

    Half of the first list is left alone. Deliveries made since arrive; who was selected counts by
    the arm it was drawn into, whatever was answered. The later list reckons with what was measured.
    """
    world = tmp_path / "world"
    generate(world, customers=3000, months=19, seed=7, calls_per_month=1)
    night, later = date(2024, 4, 1), date(2024, 8, 1)
    kept = _after(world / "extracts", night)
    first = deploy_in(tmp_path / "deployment", world, _a_programme_that_learns)

    done = first.run("nightly")
    assert done.returncode == 0, done.stderr
    folder = first.workspace / "exports" / night.isoformat()
    with (folder / "handover.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    given = ["接受", "拒绝", "未接通", ""]
    with (tmp_path / "back.csv").open("w", encoding="gb18030", newline="") as file:
        back = csv.writer(file)
        back.writerow(["联系编号", "结果"])
        back.writerows([row["contact_id"], given[n % 4]] for n, row in enumerate(rows))
    done = first.run("feedback", str(tmp_path / "back.csv"))
    assert done.returncode == 0, done.stderr
    (record,) = (first.workspace / "handed_over" / night.isoformat()).glob("rev*.parquet")
    drawn = pq.read_table(record).to_pandas()
    arms = drawn[drawn["action"] == "offer"]["arm"].value_counts()
    assert arms.min() >= 20

    for path, place in kept.items():
        path.rename(place)
    done = first.run("nightly")
    assert done.returncode == 0, done.stderr
    exported = first.workspace / "exports" / later.isoformat()
    totals = json.loads((exported / "manifest.json").read_text("utf-8"))["counts"]["targets"]
    (offer,) = (each for each in totals["effects"] if each["action"] == "offer")
    assert (offer["treated"], offer["control"]) == (arms["treated"], arms["control"])
    assert offer["verdict"] in {"helps", "harms", "not_proven"}
    page = (exported / "report.html").read_text("utf-8")
    assert f"{arms['treated']:,} / {arms['control']:,}" in page
    assert "Lists of the last six months, so far" in page
    told = first.run("uplift").stdout
    assert f"{arms['treated']:,} / {arms['control']:,}" in told


def _after(extracts: Path, night: date) -> dict[Path, Path]:
    """Put aside what is delivered after a night; return where each file lies and where it lay."""
    kept = {}
    for place in sorted(extracts.rglob("*.csv.gz")):
        if place.name.removesuffix(".csv.gz").rsplit("_", 1)[1] > night.strftime("%Y%m%d"):
            aside = extracts.parent / "later" / place.relative_to(extracts)
            aside.parent.mkdir(parents=True, exist_ok=True)
            kept[place.rename(aside)] = place
    return kept


def _a_programme_that_learns(settings: dict[str, Any]) -> None:
    """Let no campaign but our own be on record, and half of many be left alone."""
    tables = settings["ingest"]["tables"]
    few = [name for name in FEW_TABLES if name != "campaign_contacts"]
    settings["ingest"]["tables"] = {name: tables[name] for name in few}
    settings["targeting"] = {
        "control_share": 0.5,
        "least_profit": -9.0,
        "budget": {
            "month": 100_000,
            "nights_per_month": 1,
            "max_contacts": 1_500,
            "channel_capacity": {"sms": 0},
        },
    }
