"""``churn workspace erase ID``: a person leaves everything that the workspace holds.

Tombstones come first, so that nobody erased comes back even if the rest is interrupted; the map of
identifiers comes last, so that the same command can finish what was interrupted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from churn.errors import StorageError
from churn.ingest import deliveries
from churn.ingest.corrections import FILE as CORRECTED
from churn.ingest.erasure import FILE as TOMBSTONES
from churn.ingest.erasure import (
    Erased,
    erase_corrections,
    erase_from_map,
    erase_raw,
    erase_rows,
)
from churn.language import COLON, Language, Text
from churn.store.atomic import storage_errors, write_json
from churn.store.erasing import BLANK, DATABASES, UNMISTAKABLE, Person, erase, found
from churn.store.hashing import sha256_file
from churn.store.stages import reseal
from pipelines.answers import FILE as ANSWERS
from pipelines.identities import ID_MAP
from pipelines.run import Run
from pipelines.workspace.kinds import KINDS, kind_of
from pipelines.workspace.person import Subject, subject_of

PROOFS = "erasures"
MANIFEST = "manifest.json"
ANEW = ("tables", ID_MAP, TOMBSTONES, CORRECTED)
"""Of the personal folder: what an erasure writes anew by itself."""


@dataclass(frozen=True)
class Erasure:
    """What an erasure took out: rows or places by kind, and of how many lines.

    ``kept`` are the kinds that the settings keep whatever is erased.
    """

    lines: int
    counts: dict[str, int]
    kept: tuple[str, ...]
    language: Language

    def summary(self) -> str:
        """Return it as lines."""
        head = Text(
            f"{self.lines} lines erased; nothing that was searched names them any more. Extracts "
            "are the operator's: erase there too.",
            f"已删除{self.lines}条用户线；经检索，所查内容不再提及。原始文件由运营商保管：请一并删除。",
        )
        lines = [head.of(self.language)]
        for kind, count in sorted(self.counts.items()):
            word = KINDS[kind].of(self.language) if kind in KINDS else kind
            lines.append(f"    {word}{COLON.of(self.language)}{count:,}")
        if self.kept:
            names = ", ".join(KINDS[kind].of(self.language) for kind in self.kept)
            lines.append(KEPT.of(self.language) + names)
        return "\n".join(lines)


KEPT = Text("Kept by the settings (retention.law_keeps): ", "按设置保留（retention.law_keeps）：")


def erase_person(run: Run, identifier: str) -> Erasure:
    """Erase a subscriber, or a customer with all its lines, by the operator's own id.

    Raises
    ------
    ExtractError
        If no delivery names the id, or it was erased before.
    StorageError
        If a search of everything afterwards still finds the person: where, and how often.
    """
    with run.stages.noted("erase", None) as note, storage_errors("the workspace"):
        subject = subject_of(run, identifier)
        workspace = run.workspace
        erased = Erased.read(workspace.personal, run.settings.ingest.key()).with_ids(subject.ids)
        erased.write(workspace.personal)
        own = Erased(subject.ids, erased.key)
        law = run.settings.retention.law_keeps
        counts = {f"table {name}": n for name, n in erase_rows(workspace, own).items()}
        run.sums_kept.remove_orphans(deliveries(workspace))
        counts["quarantine"] = erase_raw(workspace, own)
        counts["corrections"] = erase_corrections(workspace.personal, own)
        for kind, path in _swept(run, law):
            gone = erase(path, subject.person)
            counts[kind] = counts.get(kind, 0) + gone
            if gone:
                _renew_seals(path, workspace.root, gone)
        _require_gone(run, subject.person, law)
        counts["map"] = erase_from_map(workspace.personal / ID_MAP, own)
        counts = {kind: count for kind, count in counts.items() if count}
        _prove(run, subject, counts, law)
        note.text = f"{len(subject.lines)} lines, {sum(counts.values()):,} rows"
        return Erasure(len(subject.lines), counts, law, run.settings.language)


def _swept(run: Run, law: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
    """Yield what may name a person and is not written anew by itself, with its kind.

    That is every file of the workspace, wherever a command or a person has put it. Bundles are
    sealed and hold no row of anybody; databases hold counts and figures alone, which the search
    afterwards makes sure of.
    """
    workspace = run.workspace
    aside = {workspace.personal / name for name in ANEW}
    for path in _files(workspace.root):
        kind = kind_of(workspace, path)
        by_itself = kind == "tables" or aside & {path, *path.parents}
        if kind not in law and not by_itself and path.suffix not in DATABASES:
            yield "answers" if path.name == ANSWERS else kind, path


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        in_bundle = any((parent / "bundle.json").exists() for parent in path.parents)
        if path.is_file() and not in_bundle:
            yield path


def _renew_seals(path: Path, root: Path, gone: int) -> None:
    """Let the markers of what was changed tell the truth again, and the manifest how much went."""
    for parent in path.parents:
        if parent == root:
            return
        if (parent / "stage.json").exists():
            reseal(parent)
        manifest = parent / MANIFEST
        if path.name != MANIFEST and manifest.exists():
            content = json.loads(manifest.read_text(encoding="utf-8"))
            name = path.relative_to(parent).as_posix()
            if name in content.get("files", {}):
                size = path.stat().st_size
                content["files"][name] = {"bytes": size, "sha256": sha256_file(path)}
                content["erased_rows"] = content.get("erased_rows", 0) + gone
                write_json(manifest, content)


def _require_gone(run: Run, person: Person, law: tuple[str, ...]) -> None:
    """Search everything once more, the tables too."""
    workspace = run.workspace
    aside = {workspace.personal / ID_MAP, workspace.personal / TOMBSTONES}
    left = {
        path: n
        for path in _files(workspace.root)
        if kind_of(workspace, path) not in law and path not in aside and (n := found(path, person))
    }
    if left:
        first = min(left)
        raise StorageError(
            f"{sum(left.values()):,} places in {len(left)} files still name the person",
            where=_without(person, first.relative_to(workspace.root).as_posix()),
            do="remove these files if nobody needs them, and run the command again; who was erased "
            "stays out of later ingests already",
        )


def _without(person: Person, place: str) -> str:
    """Return a place without the person that it may be called after."""
    for name in person.names:
        place = place.replace(name, BLANK) if len(name) >= UNMISTAKABLE else place
    return place


def _prove(run: Run, subject: Subject, counts: dict[str, int], law: tuple[str, ...]) -> None:
    """Write what was done: counts, and the hashes that are kept out; nobody's own id."""
    folder = run.workspace.personal / PROOFS
    folder.mkdir(mode=0o700, exist_ok=True)
    number = len(list(folder.glob("*.json"))) + 1
    content = {
        "version": 1,
        "lines": len(subject.lines),
        "customers": len(subject.customers),
        "erased": counts,
        "kept_by_law": list(law),
        "kept_out": len(subject.ids),
    }
    write_json(folder / f"{number:05d}.json", content)
