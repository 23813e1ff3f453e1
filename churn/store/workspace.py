"""The workspace: the folder in which a deployment keeps everything it makes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from churn.errors import VersionError
from churn.store.atomic import mend, storage_errors, write_json
from churn.store.lock import held_folder, is_held

WORKSPACE_VERSION = 1


class Workspace:
    """The folders of a deployment.

    ``tables`` (canonical tables), ``personal`` (contact details, the map of identifiers, raw
    quarantined lines, what engines spill, a reader's apart; closed to other users), ``stages``
    (what each stage made), ``models`` (the bundle in place), ``exports`` (the lists),
    ``backtests`` (replays of past nights), ``profiles`` (pages of single deliveries),
    ``handed_over`` (who was selected in which revision, for ever), ``sums`` (of large deliveries,
    by subscriber and day), ``logs``, ``mlflow`` (what is tracked of trainings), ``trials`` (what a
    training has tried so far; gone when it is done).
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.tables = root / "tables"
        self.personal = root / "personal"
        self.quarantine = self.personal / "quarantine"
        self.spill = self.personal / "spill"
        self.readers = self.personal / "readers"
        self.stages = root / "stages"
        self.models = root / "models"
        self.exports = root / "exports"
        self.backtests = root / "backtests"
        self.profiles = root / "profiles"
        self.handed_over = root / "handed_over"
        self.sums = root / "sums"
        self.logs = root / "logs"
        self.tracking = root / "mlflow"
        self.trials = root / "trials"
        self.ledger = root / "ledger.sqlite"
        self._stamp = root / "workspace.json"

    @property
    def made(self) -> bool:
        """Whether any run has worked here yet."""
        return self._stamp.exists()

    def open(self) -> Workspace:
        """Create what is missing, if the version is right; only for who holds the lock."""
        with storage_errors("the workspace"):
            self.root.mkdir(parents=True, exist_ok=True)
            self.check_version()
            if not self.made:
                write_json(self._stamp, {"version": WORKSPACE_VERSION})
            for folder in (self.tables, self.stages, self.models, self.exports, self.logs):
                folder.mkdir(exist_ok=True)
            self.personal.mkdir(mode=0o700, exist_ok=True)
            self.quarantine.mkdir(mode=0o700, exist_ok=True)
        return self

    def mend(self) -> None:
        """Undo what a killed run left half-done; only for who holds the lock."""
        for folder in (self.stages, self.models, self.exports, self.backtests, self.handed_over):
            mend(folder)
        with storage_errors("the workspace"):
            shutil.rmtree(self.spill, ignore_errors=True)
            for folder in self.readers.glob("*"):
                if not is_held(folder):
                    shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def reader(self) -> Iterator[Path]:
        """Make a folder for what a reader's engine spills: no run mends it while it is held.

        One that a killed reader left behind goes with the next run.
        """
        with storage_errors("the workspace"):
            self.readers.mkdir(mode=0o700, parents=True, exist_ok=True)
        with held_folder(self.readers) as folder:
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def check_version(self) -> None:
        """Refuse a workspace of another version; touches nothing.

        Raises
        ------
        VersionError
            If the workspace was written by another version.
        """
        if not self.made:
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
