"""``churn export``: the night's lists, handed over once; what changes later is a revision."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from churn import report, targeting
from churn.errors import ChurnError
from churn.ingest.registry import Registry
from churn.learning import Bundle
from churn.store.atomic import folder, json_bytes
from churn.tables import TABLES
from churn.targeting import TargetList
from pipelines import target
from pipelines.audit import audit_of, challenger_audit
from pipelines.freshness import availability_note, require_fresh
from pipelines.identities import own_ids
from pipelines.models.champion import champion, fits_the_code, learned_from_assumed, split_note
from pipelines.page import failed_models, page_of, training_behind
from pipelines.run import Run
from pipelines.target import Targets

MANIFEST = "manifest.json"
PAGE = "report.html"
NO_AUDIT_NOTE = {
    "en": "The model in place was trained before there was a leak audit.",
    "zh": "当前模型训练时尚无泄漏审计。",
}
STOPPED_NOTE = {
    "en": "The leak audit stopped a newer model; the one in place goes on. Open: {findings}.",
    "zh": "泄漏审计拦下了较新的模型，沿用当前模型。未决：{findings}。",
}
NO_LIST = {"en": "No target list tonight.", "zh": "今晚没有目标名单。"}
OLDER_NOTE = {
    "en": "The model in place was trained on earlier feature definitions: no newer one passed.",
    "zh": "当前模型基于较早的特征定义训练：新模型未通过上线门槛。",
}


@dataclass(frozen=True)
class Export:
    """What was handed over."""

    folder: Path
    message: str

    def summary(self) -> str:
        """Return where the lists are, seen from here, and what to know of them."""
        place, here = self.folder.resolve(), Path.cwd()
        told = place.relative_to(here) if place.is_relative_to(here) else place
        return f"{self.message}\n{told}"


def export(run: Run, as_of: date | None = None) -> Export:
    """Hand over the night's target list and last notices, deciding first if need be.

    Raises
    ------
    ChurnError
        If nobody can be scored; the last notices are handed over all the same.
    """
    night = run.night(as_of)
    with notices_at_least(run, night):
        return hand_over(run, night)


@contextmanager
def notices_at_least(run: Run, night: date) -> Iterator[None]:
    """Hand over the last notices if the block fails, whatever the reason, and then fail.

    Whoever is about to be removed must be told, whether or not anyone can be scored.
    """
    try:
        yield
    except Exception as error:
        try:
            export_notices(run, night, error if isinstance(error, ChurnError) else None)
        except Exception as another:  # noqa: BLE001 - the first error is the one to be told
            error.add_note(f"no last notices either: {type(another).__name__}")
        raise


def hand_over(run: Run, night: date) -> Export:
    """Hand over the night's target list and last notices together."""
    targets = target.target(run, night)
    bundle = champion(run.workspace)
    inputs = {"targets": targets.stage.content, "bundle": bundle.fingerprint}
    return _revise(run, night, inputs, targets, bundle)


def export_notices(run: Run, night: date, because: ChurnError | None = None) -> Export:
    """Hand over the last notices alone: they are written even when scoring cannot run.

    The notes and the page beside them say why there is no list, as far as ``because`` tells.
    """
    require_fresh(run.tables.known_at(night), ["status_events"], run.settings.max_age)
    told = training_behind(run, night, because) or (because.what if because else None)
    inputs = {"because": told}
    return _revise(run, night, inputs, None, None, because)


def _why(run: Run, night: date, because: ChurnError | None) -> list[str]:
    """Say why there is no list, if there is none and the reason is not a defect of ours."""
    language = run.settings.language
    if because is None:
        return []
    failed = failed_models(run, night, because)
    if failed is not None:
        found = audit_of(failed.bundle)
        audited = found.lines(language) if found is not None and found.open else []
        gate = report.gate_lines(failed.bundle.reports, language)
        return [NO_LIST[language], *map(str.strip, audited), *gate]
    return [NO_LIST[language], because.what, *map(str.strip, because.where.splitlines())]


def _revise(
    run: Run,
    night: date,
    inputs: Mapping[str, Any],
    targets: Targets | None,
    bundle: Bundle | None,
    because: ChurnError | None = None,
) -> Export:
    """Write a revision, unless the last one was made of the same."""
    language = run.settings.language
    message = NO_LIST[language] if targets is None else targets.plan().message.of(language)
    if bundle is not None and not bundle.out_of_time:
        message += "\n" + split_note(bundle).of(language)
    root = run.workspace.exports / night.isoformat()
    inputs = {**inputs, "tables": run.known_hash(night), "settings": run.settings_fingerprint}
    if bundle is not None:
        inputs["audit"] = _audit_notes(run, night, bundle)
    with run.stages.noted("export", night.isoformat()) as note:
        made_of = run.stages.fingerprint(inputs, night.isoformat())
        revisions = _revisions(root)
        number = max(revisions, default=0)
        if revisions and _read(revisions[number]).get("made_of") == made_of:
            note.skip()
            return Export(revisions[number], message)
        number += 1
        notices, aside = _notices(run, night), ""
        notes = [*_why(run, night, because), *_notes(run, night, bundle)]
        contents = _notice_files(run, night, notices, notes if bundle is None else [])
        if targets is not None and bundle is not None:
            frame = _list(run, targets)
            contents |= _target_files(run, targets, bundle, frame)
            contents[PAGE] = _page(run, night, notices, (targets.plan(), frame, bundle))
        else:
            try:
                contents[PAGE] = _page(run, night, notices, because=because)
            except Exception as error:  # noqa: BLE001 - notices go out, page or no page
                aside = f", no page: {type(error).__name__}"
        manifest = report.manifest(
            night,
            inputs=_inputs(run, night),
            settings_fingerprint=run.settings_fingerprint,
            bundle_hash=bundle.fingerprint if bundle else None,
            targets=targets.plan().totals if targets else None,
            last_notices=report.notice_counts(notices["notified"]),
            files=contents,
            notes=notes,
            revision=number,
        )
        final = root if number == 1 else root / f"rev{number}"
        with folder(final) as partial:
            for name, content in contents.items():
                (partial / name).write_bytes(content)
            (partial / MANIFEST).write_bytes(json_bytes({**manifest, "made_of": made_of}))
        note.text = f"{len(contents) + 1} files, revision {number}{aside}"
        return Export(final, message)


def _revisions(root: Path) -> dict[int, Path]:
    """Return the folders handed over for a night by their number; none is ever written again."""
    found = {1: root} if (root / MANIFEST).exists() else {}
    for path in root.glob("rev*"):
        number = path.name.removeprefix("rev")
        if number.isdecimal():
            found[int(number)] = path
    return found


def _read(revision: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads((revision / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}  # taken away or damaged since: a new revision says what it said
    return content


def _list(run: Run, targets: Targets) -> pd.DataFrame:
    """Return the list as it is handed out: own ids, masked names and phones."""
    details = run.tables.known_at(targets.as_of).contact_details
    contacts = run.engine.to_arrow(details.select("subscriber_id", "name", "phone")).to_pandas()
    frame = report.with_masked_contacts(targets.frame(), contacts)
    return report.with_own_ids(frame, own_ids(run))


def _page(
    run: Run,
    night: date,
    notices: pd.DataFrame,
    made: tuple[TargetList, pd.DataFrame, Bundle] | None = None,
    because: ChurnError | None = None,
) -> bytes:
    return page_of(
        run,
        night,
        made,
        notices=report.notice_counts(notices["notified"]),
        because=because,
        notes=_notes(run, night, made[2] if made else None),
    )


def _target_files(
    run: Run, targets: Targets, bundle: Bundle, frame: pd.DataFrame
) -> dict[str, bytes]:
    language = run.settings.language
    return {
        "targets.csv": report.to_csv(frame, report.TARGETS),
        "targets.parquet": report.to_parquet(frame, report.TARGETS),
        "targets.xlsx": report.write_targets(
            targets.plan(),
            frame,
            run.settings.targeting,
            as_of=targets.as_of,
            language=language,
            gate=report.gate_lines(bundle.reports, language),
            notes=_notes(run, targets.as_of, bundle),
        ),
    }


def _notices(run: Run, night: date) -> pd.DataFrame:
    settings = run.settings
    known = run.tables.known_at(night)
    rows = targeting.last_notices(known, settings.states, settings.targeting.last_notices)
    told = targeting.with_contacts(rows, known, settings.states)
    return run.engine.to_arrow(told, order_by=["removal_on", "subscriber_id"]).to_pandas()


def _notice_files(
    run: Run, night: date, notices: pd.DataFrame, notes: list[str]
) -> dict[str, bytes]:
    frame = report.with_own_ids(notices, own_ids(run))
    settings = run.settings
    workbook = report.write_last_notices(
        frame,
        settings.targeting.last_notices,
        settings.states,
        as_of=night,
        language=settings.language,
        notes=notes or _notes(run, night, None),
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
        for entry in Registry(run.workspace).known_by(night)
        for file in entry.files
    ]


def _audit_notes(run: Run, night: date, bundle: Bundle) -> list[str]:
    """Say what the audit passed over, and whether it stopped a newer model that night."""
    language = run.settings.language
    audited = audit_of(bundle)
    if audited is None:
        return [NO_AUDIT_NOTE[language]]
    notes = [line.strip() for line in audited.lines(language)] if audited.accepted else []
    newer = challenger_audit(run, night)
    if newer is not None and newer.open:
        findings = ", ".join(f"{one.code} {one.subject}" for one in newer.open)
        notes.append(STOPPED_NOTE[language].format(findings=findings))
    return notes


def _notes(run: Run, night: date, bundle: Bundle | None) -> list[str]:
    """Return what every reader of the night must be told."""
    language = run.settings.language
    known = run.tables.known_at(night)
    assumed = {name for name in TABLES if known.assumed(name)}
    if bundle is not None:
        assumed |= learned_from_assumed(bundle)
    told = availability_note(assumed)
    notes = [told.of(language)] if told else []
    if bundle is not None:
        notes += _audit_notes(run, night, bundle)
        if not fits_the_code(run, bundle):
            notes.append(OLDER_NOTE[language])
        if not bundle.out_of_time:
            notes.append(split_note(bundle).of(language))
    return notes
