"""Ingest: whatever is new or changed among the extracts becomes deliveries, the rest stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from churn.engines import Engine
from churn.errors import ChurnError, ExtractError
from churn.ingest.building import Builder
from churn.ingest.checking import MORE_DELIVERIES, header_problems, raise_first
from churn.ingest.corrections import Corrections
from churn.ingest.planning import Plan, Planned, make_plan, mapping_fingerprint
from churn.ingest.registry import Entry, Registry
from churn.ingest.settings import IngestSettings
from churn.store import Workspace
from churn.store.atomic import storage_errors

Progress = Callable[[str, int, int], None]
Input = tuple[str, int, str]

PERSONAL_MODE = 0o700
TOLD = 5  # findings on fit that a summary names


@dataclass(frozen=True)
class IngestReport:
    """What a run of ingest did.

    Parameters
    ----------
    built
        Deliveries ingested now.
    kept
        How many deliveries were there already, as they should be.
    repeated
        Files whose content had come before, counted once.
    archived
        Deliveries kept although their files are no longer there.
    dropped
        Deliveries forgotten because the settings now sort their files elsewhere.
    strange
        Of each table with rows of nobody on the books, how many there are.
    fits
        What does not fit among the tables, or what was delivered before, in words.
    asked
        What each query of a database brought, in words.
    """

    built: tuple[Entry, ...]
    kept: int
    repeated: tuple[str, ...]
    archived: tuple[str, ...]
    dropped: tuple[str, ...] = ()
    strange: tuple[str, ...] = ()
    fits: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()

    @property
    def unchanged(self) -> bool:
        """Whether inputs, mapping and code were all unchanged."""
        return not self.built and not self.dropped

    @property
    def accepted(self) -> int:
        """Rows taken now."""
        return sum(entry.accepted for entry in self.built)

    @property
    def quarantined(self) -> int:
        """Records set aside now."""
        return sum(entry.quarantined for entry in self.built)

    @property
    def not_selected(self) -> int:
        """Records that ``only:`` left out now."""
        return sum(entry.not_selected for entry in self.built)

    def summary(self) -> str:
        """Say it in one line."""
        if self.unchanged:
            parts = [f"nothing to do: {self.kept} deliveries are unchanged"]
            return "; ".join([*self.asked, *parts, *self.strange, *self._fits()])
        parts = [
            *self.asked,
            f"{len(self.built)} deliveries ingested, {self.kept} unchanged",
            f"{self.accepted:,} rows accepted, {self.quarantined:,} set aside",
            f"{self.not_selected:,} not selected",
        ]
        if self.repeated:
            parts.append(f"{len(self.repeated)} files came twice and count once")
        if self.archived:
            parts.append(f"{len(self.archived)} deliveries kept whose files are gone")
        return "; ".join([*parts, *self.strange, *self._fits()])

    def _fits(self) -> list[str]:
        rest = len(self.fits) - TOLD
        more = [f"{rest} more such findings, in the report"] if rest > 0 else []
        return [*self.fits[:TOLD], *more]


def ingest(
    settings: IngestSettings,
    base: Path,
    workspace: Workspace,
    engine: Engine,
    *,
    code_version: str,
    progress: Progress | None = None,
) -> IngestReport:
    """Bring the canonical tables up to date with the extracts.

    A delivery is registered once its file is in its place: a run killed at any moment is finished
    by the next one, and a delivery that fails leaves the others alone.

    Parameters
    ----------
    base
        The folder of the settings file.
    code_version
        Deliveries made by another version are made again, where their files are still there.
    progress
        Called with a delivery's name, its number and how many there are.

    Raises
    ------
    ChurnError
        The first of what is wrong: with the files and headers before anything is written, with
        the records of a delivery after all others were ingested.
    """
    with storage_errors("the workspace"):
        workspace.personal.mkdir(mode=PERSONAL_MODE, parents=True, exist_ok=True)
        workspace.personal.chmod(PERSONAL_MODE)
        registry = Registry(workspace)
        corrections = Corrections.read(workspace.personal)
        plan = make_plan(settings, base, registry.entries.values(), corrections)
        todo = [planned for planned in plan.planned if _is_due(planned, registry, code_version)]
        raise_first([*plan.problems, *header_problems(todo, settings)])
        archived, moved = _left_over(settings, plan, registry)
        builder = Builder(workspace, engine, settings.key(), code_version)
        builder.clear()
        built: list[Entry] = []
        failures: list[ChurnError] = []

        def tell(planned: Planned) -> None:
            if progress is not None:
                name = f"{planned.table} {planned.partition or planned.delivered_on}"
                progress(name, todo.index(planned), len(todo))

        for table, mapping in settings.mappings.items():
            due = [planned for planned in todo if planned.table == table]
            for done in builder.build(due, mapping, tell):
                failures += done.failures
                if done.entries:
                    registry.put(done.entries)
                    built += done.entries
        if moved:
            registry.drop(entry.slot for entry in moved)
        builder.clear()
        registry.remove_orphans()
    raise_first(failures, MORE_DELIVERIES)
    kept = len(plan.planned) - len(todo)
    return IngestReport(
        tuple(built),
        kept,
        plan.repeated,
        tuple(map(_name, archived)),
        tuple(map(_name, moved)),
    )


def _name(entry: Entry) -> str:
    return f"{entry.table} {entry.partition} of {entry.delivered_on}".replace("  ", " ")


def _is_due(planned: Planned, registry: Registry, code_version: str) -> bool:
    entry = registry.entries.get(planned.slot)
    if entry is None or not registry.whole(entry):
        return True
    held, there = set(entry.inputs()), set(planned.inputs())
    gone = _gone(held, there)
    names = {name for name, _, _ in there}
    corrected = {(name, by) for name, by in entry.corrections() if name in names}
    as_corrected = corrected == planned.corrections()
    if entry.mapping == planned.mapping and there <= held and as_corrected:
        return entry.code_version != code_version and not gone
    if gone:
        raise ExtractError(
            f"a delivery has to be made again and {len(gone)} of its files are gone",
            where=f"{_name(entry)}: {min(gone)}",
            do="put the file back; what was ingested from it stays as it is until then",
        )
    return True


def _gone(held: set[Input], there: set[Input]) -> set[str]:
    """Name the files of which neither name nor content is there any more."""
    names = {name for name, _, _ in there}
    contents = {sha256 for _, _, sha256 in there}
    return {name for name, _, sha256 in held if name not in names and sha256 not in contents}


def _left_over(
    settings: IngestSettings, plan: Plan, registry: Registry
) -> tuple[list[Entry], list[Entry]]:
    """Sort what no file makes any more into what is kept and what its files now make elsewhere."""
    slots = {planned.slot for planned in plan.planned}
    present = {
        (planned.table, feed.file.sha256) for planned in plan.planned for feed in planned.feeds
    }
    archived: list[Entry] = []
    moved: list[Entry] = []
    for entry in registry.entries.values():
        if entry.slot in slots:
            continue
        files = {(entry.table, file.sha256) for file in entry.files if file.role == "rows"}
        if files <= present:
            moved.append(entry)
        elif entry.table in settings.mappings and entry.mapping != mapping_fingerprint(
            settings, entry.table, {file.source for file in entry.files}
        ):
            raise ExtractError(
                f"the mapping of {entry.table} has changed, and the raw file of a delivery that"
                " would have to be made again is gone",
                where=f"{_name(entry)}: {entry.files[0].name}",
                do="put the file back, or take the change of the mapping back",
            )
        else:
            archived.append(entry)
    return archived, moved
