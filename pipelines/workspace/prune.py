"""``churn workspace prune``: what is older than settings keep it, and nothing needs any more."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from churn.ingest.registry import Registry
from churn.language import COLON, Language, Text
from churn.store.atomic import storage_errors
from pipelines.models.champion import champion, has_champion
from pipelines.run import Run
from pipelines.workspace.kinds import KINDS, size_of

FOR_EVER = frozenset({"arms", "promotion"})
"""Stages that later nights read whatever their age: draws that effects are measured from, decisions
that the watch tells."""
OF_THE_MODEL = frozenset({"train", "panel", "audit"})
WATCHED = frozenset({"score", "shadow", "target", "monitor"})


@dataclass(frozen=True)
class Pruned:
    """What went, or would go: things and bytes by kind."""

    things: dict[str, int]
    freed: dict[str, int]
    only_asked: bool
    language: Language

    def summary(self) -> str:
        """Return it as lines."""
        if not self.things:
            return NOTHING_OLD.of(self.language)
        head = (WOULD_GO if self.only_asked else GONE).of(self.language)
        lines = [
            f"    {KINDS[kind].of(self.language)}{COLON.of(self.language)}{count:,}, "
            f"{self.freed[kind] / 1e6:,.1f} MB"
            for kind, count in sorted(self.things.items())
        ]
        return "\n".join([head, *lines])


NOTHING_OLD = Text("nothing is older than the settings keep it", "没有超出设置保留期限的内容")
GONE = Text("removed", "已删除") + COLON
WOULD_GO = Text("would be removed", "将删除") + COLON


def prune(run: Run, *, only_ask: bool = False) -> Pruned:
    """Remove what is older than ``retention`` keeps it, counted back from the latest night.

    Never what an unfinished outcome, a watch, the model in place or a later measurement reads.
    """
    with run.stages.noted("prune", None) as note, storage_errors("the workspace"):
        things: Counter[str] = Counter()
        freed: Counter[str] = Counter()
        for kind, path in list(_old(run)):
            things[kind] += 1
            freed[kind] += size_of(path) if path.is_dir() else path.stat().st_size
            if not only_ask:
                _remove(path)
        done = Pruned(dict(things), dict(freed), only_ask, run.settings.language)
        note.text = done.summary().splitlines()[0]
        if only_ask or not things:
            note.skip(note.text)
        return done


def _remove(path: Path) -> None:
    """Take a folder away whole: a kill in between leaves it hidden, and the next run mends it."""
    if path.is_dir():
        aside = path.with_name(f".{path.name}.partial")
        path.rename(aside)
        shutil.rmtree(aside)
    else:
        path.unlink()


def _old(run: Run) -> Iterator[tuple[str, Path]]:
    keep, workspace = run.settings.retention, run.workspace
    latest = run.night(None)
    if keep.stages is not None:
        before = latest - timedelta(days=keep.stages)
        for stage in sorted(path for path in workspace.stages.glob("*") if path.is_dir()):
            yield from (("stages", each) for each in _old_nights(run, stage, before, latest))
    for kind, days in (("exports", keep.exports), ("backtests", keep.backtests)):
        if days is not None:
            folder = {"exports": workspace.exports, "backtests": workspace.backtests}[kind]
            before = latest - timedelta(days=days)
            yield from ((kind, path) for day, path in _nights(folder) if day < before)
    if keep.quarantine is not None:
        before = latest - timedelta(days=keep.quarantine)
        for entry in Registry(workspace).entries.values():
            if entry.quarantine is not None and date.fromisoformat(entry.delivered_on) < before:
                path = workspace.root / entry.quarantine
                if path.exists():
                    yield "quarantine", path


def _nights(folder: Path) -> list[tuple[date, Path]]:
    """Return the folders of a folder that are named by a night, the oldest first."""
    found = []
    for path in sorted(folder.glob("*")):
        with suppress(ValueError):  # not named by a night: not ours to remove
            found.append((date.fromisoformat(path.name), path))
    return [(day, path) for day, path in found if path.is_dir()]


def _old_nights(run: Run, stage: Path, before: date, latest: date) -> Iterator[Path]:
    """Yield what a stage made of nights before a day, without what is still needed."""
    if stage.name in FOR_EVER:
        return
    time, memory = run.settings.time, timedelta(days=run.settings.monitoring.memory)
    trained = champion(run.workspace).meta.get("as_of") if has_champion(run.workspace) else None
    nights = _nights(stage)
    for day, path in nights[:-1]:  # the latest is what the next run compares itself with
        watched = stage.name in WATCHED and time.mature_on(day) + memory >= latest
        of_the_model = stage.name in OF_THE_MODEL and day.isoformat() == trained
        if day < before and not watched and not of_the_model:
            yield path
