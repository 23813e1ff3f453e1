"""``churn workspace prove``: a night made again from what is kept, and held against what went out.

It is made beside the workspace, from tables, model, earlier nights and draws as the night knew
them; of what was handed over nothing is touched.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from churn.errors import ChurnError, ExtractError, ModelError, SettingsError, StorageError
from churn.language import Language, Text
from churn.store import Workspace
from churn.store.hashing import sha256_file
from churn.tracking import TrackingSettings
from pipelines import export, monitor
from pipelines.bundles import read_bundle
from pipelines.export import MANIFEST, latest_revision
from pipelines.models.champion import NAME
from pipelines.run import Run

BEFORE_THE_LIST = frozenset({"audit", "panel", "promotion", "train"})
"""Stages of the night itself that were done before anybody was scored."""


@dataclass(frozen=True)
class Proof:
    """A night that came out as it was handed over.

    Attributes
    ----------
    files
        Files of the revision, the manifest left out; each came out byte for byte.
    inputs
        Delivered files that the night knew.
    """

    night: date
    revision: int
    files: int
    inputs: int
    language: Language

    def summary(self) -> str:
        """Return it as one line."""
        return Text(
            f"night of {self.night}, revision {self.revision}: all {self.files} files come out "
            f"byte for byte from what is kept of {self.inputs} delivered files",
            f"{self.night}当夜，第{self.revision}版：依据所保留的{self.inputs}个交付文件重新生成，"
            f"全部{self.files}个文件逐字节一致",
        ).of(self.language)


def prove(run: Run, as_of: date | None = None) -> Proof:
    """Make a night's latest list again, and hold every file of it against the one handed over.

    Raises
    ------
    ExtractError
        If no list was handed over for the night.
    SettingsError
        If the settings are not those of the night.
    ModelError
        If the model of the night is not kept.
    StorageError
        If files were changed since, or come out otherwise: which, and why as far as can be told.
    """
    night = run.night(as_of)
    with run.stages.noted("prove", night.isoformat()) as note:
        number, folder, then = _handed_over(run, night)
        altered = _altered(folder, then["files"])
        if altered:
            raise StorageError(
                f"{len(altered)} of {len(then['files'])} files are not those that were handed over",
                where=f"exports/{night}: {', '.join(altered)}",
                do="restore them from a backup; who changed them is not known here",
            )
        if then["settings_fingerprint"] != run.settings_fingerprint:
            raise SettingsError(
                "the settings are not those of the night",
                where=f"exports/{night}/{MANIFEST}: settings_fingerprint",
                do="name the settings file of then with --settings; its workspace is this one",
            )
        with _beside(run, night, number, then["bundle_hash"]) as again:
            now = _made_again(again, night, watched=run.stages.stored("monitor", night) is not None)
        different = differing(then["files"], now["files"])
        if different:
            raise StorageError(
                f"{len(different)} of {len(then['files'])} files come out otherwise",
                where=f"exports/{night}: {', '.join(different)}",
                do=why(then, now),
            )
        proof = Proof(night, number, len(then["files"]), len(then["inputs"]), run.settings.language)
        note.text = f"{proof.files} files, revision {number}: byte for byte"
        return proof


def _handed_over(run: Run, night: date) -> tuple[int, Path, dict[str, Any]]:
    """Return number, folder and manifest of the night's latest revision."""
    number, folder = latest_revision(run.workspace, night)
    content: dict[str, Any] = (
        json.loads((folder / MANIFEST).read_text(encoding="utf-8")) if number else {}
    )
    if not content.get("bundle_hash"):
        raise ExtractError(
            f"no list was handed over for the night of {night}",
            where=f"exports/{night}",
            do="name a night with a list: --as-of",
        )
    return number, folder, content


def _altered(folder: Path, files: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the files that are gone, or no longer those of the manifest."""
    return [
        name
        for name, entry in files.items()
        if not (folder / name).is_file() or sha256_file(folder / name) != entry["sha256"]
    ]


def differing(
    then: Mapping[str, Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """Return the files that only one manifest has, or that hold other bytes in the other."""
    return [
        name
        for name in sorted({*then, *now})
        if then.get(name, {}).get("sha256") != now.get(name, {}).get("sha256")
    ]


def why(then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Tell what is not as it was that night, as far as the manifests tell."""
    if then.get("erased_rows"):
        return "nothing: a person was erased since, and the rest is as it was left"
    if then["inputs"] != now["inputs"]:
        return "restore the tables: deliveries that the night knew are no longer as they were"
    if then.get("answers") != now.get("answers"):
        return "nothing: answers were taken back since, which lists and kpis.xlsx reckon with"
    if then.get("made_of") != now.get("made_of"):
        return (
            "run it with the program of then: another version made the list, or what earlier "
            "nights left is no longer kept (`retention`)"
        )
    return "report it: from the same, the same must come out"


@contextmanager
def _beside(run: Run, night: date, number: int, bundle: str) -> Iterator[Run]:
    """Open a run on what the workspace kept before the revision was made.

    Files are linked, not copied: whatever is written anew takes the place of a link, and leaves
    the file itself alone.
    """
    model = _bundle(run, bundle)
    workspace = Workspace(run.workspace.spill / "proof")
    shutil.rmtree(workspace.root, ignore_errors=True)
    try:
        workspace.open()
        for path in kept(run.workspace, night, number):
            link = workspace.root / path.relative_to(run.workspace.root)
            link.parent.mkdir(parents=True, exist_ok=True)
            os.link(path, link)
        shutil.copytree(model, workspace.models / NAME)
        settings = run.settings.model_copy(
            update={
                "workspace": workspace.root.resolve(),
                "tracking": TrackingSettings(enabled=False),
            }
        )
        again = Run(settings, run.base, command="workspace prove", console=run.console)
        try:
            yield again
        finally:
            again.close()
    finally:
        shutil.rmtree(workspace.root, ignore_errors=True)


def kept(workspace: Workspace, night: date, number: int) -> Iterator[Path]:
    """Yield the files that the night's revision could know."""
    own, root = night.isoformat(), workspace.exports / night.isoformat()
    yield from _files(workspace.tables)
    yield from _files(workspace.personal, but=(workspace.spill, workspace.readers))
    for path in _files(workspace.stages):
        stage, day = path.relative_to(workspace.stages).parts[:2]
        if day < own or (day == own and stage in BEFORE_THE_LIST):
            yield path
    for path in _files(workspace.handed_over):
        day = path.parent.name
        of_all = path.parent == workspace.handed_over
        if of_all or day < own or (day == own and int(path.stem[3:]) < number):
            yield path
    for path in _files(root):
        revision = 1 if path.parent == root else int(path.parent.name.removeprefix("rev"))
        if revision < number:
            yield path


def _files(folder: Path, but: Collection[Path] = ()) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not set(but) & set(path.parents):
            yield path


def _bundle(run: Run, wanted: str) -> Path:
    """Return where the model of the night is kept."""
    places = [run.workspace.models / NAME]
    places += [stage.folder / "bundle" for stage in run.stages.nights("train")]
    for place in places:
        if place.is_dir() and read_bundle(place).fingerprint == wanted:
            return place
    raise ModelError(
        "the model of the night is not kept",
        where="models, stages/train",
        do="go back to it, if MLflow has it: `churn models list`, then `promote`",
    )


def _made_again(run: Run, night: date, *, watched: bool) -> dict[str, Any]:
    """Make the night's list, its watch before it as then, and return the manifest."""

    def watch() -> None:
        if watched:
            with suppress(ChurnError):  # then as now, no list waits for it
                monitor.monitor(run, night)

    folder = export.hand_over(run, night, watch).folder
    content: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return content
