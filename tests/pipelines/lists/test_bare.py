"""An operator that delivers subscribers and their states, and nothing else."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from pipelines.run import open_run
from pipelines.standing import Records, accounts, early_warnings, indicators, service
from tests.pipelines.conftest import WITHOUT_LIST
from tests.pipelines.tiny import deliver, hand_over, sheet_rows, texts

NIGHT = date(2025, 3, 10)
DAY = "2025-03-09"


def test_every_list_is_written_of_two_tables(tmp_path: Path) -> None:
    """Nothing is gathered in vain: what is not known is said, not guessed, and nothing fails."""
    settings = deliver(
        tmp_path / "bare",
        {
            "subscribers": {DAY: [{"subscriber_id": "s1", "activated_on": "2020-01-01"}]},
            "status_events": {
                DAY: [
                    {
                        "subscriber_id": "s1",
                        "effective_at": "2025-03-01 00:00:00",
                        "status": "在用",
                    }
                ]
            },
        },
    )
    folder = hand_over(settings, NIGHT)
    with open_run(settings) as run:
        records = Records(run, NIGHT)
        for gather in (early_warnings, accounts, indicators, service):
            assert gather(records) is not None
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert set(manifest["files"]) == WITHOUT_LIST
    assert manifest["counts"]["early_warnings"] == {
        "expiring": 0, "expiring_by_commitment": {}, "silent": None, "port_queries": None,
        "downgrades": None,
    }  # fmt: skip
    assert manifest["counts"]["key_accounts"]["accounts"] == 0
    assert manifest["counts"]["service"]["callbacks"] == 0
    assert sheet_rows(folder / "key_accounts.xlsx") == []
    assert "No records of use were delivered" in texts(folder / "expiring.xlsx", "About")
    defined = texts(folder / "kpis.xlsx", "Definitions")
    for table in ("port-out queries", "plan changes"):
        assert f"Not delivered, so not told: {table}." in defined
