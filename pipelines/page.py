"""The parts of ``report.html``, gathered: the list, the models and their figures, the data."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from churn import panel
from churn.errors import ChurnError, GateError, LeakError, ModelError
from churn.ingest.registry import Entry, Registry
from churn.learning import Bundle
from churn.report.page import Data, Models, TableState, Tonight, write_page
from churn.store.stages import read_stage
from churn.tables import TABLES
from churn.targeting import TargetList
from pipelines.audit import audit_of
from pipelines.bundles import read_bundle
from pipelines.models.champion import has_champion
from pipelines.models.training import BUNDLE, TEST_SCORES
from pipelines.run import Run


def page_of(
    run: Run,
    night: date,
    made: tuple[TargetList, pd.DataFrame, Bundle] | None,
    *,
    notices: Mapping[str, int],
    because: ChurnError | None,
    notes: Sequence[str],
) -> bytes:
    """Return ``report.html`` of a night.

    Parameters
    ----------
    made
        The list, its rows as handed out, and the champion; None on a night without a list.
    because
        Why there is no list, where there is none and the reason can be told.
    """
    tonight, models = None, None
    if made is not None:
        plan, frame, bundle = made
        tonight = Tonight(plan, frame, run.settings.targeting)
        models = _models(run, bundle)
    else:
        models = failed_models(run, night, because)
    return write_page(
        as_of=night,
        language=run.settings.language,
        data=data_of(run, night),
        notices=notices,
        tonight=tonight,
        models=models,
        refused=because.what if because else None,
        notes=notes,
    )


def training_behind(run: Run, night: date, because: ChurnError | None) -> str | None:
    """Return the hash of the night's training, if that it passed no model is the reason.

    It is also where a later command only finds that there is no model.
    """
    if has_champion(run.workspace) or not isinstance(because, GateError | LeakError | ModelError):
        return None
    marker = read_stage(_training(run, night.isoformat()))
    return None if marker is None else marker["content"]


def _training(run: Run, as_of: str) -> Path:
    return run.workspace.stages / "train" / as_of


def _models(run: Run, bundle: Bundle) -> Models:
    """Return the champion, with the test scores of its own training where they are still kept."""
    folder = _training(run, bundle.meta.get("as_of", ""))
    if read_stage(folder) is None or not (folder / TEST_SCORES).exists():
        return Models(bundle, audit=_audit(run, bundle))
    if _findings(read_bundle(folder / BUNDLE)) != _findings(bundle):
        return Models(bundle, audit=_audit(run, bundle))
    scores = pq.read_table(folder / TEST_SCORES).to_pandas()
    return Models(bundle, scores, audit=_audit(run, bundle))


def _audit(run: Run, bundle: Bundle) -> list[str]:
    found = audit_of(bundle)
    return [] if found is None else found.lines(run.settings.language)


def _findings(bundle: Bundle) -> list[str]:
    return [report.model_dump_json() for report in bundle.reports.values()]


def failed_models(run: Run, night: date, because: ChurnError | None) -> Models | None:
    """Return the models of the night's training, if that none passed is why there is no list."""
    if training_behind(run, night, because) is None:
        return None
    folder = _training(run, night.isoformat())
    scores = pq.read_table(folder / TEST_SCORES).to_pandas()
    bundle = read_bundle(folder / BUNDLE)
    return Models(bundle, scores, in_place=False, audit=_audit(run, bundle))


def data_of(run: Run, night: date) -> Data:
    """Return what the night knew of each table, what was set aside, and who was left out."""
    known = run.tables.known_at(night)
    by_table: dict[str, list[Entry]] = defaultdict(list)
    for entry in Registry(run.workspace).known_by(night):
        by_table[entry.table].append(entry)
    states = []
    for name in TABLES:
        entries = by_table.get(name, [])
        if not entries:
            continue
        rules: Counter[str] = Counter()
        for entry in entries:
            rules.update(entry.rules)
        states.append(
            TableState(
                name=name,
                deliveries=len(entries),
                delivered=sum(entry.delivered for entry in entries),
                accepted=sum(entry.accepted for entry in entries),
                quarantined=sum(entry.quarantined for entry in entries),
                not_selected=sum(entry.not_selected for entry in entries),
                observed_through=known.observed_through(name),
                assumed=known.assumed(name),
                rules=dict(rules),
            )
        )
    people = panel.population(known, run.settings.time, run.settings.states)
    counted = run.engine.to_arrow(panel.left_out(people), order_by=["reason"]).to_pylist()
    return Data(tuple(states), {row["reason"]: row["rows"] for row in counted})
