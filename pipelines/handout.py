"""What a night hands out, gathered once: from stored decisions, tables and the personal folder."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import TypeVar

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from churn import panel, targeting
from churn.errors import ChurnError, GateError, LeakError, ModelError
from churn.ingest.interpretation import of_deliveries
from churn.ingest.matching import BOOKS
from churn.ingest.registry import Entry, Registry
from churn.learning import Bundle
from churn.monitoring.record import RECORD, Record
from churn.report.chosen import missed
from churn.report.contacts import (
    hashed_ids,
    with_masked_contacts,
    with_movements,
    with_own_ids,
)
from churn.report.handover import contact_id, handover, suppressed
from churn.report.inbound import inbound
from churn.report.notes import NO_LIST, gate_lines, learned_from_assumed, reading_notes
from churn.report.parts import Data, HandOut, Models, Notices, TableState, Tonight
from churn.tables import TABLES, Known
from churn.targeting import TargetList
from churn.targeting.holdout import half_year
from pipelines.audit import audit_of
from pipelines.bundles import read_bundle
from pipelines.identities import own_ids
from pipelines.models.champion import fits_the_code, has_champion
from pipelines.models.training import BUNDLE, TEST_SCORES
from pipelines.progress import earlier_lists, moved
from pipelines.run import Run
from pipelines.score import counted
from pipelines.standing import (
    Records,
    accounts,
    contacts,
    early_warnings,
    indicators,
    loyalty,
    service,
)

Part = TypeVar("Part")
_MISSED = 500  # told one by one


def with_list(
    run: Run, night: date, plan: TargetList, bundle: Bundle, audited: Sequence[str]
) -> HandOut:
    """Gather what a night with a list hands out.

    Parameters
    ----------
    audited
        What readers must know of the audit, see :func:`churn.report.notes.audit_notes`.
    """
    language, known = run.settings.language, run.tables.known_at(night)
    assumed = _assumed(known)
    records = Records(run, night, plan)
    notices, off_books = _notices(records)
    chosen = run.settings.targeting.delivered(known)
    best = missed(plan, chosen.least_profit, _MISSED)
    own = own_ids(run, hashed_ids(plan.frame, notices, best))
    frame = with_masked_contacts(plan.frame, contacts(run, known, plan.frame["subscriber_id"]))
    frame = frame.assign(contact_id=[contact_id(night, name) for name in frame["subscriber_id"]])
    frame = with_own_ids(frame, own)
    everyone = own_ids(run, set(plan.decisions()["subscriber_id"]))
    inbound_file, counted = inbound(plan, everyone, chosen, night, language)
    warnings = early_warnings(records)
    speaking = warnings.codes()
    frame = frame.assign(warnings=[speaking.get(name) for name in frame["subscriber_id"]])
    movements = moved(records, plan)
    frame = with_movements(frame, movements).assign(decided_by="risk_" + frame["cause"])
    return HandOut(
        as_of=night,
        language=language,
        notices=_as_handed_out(
            run, with_own_ids(notices, own), reading_notes(assumed, language), off_books
        ),
        currency=chosen.value.currency,
        notes=reading_notes(
            assumed | learned_from_assumed(bundle),
            language,
            bundle=bundle,
            night=night,
            audited=audited,
            older=not fits_the_code(run, bundle),
        ),
        tonight=Tonight(plan, frame, chosen, with_own_ids(best, own)),
        acting={**_acting(run, known, plan, night), "inbound.csv": inbound_file},
        actions=chosen.actions,
        warnings=warnings,
        accounts=accounts(records),
        indicators=indicators(records),
        service=service(records),
        loyalty=loyalty(records),
        inbound=counted,
        movements=movements,
        past=earlier_lists(records),
        models=_champion(run, bundle),
        watch=_watch(run, night),
    )


def _watch(run: Run, night: date) -> Record | None:
    """Return what the night's watch found, where it is stored."""
    stage = run.stages.stored("monitor", night)
    if stage is None:
        return None
    return Record.model_validate_json((stage.folder / RECORD).read_bytes())


def _acting(run: Run, known: Known, plan: TargetList, night: date) -> dict[str, bytes]:
    """Return the dialler's file, and whom other campaigns must leave alone for now."""
    settings = run.settings
    chosen = settings.targeting
    phones = contacts(run, known, plan.frame["subscriber_id"])[["subscriber_id", "phone"]]
    listed = run.engine.from_arrow(
        pa.table({"subscriber_id": pa.array(plan.frame["subscriber_id"], pa.string())})
    )
    books = known.subscribers.select("subscriber_id", "account_id")
    payers = run.engine.to_arrow(books.semi_join(listed, "subscriber_id")).to_pandas()
    details = payers.merge(phones, on="subscriber_id", how="left")
    content, _counts = handover(plan.frame, details, chosen, night, settings.language)
    days = max(settings.time.lead + settings.time.outcome, chosen.cool_down_days)
    out = plan.left_out.loc[plan.left_out["reason"] == "held_out", "subscriber_id"]
    spared = dict.fromkeys(plan.controls["subscriber_id"], night + timedelta(days=days))
    spared |= dict.fromkeys(out, half_year(night).end - timedelta(days=1))
    own = own_ids(run, set(spared))
    last_days = {own[name]: last for name, last in spared.items()}
    return {
        "handover.csv": content,
        "suppress.csv": suppressed(last_days, chosen.handover.encoding),
    }


def without_list(run: Run, night: date, because: ChurnError | None) -> HandOut:
    """Gather what a night hands out on which there is no list, as far as ``because`` tells why."""
    language, known = run.settings.language, run.tables.known_at(night)
    failed = _failed(run, night, because)
    notes = reading_notes(_assumed(known), language)
    why = tuple(_why(run, failed, because))
    records = Records(run, night)
    notices, off_books = _notices(records)
    frame = with_own_ids(notices, own_ids(run, hashed_ids(notices)))
    missing: list[str] = []
    return HandOut(
        as_of=night,
        language=language,
        notices=_as_handed_out(run, frame, (*why, *notes), off_books),
        currency=run.settings.targeting.value.currency,
        notes=notes,
        models=failed,
        actions=run.settings.targeting.delivered(known).actions,
        warnings=_if_possible(lambda: early_warnings(records), missing),
        accounts=_if_possible(lambda: accounts(records), missing),
        indicators=_if_possible(lambda: indicators(records), missing),
        service=_if_possible(lambda: service(records), missing),
        loyalty=_if_possible(lambda: loyalty(records), missing),
        missing=tuple(missing),
        why=why,
        refused=because.what if because else None,
    )


def _if_possible(gather: Callable[[], Part], missing: list[str]) -> Part | None:
    """Gather a part of a night without a list, or note what stood against it.

    Nothing may keep the last notices from being written.
    """
    try:
        return gather()
    except Exception as error:  # noqa: BLE001 - the last notices are written whatever it was
        missing.append(type(error).__name__)
        return None


def _assumed(known: Known) -> set[str]:
    return {name for name in TABLES if known.assumed(name)}


def _notices(records: Records) -> tuple[pd.DataFrame, int]:
    """Return the last notices, and how many are near removal but on no books."""
    run, known, history = records.run, records.known, records.history
    states, settings = run.settings.states, run.settings.targeting.last_notices
    rows = run.engine.computed(targeting.last_notices(known, history, states, settings))
    reachable = targeting.with_contacts(rows, known, history)
    listed = run.engine.to_arrow(reachable, order_by=["removal_on", "subscriber_id"]).to_pandas()
    off_books = targeting.near_but_off_the_books(known, history, states, settings)
    return listed, run.engine.to_arrow(off_books).num_rows


def _as_handed_out(
    run: Run, frame: pd.DataFrame, notes: tuple[str, ...], off_books: int
) -> Notices:
    settings = run.settings
    return Notices(frame, settings.targeting.last_notices, settings.states, notes, off_books)


def _why(run: Run, failed: Models | None, because: ChurnError | None) -> list[str]:
    """Say why there is no list, if the reason is not a defect of ours."""
    language = run.settings.language
    if because is None:
        return []
    if failed is None:
        return [NO_LIST.of(language), because.what, *map(str.strip, because.where.splitlines())]
    audit = audit_of(failed.bundle)
    findings = map(str.strip, failed.audit) if audit is not None and audit.open else ()
    return [NO_LIST.of(language), *findings, *gate_lines(failed.bundle.reports, language)]


def training_behind(run: Run, night: date, because: ChurnError | None) -> str | None:
    """Return the hash of the night's training, if that it passed no model is the reason.

    It is also where a later command only finds that there is no model.
    """
    if has_champion(run.workspace) or not isinstance(because, GateError | LeakError | ModelError):
        return None
    training = run.stages.stored("train", night)
    return None if training is None else training.content


def _champion(run: Run, bundle: Bundle) -> Models:
    """Return the champion, with the test scores of its own training where they are still kept."""
    audit = _audit(run, bundle)
    training = run.stages.stored("train", bundle.meta.get("as_of", ""))
    if training is None or not (training.folder / TEST_SCORES).exists():
        return Models(bundle, audit=audit)
    if _findings(read_bundle(training.folder / BUNDLE)) != _findings(bundle):
        return Models(bundle, audit=audit)
    scores = pq.read_table(training.folder / TEST_SCORES).to_pandas()
    return Models(bundle, scores, audit=audit)


def _failed(run: Run, night: date, because: ChurnError | None) -> Models | None:
    """Return the models of the night's training, if that none passed is why there is no list."""
    training = run.stages.stored("train", night)
    if training is None or training_behind(run, night, because) is None:
        return None
    scores = pq.read_table(training.folder / TEST_SCORES).to_pandas()
    bundle = read_bundle(training.folder / BUNDLE)
    return Models(bundle, scores, in_place=False, audit=_audit(run, bundle))


def _audit(run: Run, bundle: Bundle) -> list[str]:
    audit = audit_of(bundle)
    return [] if audit is None else audit.lines(run.settings.language)


def _findings(bundle: Bundle) -> list[str]:
    return [report.model_dump_json() for report in bundle.reports.values()]


def data_of(run: Run, night: date, *, scored: bool = False) -> Data:
    """Return what the night knew of each table, what was set aside, and who was left out.

    Where the night was ``scored`` whoever was left out has been counted.
    """
    known = run.tables.known_at(night)
    by_table: dict[str, list[Entry]] = defaultdict(list)
    entries = Registry(run.workspace).known_by(night)
    for entry in entries:
        by_table[entry.table].append(entry)
    stage = run.stages.stored("score", night) if scored else None
    strange = {match.table: match.unmatched for match in run.matches(night) if match.table != BOOKS}
    return Data(
        tuple(
            _state(known, name, by_table[name], strange.get(name))
            for name in TABLES
            if name in by_table
        ),
        _left_out(run, known) if stage is None else counted(stage),
        run.fit(night),
        of_deliveries(run.settings.ingest.mappings, entries, run.workspace.root),
    )


def _left_out(run: Run, known: Known) -> dict[str, int]:
    people = panel.population(known, run.settings.time, run.settings.states)
    rows = run.engine.to_arrow(panel.left_out(people), order_by=["reason"]).to_pylist()
    return {row["reason"]: row["rows"] for row in rows}


def _state(known: Known, name: str, entries: Sequence[Entry], unmatched: int | None) -> TableState:
    rules: Counter[str] = Counter()
    for entry in entries:
        rules.update(entry.rules)
    return TableState(
        name=name,
        deliveries=len(entries),
        delivered=sum(entry.delivered for entry in entries),
        accepted=sum(entry.accepted for entry in entries),
        quarantined=sum(entry.quarantined for entry in entries),
        not_selected=sum(entry.not_selected for entry in entries),
        observed_through=known.observed_through(name),
        assumed=known.assumed(name),
        rules=dict(rules),
        unmatched=unmatched,
    )
