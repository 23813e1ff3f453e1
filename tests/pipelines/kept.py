"""A workspace that an earlier program finished, kept as it left it."""

from __future__ import annotations

import tarfile
from pathlib import Path

from tests.deployments import Deployment

KEPT = Path(__file__).parents[1] / "fixtures" / "workspace_77ecf1b" / "deployment.tar.xz"
NIGHT = "2024-05-01"
SCORES = Path("stages", "score", NIGHT, "scores.parquet")
"""Of that night, in the workspace."""


def unpacked(folder: Path) -> Deployment:
    """Unpack the workspace of commit 77ecf1b."""
    with tarfile.open(KEPT) as archive:
        archive.extractall(folder, filter="data")
    return Deployment(folder / "deployment" / "churn.yaml", folder / "deployment" / "workspace")
