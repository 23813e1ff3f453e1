"""Real deliveries by settings only: a whole night on each, as an operator would run it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
import yaml

from tests.commands import churn
from tests.learners import QUICK
from tests.pipelines.conftest import WITHOUT_LIST

pytestmark = [
    pytest.mark.slow(100),
    pytest.mark.skipif(
        not os.environ.get("CHURN_PUBLIC_DATA"), reason="CHURN_PUBLIC_DATA is not set"
    ),
]

SHIPPED = Path(__file__).parents[2] / "pipelines" / "settings"
NOT_OUT_OF_TIME = "not out of time"
SECTIONS = {"open", "warnings", "accepted", "unmatched", "not_checked"}


@dataclass(frozen=True)
class Night:
    """What one `churn nightly` on shipped settings did."""

    settings: Path
    workspace: Path
    done: subprocess.CompletedProcess[str]

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another command on the same deployment."""
        return churn(*words, "--settings", self.settings)

    @property
    def exported(self) -> Path:
        """The folder that was handed over."""
        (folder,) = (self.workspace / "exports").iterdir()
        return folder

    @property
    def manifest(self) -> dict[str, Any]:
        """What the folder says about itself."""
        found: dict[str, Any] = json.loads((self.exported / "manifest.json").read_text("utf-8"))
        return found

    @property
    def report(self) -> dict[str, Any]:
        """What training found."""
        (path,) = (self.workspace / "stages" / "train").glob("*/report.json")
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return found

    def counts(self) -> dict[str, list[int]]:
        """Per table: delivered, accepted, quarantined and not selected, records times rows."""
        registry = json.loads((self.workspace / "tables" / "deliveries.json").read_text("utf-8"))
        told = ("delivered", "accepted", "quarantined", "not_selected")
        totals: dict[str, list[int]] = {}
        for entry in registry["deliveries"]:
            rows = [file for file in entry["files"] if file["role"] == "rows"]
            before = totals.get(entry["table"], [0, 0, 0, 0])
            totals[entry["table"]] = [
                total + sum(file[name] for file in rows)
                for total, name in zip(before, told, strict=True)
            ]
        return totals

    def rows(self, table: str) -> Any:
        """Return a canonical table as pandas."""
        return pq.read_table(self.workspace / "tables" / table).to_pandas()


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Night]:
    """Run the night of shipped settings once, in a workspace of its own."""
    done: dict[str, Night] = {}

    def run(name: str) -> Night:
        if name not in done:
            folder = tmp_path_factory.mktemp(name)
            settings = yaml.safe_load((SHIPPED / f"{name}.yaml").read_text("utf-8"))
            settings["workspace"] = "workspace"
            # capacity as it stands: how much harder a search makes it is no matter of a delivery
            careful = {"search": {"trials": 0}, "rebalancing": {"methods": ["none"]}}
            quick = {"boosting": careful, "network": QUICK["network"]}
            settings["learning"] = {**settings.get("learning", {}), **quick}
            path = folder / "churn.yaml"
            path.write_text(yaml.safe_dump(settings, allow_unicode=True), "utf-8")
            one = Night(path, folder / "workspace", subprocess.CompletedProcess([], 0))
            done[name] = Night(path, folder / "workspace", one.run("nightly"))
        return done[name]

    return run


def _notes(path: Path) -> str:
    """Return all text of a workbook."""
    book = openpyxl.load_workbook(path)
    cells = (cell for sheet in book for row in sheet.iter_rows() for cell in row)
    return "\n".join(str(cell.value) for cell in cells if cell.value is not None)


def test_credit_is_read_whole(night):
    """30,000 wide records: each becomes its rows, and every one of them is accounted for."""
    assert night("credit").done.returncode == 0, night("credit").done.stderr
    assert night("credit").counts() == {
        "subscribers": [30_000, 30_000, 0, 0],
        "attributes": [180_000, 180_000, 0, 0],
        "bills": [180_000, 180_000, 0, 0],
        "arrears": [180_000, 25_026, 0, 154_974],
        "status_events": [60_000, 36_636, 0, 23_364],
    }
    arrears = night("credit").rows("arrears")
    assert (arrears["days_overdue"] == 30 * arrears["bills_overdue"]).all()
    assert arrears["days_overdue"].between(30, 240).all()
    bills = night("credit").rows("bills")
    months = bills.groupby(bills["bill_month"].astype(str))["amount_paid"].count()
    assert months.to_dict() == {
        **{f"2005-0{month}-01": 30_000 for month in range(4, 9)},
        "2005-09-01": 0,  # paid in October, which the extract does not hold
    }


def test_credit_has_a_passive_head_and_says_why_the_other_is_off(night):
    """Skill and calibration on held-out customers; the extra columns are features."""
    heads = night("credit").report["heads"]
    assert heads["active"]["off"]["en"] == "active churn is not modelled by the settings"
    found = heads["passive"]["metrics"]["boosting"]
    assert found["roc_auc"]["lower"] > 0.76
    assert found["average_precision"]["lower"] > 0.5 > heads["passive"]["base_rate"]["test"]
    observed = found["observed_expected"]
    assert observed["lower"] < 1.05
    assert observed["upper"] > 0.95
    targets = pq.read_table(night("credit").exported / "targets.parquet").to_pandas()
    assert targets["p_active"].isna().all()
    assert set(targets["cause"]) == {"passive"}
    (panel,) = (night("credit").workspace / "stages" / "panel").glob("*/2005-10-01.parquet")
    columns = pq.read_table(panel, columns=["credit_limit", "education"]).to_pandas()
    assert columns["credit_limit"].between(10_000, 1_000_000).all()
    assert set(columns["education"]) == {"graduate school", "university", "high school", "other"}


def test_credit_says_everywhere_that_it_is_not_out_of_time(night):
    """One month of outcomes: customers are split, and nobody may take it for a forecast."""
    assert night("credit").report["panel"]["walk"]["order"] == "customer"
    assert NOT_OUT_OF_TIME in night("credit").done.stdout
    assert any(NOT_OUT_OF_TIME in note for note in night("credit").manifest["notes"])
    assert NOT_OUT_OF_TIME in _notes(night("credit").exported / "targets.xlsx")
    assert NOT_OUT_OF_TIME in (night("credit").exported / "report.html").read_text("utf-8")
    assert NOT_OUT_OF_TIME in night("credit").run("train").stdout


def test_credit_says_everywhere_that_availability_is_assumed(night):
    """Extracted at once: when its history had been available nobody recorded."""
    assumed = "Availability assumed, not recorded, for: subscribers, attributes, bills, arrears"
    assert night("credit").report["panel"]["availability_assumed"] == [
        "arrears",
        "attributes",
        "bills",
        "status_events",
        "subscribers",
    ]
    for command in ("check", "train"):
        assert assumed in night("credit").run(command).stdout
    assert any(assumed in note for note in night("credit").manifest["notes"])
    assert assumed in _notes(night("credit").exported / "targets.xlsx")
    assert assumed in (night("credit").exported / "report.html").read_text("utf-8")


def test_megaline_is_read_whole(night):
    """Three files make one table; days come first, minutes become seconds."""
    counts = night("megaline").counts()
    assert counts == {
        "subscribers": [500, 500, 0, 0],
        "attributes": [500, 500, 0, 0],
        "contact_details": [500, 500, 0, 0],
        "status_events": [1_000, 534, 0, 466],
        "calls": [318_611, 318_611, 0, 0],
    }
    calls = night("megaline").rows("calls")
    assert calls["kind"].value_counts().to_dict() == {
        "voice": 137_735,
        "data": 104_825,
        "sms": 76_051,
    }
    assert calls["seconds"].sum() == 55_749_011
    assert str(calls["started_at"].max()) == "2018-12-31 00:00:00"


def test_megaline_is_too_few_and_the_night_says_so(night):
    """Ingest, features and the notices are finished; no model, no list, exit code 13."""
    done = night("megaline").done
    assert done.returncode == 13
    too_few = "26 churners over all mature snapshots, fewer than the 100 needed"
    assert "no model passes the gate" in done.stderr
    assert f"active: off: {too_few}" in done.stderr
    assert "Traceback" not in done.stderr
    assert {path.name for path in night("megaline").exported.iterdir()} == WITHOUT_LIST | {
        "manifest.json"
    }
    manifest = night("megaline").manifest
    assert manifest["counts"]["targets"] is None
    assert "No target list tonight." in manifest["notes"]
    assert f"active: {too_few}" in manifest["notes"]
    assert f"active: {too_few}" in _notes(night("megaline").exported / "last_notices.xlsx")
    page = (night("megaline").exported / "report.html").read_text("utf-8")
    assert too_few in page
    assert night("megaline").report["panel"]["walk"]["order"] == "time"
    assert not (night("megaline").workspace / "models" / "champion").exists()


@pytest.mark.parametrize("name", ["interconnect", "credit", "megaline"])
def test_the_audit_of_shipped_settings_is_clean(night, name):
    """What they refuse and hide is enough: nothing is open, and nothing had to be accepted."""
    done = night(name).run("audit")
    assert done.returncode == 0, done.stderr
    (path,) = (night(name).workspace / "stages" / "audit").glob("*/audit.json")
    assert set(json.loads(path.read_text("utf-8"))) == SECTIONS
    assert not any(json.loads(path.read_text("utf-8")).values())


def test_interconnect_makes_its_list(night):
    """Four months of exits: trained, judged out of time, and a list with one head."""
    assert night("interconnect").done.returncode == 0, night("interconnect").done.stderr
    report = night("interconnect").report
    assert report["panel"]["walk"]["order"] == "time"
    assert report["heads"]["passive"]["off"]["en"].startswith("0 churners over all")
    found = report["heads"]["active"]["metrics"]["boosting"]
    assert found["roc_auc"]["lower"] > 0.75
    assert found["average_precision"]["lower"] > report["heads"]["active"]["base_rate"]["test"]
    assert NOT_OUT_OF_TIME not in night("interconnect").done.stdout
    targets = pq.read_table(night("interconnect").exported / "targets.parquet").to_pandas()
    assert set(targets["cause"]) == {"active"}
    assert night("interconnect").run("check").returncode == 0
