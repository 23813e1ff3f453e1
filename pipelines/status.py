"""``churn status``: the ledger of runs, readable while another run works."""

from __future__ import annotations

from pathlib import Path

from churn.report.terminal.status import ledger_lines
from churn.store import Workspace
from churn.store.ledger import Ledger
from pipelines.run import settings_file
from pipelines.settings import load_settings


def status(settings: Path | None, last: int) -> str:
    """Return the latest stages as lines; takes no lock, makes no workspace."""
    path = settings_file(settings)
    workspace = Workspace(path.parent / load_settings(path).workspace)
    workspace.check_version()
    return "\n".join(ledger_lines(Ledger(workspace.ledger, "status").entries(last)))
