"""A training as one run, with a run per head and learner below it, and its loadable model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import BaseModel

from churn.audit import Audit
from churn.language import Language
from churn.learning import Bundle, Cause
from churn.learning.heads import HeadReport
from churn.panel import PanelManifest
from churn.report.runs.figures import (
    as_learner,
    by_family,
    curves,
    head_metrics,
    importance,
    learner_metrics,
    test_rows,
)
from churn.report.runs.files import (
    candidates_csv,
    importance_files,
    learner_page,
    models_pages,
    tree_files,
)
from churn.report.verdicts import gate_lines
from churn.tracking import Entry, LoadableModel, Panel, TrainingEntry

if TYPE_CHECKING:
    from churn.tracking.entries import ColumnType

_KINDS: Mapping[str, ColumnType] = {"number": "double", "flag": "boolean", "text": "string"}

# As in the report; in even months lighter.
_COLOURS: Mapping[str, tuple[str, str]] = {
    "boosting": ("#7fb2e5", "#0b5cad"),
    "tree": ("#e2a268", "#b4500a"),
    "network": ("#7dc3a3", "#12704a"),
    "combination": ("#b99ade", "#6b3fa0"),
}
_OTHER = ("#aab4c0", "#4c5867")


@dataclass(frozen=True)
class Told:
    """What is told of a training.

    Attributes
    ----------
    bundle
        All that was trained, heads that failed the gate included.
    model
        What would score: the heads that passed; everything where none did.
    content, panel, settings
        Hashes of the training, of the panel and of the settings.
    sections
        The settings that decided it, by name.
    """

    as_of: str
    content: str
    panel: str
    settings: str
    bundle: Bundle
    model: Bundle
    test_scores: pd.DataFrame
    manifest: PanelManifest
    audit: Audit | None
    sections: Mapping[str, BaseModel]
    language: Language


def write_training(told: Told, *, loader: str, requirements: tuple[str, ...]) -> TrainingEntry:
    """Return the training as entries.

    Parameters
    ----------
    loader, requirements
        See :class:`churn.tracking.LoadableModel`.
    """
    return TrainingEntry(
        content=told.content,
        parent=_parent(told),
        children=tuple(_children(told)),
        panel=Panel(f"panel {told.as_of}", told.panel, _counts(told.bundle)),
        model=LoadableModel(
            files=told.model.to_files(),
            loader=loader,
            inputs={source.name: _KINDS[source.kind] for source in told.model.encoder.sources},
            outputs=dict(_outputs()),
            requirements=requirements,
            tags=version_tags(told),
            note=_note(told),
        ),
    )


def version_tags(told: Told) -> dict[str, str]:
    """Return the tags of the registered version; ``bundle`` is the hash of its files."""
    return {
        "as_of": told.as_of,
        **{f"gate_{cause}": gate(found) for cause, found in told.bundle.reports.items()},
        **{
            f"average_precision_{cause}": str(found.metrics[found.champion]["average_precision"])
            for cause, found in told.bundle.reports.items()
            if found.champion is not None
        },
        "split": told.bundle.meta.get("split", "customer"),
        "tested_on": ", ".join(
            sorted({str(day)[:10] for day in told.test_scores["snapshot"].unique()})
        ),
        "panel": told.panel,
        "bundle": told.model.fingerprint,
        "features": told.bundle.meta.get("features", ""),
        "settings": told.settings,
    }


def gate(found: HeadReport) -> str:
    """Return what the gate says about a head in one word."""
    if found.off is not None:
        return "off"
    return "passed" if found.passed else "failed"


def _outputs() -> Iterator[tuple[str, ColumnType]]:
    """Name what the loaded model returns, see :meth:`churn.learning.Bundle.score`."""
    yield from (("p_active", "double"), ("p_passive", "double"))
    for cause in ("active", "passive"):
        for name in ("raw", "remainder", "tree_p", "rule"):
            yield f"{name}_{cause}", "double"
        yield f"tree_disagrees_{cause}", "boolean"
    yield "tree_disagrees", "boolean"


def _note(told: Told) -> str:
    """Return what the gate says, as a Markdown list."""
    said = (line.strip() for line in gate_lines(told.bundle.reports, told.language))
    return "\n".join(f"- {line}" for line in said)


def _colour(learner: str, as_of: str) -> str:
    """Return a colour for the learner, lighter every other month: it tells two months apart."""
    month = int(as_of[5:7])
    return _COLOURS.get(learner, _OTHER)[month % 2]


def _common(told: Told) -> dict[str, str]:
    """Return the tags that all runs of a training share."""
    return {
        "as_of": told.as_of,
        "training": told.content,
        "out_of_time": "yes" if told.bundle.out_of_time else "no",
        "split": told.bundle.meta.get("split", "customer"),
        "panel": told.panel[:12],
        "settings": told.settings[:12],
    }


def _parent(told: Told) -> Entry:
    reports = told.bundle.reports
    metrics: dict[str, float] = {}
    for found in reports.values():
        metrics |= head_metrics(found)
    return Entry(
        name=f"training {told.as_of}",
        note=_note(told),
        tags={
            "kind": "training",
            **_common(told),
            **{f"gate_{cause}": gate(found) for cause, found in reports.items()},
            **{f"champion_{cause}": found.champion or "none" for cause, found in reports.items()},
            "bundle": told.model.fingerprint[:12],
        },
        params={
            "features": str(len(told.bundle.needed)),
            "features_constant": str(len(told.bundle.encoder.dropped)),
            "snapshots": str(len(told.manifest.snapshots)),
            **{name: str(count) for name, count in _counts(told.bundle).items()},
            **_flat({name: one.model_dump(mode="json") for name, one in told.sections.items()}),
        },
        metrics=metrics,
        files={
            **models_pages(told.bundle, told.test_scores),
            "panel.json": told.manifest.model_dump_json(indent=2).encode(),
            **({"audit.json": told.audit.model_dump_json(indent=2).encode()} if told.audit else {}),
            "rebalancing.csv": candidates_csv(reports),
        },
    )


def _children(told: Told) -> Iterator[Entry]:
    for cause, found in told.bundle.reports.items():
        for learner in found.metrics:
            yield _child(told, cause, found, learner)


def _child(told: Told, cause: Cause, found: HeadReport, learner: str) -> Entry:
    rows = test_rows(told.test_scores, cause, learner)
    metrics = learner_metrics(found, learner)
    files = learner_page(as_learner(found, learner, rows), told.test_scores, told.language)
    if learner == "tree":
        files |= tree_files(told.bundle, cause)
    if learner == "boosting":
        shares = importance(told.bundle, cause)
        metrics |= by_family(told.bundle, shares)
        files |= importance_files(told.bundle, cause, shares, told.language)
    return Entry(
        name=f"{learner} {told.as_of} {cause}",
        tags={
            "mlflow.runColor": _colour(learner, told.as_of),
            "kind": "learner",
            "head": cause,
            "learner": learner,
            "champion": "yes" if learner == found.champion else "no",
            "gate": gate(found),
            **_common(told),
        },
        params={**_method(found, learner), **_own(told, learner), **_head_counts(found)},
        metrics=metrics,
        curves=curves(rows) if rows is not None else {},
        files=files,
    )


def _method(found: HeadReport, learner: str) -> dict[str, str]:
    """Return the rebalancing that was chosen, or the combination's weights."""
    if learner == "combination" and found.combination is not None:
        return {f"weight_{part}": f"{w:.4g}" for part, w in found.combination.weights.items()}
    chosen = [one.method for one in found.candidates if one.chosen and one.learner == learner]
    return {"rebalancing": chosen[0]} if chosen else {}


def _own(told: Told, learner: str) -> dict[str, str]:
    """Return the learner's own settings."""
    learning = told.sections["learning"].model_dump(mode="json")
    return _flat(learning.get(learner, {}))


def _counts(bundle: Bundle) -> dict[str, int]:
    return {
        f"{kind}_{part}_{cause}": count
        for cause, found in bundle.reports.items()
        for kind, counts in (("rows", found.rows), ("churners", found.events))
        for part, count in counts.items()
    }


def _head_counts(found: HeadReport) -> dict[str, str]:
    return {
        f"{kind}_{part}": str(count)
        for kind, counts in (("rows", found.rows), ("churners", found.events))
        for part, count in counts.items()
    }


def _flat(content: Any, place: str = "") -> dict[str, str]:
    """Return nested settings as ``section.key``."""
    if not isinstance(content, dict):
        shown = ", ".join(map(str, content)) if isinstance(content, list) else str(content)
        return {place: shown}
    found: dict[str, str] = {}
    for key, value in content.items():
        found |= _flat(value, f"{place}.{key}" if place else key)
    return found
