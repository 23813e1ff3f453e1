"""How many leave and how old data is, beside what the panel of the model in place told of both."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from churn.causes import Cause
from churn.evaluation.intervals import Interval
from churn.learning import Bundle
from churn.monitoring.base_rates import BaseRate, Rate, base_rates
from churn.monitoring.data_age import DataAge, data_ages
from churn.monitoring.record import Head, NightOfHead
from churn.monitoring.seasons import a_year_before
from churn.panel.manifest import PanelManifest, SnapshotCounts
from churn.tables import Known
from pipelines.panel import MANIFEST
from pipelines.run import Run

NEAR = timedelta(days=15)
"""From the same season of last year, within which a snapshot stands for it."""
ENOUGH = 0.5
"""Share of a night's outcomes that is known, from which its rate rests on them."""


def panel_of(run: Run, bundle: Bundle) -> PanelManifest | None:
    """Return what the model's panel held; None where it is not stored."""
    stage = run.stages.stored("panel", bundle.meta.get("as_of", ""))
    if stage is None:
        return None
    return PanelManifest.model_validate_json((stage.folder / MANIFEST).read_bytes())


def rates_of(run: Run, heads: Mapping[Cause, Head], panel: PanelManifest) -> tuple[BaseRate, ...]:
    """Hold the latest night of each head whose rate is known against the panel's snapshots."""
    now: dict[Cause, tuple[date, Interval]] = {}
    learned: dict[Cause, list[Rate]] = {}
    last_year: dict[Cause, Rate] = {}
    for cause, head in heads.items():
        told = [(each.night, share) for each in head.nights if (share := _share(each)) is not None]
        if not told:
            continue
        now[cause] = told[-1]
        learned[cause] = [_rate(each, cause) for each in panel.snapshots]
        then = _same_season(run, now[cause][0], panel)
        if then is not None:
            last_year[cause] = _rate(then, cause)
    return base_rates(now, learned, last_year, spread=run.settings.monitoring.spread)


def ages_of(run: Run, known: Known, panel: PanelManifest) -> tuple[DataAge, ...]:
    """Hold the age of each table on the night against those of the panel's snapshots."""
    names = sorted({name for each in panel.snapshots for name in each.ages})
    ages = {name: age for name in names if (age := known.age(name)) is not None}
    learned = {
        name: [each.ages[name] for each in panel.snapshots if name in each.ages] for name in names
    }
    then = _same_season(run, known.day, panel)
    return data_ages(ages, learned, then.ages if then else {})


def _share(each: NightOfHead) -> Interval | None:
    """Return the share of those at risk that leaves; None while too little of it is known."""
    if not each.at_risk:
        return None
    if each.final is not None:
        ratio = each.metrics.get("observed_expected")
        events = ratio and _scaled(ratio, each.promised)
    else:
        events = each.nowcast.final if each.nowcast and each.nowcast.known >= ENOUGH else None
    return _scaled(events, 1 / each.at_risk) if events else None


def _scaled(interval: Interval, factor: float) -> Interval:
    return Interval(
        value=interval.value * factor,
        lower=interval.lower * factor,
        upper=interval.upper * factor,
    )


def _rate(counts: SnapshotCounts, cause: Cause) -> Rate:
    parts = counts.parts.values()
    return Rate(
        snapshot=counts.snapshot,
        rate=counts.base_rates.get(cause, 0.0),
        at_risk=sum(part.weight for part in parts),
        events=sum(part.outcomes.get(cause, 0) for part in parts),
    )


def _same_season(run: Run, night: date, panel: PanelManifest) -> SnapshotCounts | None:
    """Return the snapshot nearest to the same weeks of last year, if one is near."""
    then = a_year_before(night, run.settings.features.calendar.festivals)
    near = [each for each in panel.snapshots if abs(each.snapshot - then) <= NEAR]
    return min(near, key=lambda each: (abs(each.snapshot - then), each.snapshot), default=None)
