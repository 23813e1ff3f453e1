"""The settings that are shipped read the extracts they are for."""

from __future__ import annotations

import json
import os
import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from churn.ingest import IngestSettings, check, deliveries, ingest
from churn.ingest.queries import FUNCTIONS
from churn.store import Workspace

SHIPPED = Path(__file__).parents[2] / "pipelines" / "settings"


def _load(name):
    content = yaml.safe_load((SHIPPED / name).read_text(encoding="utf-8"))
    return IngestSettings.model_validate(content["ingest"])


@pytest.mark.skipif(not os.environ.get("CHURN_PUBLIC_DATA"), reason="CHURN_PUBLIC_DATA is not set")
def test_interconnect_becomes_subscribers_and_their_events(tmp_path, engine):
    """7,043 contracts: everyone came, 1,869 left; what the cut froze is hidden before it."""
    settings = _load("interconnect.yaml")
    workspace = Workspace(tmp_path).open()
    report = ingest(settings, SHIPPED, workspace, engine, code_version="1")
    counts = {entry.table: (entry.accepted, entry.quarantined) for entry in report.built}
    assert counts == {"subscribers": (7043, 0), "status_events": (7043 + 1869, 0)}
    assert report.not_selected == 5174
    for delivery in deliveries(workspace):
        assert delivery.delivered_on == date(2020, 2, 1)
        assert (delivery.assumed_lag, delivery.covers_until) == (1, date(2020, 1, 31))
    registry = json.loads((workspace.tables / "deliveries.json").read_text(encoding="utf-8"))
    register = next(d for d in registry["deliveries"] if d["table"] == "subscribers")
    assert register["current_state"] == ["plan", "bundle"]
    assert set(register["refused"]) == {
        "TotalCharges",
        "MonthlyCharges",
        "PaymentMethod",
        "PaperlessBilling",
    }


def test_the_sample_is_as_its_settings_say():
    """Every file of the sample is named, encoded and headed as the settings read it."""
    findings = check(_load("sample.yaml"), SHIPPED)
    assert findings.summary().count("\n") <= 3
    assert findings.ok, findings.summary()


def test_the_examples_in_the_guide_are_sound():
    """What `docs/extracts.md` shows of wide files, extra columns and views can be copied."""
    page = (SHIPPED.parents[1] / "docs" / "extracts.md").read_text(encoding="utf-8")
    blocks = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]
    shown = {}
    for block in blocks:
        if not isinstance(block, dict) or ("subscribers" not in block and "arrears" not in block):
            continue
        shown |= block
    viewed = [block["ingest"] for block in blocks if "views" in block.get("ingest", {})]
    views = {name: view for each in viewed for name, view in each["views"].items()}
    tables = {name: table for each in viewed for name, table in each.get("tables", {}).items()}
    settings = IngestSettings.model_validate(
        {
            "folder": "extracts",
            "id_key": "a key for tests",
            "views": views,
            "tables": {**shown, **tables},
        }
    )
    assert [one.name for one in settings.attributes] == ["credit_limit", "sex"]
    assert len(settings.tables["arrears"].sources[0].rows()) == 2
    assert settings.views["people"].checked.outputs == ("id", "name")
    divided = settings.views["bills_of_lines"].checked
    assert divided.outputs == ("line", "month", "due_on", "amount")
    told = re.search(r"and the functions\n(.*?)\. So a view", page, re.DOTALL)
    assert told is not None
    assert re.findall(r"\w+", told[1].replace(" and ", ", ")) == list(FUNCTIONS)
