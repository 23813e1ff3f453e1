"""``churn export``: the night's lists, handed over once; what changes later is a revision."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from churn import report, targeting
from churn.ingest.registry import Registry
from churn.learning import CAUSES
from churn.store.atomic import folder, json_bytes
from churn.tables import TABLES
from pipelines import target
from pipelines.champion import champion
from pipelines.freshness import require_fresh
from pipelines.identities import own_ids

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from pathlib import Path

    import pandas as pd

    from churn.learning import Bundle
    from pipelines.run import Run
    from pipelines.target import Targets

MANIFEST = "manifest.json"
AUDIT_NOTE = {
    "en": "The leak audit did not run: it is not built yet.",
    "zh": "尚未进行数据泄漏审计（功能未完成）。",
}
ASSUMED_NOTE = {
    "en": "Availability assumed, not recorded, for: {tables}.",
    "zh": "以下数据的可用时间为假定：{tables}。",
}
SPLIT_NOTE = {
    "en": "The models were tested on other customers of the same period: not out of time.",
    "zh": "模型以同期其他客户检验，并非跨期检验。",
}


@dataclass(frozen=True)
class Export:
    """What was handed over."""

    folder: Path
    message: str

    def summary(self) -> str:
        """Return where the lists are, and what to know of them."""
        return f"{self.message}\n{self.folder}"


def export(run: Run, as_of: date | None = None) -> Export:
    """Hand over the night's target list and last notices, deciding first if need be."""
    targets = target.target(run, as_of)
    bundle = champion(run.workspace)
    inputs = {"targets": targets.stage.content, "bundle": bundle.fingerprint}

    def files() -> dict[str, bytes]:
        return _target_files(run, targets, bundle) | _notice_files(run, targets.as_of)

    return _hand_over(run, targets.as_of, inputs, files, targets=targets, bundle=bundle)


def export_notices(run: Run, as_of: date) -> Export:
    """Hand over the last notices alone: they are written even when scoring cannot run."""
    require_fresh(run.tables.known_at(as_of), ["status_events"], run.settings.max_age)
    return _hand_over(run, as_of, {}, lambda: _notice_files(run, as_of))


def _hand_over(
    run: Run,
    night: date,
    inputs: Mapping[str, Any],
    files: Callable[[], dict[str, bytes]],
    *,
    targets: Targets | None = None,
    bundle: Bundle | None = None,
) -> Export:
    """Write a revision, unless the last one was made of the same."""
    language = run.settings.language
    message = "No target list tonight." if targets is None else targets.plan().message.of(language)
    inputs = {**inputs, "tables": run.tables_hash, "settings": run.settings_fingerprint}
    with run.stages.noted("export", night.isoformat()) as note:
        made_of = run.stages.fingerprint(inputs, night.isoformat())
        revisions = _revisions(run.workspace.exports / night.isoformat())
        if revisions and _read(revisions[-1])["made_of"] == made_of:
            note.skip()
            return Export(revisions[-1], message)
        contents = files()
        number = len(revisions) + 1
        final = run.workspace.exports / night.isoformat()
        if number > 1:
            final = final / f"rev{number}"
        manifest = report.manifest(
            night,
            inputs=_inputs(run, night),
            settings_fingerprint=run.settings_fingerprint,
            bundle_hash=bundle.fingerprint if bundle else None,
            targets=targets.plan().totals if targets else None,
            last_notices=report.notice_counts(_notices(run, night)["notified"]),
            files=contents,
            notes=_notes(run, night, bundle),
            revision=number,
        )
        with folder(final) as partial:
            for name, content in contents.items():
                (partial / name).write_bytes(content)
            (partial / MANIFEST).write_bytes(json_bytes({**manifest, "made_of": made_of}))
        note.text = f"{len(contents) + 1} files, revision {number}"
        return Export(final, message)


def _revisions(root: Path) -> list[Path]:
    """Return the folders handed over for a night, oldest first."""
    if not (root / MANIFEST).exists():
        return []
    later = [path for path in root.glob("rev*") if (path / MANIFEST).exists()]
    return [root, *sorted(later, key=lambda path: int(path.name.removeprefix("rev")))]


def _read(revision: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((revision / MANIFEST).read_text(encoding="utf-8"))
    return content


def _target_files(run: Run, targets: Targets, bundle: Bundle) -> dict[str, bytes]:
    plan = targets.plan()
    details = run.tables.known_at(targets.as_of).contact_details
    contacts = run.engine.to_arrow(details.select("subscriber_id", "name", "phone")).to_pandas()
    frame = report.with_masked_contacts(plan.frame, contacts)
    frame = report.with_own_ids(frame, own_ids(run))
    language = run.settings.language
    return {
        "targets.csv": report.to_csv(frame, report.TARGETS),
        "targets.parquet": report.to_parquet(frame, report.TARGETS),
        "targets.xlsx": report.write_targets(
            plan,
            frame,
            run.settings.targeting,
            as_of=targets.as_of,
            language=language,
            gate=_gate(bundle, language),
            notes=_notes(run, targets.as_of, bundle),
        ),
    }


def _notices(run: Run, night: date) -> pd.DataFrame:
    settings = run.settings
    known = run.tables.known_at(night)
    rows = targeting.last_notices(known, settings.states, settings.targeting.last_notices)
    told = targeting.with_contacts(rows, known, settings.states)
    return run.engine.to_arrow(told, order_by=["removal_on", "subscriber_id"]).to_pandas()


def _notice_files(run: Run, night: date) -> dict[str, bytes]:
    frame = report.with_own_ids(_notices(run, night), own_ids(run))
    settings = run.settings
    workbook = report.write_last_notices(
        frame,
        settings.targeting.last_notices,
        settings.states,
        as_of=night,
        language=settings.language,
        notes=_notes(run, night, None),
    )
    return {"last_notices.xlsx": workbook}


def _inputs(run: Run, night: date) -> list[dict[str, Any]]:
    """Return every delivered file that the night knew, with its hash."""
    return [
        {
            "table": entry.table,
            "partition": entry.partition,
            "delivered_on": entry.delivered_on,
            "file": file.name,
            "sha256": file.sha256,
        }
        for entry in Registry(run.workspace).entries.values()
        if entry.assumed_lag is not None or entry.delivered_on <= night.isoformat()
        for file in entry.files
    ]


def _gate(bundle: Bundle, language: Any) -> list[str]:
    lines = []
    for cause in CAUSES:
        found = bundle.reports[cause]
        if found.off is not None:
            lines.append(f"{cause}: {found.off.of(language)}")
        elif found.verdict is not None:
            lines.append(found.verdict.wording.of(language))
            lines += [rule.wording.of(language) for rule in found.verdict.rules]
    return lines


def _notes(run: Run, night: date, bundle: Bundle | None) -> list[str]:
    """Return what every reader of the night must be told."""
    language = run.settings.language
    known = run.tables.known_at(night)
    assumed = [name for name in TABLES if known.assumed(name)]
    notes = [ASSUMED_NOTE[language].format(tables=", ".join(assumed))] if assumed else []
    if bundle is not None:
        notes.append(AUDIT_NOTE[language])
        if not bundle.out_of_time:
            notes.append(SPLIT_NOTE[language])
    return notes
