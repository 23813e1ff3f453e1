"""``churn audit``, and the audit in training: what is open blocks, what is accepted does not."""

from __future__ import annotations

import gzip
import io
import json
import shutil

import pandas as pd
import pyarrow.parquet as pq
import pytest

from churn.features import complaints
from churn.store.stages import reseal
from pipelines.audit import SCORED, sample_of
from pipelines.run import open_run
from tests.deployments import few_tables
from tests.pipelines.conftest import WITHOUT_LIST

pytestmark = [pytest.mark.slow(90), pytest.mark.few_tables]

REASON = "the operator's own figure, written on the day it stands for"


@pytest.fixture(scope="session")
def leaking_world(small_world, tmp_path_factory):
    """Give each file of subscribers a column that tells who has left by the last of them."""
    folder = tmp_path_factory.mktemp("leaking") / "world"
    shutil.copytree(small_world, folder)
    files = sorted((folder / "extracts" / "subscribers").glob("*.csv.gz"))
    there = set(_read(files[-1])["subscriber_id"])
    for file in files:
        rows = _read(file)
        rows["final_state"] = [
            ("open" if one in there else "closed") for one in rows["subscriber_id"]
        ]
        text = io.StringIO()
        rows.to_csv(text, index=False)
        with gzip.open(file, "wt", encoding="utf-8", newline="") as written:
            written.write(text.getvalue())
    return folder


def _read(file, encoding="utf-8"):
    return pd.read_csv(file, dtype=str, keep_default_na=False, encoding=encoding)


def _with_final_state(world, *accepted):
    def change(settings):
        few_tables(settings)
        settings["ingest"]["folder"] = str(world / "extracts")
        (source,) = settings["ingest"]["tables"]["subscribers"]["sources"]
        source["extra"] = {
            "final_state": {"from": "final_state", "unit": "class", "en": "state", "zh": "状态"}
        }
        settings["audit"] = {
            "accept": [
                {"code": code, "column": column, "reason": REASON} for code, column in accepted
            ]
        }

    return change


def _report(deployment):
    (path,) = (deployment.workspace / "stages" / "train").glob("*/audit.json")
    return json.loads(path.read_text("utf-8"))


@pytest.fixture(scope="module")
def leaking_night(deploy_in, leaking_world, tmp_path_factory):
    """Return a deployment whose night a leak has ended, and what that night said."""
    folder = tmp_path_factory.mktemp("leaking_night") / "deployment"
    deployment = deploy_in(folder, leaking_world, _with_final_state(leaking_world))
    return deployment, deployment.run("nightly")


@pytest.fixture
def leaking(leaking_night, tmp_path):
    """Return a copy of that deployment that a test may change."""
    made, _ = leaking_night
    return made.copied(tmp_path / "leaking")


def test_a_leak_ends_the_night_with_its_name(leaking_night, leaking):
    """Exit 12 with code and column; no list and no model, the last notices are written."""
    _, done = leaking_night
    assert done.returncode == 12, done.stderr
    assert "1 open findings: LEAK304 final_state" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (leaking.workspace / "models" / "champion").exists()
    (folder,) = (leaking.workspace / "exports").iterdir()
    assert {path.name for path in folder.iterdir()} == WITHOUT_LIST | {"manifest.json"}
    notes = json.loads((folder / "manifest.json").read_text("utf-8"))["notes"]
    assert any("open: LEAK304 final_state" in note for note in notes)
    assert "LEAK304 final_state" in (folder / "report.html").read_text("utf-8")
    assert [finding["code"] for finding in _report(leaking)["open"]] == ["LEAK304"]
    assert leaking.run("train").returncode == 12
    audited = leaking.run("audit")
    assert audited.returncode == 12
    assert "open: LEAK304 final_state" in audited.stdout


def test_an_accepted_leak_is_told_and_does_not_block(leaking, leaking_world):
    """By name and with a reason it passes; the reason stands in the training and on the page."""
    accepted = ("LEAK304", "final_state"), ("LEAK305", "nothing")
    (leaking.workspace / "exports").rename(leaking.workspace / "exports-away")
    leaking.change(_with_final_state(leaking_world, *accepted))
    done = leaking.run("nightly")
    assert done.returncode == 0, done.stderr
    (folder,) = (leaking.workspace / "exports").iterdir()
    page = (folder / "report.html").read_text("utf-8")
    told = leaking.run("train").stdout
    audited = leaking.run("audit")
    assert audited.returncode == 0
    for text in (told, audited.stdout, page):
        assert "accepted: LEAK304 final_state" in text
        assert "written on the day it stands for" in text
        assert "nothing answers to it: LEAK305 nothing" in text
    assert [rule["figures"]["open_findings"] for rule in _audit_rules(leaking)] == [0, 0]


def _audit_rules(deployment):
    (path,) = (deployment.workspace / "stages" / "train").glob("*/report.json")
    heads = json.loads(path.read_text("utf-8"))["heads"]
    rules = [rule for head in heads.values() for rule in head["verdict"]["rules"]]
    return [rule for rule in rules if rule["code"] == "audit"]


def test_the_champion_goes_on_when_a_newer_model_leaks(few_finished, leaking):
    """A training that leaks takes nothing away, and the night's page says what stopped it."""
    for folder in ("models", "mlflow"):
        place = leaking.workspace / folder
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(few_finished.workspace / folder, place)
    before = (leaking.workspace / "models" / "champion" / "manifest.json").read_bytes()
    done = leaking.run("train")
    assert done.returncode == 0, done.stderr
    assert "open: LEAK304 final_state" in done.stdout
    assert (leaking.workspace / "models" / "champion" / "manifest.json").read_bytes() == before
    night = leaking.run("nightly")
    assert night.returncode == 0, night.stderr
    revisions = sorted((leaking.workspace / "exports").rglob("report.html"), key=str)
    assert "stopped a newer model" in revisions[-1].read_text("utf-8")


def test_a_clean_night_raises_nothing(finished):
    """The small world's own training: no finding, and the gate says so."""
    assert _report(finished) == {
        "open": [],
        "warnings": [],
        "accepted": [],
        "unmatched": [],
        "not_checked": [],
    }
    assert [rule["figures"]["open_findings"] for rule in _audit_rules(finished)] == [0, 0]


def test_what_a_night_scored_is_held_against_training(copied):
    """A file that turns up later and claims to have been there is named by what it moves."""
    extracts = copied.settings.parent / "extracts"

    def own_extracts(settings):
        shutil.copytree(settings["ingest"]["folder"], extracts)
        settings["ingest"]["folder"] = str(extracts)

    copied.change(own_extracts)
    older, before, _newest = sorted((extracts / "complaints").glob("*.csv.gz"))[-3:]
    delivered_on = before.name.split("_")[2].removesuffix(".csv.gz")
    night = f"{delivered_on[:4]}-{delivered_on[4:6]}-{delivered_on[6:]}"
    scored = copied.run("score", "--as-of", night)
    assert scored.returncode == 0, scored.stderr
    assert copied.run("audit").returncode == 0
    rows = _read(older, "gb18030")
    rows["投诉编号"] = [f"again{number}" for number in range(len(rows))]
    late = older.with_name(f"complaints_{older.name.split('_')[1]}_{delivered_on}.csv.gz")
    rows.to_csv(late, index=False, encoding="gb18030")
    assert copied.run("ingest").returncode == 0
    audited = copied.run("audit")
    assert audited.returncode == 12, audited.stdout
    lines = [line for line in audited.stdout.splitlines() if line.startswith("  open:")]
    found = {tuple(line.split()[1:3]) for line in lines}
    assert found
    told = {feature.name for feature in complaints.FAMILY.features} | {"household_complaints_180d"}
    assert found <= {("LEAK104", f"{name}:") for name in told}
    copied.change(lambda s: s["ingest"]["tables"]["complaints"].update(max_rejected=0.02))
    _no_evidence(copied)
    copied.change(lambda s: s["ingest"]["tables"]["complaints"].update(max_rejected=0.01))
    sample = copied.workspace / "stages" / "score" / night / SCORED
    with open_run(copied.settings) as run:
        run.__dict__["code_version"] = "another"
        rows = run.engine.from_arrow(pq.read_table(sample))
        pq.write_table(sample_of(run, rows), sample)
    reseal(sample.parent)
    _no_evidence(copied)


def _no_evidence(deployment):
    """Find that a night scored by another mapping or program tells nothing of training."""
    audited = deployment.run("audit")
    assert audited.returncode == 0, audited.stderr
    assert "LEAK104" not in audited.stdout
    assert "1 nights scored by another mapping, program or other definitions" in audited.stdout
