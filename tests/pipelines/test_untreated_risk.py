"""Training on weighted campaign arms against the risk of leaving that no campaign has touched."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.acceptance
SCRIPT = Path(__file__).parents[2] / "benchmarks" / "backtest.py"


def test_weighted_training_is_nearer_to_the_untreated_risk(tmp_path: Path) -> None:
    """In every tenth with 400 events: nearer than all weights 1, and within 10 % of the truth."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--out", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert len(found["nights"]) == 12
    assert found["selected_share"] >= 0.1
    judged = [
        group
        for cause in ("active", "passive")
        for group in found[cause]["groups"]
        if group["events"] >= 400
    ]
    assert len(judged) >= 4
    assert all(group["nearer"] for group in judged), found
    assert all(group["off"] <= 0.1 for group in judged), found
