"""The store in the workspace: an SQLite database and a folder of artefacts beside it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urlparse
from uuid import uuid4

from churn.errors import ModelError
from churn.tracking.library import MlflowClient, entities, registry_errors
from churn.tracking.views import about, view_tags

EXPERIMENT = "churn"
MODEL = "churn"
ABOUT_MODEL = (
    "One version per training that is tracked. `champion` scores the nights; `challenger` is the "
    "latest training that does not. Only `churn models promote` and `rollback` put a version in "
    "place: an alias moved by hand changes nothing that scores."
)
# Where the database of MLflow 3.17 holds absolute places.
_PLACES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)


class Store:
    """The MLflow store below one folder.

    Parameters
    ----------
    root
        The folder; made when a training is first recorded.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.database = self.root / "tracking.sqlite"
        self.artifacts = self.root / "artifacts"
        self.partial = self.root / "partial"

    @property
    def uri(self) -> str:
        """The address by which MLflow opens the database."""
        return f"sqlite:///{self.database}"

    @cached_property
    def client(self) -> MlflowClient:
        """MLflow on this store.

        Raises
        ------
        ModelError
            If nothing was recorded here yet.
        """
        if not self.database.exists():
            raise ModelError(
                "no training has been tracked yet",
                where=f"{self.root.name}/{self.database.name}",
                do="run `churn train` with tracking.enabled: true",
            )
        with registry_errors(self.database.name):
            return MlflowClient(self.uri, self.uri)

    @cached_property
    def experiment(self) -> entities.Experiment:
        """The experiment that holds all trainings."""
        with registry_errors(self.database.name):
            experiment = self.client.get_experiment_by_name(EXPERIMENT)
        if experiment is None:
            raise ModelError(
                "the store belongs to something else: it has no trainings",
                where=f"{self.root.name}/{self.database.name}",
                do="move the folder away; it is begun anew",
            )
        return experiment

    def open_to_write(self) -> Store:
        """Make the store if there is none, and follow the workspace where it was moved.

        Only for who holds the workspace.
        """
        if not self.database.exists():
            self._make()
        if self.moved:
            self._follow()
        self._describe()
        return self

    @property
    def moved(self) -> bool:
        """Whether the artefacts are looked for where the workspace once lay."""
        return bool(self.experiment.artifact_location != self.artifacts.as_uri())

    def path(self, uri: str) -> Path:
        """Return where an artefact lies, in a workspace that was moved, too."""
        before = self.experiment.artifact_location
        if uri.startswith(f"{before}/"):
            uri = self.artifacts.as_uri() + uri.removeprefix(before)
        return Path(unquote(urlparse(uri).path))

    def _make(self) -> None:
        """Set the database up beside its name: MLflow's set-up does not survive a kill."""
        shutil.rmtree(self.partial, ignore_errors=True)
        self.partial.mkdir(parents=True)
        beside = self.partial / f"{uuid4().hex}.sqlite"  # MLflow remembers a database by its name
        address = f"sqlite:///{beside}"
        with registry_errors(self.database.name):
            client = MlflowClient(address, address)
            client.create_experiment(EXPERIMENT, self.artifacts.as_uri())
            client.create_registered_model(MODEL, description=ABOUT_MODEL)
            client.delete_experiment("0")  # MLflow's own, empty
        beside.rename(self.database)
        shutil.rmtree(self.partial)

    def _describe(self) -> None:
        """Keep the experiment's description and its views those of this version."""
        experiment = self.experiment
        wanted = {
            "mlflow.experimentKind": "custom_model_development",
            "mlflow.note.content": about(experiment.experiment_id),
            **view_tags(),
        }
        with registry_errors(self.database.name):
            for name, value in wanted.items():
                if experiment.tags.get(name) != value:
                    self.client.set_experiment_tag(experiment.experiment_id, name, value)

    def _follow(self) -> None:
        """Write where the artefacts are now: MLflow keeps absolute places and cannot move them."""
        before, now = self.experiment.artifact_location, self.artifacts.as_uri()
        with (
            registry_errors(self.database.name),
            closing(sqlite3.connect(self.database)) as connection,
            connection,
        ):
            for table, column in _PLACES:
                connection.execute(
                    f"UPDATE {table} SET {column} = ? || substr({column}, ?)"
                    f" WHERE substr({column}, 1, ?) = ?",
                    (now, len(before) + 1, len(before), before),
                )
        del self.__dict__["experiment"]
