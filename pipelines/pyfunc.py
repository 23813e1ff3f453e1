"""The bundle as MLflow loads it: named as loader module when a training is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from churn.learning import Bundle
from pipelines.bundles import read_bundle

LIBRARIES = ("lightgbm", "numpy", "pandas", "pyarrow", "pydantic", "scikit-learn", "scipy")
"""What loading and scoring need beside this package."""


@dataclass(frozen=True)
class LoadedBundle:
    """A bundle behind MLflow's interface."""

    bundle: Bundle

    def predict(self, frame: pd.DataFrame, params: object = None) -> pd.DataFrame:  # noqa: ARG002 - MLflow's interface
        """Return :meth:`churn.learning.Bundle.score`, rule numbers as doubles.

        MLflow has no integers that may be missing.
        """
        scores = self.bundle.score(frame)
        rules = [name for name in scores if name.startswith("rule_")]
        return scores.astype(dict.fromkeys(rules, "float64"))


def _load_pyfunc(path: str) -> LoadedBundle:
    """Read the folder of a bundle; every file is checked against its manifest."""
    return LoadedBundle(read_bundle(Path(path)))
