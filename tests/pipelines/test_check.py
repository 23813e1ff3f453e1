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
