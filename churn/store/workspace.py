"""The workspace: the folder in which a deployment keeps everything it makes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from churn.errors import VersionError
from churn.store.atomic import storage_errors, write_json

if TYPE_CHECKING:
    from pathlib import Path

WORKSPACE_VERSION = 1


class Workspace:
    """The folders of a deployment.

    ``tables`` (canonical tables), ``personal`` (contact details, the map of identifiers, raw
    quarantined lines; closed to other users), ``stages`` (what each stage made), ``models`` (the
    bundle in place), ``exports`` (the lists), ``logs``.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.tables = root / "tables"
        self.personal = root / "personal"
        self.quarantine = self.personal / "quarantine"
        self.stages = root / "stages"
        self.models = root / "models"
        self.exports = root / "exports"
        self.logs = root / "logs"
        self.ledger = root / "ledger.sqlite"
        self._stamp = root / "workspace.json"

    def open(self) -> Workspace:
        """Create what is missing and refuse a workspace of another version.

        Raises
        ------
        VersionError
            If the workspace was written by another version.
        StorageError
            If it cannot be written.
        """
        with storage_errors("the workspace"):
            self.root.mkdir(parents=True, exist_ok=True)
            self._check_version()
            for folder in (self.tables, self.stages, self.models, self.exports, self.logs):
                folder.mkdir(exist_ok=True)
            self.personal.mkdir(mode=0o700, exist_ok=True)
            self.quarantine.mkdir(mode=0o700, exist_ok=True)
        return self

    def _check_version(self) -> None:
        if not self._stamp.exists():
            write_json(self._stamp, {"version": WORKSPACE_VERSION})
            return
        try:
            version = json.loads(self._stamp.read_text(encoding="utf-8")).get("version")
        except (ValueError, AttributeError):
            version = None
        if version != WORKSPACE_VERSION:
            raise VersionError(
                f"the workspace is of version {version}, this program writes {WORKSPACE_VERSION}",
                where="workspace.json",
                do="name a new workspace in the settings; it is rebuilt from the extracts",
            )
