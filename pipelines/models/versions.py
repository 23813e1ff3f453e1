"""``churn models``: the registered versions, what each is worth, and which of them scores."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow.parquet as pq

from churn.errors import ChurnError, GateError, ModelError, StorageError
from churn.learning import Bundle
from churn.report.terminal.models import Side, compared, listed, shown
from churn.store.atomic import storage_errors
from pipelines.models.champion import (
    bring_back,
    champion,
    fits_the_code,
    has_champion,
    in_place,
    passing,
    put_in_place,
)
from pipelines.models.paired import paired
from pipelines.models.succession import line, returned, settle_return
from pipelines.models.track import name_aliases, version_of
from pipelines.models.training import TEST_SCORES
from pipelines.run import Run

if TYPE_CHECKING:
    from churn.tracking.registry import Version
    from churn.tracking.store import Store

CHAMPION, CHALLENGER = "champion", "challenger"
#: How MLflow names a run.
_RUN = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True)
class Versions:
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
        """Find a version by its number, its run, or what it is called; ModelError if none is."""
        for version in self.versions:
            if name in {str(version.number), version.run, self.alias(version) or None}:
                return version
        known = ", ".join(str(version.number) for version in self.versions) or "none"
        raise ModelError(
            f"there is no version {name}",
            where="the registry, churn",
            do=f"name one of these, {CHAMPION} or {CHALLENGER}: {known}",
        )

    def model(self, name: str) -> tuple[Version, str | None]:
        """Find a version and, where one is named, a learner of it: ``3``, ``champion:tree``.

        A run of MLflow names the version of its training and, a learner's run, the learner.
        ModelError if there is none.
        """
        from churn.tracking.registry import told_run  # noqa: PLC0415 - MLflow takes seconds

        of, colon, learner = name.partition(":")
        if _RUN.fullmatch(of):
            run, told = told_run(self.store, of)
            return self.version(run or of), learner or told
        return self.version(of), learner if colon else None


def registry(run: Run) -> Versions:
    """Open the registry to read; ModelError if nothing was tracked yet, or it cannot be used."""
    from churn.tracking.registry import versions  # noqa: PLC0415 - MLflow takes seconds to import
    from churn.tracking.store import Store  # noqa: PLC0415 - as above

    store = Store(run.workspace.tracking)
    all_ = versions(store)
    return Versions(store, all_, version_of(all_, in_place(run.workspace)))


def read(version: Version) -> Bundle:
    """Read a version's bundle; every file is checked, and that they are this version's.

    ModelError names the file that is missing, foreign or was changed.
    """
    where = _place(version)
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
    known = registry(run)
    rows: list[tuple[Version, str, Bundle | ChurnError]] = []
    for version in known.versions:
        try:
            rows.append((version, known.alias(version), read(version)))
        except (ModelError, StorageError) as error:
            rows.append((version, known.alias(version), error))
    return listed(rows, run.settings.language)


def show(run: Run, name: str) -> str:
    """Return what is known of one version."""
    known = registry(run)
    version = known.version(name)
    return shown(version, known.alias(version), read(version), run.settings.language)


def compare(run: Run, first: str, second: str) -> str:
    """Return two models' figures side by side, each on its own test part.

    A model is a version's champion, or a learner of it: see :meth:`Versions.model`. Where both
    trainings' test scores are still in the workspace, the differences on the rows that both were
    tested on stand beside: by a paired bootstrap over customers, by DeLong, and by segment.
    """
    known = registry(run)
    pair = known.model(first), known.model(second)
    bundles = [read(version) for version, _ in pair]
    for (version, learner), bundle in zip(pair, bundles, strict=True):
        _require_learner(version, learner, bundle)
    scores = test_scores(run, pair[0][0]), test_scores(run, pair[1][0])
    sides = (
        Side.of(pair[0][0], bundles[0], pair[0][1]),
        Side.of(pair[1][0], bundles[1], pair[1][1]),
    )
    gaps = {
        cause: paired(
            cause, (sides[0].by[cause], sides[1].by[cause]), scores, run.settings.evaluation
        )
        for cause in sides[0].bundle.told
        if cause in sides[1].bundle.told
    }
    gone = [side.version.number for side, kept in zip(sides, scores, strict=True) if kept is None]
    return compared(sides, gaps, gone, run.settings.language)


def _require_learner(version: Version, learner: str | None, bundle: Bundle) -> None:
    known = sorted({name for report in bundle.reports.values() for name in report.metrics})
    if learner is not None and learner not in known:
        raise ModelError(
            f"version {version.number} has no learner {learner}",
            where=_place(version),
            do=f"name one of these: {', '.join(known) or 'none was judged'}",
        )


def test_scores(run: Run, version: Version) -> pd.DataFrame | None:
    """Return the test rows of a version's training; None where a later training replaced them."""
    training = run.stages.stored("train", version.tags["as_of"])
    if training is None or training.content != version.tags["training"]:
        return None
    return pq.read_table(training.folder / TEST_SCORES).to_pandas()


def promote(run: Run, name: str) -> str:
    """Let a version score from now on.

    GateError if none of its heads passes the gate; ModelError if its files were changed, or it was
    trained on other feature definitions.
    """
    known = registry(run)
    version = known.version(name)
    bundle = read(version)
    chosen = passing(bundle)
    if chosen is None:
        raise GateError(
            "no head of this version passes the gate: it must not send anyone anywhere",
            where=_place(version),
            do=f"see `churn models show {version.number}` for the rule that failed, or name "
            "another version",
        )
    _require_fit(run, bundle, "this version", version)
    if version.number == known.champion:
        _name(run, known.store, chosen)  # a promotion that was killed has not come so far
        return f"version {version.number} is in place already"
    held = set(champion(run.workspace).heads) if has_champion(run.workspace) else set()
    lost = sorted(held - set(chosen.heads))
    promoted = f"version {version.number} of {version.tags['as_of']} scores from now on"
    promoted += f"; the {', '.join(lost)} head is off with it" if lost else ""
    with run.stages.noted("promotion", version.tags["as_of"]) as note:
        put_in_place(chosen, run.workspace)
        note.text = f"by hand: {promoted}"
    _name(run, known.store, chosen)
    return promoted


def rollback(run: Run) -> str:
    """Let the champion before the one in place score again.

    Run again after a kill it ends what was begun, and does not go back further. ModelError if there
    was none, it is not in the registry, or its files were changed.
    """
    known = registry(run)
    scoring = in_place(run.workspace)
    if not returned(run.workspace, scoring):
        scoring = _bring_back(run, known, line(run.workspace, scoring))
    number = version_of(known.versions, scoring)
    _name(run, known.store, champion(run.workspace))
    trained = known.version(str(number)).tags["as_of"]
    returns = f"version {number} of {trained} scores again"
    with run.stages.noted("promotion", trained) as note:
        settle_return(run.workspace, scoring)
        note.text = f"by hand: {returns}"
    return returns


def _bring_back(run: Run, known: Versions, scored: Sequence[str]) -> str:
    """Put the champion before the last in place; return its hash."""
    remedy = "name a version: `churn models promote VERSION`"
    if len(scored) < 2:  # noqa: PLR2004 - the one in place and one before it
        raise ModelError("there is no champion before the one in place", where="models", do=remedy)
    number = version_of(known.versions, scored[-2])
    if number is None:
        missing = "the champion before the one in place is not in the registry"
        raise ModelError(missing, where="the registry, churn", do=remedy)
    version = known.version(str(number))
    bundle = read(version)
    _require_fit(run, bundle, "the champion before", version)
    bring_back(bundle, run.workspace)
    return bundle.fingerprint


def _place(version: Version) -> str:
    return f"the registry, churn version {version.number}"


def _require_fit(run: Run, bundle: Bundle, which: str, version: Version) -> None:
    if not fits_the_code(run, bundle):
        raise ModelError(
            f"{which} was trained on other feature definitions than this program's",
            where=_place(version),
            do="run `churn train`, or go back to the program that trained it",
        )


def _name(run: Run, store: Store, bundle: Bundle) -> None:
    with storage_errors(run.workspace.tracking.name):
        name_aliases(store.open_to_write(), bundle.fingerprint)
