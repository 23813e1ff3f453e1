"""The page of a night that ends without a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Deployment


def _nothing_passes(settings: dict[str, Any]) -> None:
    settings["language"] = "zh"
    settings["learning"]["min_events"] = 60
    settings["evaluation"] = {"min_test_churners": 1_000_000}


@pytest.mark.slow
def test_a_night_that_no_model_passes_still_has_a_page(deploy: Callable[..., Deployment]) -> None:
    """It says why and shows the models that failed; nobody is on a list; again: no revision."""
    deployment = deploy(_nothing_passes)
    first = deployment.run("nightly")
    assert first.returncode == 13, first.stderr
    (folder,) = (deployment.workspace / "exports").iterdir()
    assert {path.name for path in folder.iterdir()} == {
        "report.html",
        "last_notices.xlsx",
        "manifest.json",
    }
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "今晚没有挽留名单。" in page
    assert "至少需要 1,000,000 个" in page
    assert "模型是否可信" in page
    before = deployment.exported()
    assert deployment.run("nightly").returncode == 13
    assert deployment.exported() == before
