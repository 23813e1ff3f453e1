"""The registered versions: what each is, its files, and the names ``champion``, ``challenger``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from churn.errors import ModelError
from churn.tracking.library import registry_errors
from churn.tracking.recording import PARENT
from churn.tracking.store import MODEL, Store

CHAMPION, CHALLENGER = "champion", "challenger"
# Where MLflow puts what it is given as data: see `recording`.
_DATA = ("data", "files")


@dataclass(frozen=True)
class Version:
    """One registered version.

    Attributes
    ----------
    run
        The run of its training.
    folder
        The bundle's files.
    """

    number: int
    run: str
    tags: Mapping[str, str]
    folder: Path

    def files(self) -> dict[str, bytes]:
        """Return the bundle's files by relative path, unchecked.

        Raises
        ------
        ModelError
            If there are none.
        StorageError
            If the disk refuses them.
        """
        if not self.folder.is_dir():
            raise ModelError(
                f"the files of version {self.number} are gone",
                where=f"the registry, {MODEL} version {self.number}",
                do="restore the folder `mlflow` of the workspace, or choose another version",
            )
        with registry_errors(f"the registry, {MODEL} version {self.number}"):
            return {
                path.relative_to(self.folder).as_posix(): path.read_bytes()
                for path in sorted(self.folder.rglob("*"))
                if path.is_file()
            }


def versions(store: Store) -> list[Version]:
    """Return all versions, the oldest first."""
    with registry_errors(store.database.name):
        registered = store.client.search_model_versions(f"name = '{MODEL}'")
        return sorted(
            (
                Version(
                    number=int(version.version),
                    run=version.run_id or "",
                    tags=dict(version.tags),
                    folder=store.path(version.source or "").joinpath(*_DATA),
                )
                for version in registered
            ),
            key=lambda version: version.number,
        )


def aliases(store: Store) -> dict[str, int]:
    """Return the version that each name stands for."""
    with registry_errors(store.database.name):
        given = store.client.get_registered_model(MODEL).aliases
    return {name: int(number) for name, number in given.items()}


def name_versions(store: Store, wanted: Mapping[str, int | None]) -> None:
    """Let each name stand for its version, for none where it is None."""
    given = aliases(store)
    with registry_errors(store.database.name):
        for name, number in wanted.items():
            if number is not None and given.get(name) != number:
                store.client.set_registered_model_alias(MODEL, name, str(number))
            elif number is None and name in given:
                store.client.delete_registered_model_alias(MODEL, name)


def told_run(store: Store, run: str) -> tuple[str | None, str | None]:
    """Return the run of the training that a run belongs to, and its learner if it is of one.

    None where the store has no such run, or it is no training's.
    """
    with registry_errors(store.database.name):
        found = store.client.search_runs(
            [store.experiment.experiment_id], f"attributes.run_id = '{run}'"
        )
    if not found:
        return None, None
    tags = found[0].data.tags
    return tags.get(PARENT, run), tags.get("learner")
