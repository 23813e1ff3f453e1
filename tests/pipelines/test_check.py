"""`churn check` on little extracts: what it says before anything is ingested."""

from __future__ import annotations

from pathlib import Path

import pytest

from churn.errors import ExtractError
from pipelines.check import check
from pipelines.init import init

SUBSCRIBERS = "subscriber_id,product,activated_on\nA1,mobile,2020-01-01\n"
STATUS = "subscriber_id,effective_at,status\n"


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """Return the folder of a new deployment with its subscribers."""
    folder = tmp_path / "company"
    init(folder)
    path = folder / "extracts" / "subscribers_202501_20250201.csv"
    path.write_text(SUBSCRIBERS, encoding="utf-8")
    return folder


def _events(company: Path, rows: str) -> None:
    path = company / "extracts" / "status_events_202501_20250201.csv"
    path.write_text(STATUS + rows, encoding="utf-8")


def test_a_state_code_without_a_meaning_is_told(company: Path) -> None:
    """The first rows are enough to see it; nothing is written."""
    _events(company, "A1,2020-01-01 00:00:00,在用\n" + "A2,2020-01-01 00:00:00,冬眠\n" * 3)
    with pytest.raises(ExtractError) as caught:
        check(company / "churn.yaml")
    assert "a status code has no meaning: 冬眠 (3 rows)" in caught.value.what
    assert "states.codes" in caught.value.do
    assert list((company / "workspace").iterdir()) == []


def test_everything_is_told_at_once(company: Path) -> None:
    """A code not listed, a wrong format and a state without a meaning stand in one answer."""
    _events(company, "A1,2020-01-01 00:00:00,休眠\n" * 2 + "A1,2020-01-01 00:00,在用\n")
    (company / "extracts" / "subscribers_202501_20250201.csv").write_text(
        SUBSCRIBERS.replace("mobile", "手机"), encoding="utf-8"
    )
    with pytest.raises(ExtractError) as caught:
        check(company / "churn.yaml")
    told = str(caught.value)
    assert "1 of the first 1 rows fail SUBS" in told
    assert "1 of the first 3 rows fail STAT003" in told
    assert "休眠 (2 rows)" in told


def test_sound_extracts_are_called_sound(company: Path) -> None:
    """Codes in common use need no settings."""
    _events(company, "A1,2020-01-01 00:00:00,在用\n")
    assert "sound; 2 files in 2 deliveries can be read" in check(company / "churn.yaml")


def test_how_each_column_was_read_is_listed_on_request(company: Path) -> None:
    """Header, way with an example that is made up, share with a value; codes as they are."""
    _events(company, "A1,2020-01-01 00:00:00,在用\nA1,2020-02-01 00:00:00,双停\n")
    path = company / "churn.yaml"
    columns = (
        "columns: {product: {from: kind, codes: {M: mobile, F: fixed, B: broadband}},"
        ' activated_on: {from: since, format: "%d.%m.%y"}}'
    )
    text = path.read_text(encoding="utf-8").replace("columns: {}", columns, 1)
    path.write_text(text, encoding="utf-8")
    subscribers = company / "extracts" / "subscribers_202501_20250201.csv"
    subscribers.write_text("subscriber_id,kind,since\nA1,M,05.03.20\nA2,F,\n", encoding="utf-8")
    lines = check(path, columns=True).splitlines()
    assert lines[:3] == [
        "subscribers.subscriber_id <- subscriber_id: an id, hashed; 100.0% filled",
        "subscribers.product <- kind: codes M -> mobile, F -> fixed and 1 more; 100.0% filled",
        "subscribers.activated_on <- since: as %d.%m.%y (31.12.24 -> 2024-12-31); 50.0% filled",
    ]
    assert "status_events.status <- status: text as it stands; 100.0% filled" in lines
    assert "A1" not in "".join(lines)
    path.write_text(text.replace("language: en", "language: zh", 1), encoding="utf-8")
    assert check(path, columns=True).startswith("subscribers.subscriber_id <- subscriber_id：编号")


def test_examples_of_ways_are_read_as_they_say(company: Path) -> None:
    """Units, signs of numbers, moments without seconds: the example is what ingest makes of it."""
    _events(company, "A1,2020-01-01 00:00:00,在用\n")
    path = company / "churn.yaml"
    more = """
    calls:
      sources:
        - files: "calls_*.csv"
          name: "calls_{period}_{delivered_on}.csv"
          columns:
            started_at: {from: at, format: "%d/%m/%Y %H:%M"}
            seconds: {from: min, unit: minutes, decimal: ",", round: true}
"""
    text = path.read_text(encoding="utf-8").replace("\n# states:", more + "\n# states:", 1)
    path.write_text(text, encoding="utf-8")
    calls = company / "extracts" / "calls_202501_20250201.csv"
    calls.write_text('subscriber_id,at,min\nA1,05/01/2025 10:00,"1,5"\n', encoding="utf-8")
    lines = check(path, columns=True).splitlines()
    way = "as %d/%m/%Y %H:%M (31/12/2024 15:04 -> 2024-12-31 15:04:00)"
    assert f"calls.started_at <- at: {way}; 100.0% filled" in lines
    assert "calls.seconds <- min: as 1234,5 minutes -> 74070 seconds; 100.0% filled" in lines
