"""``churn workspace migrate``: what earlier programs left, completed for today's.

Every layout so far has the same version; later programs wrote more into it. What can be told from
what is there is added, nothing is changed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from churn.language import Language, Text
from churn.store.atomic import storage_errors, write_json
from pipelines.bundles import read_bundle
from pipelines.run import Run
from pipelines.score import MODEL


@dataclass(frozen=True)
class Migrated:
    """Nights whose scores now say which model gave them, and those of which it cannot be told."""

    completed: int
    unknown: int
    language: Language

    def summary(self) -> str:
        """Return it as one line."""
        if not self.completed and not self.unknown:
            return Text(
                "nothing to migrate: the workspace is of this program's layout",
                "无需迁移：工作区已是本程序的布局",
            ).of(self.language)
        return Text(
            f"{self.completed} nights now say which model scored them; of {self.unknown} it cannot "
            "be told any more",
            f"{self.completed}夜已补记评分模型；另有{self.unknown}夜已无从得知",
        ).of(self.language)


def migrate(run: Run) -> Migrated:
    """Complete the workspace; run again, it finds nothing to do.

    Raises
    ------
    VersionError
        If the workspace, its tables or a bundle are of a version this program does not read.
    """
    with run.stages.noted("migrate", None) as note, storage_errors("the workspace"):
        trained = _trained(run)
        completed = unknown = 0
        for stage in run.stages.nights("score"):
            if (stage.folder / MODEL).exists():
                continue
            bundle = _bundle_of(run, stage.folder.name)
            if bundle in trained:
                # Beside the marker's files: what was made of the scores stays as it is.
                write_json(
                    stage.folder / MODEL, {"bundle": bundle, "trained_as_of": trained[bundle]}
                )
                completed += 1
            else:
                unknown += 1
        done = Migrated(completed, unknown, run.settings.language)
        note.text = done.summary()
        if not completed:
            note.skip(note.text)
        return done


def _trained(run: Run) -> dict[str, str]:
    """Return the night of its training by the hash of every bundle that is there."""
    places = [run.workspace.models / "champion"]
    places += [stage.folder / "bundle" for stage in run.stages.nights("train")]
    found: dict[str, str] = {}
    for place in places:
        if place.is_dir():
            bundle = read_bundle(place)
            if "as_of" in bundle.meta:
                found[bundle.fingerprint] = bundle.meta["as_of"]
    return found


def _bundle_of(run: Run, night: str) -> str | None:
    """Return the hash of the bundle that the night's first list names."""
    path: Path = run.workspace.exports / night / "manifest.json"
    if not path.exists():
        return None
    named = json.loads(path.read_text(encoding="utf-8")).get("bundle_hash")
    return named if isinstance(named, str) else None
