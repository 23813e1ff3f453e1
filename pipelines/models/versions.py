"""``churn models``: the registered versions, what each is worth, and which of them scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow.parquet as pq

from churn.errors import ChurnError, GateError, ModelError, StorageError
from churn.learning import Bundle
from churn.store.atomic import storage_errors
from churn.store.stages import read_stage
from pipelines.models.champion import (
    bring_back,
    champion,
    fits_the_code,
    has_champion,
    in_place,
    passing,
    put_in_place,
)
from pipelines.models.report import compared, listed, shown
from pipelines.models.succession import line, returned, settle_return
from pipelines.models.track import name_aliases, version_of
from pipelines.models.training import TEST_SCORES
from pipelines.run import Run

if TYPE_CHECKING:
    from churn.tracking.registry import Version
    from churn.tracking.store import Store

CHAMPION, CHALLENGER = "champion", "challenger"


@dataclass(frozen=True)
class Registry:
    """The registered versions, and the number of the one that scores."""

    store: Store
    versions: Sequence[Version]
    champion: int | None

    def alias(self, version: Version) -> str:
        """Return what a version is called: by what scores, whatever MLflow's page was told."""
        if version.number == self.champion:
            return CHAMPION
        return CHALLENGER if version is self.versions[-1] else ""

    def version(self, name: str) -> Version:
        """Find a version by its number, or by what it is called.

        Raises
        ------
        ModelError
            If there is none.
        """
        for one in self.versions:
            if name in {str(one.number), self.alias(one) or None}:
                return one
        known = ", ".join(str(one.number) for one in self.versions) or "none"
        raise ModelError(
            f"there is no version {name}",
            where="the registry, churn",
            do=f"name one of these, {CHAMPION} or {CHALLENGER}: {known}",
        )


def registry(run: Run) -> Registry:
    """Open the registry to read.

    Raises
    ------
    ModelError
        If nothing was tracked yet, or it cannot be used.
    """
    from churn.tracking.registry import versions  # noqa: PLC0415 - MLflow takes seconds to import
    from churn.tracking.store import Store  # noqa: PLC0415 - as above

    store = Store(run.workspace.tracking)
    known = versions(store)
    return Registry(store, known, version_of(known, in_place(run.workspace)))


def read(version: Version) -> Bundle:
    """Read a version's bundle; every file is checked, and that they are this version's.

    Raises
    ------
    ModelError
        If a file is missing, foreign or was changed; it is named.
    """
    where = f"the registry, churn version {version.number}"
    try:
        bundle = Bundle.from_files(version.files())
    except ModelError as error:
        raise ModelError(error.what, where=where, do=error.do) from error
    if bundle.fingerprint != version.tags.get("bundle"):
        raise ModelError(
            "the files are those of another training",
            where=where,
            do="restore the folder `mlflow` of the workspace, or choose another version",
        )
    return bundle


def list_versions(run: Run) -> str:
    """Return the versions as a table; of one whose files cannot be read, what is wrong with it."""
    found = registry(run)
    rows = [(one, found.alias(one), _read_or_why_not(one)) for one in found.versions]
    return listed(rows, run.settings.language)


def _read_or_why_not(version: Version) -> Bundle | ChurnError:
    try:
        return read(version)
    except (ModelError, StorageError) as error:
        return error


def show(run: Run, name: str) -> str:
    """Return what is known of one version."""
    found = registry(run)
    version = found.version(name)
    return shown(version, found.alias(version), read(version), run.settings.language)


def compare(run: Run, first: str, second: str) -> str:
    """Return two versions' figures side by side, each on its own test part.

    Where both trainings' test scores are still in the workspace, the difference on the rows that
    both were tested on stands beside.
    """
    found = registry(run)
    one, two = found.version(first), found.version(second)
    return compared(
        ((one, read(one)), (two, read(two))),
        (test_scores(run, one), test_scores(run, two)),
        run.settings,
    )


def test_scores(run: Run, version: Version) -> pd.DataFrame | None:
    """Return the test rows of a version's training; None where a later training replaced them."""
    folder = run.workspace.stages / "train" / version.tags["as_of"]
    done = read_stage(folder)
    if done is None or done["content"] != version.tags["training"]:
        return None
    return pq.read_table(folder / TEST_SCORES).to_pandas()


def promote(run: Run, name: str) -> str:
    """Let a version score from now on.

    Raises
    ------
    GateError
        If none of its heads passes the gate.
    ModelError
        If its files were changed, or it was trained on other feature definitions.
    """
    found = registry(run)
    version = found.version(name)
    bundle = read(version)
    where = f"the registry, churn version {version.number}"
    chosen = passing(bundle)
    if chosen is None:
        raise GateError(
            "no head of this version passes the gate: it must not send anyone anywhere",
            where=where,
            do=f"see `churn models show {version.number}` for the rule that failed, or name "
            "another version",
        )
    if not fits_the_code(run, bundle):
        raise ModelError(
            "this version was trained on other feature definitions than this program's",
            where=where,
            do="run `churn train`, or go back to the program that trained it",
        )
    if version.number == found.champion:
        _name(run, found.store, chosen)  # a promotion that was killed has not come so far
        return f"version {version.number} is in place already"
    lost = _lost_heads(run, chosen)
    put_in_place(chosen, run.workspace)
    _name(run, found.store, chosen)
    told = f"version {version.number} of {version.tags['as_of']} scores from now on"
    return f"{told}; the {', '.join(lost)} head is off with it" if lost else told


def rollback(run: Run) -> str:
    """Let the champion before the one in place score again.

    Run again after a kill it ends what was begun, and does not go back further.

    Raises
    ------
    ModelError
        If there was none, it is not in the registry, or its files were changed.
    """
    found = registry(run)
    scoring = in_place(run.workspace)
    if not returned(run.workspace, scoring):
        scoring = _bring_back(run, found, line(run.workspace, scoring))
    number = version_of(found.versions, scoring)
    _name(run, found.store, champion(run.workspace))
    settle_return(run.workspace, scoring)
    return f"version {number} of {found.version(str(number)).tags['as_of']} scores again"


def _bring_back(run: Run, found: Registry, known: Sequence[str]) -> str:
    """Put the champion before the last in place; return its hash."""
    if len(known) < 2:  # noqa: PLR2004 - the one in place and one before it
        raise ModelError(
            "there is no champion before the one in place",
            where="models",
            do="name a version: `churn models promote VERSION`",
        )
    number = version_of(found.versions, known[-2])
    if number is None:
        raise ModelError(
            "the champion before the one in place is not in the registry",
            where="the registry, churn",
            do="name a version: `churn models promote VERSION`",
        )
    bundle = read(found.version(str(number)))
    if not fits_the_code(run, bundle):
        raise ModelError(
            "the champion before was trained on other feature definitions than this program's",
            where=f"the registry, churn version {number}",
            do="run `churn train`, or go back to the program that trained it",
        )
    bring_back(bundle, run.workspace)
    return bundle.fingerprint


def _name(run: Run, store: Store, bundle: Bundle) -> None:
    with storage_errors(run.workspace.tracking.name):
        name_aliases(store.open_to_write(), bundle.fingerprint)


def _lost_heads(run: Run, chosen: Bundle) -> list[str]:
    held = set(champion(run.workspace).heads) if has_champion(run.workspace) else set()
    return sorted(held - set(chosen.heads))
