"""``churn quarantine``: what was set aside, shown, and read again after a correction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from churn.errors import UsageError
from churn.ingest.corrections import Corrections
from churn.ingest.set_aside import (
    EVERYTHING,
    Aside,
    Selection,
    as_json_lines,
    corrected,
    read_corrections,
    records,
    set_aside,
)
from churn.report.terminal.quarantine import aside_lines, record_lines, replay_line
from churn.store.atomic import write_bytes
from pipelines.ingest import ingest
from pipelines.run import Run


def list_aside(run: Run, selection: Selection = EVERYTHING) -> str:
    """Return what is set aside, by table, delivery and rule, as lines."""
    return "\n".join(aside_lines(set_aside(run.workspace, selection), run.settings.language))


def show(run: Run, selection: Selection, limit: int) -> str:
    """Return records set aside as lines: where each stood, the rule, and the record as text."""
    asides = set_aside(run.workspace, selection)
    found = records(run.settings.ingest, run.base, asides)
    rest = sum(_counted(asides).values()) - limit
    lines = record_lines(list(islice(found, limit)), max(0, rest), run.settings.language)
    return "\n".join(lines)


def write(run: Run, selection: Selection, out: Path) -> str:
    """Write the records set aside to a file of JSON lines, to be corrected there."""
    asides = set_aside(run.workspace, selection)
    content = as_json_lines(records(run.settings.ingest, run.base, asides))
    write_bytes(out, content, mode=0o600)
    return f"{out}: {sum(_counted(asides).values()):,}"


def replay(run: Run, selection: Selection = EVERYTHING, file: Path | None = None) -> str:
    """Read what was set aside again, as the settings now say and as records were corrected.

    The deliveries are made again from their files, so that they are what they would have been had
    they been right at once. With nothing new, nothing changes.

    Parameters
    ----------
    file
        Corrected records, as :func:`write` wrote them.

    Raises
    ------
    ChurnError
        As ingest; what was corrected is kept all the same.
    """
    with run.stages.noted("replay", None) as note:
        before = _counted(_still(run, selection))
        new = 0
        if file is not None:
            personal = run.workspace.personal
            kept, new = corrected(
                run.settings.ingest,
                run.base,
                set_aside(run.workspace),
                Corrections.read(personal),
                read_corrections(file),
            )
            if new:
                kept.write(personal)
        report = ingest(run)
        after = _counted(_still(run, selection))
        said = replay_line(new, before, after, report.accepted).of(run.settings.language)
        if report.unchanged:
            note.skip(said)
        else:
            note.text = said
        return said


def _counted(asides: Sequence[Aside]) -> Counter[str]:
    return sum((Counter(aside.counts) for aside in asides), Counter())


def _still(run: Run, selection: Selection) -> list[Aside]:
    try:
        return set_aside(run.workspace, selection)
    except UsageError:  # nothing of what was selected is set aside any more
        return []
