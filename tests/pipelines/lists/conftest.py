"""A little operator whose every line has a story, and what its night hands over without a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.once import Once
from tests.pipelines.lists.world import DELIVERIES, NIGHT
from tests.pipelines.tiny import changed, deliver, hand_over


@pytest.fixture(scope="session")
def _made(once: Once) -> Path:
    """Return the operator's folder, its night handed over in both languages."""

    def make(folder: Path) -> None:
        settings = deliver(folder / "operator", DELIVERIES)
        hand_over(settings, NIGHT)
        with changed(settings, language="zh"):
            hand_over(settings, NIGHT)

    return once("little_operator", make) / "operator"


@pytest.fixture(scope="session")
def settings(_made: Path) -> Path:
    """Return the operator's settings file."""
    return _made / "churn.yaml"


@pytest.fixture(scope="session")
def english(_made: Path) -> Path:
    """Return the folder of the night in English."""
    return _made / "workspace" / "exports" / NIGHT.isoformat()


@pytest.fixture(scope="session")
def chinese(_made: Path) -> Path:
    """Return the folder of the night in Chinese."""
    return _made / "workspace" / "exports" / NIGHT.isoformat() / "rev2"
