"""``churn check``: the settings and the head of the extracts, before anything is written."""

from __future__ import annotations

from pathlib import Path

import churn.ingest
from churn.errors import ExtractError, SettingsError
from churn.ingest import Findings
from churn.ingest.corrections import Corrections
from churn.report.notes import availability_note
from churn.states import StateSettings, require_known_codes
from churn.store import Workspace
from pipelines.run import REQUIRED, settings_file
from pipelines.settings import load_settings


def check(settings: Path | None, *, columns: bool = False) -> str:
    """Validate and return what was found, in lines.

    What is wrong is raised as one error of the first one's kind, each with its remedy.

    Parameters
    ----------
    columns
        Whether to tell how each column was read as well.
    """
    path = settings_file(settings)
    loaded = load_settings(path)
    personal = Workspace(path.parent / loaded.workspace).personal
    findings = churn.ingest.check(loaded.ingest, path.parent, Corrections.read(personal))
    missing = [name for name in REQUIRED if name not in loaded.ingest.tables]
    if missing:
        raise SettingsError(
            f"no sources for {' and '.join(missing)}, without which nobody can be scored",
            where=f"{path}: ingest.tables",
            do="name their files; docs/extracts.md tells how",
        )
    problems = [*findings.problems, *_state_codes(findings, loaded.states)]
    if problems:
        first, *others = problems
        do = "\n".join([first.do, *(f"error: {problem}" for problem in others)])
        raise type(first)(first.what, where=first.where, do=do)
    loads = {
        name
        for name, mapping in loaded.ingest.mappings.items()
        if any(source.initial_load for source in mapping.sources)
    }
    assumed = availability_note(loads)
    notes = [*findings.notes, *([assumed.en] if assumed else [])]
    readable = f"{findings.files:,} files in {findings.deliveries:,} deliveries can be read"
    lines = [each.line for each in findings.columns] if columns else []
    told = [line.zh if loaded.language == "zh" else line.en for line in lines]
    return "\n".join([*told, *notes, f"{path}: sound; {readable}"])


def _state_codes(findings: Findings, settings: StateSettings) -> list[ExtractError]:
    """Return the error of state codes without a meaning among the first rows, if there are any."""
    counts = findings.counted("status_events", "status")
    try:
        require_known_codes(
            {code: rows for code, rows in counts.items() if code not in settings.codes},
            where="status_events, first rows of the newest file",
        )
    except ExtractError as error:
        return [error]
    return []
