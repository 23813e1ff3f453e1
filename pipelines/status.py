"""``churn status``: the ledger of runs, readable while another run works."""

from __future__ import annotations

from pathlib import Path

from churn.store import Workspace
from churn.store.ledger import Ledger
from pipelines.run import settings_file
from pipelines.settings import load_settings


def status(settings: Path | None, last: int) -> str:
    """Return the latest stages as lines; takes no lock, makes no workspace."""
    path = settings_file(settings)
    workspace = Workspace(path.parent / load_settings(path).workspace)
    workspace.check_version()
    entries = Ledger(workspace.ledger, "status").entries(last)
    if not entries:
        return "nothing has run in this workspace yet"
    lines = [f"{'started (UTC)':<20} {'command':<14} {'stage':<8} {'night':<11} {'state':<8} note"]
    lines += [
        f"{entry.started_at[:19]:<20} {entry.command:<14} {entry.stage:<8} "
        f"{entry.as_of or '':<11} {entry.state:<8} {entry.note}".rstrip()
        for entry in entries
    ]
    return "\n".join(lines)
