"""The composition root: settings, workspace, engine and tables of one run, built once."""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import churn
from churn.engines import connect
from churn.ingest import deliveries
from churn.store import Workspace
from churn.store.hashing import fingerprint, sha256_file, sources_fingerprint
from churn.store.ledger import Ledger
from churn.store.lock import exclusive
from churn.store.stages import Stages
from churn.tables import Tables
from pipelines.console import Console
from pipelines.defects import as_user_error
from pipelines.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from pydantic import BaseModel

    from churn.engines import Engine

REQUIRED = ("subscribers", "status_events")


def settings_file(given: Path | None) -> Path:
    """Return the settings file: the one given, else ``CHURN_SETTINGS``, else ``churn.yaml``."""
    return given or Path(os.environ.get("CHURN_SETTINGS") or "churn.yaml")


class Run:
    """Everything a recipe needs, built from one settings file.

    Parameters
    ----------
    settings
        The whole deployment.
    base
        The settings file's folder; relative paths in the settings start there.
    command
        The command for the ledger.
    """

    def __init__(
        self,
        settings: Settings,
        base: Path,
        *,
        command: str = "api",
        console: Console | None = None,
    ) -> None:
        self.settings = settings
        self.base = base
        self.console = console or Console()
        self.workspace = Workspace(base / settings.workspace).open()
        self.ledger = Ledger(self.workspace.ledger, command)

    @cached_property
    def engine(self) -> Engine:
        """The engine, opened when first asked for."""
        return connect(self.settings.engine)

    @cached_property
    def code_version(self) -> str:
        """One hash over the library and the recipes."""
        return sources_fingerprint(Path(churn.__file__).parent, Path(__file__).parent)

    @cached_property
    def ingest_version(self) -> str:
        """One hash over what reads and stores extracts: other changes do not ingest anew."""
        library = Path(churn.__file__).parent
        return sources_fingerprint(*(library / name for name in ("ingest", "tables", "engines")))

    @cached_property
    def feature_version(self) -> str:
        """One hash over the feature definitions: a model fits no others."""
        return sources_fingerprint(Path(churn.__file__).parent / "features")

    @cached_property
    def stages(self) -> Stages:
        """The runner of stages."""
        return Stages(self.workspace.stages, self.ledger, self.code_version, self.console.stage)

    @property
    def tables(self) -> Tables:
        """The canonical tables as ingested so far."""
        return Tables(self.engine, deliveries(self.workspace))

    @property
    def tables_hash(self) -> str:
        """One hash over all that was ingested."""
        registry = self.workspace.tables / "deliveries.json"
        return sha256_file(registry) if registry.exists() else fingerprint(None)

    @cached_property
    def settings_fingerprint(self) -> str:
        """One hash over the settings, without the places of workspace and extracts."""
        content = self.settings.model_dump(mode="json", exclude={"workspace": True})
        content["ingest"].pop("folder")
        return fingerprint(content)

    def night(self, as_of: date | None) -> date:
        """Return the night to work for: the one given, else the latest that deliveries cover."""
        return as_of or self.tables.latest_night(REQUIRED)

    def used(self, *sections: BaseModel) -> list[dict[str, Any]]:
        """Return settings sections as a fingerprint sees them."""
        return [section.model_dump(mode="json") for section in sections]

    def close(self) -> None:
        """Close the engine if it was opened."""
        if "engine" in self.__dict__:
            self.engine.close()


@contextmanager
def open_run(
    settings: Path | None = None, *, command: str = "api", console: Console | None = None
) -> Iterator[Run]:
    """Open a run on a settings file, holding the workspace's lock until the end of the block."""
    path = settings_file(settings)
    run = Run(load_settings(path), path.parent, command=command, console=console)
    try:
        with exclusive(run.workspace.root):
            yield run
    except Exception as error:
        raise as_user_error(error, run.workspace.logs) from error
    finally:
        run.close()
