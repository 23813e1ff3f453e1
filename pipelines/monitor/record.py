"""What a night's watch finds: each head's nights, its groups, its segments and the alarms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from churn.causes import CAUSES, Cause
from churn.evaluation.intervals import Interval
from churn.monitoring import (
    Counted,
    Days,
    Development,
    Strange,
    alarm_of,
    counted,
    expected_average_precision,
    nowcast,
    strangeness,
    watch,
    watched_days,
)
from churn.monitoring.fairness import Disparity, disparities
from churn.monitoring.record import Forecast, Head, NightOfHead, Record
from churn.tables import Known
from pipelines.backtest.heads import CHAMPION, measured
from pipelines.monitor.development import Tally, developed
from pipelines.monitor.nights import Scored, Watching, look_at
from pipelines.run import Run

TOP = 0.1
"""The riskiest share of a night that is watched on its own."""
LEVELS = 30
"""Values of a segment's column that are told, those with most events promised."""
LOOKS = 12


@dataclass(frozen=True)
class Past:
    """What earlier watches left behind.

    Attributes
    ----------
    records
        What each of them found.
    tallies
        What the latest counted of past snapshots.
    """

    records: Sequence[Record]
    tallies: Mapping[str, Tally]


def record_of(
    run: Run,
    now: Known,
    observed: date,
    nights: Sequence[Scored],
    passed_over: dict[str, int],
    past: Past,
) -> tuple[Record, dict[str, Tally]]:
    """Return what is found of the nights by now, and what was counted of past snapshots."""
    settings = run.settings.monitoring
    begun = [each for each in nights if _opened(run, each.night, observed)]
    watching = [look_at(run, each, now, observed) for each in begun]
    pending = [each for each in watching if not each.final]
    known = (
        developed(
            run,
            now,
            nights[-1].night,
            [(observed - each.scored.night).days for each in pending],
            past.tallies,
        )
        if watching
        else None
    )
    developments: Mapping[Cause, Development] = known.heads if known else {}
    series: dict[tuple[Cause, str], Days] = {}
    segments: dict[Cause, dict[str, Days]] = {}
    heads: dict[Cause, Head] = {}
    for cause in CAUSES:
        own = [each for each in watching if _was_on(each, cause)]
        if not own:
            continue
        development = developments.get(cause)
        if development is not None:
            series |= {
                (cause, group): days
                for group, days in _groups(run, own, cause, development).items()
            }
            segments[cause] = _segments(run, own, cause, development)
        heads[cause] = Head(
            nights=tuple(_night(run, each, cause, development, past.records) for each in own),
            segments=_worth_telling(segments.get(cause, {}), settings.spread),
            groups=_groups_alike(run, own, cause),
        )
    looks = _looks(run, now)
    watched = watch(
        series,
        looks=looks,
        alarms_per_year=settings.alarms_per_year,
        spread=settings.spread,
        least_expected=settings.least_expected,
    )
    record = Record(
        as_of=now.day,
        observed_through=observed,
        references=known.snapshots if known else (),
        looks=looks,
        heads=heads,
        watched=tuple(watched),
        alarms=tuple(alarm_of(watched, segments, spread=settings.spread)),
        passed_over=passed_over,
    )
    return record, known.tallies if known else {}


def _was_on(each: Watching, cause: Cause) -> bool:
    """Tell whether a head gave chances on a night: one that is off gives missing values."""
    column = f"p_{cause}"
    return column in each.rows and bool(each.rows[column].notna().all())


def _opened(run: Run, night: date, observed: date) -> bool:
    return run.settings.time.outcome_window(night).start <= observed


def _looks(run: Run, now: Known) -> float:
    """Return how often a year new outcomes come, by the deliveries of the past year."""
    reads = run.settings.labels.chosen.reads
    year_ago = now.day - timedelta(days=365)
    days = {
        each.delivered_on
        for each in run.tables.deliveries
        if each.table in reads and year_ago < each.delivered_on <= now.day
    }
    return float(max(len(days), LOOKS))


def _count(each: Watching, cause: Cause, rows: pd.DataFrame, length: int) -> Counted:
    own = (rows["outcome"] == cause).to_numpy()
    day = np.where(own, rows["day"].to_numpy(np.int64), -1).astype(np.int64)
    return counted(
        rows[f"p_{cause}"].to_numpy(np.float64),
        day,
        rows["weight"].to_numpy(np.float64),
        days=length,
        seen=each.window.seen_day,
    )


def _groups(
    run: Run, watching: Sequence[Watching], cause: Cause, development: Development
) -> dict[str, Days]:
    """Lay out all, the riskiest tenth and the rest."""
    parts: dict[str, list[pd.DataFrame]] = {"all": [], "top": [], "rest": []}
    for each in watching:
        chance = each.rows[f"p_{cause}"]
        top = (chance >= chance.quantile(1 - TOP)).to_numpy()
        for name, rows in (("all", each.rows), ("top", each.rows[top]), ("rest", each.rows[~top])):
            parts[name].append(rows)
    return _laid_out(run, watching, cause, development, parts)


def _segments(
    run: Run, watching: Sequence[Watching], cause: Cause, development: Development
) -> dict[str, Days]:
    """Lay out each value of each segment's column."""
    found: dict[str, Days] = {}
    for column in run.settings.monitoring.segments:
        promised = pd.concat(
            [(each.rows["weight"] * each.rows[f"p_{cause}"]).groupby(each.rows[column]).sum()
             for each in watching]
        )  # fmt: skip
        totals = promised.groupby(level=0).sum().sort_index()
        levels = totals.sort_values(ascending=False, kind="stable").index[:LEVELS]
        parts = {
            f"{column}={level}": [each.rows[each.rows[column] == level] for each in watching]
            for level in levels
        }
        found |= _laid_out(run, watching, cause, development, parts)
    return found


def _laid_out(
    run: Run,
    watching: Sequence[Watching],
    cause: Cause,
    development: Development,
    parts: Mapping[str, Sequence[pd.DataFrame]],
) -> dict[str, Days]:
    length = run.settings.time.outcome
    windows = [each.window for each in watching]
    found = {}
    for name, frames in parts.items():
        counts = [
            _count(each, cause, rows, length) for each, rows in zip(watching, frames, strict=True)
        ]
        days = watched_days(windows, counts, development, memory=run.settings.monitoring.memory)
        if days is not None:
            found[name] = days
    return found


def _worth_telling(segments: Mapping[str, Days], spread: float) -> tuple[tuple[str, Strange], ...]:
    told = ((name, strangeness(days, days.first, spread=spread)) for name, days in segments.items())
    return tuple((name, strange) for name, strange in told if strange is not None)


def _night(
    run: Run,
    each: Watching,
    cause: Cause,
    development: Development | None,
    earlier: Sequence[Record],
) -> NightOfHead:
    rows = each.rows
    weight = rows["weight"].to_numpy(np.float64)
    count = _count(each, cause, rows, run.settings.time.outcome)
    seen = float(count.seen.sum())
    coming = None
    if not each.final and development is not None and count.expected > 0:
        coming = nowcast(
            development,
            seen_day=each.window.seen_day,
            seen=seen,
            expected=count.expected,
            scale=count.scale,
            seed=run.settings.evaluation.seed,
        )
    return NightOfHead(
        night=each.scored.night,
        trained_as_of=each.scored.trained_as_of,
        promised=count.expected,
        at_risk=float(weight.sum()),
        chances_alone=expected_average_precision(rows[f"p_{cause}"].to_numpy(np.float64), weight),
        nowcast=coming,
        final=seen if each.final else None,
        metrics=_metrics(run, rows, cause) if each.final else {},
        forecasts=_forecasts(earlier, each.scored.night, cause, seen / count.expected)
        if each.final and count.expected > 0
        else (),
    )


def _groups_alike(run: Run, watching: Sequence[Watching], cause: Cause) -> tuple[Disparity, ...]:
    """Hold the groups of the latest final night beside each other."""
    final = [each for each in watching if each.final]
    if not final:
        return ()
    rows = final[-1].rows
    rows = rows.assign(chance=rows[f"p_{cause}"], churned=rows["outcome"] == cause)
    return tuple(
        each
        for column in run.settings.monitoring.fairness
        for each in disparities(rows, column, run.settings.evaluation)
    )


def _metrics(run: Run, rows: pd.DataFrame, cause: Cause) -> dict[str, Interval]:
    evaluation = run.settings.evaluation
    found = measured(rows, cause, (), evaluation.list_size, evaluation)
    return found.get(CHAMPION, {})


def _forecasts(
    earlier: Sequence[Record], night: date, cause: Cause, ratio: float
) -> tuple[Forecast, ...]:
    """Return what earlier nights had expected of one that is final now, in the order of time."""
    told = []
    for record in sorted(earlier, key=lambda record: record.as_of):
        head = record.heads.get(cause)
        for each in head.nights if head else ():
            if each.night == night and each.nowcast is not None:
                interval = each.nowcast.ratio
                told.append(
                    Forecast(
                        told_on=record.as_of,
                        known=each.nowcast.known,
                        ratio=interval,
                        held=interval.lower <= ratio <= interval.upper,
                    )
                )
    return tuple(told)
