"""``churn check``: the settings and the head of every extract, before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import churn.ingest
from churn.errors import SettingsError
from pipelines.run import REQUIRED, settings_file
from pipelines.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path


def check(settings: Path | None) -> str:
    """Validate and return what was found, in lines.

    Raises
    ------
    SettingsError, ExtractError
        Everything that is wrong, each with its remedy; of the first one's kind.
    """
    path = settings_file(settings)
    loaded = load_settings(path)
    findings = churn.ingest.check(loaded.ingest, path.parent)
    missing = [name for name in REQUIRED if name not in loaded.ingest.tables]
    if missing:
        raise SettingsError(
            f"no sources for {' and '.join(missing)}, without which nobody can be scored",
            where=f"{path}: ingest.tables",
            do="name their files; docs/extracts.md tells how",
        )
    if findings.problems:
        first, *others = findings.problems
        do = "\n".join([first.do, *(f"error: {problem}" for problem in others)])
        raise type(first)(first.what, where=first.where, do=do)
    found = f"{findings.files:,} files in {findings.deliveries:,} deliveries can be read"
    return "\n".join([*findings.notes, f"{path}: sound; {found}"])
