"""MLflow's own server on the recorded trainings: everything is found over HTTP, nothing stays."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
import yaml

from churn.errors import ModelError
from churn.tracking.registry import name_versions
from churn.tracking.server import served
from churn.tracking.views import address
from tests.tracking.conftest import copy_of

pytestmark = pytest.mark.slow
SAMPLE = Path(__file__).parents[2] / "pipelines" / "settings" / "sample.yaml"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
OPEN = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


@pytest.fixture(scope="module")
def store(tmp_path_factory, recorded):
    """Return a store with two months, the second in place."""
    made = copy_of(recorded, tmp_path_factory.mktemp("served")).open_to_write()
    name_versions(made, {"champion": 2, "challenger": 1})
    return made


@pytest.fixture(scope="module")
def pages(store, tmp_path_factory):
    """Serve the store as `make mlflow` does; return the lines that it says.

    SIGTERM ends it, and takes the server's processes along.
    """
    workspace = store.root.parent
    (workspace / "workspace.json").write_text('{"version": 1}', encoding="utf-8")
    settings = tmp_path_factory.mktemp("deployment") / "churn.yaml"
    shipped = yaml.safe_load(SAMPLE.read_text(encoding="utf-8"))
    settings.write_text(yaml.safe_dump({**shipped, "workspace": str(workspace)}), encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-m", "pipelines.ui", "--settings", str(settings), "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None
        try:
            lines = [process.stdout.readline() for _ in range(6)]
            yield lines
            group = _group_of(_address(lines))
        finally:  # or the end of the block would wait for it for ever
            process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 128 + signal.SIGTERM
    assert _alive(group) == [], "the server and its helpers are gone"


@pytest.fixture(scope="module")
def base(pages):
    """Return the address of the server."""
    return _address(pages)


def _address(lines: list[str]) -> str:
    (address,) = {re.search(r"http://[\d.:]+", line)[0] for line in lines if "http" in line}
    return address


def _group_of(base: str) -> str:
    port = base.rpartition(":")[2]
    found = subprocess.run(["ps", "-ewwo", "pgid,args"], capture_output=True, text=True, check=True)
    (group,) = {line.split()[0] for line in found.stdout.splitlines()
                if f"--port {port}" in line and "mlflow" in line}  # fmt: skip
    return group


def _alive(group: str) -> list[str]:
    found = subprocess.run(["ps", "-ewwo", "pgid,stat,args"], capture_output=True, text=True,
                           check=True)  # fmt: skip
    rows = [line.split(maxsplit=2) for line in found.stdout.splitlines()]
    return [row[2] for row in rows if row[0] == group and not row[1].startswith("Z")]


def _asked(base: str, path: str, content: object = None):
    data = None if content is None else json.dumps(content).encode()
    request = urllib.request.Request(  # noqa: S310 - loopback
        f"{base}/api/2.0/mlflow/{path}", data, {"content-type": "application/json"}
    )
    with OPEN(request, timeout=60) as answer:
        return json.load(answer)


def test_runs_metrics_and_champion_are_found_over_http(base, store, told, training):
    """All runs of both trainings, every figure of the report, the champion's version."""
    query = {"experiment_ids": [store.experiment.experiment_id], "max_results": 100}
    runs = _asked(base, "runs/search", query)["runs"]
    assert len(runs) == 2 * (1 + len(training.children))
    found = {run["info"]["run_name"]: run["data"] for run in runs}
    for cause, report in told.bundle.reports.items():
        for learner, metrics in report.metrics.items():
            data = found[f"{learner} 2024-10-01 {cause}"]
            logged = {one["key"]: one["value"] for one in data["metrics"]}
            for name, one in metrics.items():
                if one.value == one.value:
                    assert logged[name] == one.value
            tags = {one["key"]: one["value"] for one in data["tags"]}
            assert tags["head"] == cause
            assert tags["learner"] == learner
            assert tags["champion"] == ("yes" if learner == report.champion else "no")
    named = urllib.parse.urlencode({"name": "churn", "alias": "champion"})
    version = _asked(base, f"registered-models/alias?{named}")["model_version"]
    assert version["version"] == "2"
    tags = {one["key"]: one["value"] for one in version["tags"]}
    assert tags["bundle"] == told.model.fingerprint
    experiments = _asked(base, "experiments/search?max_results=10")["experiments"]
    assert [one["name"] for one in experiments] == ["churn"]


def test_the_comparison_opens_in_a_browser(base, store, tmp_path):
    """The view of active churn shows four learners of two months, and asks only this machine."""
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        pytest.skip("no Chromium here: MLflow's page was not opened in a browser")
    log = tmp_path / "net.json"
    page = f"{base}/{address(store.experiment.experiment_id, 'active', 'TABLE')}"
    done = subprocess.run(
        [
            *(browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
            *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
            *(f"--user-data-dir={tmp_path / 'profile'}", f"--log-net-log={log}"),
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            *("--window-size=1600,1000", "--virtual-time-budget=40000", "--dump-dom", page),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=180,
    )
    for learner in ("tree", "boosting", "network", "combination"):
        for month in ("2024-09-01", "2024-10-01"):
            assert f"{learner} {month} active" in done.stdout
    assert not re.search(r"(tree|boosting|network|combination) 2024-\d\d-01 passive", done.stdout)
    asked = set(re.findall(r'"url":"(https?://[^/"]+)', log.read_text("utf-8")))
    # the browser itself looks for updates and accounts, whatever it opens
    strangers = {one for one in asked if not one.endswith(("googleapis.com", ".google.com"))}
    assert strangers == {base}, "nobody else is asked"


def test_a_taken_port_is_told(base, store):
    """Another program would answer there in its place."""
    with (
        pytest.raises(ModelError, match="cannot be taken"),
        served(store, int(base.rpartition(":")[2])),
    ):
        pass


def test_the_pages_of_a_deployment_are_named_and_answer(pages, base):
    """`make mlflow`: where to look, and how to end it, on standard output."""
    names = ["trainings", "active churn", "passive churn", "models", "nights"]
    assert [line.partition("http")[0].strip() for line in pages] == [*names, "stop with Ctrl-C"]
    with OPEN(f"{base}/health", timeout=60) as answer:
        assert answer.status == 200
