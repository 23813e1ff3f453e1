"""What was found of deliveries and can be found again, kept beside the tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from churn.store import Workspace
from churn.store.atomic import storage_errors

FOLDER = "profiles"


def place(workspace: Workspace, name: str) -> Path:
    """Return the file in which a kind of finding about all deliveries is kept: the latest alone."""
    return workspace.tables / FOLDER / f"{name}.json"


def keep(path: Path, content: dict[str, Any]) -> None:
    """Keep ``content``, its ``version`` among it: whole or absent, but not before power fails."""
    with storage_errors(path.name):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.partial")
        partial.write_text(json.dumps(content, ensure_ascii=False, sort_keys=True), "utf-8")
        partial.replace(path)


def read(path: Path, version: int | str) -> dict[str, Any] | None:
    """Return what was kept; None where nothing whole of that version is there."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    known: dict[str, Any] | None = content if content.get("version") == version else None
    return known
