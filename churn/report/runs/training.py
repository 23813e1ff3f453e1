"""A training as one run, with a run per head and learner below it, and its loadable model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import BaseModel

from churn.audit import Audit
from churn.causes import HeadName
from churn.evaluation import EvaluationSettings
from churn.language import Language
from churn.learning import Bundle
from churn.learning.heads import HeadReport
from churn.panel import PanelManifest
from churn.report.notes import gate_lines
from churn.report.page.curves import test_rows
from churn.report.runs.figures import (
    as_learner,
    by_family,
    curves,
    head_metrics,
    importance,
    learner_metrics,
)
from churn.report.runs.files import (
    candidates_csv,
    comparison_csv,
    importance_files,
    learner_page,
    models_pages,
    tree_files,
)
from churn.report.serving import serving_lines
from churn.tracking import LoadableModel, PanelRecord, RecordedTraining, RunRecord

if TYPE_CHECKING:
    from churn.tracking.entries import ColumnType

_KINDS: Mapping[str, ColumnType] = {"number": "double", "flag": "boolean", "text": "string"}

# As in the report; in even months lighter, which tells two months apart.
_COLOURS: Mapping[str, tuple[str, str]] = {
    "boosting": ("#7fb2e5", "#0b5cad"),
    "tree": ("#e2a268", "#b4500a"),
    "network": ("#7dc3a3", "#12704a"),
    "combination": ("#b99ade", "#6b3fa0"),
}
_OTHER = ("#aab4c0", "#4c5867")


@dataclass(frozen=True)
class TrainingRecord:
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
    evaluation: EvaluationSettings
    language: Language


def write_training(
    record: TrainingRecord, *, loader: str, requirements: tuple[str, ...]
) -> RecordedTraining:
    """Return the training as entries; see :class:`churn.tracking.LoadableModel`."""
    return RecordedTraining(
        content=record.content,
        parent=_parent(record),
        children=tuple(
            run
            for cause, report in record.bundle.reports.items()
            for run in (
                *(_child(record, cause, report, learner) for learner in report.metrics),
                *_trials(record, cause, report),
            )
        ),
        panel=PanelRecord(f"panel {record.as_of}", record.panel, _counts(record.bundle)),
        model=LoadableModel(
            files=record.model.to_files(),
            loader=loader,
            inputs={source.name: _KINDS[source.kind] for source in record.model.encoder.sources},
            outputs=_outputs(record.model.told),
            requirements=requirements,
            tags=version_tags(record),
            note=_note(record),
        ),
    )


def version_tags(record: TrainingRecord) -> dict[str, str]:
    """Return the tags of the registered version; ``bundle`` is the hash of its files."""
    return {
        "as_of": record.as_of,
        **_gates(record),
        **{
            f"average_precision_{cause}": str(report.metrics[report.champion]["average_precision"])
            for cause, report in record.bundle.reports.items()
            if report.champion is not None
        },
        "split": record.bundle.meta.get("split", "customer"),
        "tested_on": ", ".join(
            sorted({str(day)[:10] for day in record.test_scores["snapshot"].unique()})
        ),
        "panel": record.panel,
        "bundle": record.model.fingerprint,
        "features": record.bundle.meta.get("features", ""),
        "settings": record.settings,
    }


def gate(report: HeadReport) -> str:
    """Return what the gate says about a head in one word."""
    if report.off is not None:
        return "off"
    return "passed" if report.passed else "failed"


def _gates(record: TrainingRecord) -> dict[str, str]:
    return {f"gate_{cause}": gate(report) for cause, report in record.bundle.reports.items()}


def _outputs(heads: Iterable[HeadName]) -> dict[str, ColumnType]:
    """Name what the loaded model returns, see :meth:`churn.learning.Bundle.score`."""
    outputs: dict[str, ColumnType] = {f"p_{cause}": "double" for cause in heads}
    for cause in heads:
        names = ("raw", "remainder", "tree_p", "rule")
        outputs |= {f"{name}_{cause}": "double" for name in names}
        outputs[f"tree_disagrees_{cause}"] = "boolean"
    return outputs | {"tree_disagrees": "boolean"}


def _note(record: TrainingRecord) -> str:
    """Return what the gate says, as a Markdown list."""
    lines = gate_lines(record.bundle.reports, record.language)
    lines += [line.of(record.language) for line in serving_lines(record.bundle)]
    return "\n".join(f"- {line.strip()}" for line in lines)


def _common(record: TrainingRecord) -> dict[str, str]:
    """Return the tags that all runs of a training share."""
    return {
        "as_of": record.as_of,
        "training": record.content,
        "out_of_time": "yes" if record.bundle.out_of_time else "no",
        "split": record.bundle.meta.get("split", "customer"),
        "panel": record.panel[:12],
        "settings": record.settings[:12],
    }


def _parent(record: TrainingRecord) -> RunRecord:
    reports, audit = record.bundle.reports, record.audit
    metrics: dict[str, float] = {}
    for report in reports.values():
        metrics |= head_metrics(report)
    return RunRecord(
        name=f"training {record.as_of}",
        note=_note(record),
        tags={
            "kind": "training",
            **_common(record),
            **_gates(record),
            **{f"champion_{cause}": report.champion or "none" for cause, report in reports.items()},
            "bundle": record.model.fingerprint[:12],
        },
        params={
            "features": str(len(record.bundle.needed)),
            "features_constant": str(len(record.bundle.encoder.dropped)),
            "snapshots": str(len(record.manifest.snapshots)),
            **_flat(_counts(record.bundle)),
            **_flat({name: part.model_dump(mode="json") for name, part in record.sections.items()}),
        },
        metrics=metrics,
        files={
            **models_pages(record.bundle, record.test_scores),
            "panel.json": record.manifest.model_dump_json(indent=2).encode(),
            **({"audit.json": audit.model_dump_json(indent=2).encode()} if audit else {}),
            "rebalancing.csv": candidates_csv(reports),
            "comparison.csv": comparison_csv(reports, record.test_scores, record.evaluation),
        },
    )


def _child(record: TrainingRecord, cause: HeadName, report: HeadReport, learner: str) -> RunRecord:
    rows = test_rows(record.test_scores, cause, learner)
    learning = record.sections["learning"].model_dump(mode="json")
    metrics, month = learner_metrics(report, learner), int(record.as_of[5:7])
    files = learner_page(as_learner(report, learner, rows), record.test_scores, record.language)
    if learner == "tree":
        files |= tree_files(record.bundle, cause)
    if learner == "boosting":
        shares = importance(record.bundle, cause)
        metrics |= by_family(record.bundle, shares)
        files |= importance_files(record.bundle, cause, shares, record.language)
    return RunRecord(
        name=f"{learner} {record.as_of} {cause}",
        tags={
            "mlflow.runColor": _COLOURS.get(learner, _OTHER)[month % 2],
            "kind": "learner",
            "head": cause,
            "learner": learner,
            "champion": "yes" if learner == report.champion else "no",
            "gate": gate(report),
            **_common(record),
        },
        params={
            **_method(report, learner),
            **(_members(report) if learner == "boosting" else {}),
            **(_bounds(report) if learner == "tree" else {}),
            **_flat(learning.get(learner, {})),
            **_flat(_head_counts(report)),
        },
        metrics=metrics,
        curves=curves(rows) if rows is not None else {},
        files=files,
    )


def _trials(record: TrainingRecord, cause: HeadName, report: HeadReport) -> tuple[RunRecord, ...]:
    """Return the capacities that were tried for the booster, with the share each has in it."""
    shares = {member.capacity: member.share for member in report.booster}
    return tuple(
        RunRecord(
            name=f"capacity {number} {record.as_of} {cause}",
            tags={"kind": "trial", "tried_for": cause, **_common(record)},
            params=_flat(trial.capacity.model_dump(mode="json")),
            metrics={"log_loss": trial.log_loss, "share": shares.get(trial.capacity, 0.0)},
        )
        for number, trial in enumerate(report.trials, 1)
    )


def _members(report: HeadReport) -> dict[str, str]:
    """Return what the booster is an average of."""
    return {
        f"member_{number}": f"{member.share:.2f} of "
        + ", ".join(
            f"{name} {value if isinstance(value, str) else format(value, '.4g')}"
            for name, value in member.capacity
        )
        + (f", seeds {member.seeds}" if member.seeds > 1 else "")
        for number, member in enumerate(report.booster, 1)
    }


def _bounds(report: HeadReport) -> dict[str, str]:
    """Return how far the tree's rules are believed."""
    return {"leaf_share": f"{report.leaf_share:.4g}", "shrinkage": f"{report.shrinkage:.4g}"}


def _method(report: HeadReport, learner: str) -> dict[str, str]:
    """Return the rebalancing that was chosen, or the combination's weights."""
    if learner == "combination" and report.combination is not None:
        return {f"weight_{part}": f"{w:.4g}" for part, w in report.combination.weights.items()}
    for tried in report.candidates:
        if tried.chosen and tried.learner == learner:
            return {"rebalancing": tried.method}
    return {}


def _counts(bundle: Bundle) -> dict[str, int]:
    return {
        f"{name}_{cause}": count
        for cause, report in bundle.reports.items()
        for name, count in _head_counts(report).items()
    }


def _head_counts(report: HeadReport) -> dict[str, int]:
    rows = {f"rows_{part}": count for part, count in report.rows.items()}
    return rows | {f"churners_{part}": count for part, count in report.events.items()}


def _flat(content: Any, place: str = "") -> dict[str, str]:
    """Return nested settings, or counts, as texts by ``section.key``."""
    if not isinstance(content, dict):
        shown = ", ".join(map(str, content)) if isinstance(content, list) else str(content)
        return {place: shown}
    keys: dict[str, str] = {}
    for key, value in content.items():
        keys |= _flat(value, f"{place}.{key}" if place else key)
    return keys
