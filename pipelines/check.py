"""``churn check``: the settings and the head of every extract, before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import churn.ingest
from pipelines.run import settings_file
from pipelines.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path


def check(settings: Path | None) -> str:
    """Validate and return what was found, in lines.

    Raises
    ------
    SettingsError, ExtractError
        At what is wrong, with its remedy.
    """
    path = settings_file(settings)
    loaded = load_settings(path)
    findings = churn.ingest.check(loaded.ingest, path.parent)
    findings.require()
    found = f"{findings.files:,} files in {findings.deliveries:,} deliveries can be read"
    return "\n".join([*findings.notes, f"{path}: sound; {found}"])
