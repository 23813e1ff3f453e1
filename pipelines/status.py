"""``churn status``: the ledger of runs, readable while another run works, and the disk."""

from __future__ import annotations

from pathlib import Path

from churn.language import Language, Text
from churn.report.terminal.status import ledger_lines
from churn.store import Workspace
from churn.store.ledger import Ledger
from pipelines.run import settings_file
from pipelines.settings import load_settings
from pipelines.workspace.kinds import KINDS, disk_use

DISK = Text("disk: {size:,.1f} MB, of which", "磁盘：{size:,.1f} MB，其中")


def status(settings: Path | None, last: int, stage: str | None = None) -> str:
    """Return the latest stages and the disk used, as lines; takes no lock, makes no workspace.

    With ``stage`` the latest of that one alone: ``promotion`` tells every decision about a model.
    """
    path = settings_file(settings)
    chosen = load_settings(path)
    workspace = Workspace(path.parent / chosen.workspace)
    workspace.check_version()
    entries = Ledger(workspace.ledger, "status").entries(last, stage)
    return "\n".join([*ledger_lines(entries), *_disk_lines(workspace, chosen.language)])


def _disk_lines(workspace: Workspace, language: Language) -> list[str]:
    """Tell what each kind takes of the disk; nothing where nothing is there."""
    sizes = disk_use(workspace)
    if not sizes:
        return []
    total = DISK.of(language).format(size=sum(sizes.values()) / 1e6)
    parts = [f"{KINDS[kind].of(language)} {size / 1e6:,.1f}" for kind, size in sizes.items()]
    return ["", total, "    " + ", ".join(parts)]
