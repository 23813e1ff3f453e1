"""Killed at any moment, the next run finishes with the same bytes as an undisturbed one."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from churn.sample import generate
from tests.pipelines.conftest import Deployment

KILLS = 30


@pytest.fixture(scope="module")
def short_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an operator of nine months, so that a night is short enough for thirty kills."""
    folder = tmp_path_factory.mktemp("short")
    generate(folder, customers=2000, months=9, seed=7, calls_per_month=1)
    return folder


def _shorten(settings: dict[str, Any], world: Path) -> None:
    """Let every stage work on little: what is tested is the resumption, not the model."""
    settings["ingest"]["folder"] = str(world / "extracts")
    for name in ("surveys", "visits", "faults", "service_orders", "complaints"):
        settings["ingest"]["tables"].pop(name)
    settings["time"] = {"lookback": 60}
    settings["panel"] = {"test": 1, "calibration": 1}
    settings["learning"] = {
        "min_events": 10,
        "learners": ["tree", "boosting"],
        "boosting": {"rounds": 20, "search": {"trials": 0}},
    }
    settings["evaluation"] = {"replicates": 20, "min_test_churners": 5}


@pytest.mark.acceptance
def test_a_killed_night_resumes_to_the_same_bytes(
    deploy: Callable[..., Deployment], short_world: Path
) -> None:
    """Thirty kills at random moments, each in a workspace of its own, then one run to the end."""

    def short(settings: dict[str, Any]) -> None:
        _shorten(settings, short_world)

    undisturbed = deploy(short)
    started = time.monotonic()
    done = undisturbed.run("nightly")
    assert done.returncode == 0, done.stderr
    length = time.monotonic() - started
    expected = undisturbed.exported()
    assert any(name.endswith("targets.xlsx") for name in expected)
    moments = random.Random(30)  # noqa: S311 - the moments only have to be spread
    landed = 0
    for _ in range(KILLS):
        night = deploy(short)
        process = subprocess.Popen(
            night.command("nightly"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(moments.uniform(0.2, length))
        process.send_signal(signal.SIGKILL)
        landed += process.wait() == -signal.SIGKILL
        done = night.run("nightly")
        assert done.returncode == 0, done.stderr
        assert night.exported() == expected
    # A kill after the end proves nothing; most must have hit a working night.
    assert landed >= KILLS * 2 // 3
