"""``churn audit``: whether anything that training reads could not have been known at its time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from churn import features
from churn.audit import (
    Audit,
    Finding,
    audit_rows,
    both_sides,
    constant,
    control_group,
    deliveries,
    future,
    immature,
    judged,
    leaking_columns,
    one_cut,
    scoring,
    treated,
    windows,
)
from churn.audit.leavers import leavers
from churn.audit.rows import ENOUGH
from churn.features import Family
from churn.language import Text
from churn.learning import Bundle
from churn.store.atomic import write_bytes
from churn.store.hashing import fingerprint
from churn.store.stages import Stage
from churn.tables import TABLES
from pipelines import panel
from pipelines.panel import Panel
from pipelines.run import Run

FINDINGS = "audit.json"
AUDIT = "audit"
#: What a night leaves of the features it scored, so that training can be held against it.
SCORED = "features_sample.parquet"
SCORED_ROWS = 2_000
VERSION = b"features"
NIGHTS = 2
ID = "subscriber_id"


@dataclass(frozen=True)
class Audited:
    """A stored audit."""

    stage: Stage
    as_of: date

    @property
    def result(self) -> Audit:
        """What it found."""
        return read_audit(self.stage.folder)

    def summary(self) -> str:
        """Return the findings as text, the open ones first."""
        return "\n".join(self.result.lines())

    def require_none_open(self) -> None:
        """Refuse to end well with open findings; the error names codes and columns."""
        self.result.require_none_open(f"audit as of {self.as_of}")


def read_audit(folder: Path) -> Audit:
    """Read the findings that a stage has stored."""
    return Audit.model_validate_json((folder / FINDINGS).read_bytes())


def audit_of(bundle: Bundle) -> Audit | None:
    """Return what the audit of a bundle's training found; None where there was none."""
    content = bundle.meta.get(AUDIT)
    return None if content is None else Audit.model_validate_json(content)


def challenger_audit(run: Run, night: date) -> Audit | None:
    """Return what the audit of the night's training found, if there was a training."""
    training = run.stages.stored("train", night)
    if training is None or not (training.folder / FINDINGS).is_file():
        return None
    return read_audit(training.folder)


def write_audit(audited: Audit, folder: Path) -> None:
    """Write the findings into a stage's folder."""
    write_bytes(folder / FINDINGS, audited.model_dump_json(indent=2).encode())


def audit(run: Run, as_of: date | None = None) -> Audited:
    """Audit the panel that a training as of the night learns from, building it if need be."""
    return of_panel(run, panel.build(run, as_of))


def of_panel(run: Run, rows: Panel) -> Audited:
    """Audit a panel that is there."""
    nights, unlike = _scored_nights(run, rows.as_of)
    settings = run.settings
    inputs = {
        "panel": rows.stage.content,
        "tables": run.known_hash(rows.as_of),  # beyond the panel, what deliveries say of themselves
        "scored": {night.isoformat(): stage.content for night, stage in nights.items()},
        "scored_otherwise": unlike,
        "settings": run.used(
            settings.audit, settings.panel, settings.time, settings.states, settings.labels
        ),
    }
    stage = run.stages.run(
        "audit",
        rows.as_of.isoformat(),
        inputs,
        lambda to: _make(run, rows, nights, unlike, to),
    )
    return Audited(stage, rows.as_of)


def _make(run: Run, rows: Panel, nights: Mapping[date, Stage], unlike: int, to: Path) -> str:
    frame = rows.frame()
    not_checked: list[Text] = []
    if unlike:
        not_checked.append(
            Text(
                f"{unlike} nights scored by another mapping, program or other definitions: whether "
                "training reads what they read",
                f"{unlike}个夜间评分采用其他映射、程序版本或定义：训练取值是否与当晚一致",
            )
        )
    findings = [
        *_of_split(run, rows, frame),
        *_of_deliveries(run, rows.as_of),
        *_of_features(run, rows, frame),
        *_of_nights(run, nights),
        *_of_columns(run, rows, frame, not_checked),
    ]
    audited = judged(findings, run.settings.audit, not_checked=not_checked)
    write_audit(audited, to)
    return audited.headline.en.removeprefix("leak audit: ")


def _of_split(run: Run, rows: Panel, frame: pd.DataFrame) -> list[Finding]:
    """Check parts, maturity and campaign arms."""
    settings, walk = run.settings, rows.manifest().walk
    now = run.tables.known_at(rows.as_of)
    contacts = now.campaign_contacts
    arms = contacts.filter(contacts.arm == "treated").select(ID, "contacted_on")
    again = run.engine.to_arrow(control_group.drawn_again(now, settings.time)).to_pylist()[0]
    return [
        *windows.find(walk, settings.time),
        *both_sides.find(frame, walk.folded),
        *immature.find(frame, now, settings.time, settings.labels.chosen),
        *treated.find(frame, run.engine.to_arrow(arms).to_pandas(), settings.time),
        *control_group.find(again, settings.panel.control_group),
    ]


def _of_deliveries(run: Run, night: date) -> list[Finding]:
    """Check what the deliveries declare about themselves."""
    known = [d for d in run.tables.deliveries if d.known_by(night)]
    findings: list[Finding] = []
    for name in deliveries.suspected(known):
        days = run.engine.to_arrow(deliveries.days_told(run.tables, name, known)).to_pylist()
        findings += deliveries.lags(name, known, days)
    for name in TABLES:
        counted = deliveries.ahead(run.tables, name)
        if counted is not None:
            findings += deliveries.dated_before(name, run.engine.to_arrow(counted).to_pylist()[0])
    for name in constant.LOADED:
        changed = constant.changes(run.tables, name, night)
        if changed is not None:
            findings += constant.find(run.engine.to_arrow(changed).to_pylist())
    return findings


def _of_features(run: Run, rows: Panel, frame: pd.DataFrame) -> Iterator[Finding]:
    """Build the oldest and the newest snapshot again without their future."""
    families = _families(run, rows.as_of)
    names = [feature.name for family in families for feature in family.features]
    days = sorted(set(frame["snapshot"]))
    for day in sorted({days[0], days[-1]}):
        there = frame.loc[(frame["snapshot"] == day).to_numpy(), [ID, *names]]
        yield from future.find(
            there,
            run.tables,
            day,
            states=run.settings.states,
            families=families,
            ids=run.engine.from_arrow(pa.table({ID: pa.array(there[ID], pa.string())})),
            materialise=run.engine.to_arrow,
        )


def _of_nights(run: Run, nights: Mapping[date, Stage]) -> Iterator[Finding]:
    """Hold what past nights scored against what training reads for their day now."""
    for night, stage in nights.items():
        scored = pq.read_table(stage.folder / SCORED)
        ids = run.engine.from_arrow(scored.select([ID]))
        families = _families(run, night)
        table = features.build(
            run.tables.known_at(night), ids, states=run.settings.states, families=families
        )
        yield from scoring.find(scored.to_pandas(), run.engine.to_arrow(table).to_pandas())


def _of_columns(
    run: Run, rows: Panel, frame: pd.DataFrame, not_checked: list[Text]
) -> list[Finding]:
    """Look at what each column and pair of columns tells of the outcome."""
    names = [f.name for family in _families(run, rows.as_of) for f in family.features]
    by_events = run.settings.labels.chosen.reads == ("status_events",)
    view = audit_rows(frame, names, _left_on(run, rows.as_of) if by_events else None)
    if not view.targets:
        not_checked.append(
            Text(
                f"fewer than {ENOUGH} churners: what columns tell of the outcome",
                f"流失用户不足{ENOUGH}户：各列与结果的关系",
            )
        )
    findings = leaking_columns(view)
    accused = {column for finding in findings for column in finding.columns}
    cut = one_cut.unconfirmed(
        [d for d in run.tables.deliveries if d.known_by(rows.as_of)],
        min(frame["snapshot"]),
        {"attributes": [attribute.name for attribute in run.settings.ingest.attributes]},
    )
    return [*findings, *one_cut.find(view, [name for name in cut if name not in accused])]


def _left_on(run: Run, night: date) -> pd.Series:
    """Return the day on which each subscriber left and has not come back from, as known by now."""
    went = leavers(run.tables.known_at(night), run.settings.states)
    rows = run.engine.to_arrow(went).to_pandas()
    left: pd.Series = rows.set_index(ID)["left_on"]
    return left


def _families(run: Run, night: date) -> tuple[Family, ...]:
    return features.delivered(run.tables.known_at(night), run.families)


def sample_of(run: Run, rows: ir.Table) -> pa.Table:
    """Return the features of some subscribers of a night, the same each time, for the audit.

    Ids are keyed hashes, so the first of them are as good as drawn.
    """
    table = run.engine.to_arrow(rows.order_by(ID).limit(SCORED_ROWS), order_by=[ID])
    return table.replace_schema_metadata({VERSION: _definitions(run).encode()})


def _scored_nights(run: Run, before: date) -> tuple[dict[date, Stage], int]:
    """Return the latest nights that were scored as today, with what scoring left behind.

    Also how many later ones were scored otherwise: their values may differ for good reason.
    """
    nights: dict[date, Stage] = {}
    unlike = 0
    for stage in run.stages.nights("score"):
        night, path = date.fromisoformat(stage.folder.name), stage.folder / SCORED
        if night >= before or len(nights) == NIGHTS or not path.is_file():
            continue
        metadata = pq.read_schema(path).metadata or {}
        if metadata.get(VERSION, b"").decode() == _definitions(run):
            nights[night] = stage
        else:
            unlike += 1
    return nights, unlike


def _definitions(run: Run) -> str:
    """Return one hash over what decides a feature's value, the deliveries aside.

    The program as a whole is part of it: readers, states and libraries decide values, too.
    """
    mapping = run.settings.ingest.model_dump(mode="json", include={"tables", "views"})
    versions = [run.code_version, run.feature_version]
    return fingerprint([*versions, run.used(run.settings.states), mapping])
