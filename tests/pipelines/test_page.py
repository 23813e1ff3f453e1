"""The page of a night that ends without a list."""

from __future__ import annotations

import pytest

from churn.errors import ExtractError
from pipelines.export import export_notices
from pipelines.run import open_run
from tests.pipelines.conftest import WITHOUT_LIST, Deployment

pytestmark = [pytest.mark.slow, pytest.mark.few_tables]


def test_a_night_that_no_model_passes_says_why(refused: Deployment) -> None:
    """In the language of the settings, with the models that failed and the data."""
    (night,) = (refused.workspace / "exports").iterdir()
    page = (night / "report.html").read_text(encoding="utf-8")
    assert "今晚没有挽留名单。" in page
    assert "至少需要1,000,000" in page
    assert "模型是否可信" in page
    assert "数据截至" in page


def test_another_failure_is_told_beside_the_notices(
    copied: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And where the page itself cannot be made, the notices go out without it."""
    (copied.workspace / "exports").rename(copied.workspace / "exports-away")
    error = ExtractError("bills are too old", where="bills", do="deliver newer ones")
    with open_run(copied.settings) as run:
        night = run.night(None)
        first = export_notices(run, night, error)
        assert "bills are too old" in (first.folder / "report.html").read_text(encoding="utf-8")
        monkeypatch.setattr("pipelines.export.data_of", None)
        second = export_notices(run, night)
        assert {path.name for path in second.folder.iterdir()} == (
            WITHOUT_LIST - {"report.html"}
        ) | {"manifest.json"}
