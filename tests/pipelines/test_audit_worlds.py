"""The audit on whole deliveries: nothing on clean ones, and what real columns do when let in.

The sample's is beside the notebooks, those of the real deliveries beside their nights, those of
ready-made tables beside their fits.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import yaml

from churn.audit import CODES
from churn.sample import generate
from tests.commands import churn

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "pipelines" / "settings"
PUBLIC = os.environ.get("CHURN_PUBLIC_DATA")
real = pytest.mark.skipif(not PUBLIC, reason="CHURN_PUBLIC_DATA is not set")
NOTHING = {"open": [], "warnings": [], "accepted": [], "unmatched": [], "not_checked": []}


def _audited(folder, settings):
    """Ingest and audit; return the exit code and what was found."""
    path = folder / "churn.yaml"
    path.write_text(yaml.safe_dump({**settings, "workspace": "ws"}, allow_unicode=True), "utf-8")
    assert churn("ingest", "--settings", path).returncode == 0
    done = churn("audit", "--settings", path)
    (found,) = (folder / "ws" / "stages" / "audit").glob("*/audit.json")
    return done, json.loads(found.read_text("utf-8"))


def _settings(name):
    return yaml.safe_load((SHIPPED / f"{name}.yaml").read_text("utf-8"))


def _found(told):
    return {(one["code"], one["subject"]) for one in told["open"]}


def test_every_code_is_explained():
    """Each code has its section, in the order of the codes, and no other has."""
    page = (ROOT / "docs" / "audit.md").read_text("utf-8")
    sections = [line.removeprefix("### ") for line in page.splitlines() if line.startswith("### ")]
    assert sections == list(CODES)
    assert all(code.anchor == f"docs/audit.md#{name.lower()}" for name, code in CODES.items())
    assert all(text for code in CODES.values() for text in (code.title.zh, code.remedy.zh))


@pytest.mark.acceptance
@pytest.mark.parametrize("seed", [11, 12, 13])
def test_generated_worlds_are_clean(seed, tmp_path):
    """Other operators of the same making raise nothing either."""
    generate(tmp_path / "world", customers=1500, months=14, seed=seed, calls_per_month=2)
    settings = _settings("sample")
    settings["ingest"]["folder"] = str(tmp_path / "world" / "extracts")
    settings["panel"] = {"test": 1, "calibration": 1}
    done, told = _audited(tmp_path, settings)
    assert done.returncode == 0, done.stderr
    assert told == NOTHING


@real
@pytest.mark.slow
def test_interconnect_without_its_exclusions(tmp_path):
    """The columns that the settings keep out are found by the audit alone.

    Total charges and the monthly charge leak only as a ratio, the end date by itself; type of
    contract and way of payment stand in one cut and rank leavers. How bills are sent and a second
    line rank them too weakly to be asked about.
    """
    settings = _settings("interconnect")
    (source,) = settings["ingest"]["tables"]["subscribers"]["sources"]
    source.pop("refused")
    source["nulls"] = ["", " "]  # a customer of the last month has no total yet

    def column(header, unit, **more):
        return {"from": header, "unit": unit, "en": header, "zh": header, **more}

    source["extra"] = {
        "total_charges": column("TotalCharges", "currency"),
        "monthly_charges": column("MonthlyCharges", "currency"),
        "payment_method": column("PaymentMethod", "class"),
        "paperless": column("PaperlessBilling", "class"),
        "end_date": column("EndDate", "class"),
    }
    load = source["initial_load"]
    load["constant"] = [*load["constant"], *load.pop("current_state"), *source["extra"]]
    done, told = _audited(tmp_path, settings)
    assert done.returncode == 12
    assert _found(told) == {
        ("LEAK303", "end_date"),
        ("LEAK309", "total_charges / monthly_charges"),
        ("LEAK108", "plan"),
        ("LEAK108", "payment_method"),
    }
    (ratio,) = (one["evidence"] for one in told["open"] if one["code"] == "LEAK309")
    assert ratio["alone"] < 0.7
    assert ratio["auc_lower"] > 0.95
