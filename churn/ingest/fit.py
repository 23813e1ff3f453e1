"""Whether the tables fit each other, and a delivery those before it.

Each file may be sound while a month between others is missing, a column has moved to another unit,
or hardly anybody has a bill. Deliveries are held to those before; what is far off stops a night
unless the settings accept it by name, what is merely unusual is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import pi, sqrt
from pathlib import Path
from statistics import median

from churn.engines import Engine
from churn.errors import ExtractError, tellable
from churn.ingest.fit_settings import FITS, FitSettings
from churn.ingest.lives import outside_lives, without_rows
from churn.ingest.profiles import CODES, NAMES, STEPS, ColumnProfile, Profile, profiles
from churn.ingest.registry import Entry
from churn.language import Text
from churn.store import Workspace
from churn.tables import TABLES, Column
from churn.tables.deliveries import known_deliveries
from churn.windows import month_end, months_between

#: Tables whose rows come as regularly as customers do: what is far off in them stops a night.
REGULAR = frozenset({"subscribers", "bills", "calls", "usage_monthly"})
BESIDE = 3  # months, or deliveries, that one is held to
EXPECTED = 100  # rows below which chance explains a change
MISSED = 30  # rows in the months beside from which a month without any is missing
COVERED = 7  # days of a month from which it is judged
TOLD_CHANGE = 0.3
TOLD_BESIDE = 0.7  # of what comes as it happens, and of months long past
TOLD_SHIFT = 0.2
TOLD_WITHOUT = {"status_events": 0.01}
TOLD_OUTSIDE = 0.001
NAMED_CODES = 5
_NONE = "\0"  # stands for no value among the values of a column


@dataclass(frozen=True)
class FitFinding:
    """One way in which tables do not fit.

    Parameters
    ----------
    subject
        The table, with the month or column that is meant: what an acceptance names.
    stops
        Whether it stops a night; one accepted by name does not.
    """

    code: str
    subject: str
    text: Text
    stops: bool
    accepted: bool = False

    @property
    def table(self) -> str:
        """The table it is about."""
        return self.subject.split(" ")[0].split(".")[0]

    def wording(self) -> Text:
        """Say it in one line."""
        state = Text(" (accepted)", "（已接受）") if self.accepted else Text("", "")
        return Text(f"{self.code} {self.subject}: ", f"{self.code} {self.subject}：") + (
            self.text + state
        )


def fit(
    entries: Sequence[Entry],
    workspace: Workspace,
    engine: Engine,
    settings: FitSettings,
    departed: Collection[str],
    *,
    begun: bool = False,
) -> tuple[FitFinding, ...]:
    """Hold all deliveries of a day to each other.

    Parameters
    ----------
    entries
        The deliveries that the day knew.
    departed
        Codes of the states in which a subscriber has left for good.
    begun
        Whether every subscriber begins in a state that is declared, so that many have no event.
    """
    by_table = {
        name: sorted(each, key=lambda entry: (entry.delivered_on, entry.partition))
        for name in TABLES
        if (each := [entry for entry in entries if entry.table == name])
    }
    current = {name: current_entries(each, workspace.root) for name, each in by_table.items()}
    known = profiles(entries, workspace)
    found = [
        *(
            finding
            for finding in _without(current, workspace.root, engine, settings)
            if not (begun and finding.table == "status_events")
        ),
        *(
            finding
            for name, each in current.items()
            for finding in _by_month(name, each, known, settings)
        ),
        *(
            finding
            for name, each in by_table.items()
            for finding in _by_delivery(name, each, known, settings)
        ),
        *_outside(current, workspace.root, engine, settings, departed),
    ]
    accepted = {(one.code, one.subject) for one in settings.accept}
    return tuple(
        FitFinding(f.code, f.subject, f.text, stops=False, accepted=True)
        if (f.code, f.subject) in accepted
        else f
        for f in found
    )


def require_fit(found: Sequence[FitFinding]) -> None:
    """Refuse tables of which a finding stops a night.

    Raises
    ------
    ExtractError
        With the first of them in words and the names of all.
    """
    stopping = [finding for finding in found if finding.stops]
    if not stopping:
        return
    first, *others = stopping
    names = "; ".join(f"{finding.code} {finding.subject}" for finding in others)
    raise ExtractError(
        f"the tables do not fit: {first.wording().en}" + (f"; so do {names}" if others else ""),
        where=f"{first.subject}, beside what was delivered before",
        do="deliver what is missing or mend the mapping; where it is right so, accept each by code"
        " and subject under ingest.fit.accept (docs/extracts.md)",
    )


def current_entries(entries: Sequence[Entry], root: Path) -> list[Entry]:
    """Return the deliveries that make up what is known of one table."""
    day = max(date.fromisoformat(entry.delivered_on) for entry in entries)
    held = {
        path.relative_to(root).as_posix()
        for delivery in known_deliveries(
            (entry.delivery(root) for entry in entries), entries[0].table, day
        )
        for path in delivery.paths
    }
    return [entry for entry in entries if entry.path in held]


def _without(
    current: Mapping[str, Sequence[Entry]], root: Path, engine: Engine, settings: FitSettings
) -> Iterator[FitFinding]:
    """Find tables in which many of the subscribers have no row."""
    for name, (subscribers, without) in without_rows(current, root, engine).items():
        share = without / subscribers
        if subscribers < MISSED or share <= TOLD_WITHOUT.get(name, 0.5):
            continue
        yield FitFinding(
            "FIT101",
            name,
            Text(
                f"{without:,} of {subscribers:,} subscribers have no row ({share:.0%})",
                f"{subscribers:,} 户中 {without:,} 户无记录（{share:.0%}）",
            ),
            stops=share > settings.max_without,
        )


def _by_month(
    name: str, entries: Sequence[Entry], known: Mapping[str, Profile], settings: FitSettings
) -> Iterator[FitFinding]:
    """Find months that are missing or far off, where rows are dated and told once."""
    table = TABLES[name]
    if table.occurs_on is None or table.mode == "full" or entries[0].mode == "full":
        return
    rows: Counter[str] = Counter()
    for entry in entries:
        for month, counted in known[entry.path].months.items():
            rows[month] += counted.rows
    covers = max(date.fromisoformat(entry.covers_until) for entry in entries)
    months = months_between(min(rows), max(rows)) if rows else []
    rates: dict[str, float] = {}
    for month in months:
        days = _covered_days(month, covers, whole=table.occurs_at_month_end)
        if days:
            rates[month] = rows[month] / days
    judged = list(rates)[1:]  # a history may begin within a month
    for place, month in enumerate(judged):
        beside = [
            rates[other]
            for other in judged[max(0, place - BESIDE) : place + BESIDE + 1]
            if other != month and (rates[other] or name not in REGULAR)
        ]
        before = [rates[other] for other in judged[max(0, place - BESIDE) : place] if rates[other]]
        newest = month == judged[-1]
        compared = before if newest else beside
        if not compared:
            continue
        expected = median(compared) * _days(month, covers)
        if not rows[month] and not newest and expected >= MISSED:
            yield FitFinding(
                "FIT201",
                f"{name} {month}",
                Text(
                    f"no row in {month}; the months beside have about {expected:,.0f}",
                    f"{month} 无记录；相邻月份约 {expected:,.0f} 行",
                ),
                stops=name in REGULAR,
            )
        else:
            yield from _changed(
                name, f"{name} {month}", rows[month], expected, settings, newest=newest
            )


def _changed(
    name: str, subject: str, rows: int, expected: float, settings: FitSettings, *, newest: bool
) -> Iterator[FitFinding]:
    """Find what has far fewer or more rows than expected; only the newest stops a night."""
    regular = name in REGULAR
    told = TOLD_CHANGE if regular and newest else TOLD_BESIDE
    ratio = rows / expected if expected else 1.0
    if expected < EXPECTED or 1 - told <= ratio <= 1 / (1 - told):
        return
    limit = 1 - settings.max_change
    yield FitFinding(
        "FIT202" if ratio < 1 else "FIT203",
        subject,
        Text(
            f"{rows:,} rows where about {expected:,.0f} were expected",
            f"{rows:,} 行，预期约 {expected:,.0f} 行",
        ),
        stops=regular and newest and not limit <= ratio <= 1 / limit,
    )


def _by_delivery(
    name: str, entries: Sequence[Entry], known: Mapping[str, Profile], settings: FitSettings
) -> Iterator[FitFinding]:
    """Hold the newest delivery to those before it, each in its time."""
    in_time = [entry for entry in entries if entry.assumed_lag is None]
    days = sorted({entry.delivered_on for entry in in_time})
    if len(days) < 2:  # noqa: PLR2004 - one before, one after
        return
    newest = [known[entry.path] for entry in in_time if entry.delivered_on == days[-1]]
    earlier = {
        day: [known[entry.path] for entry in in_time if entry.delivered_on == day]
        for day in days[:-1]
    }
    recent = [profile for day in days[-1 - BESIDE : -1] for profile in earlier[day]]
    if in_time[-1].mode == "full":
        sizes = [sum(p.rows for p in earlier[day]) for day in days[-1 - BESIDE : -1]]
        rows = sum(profile.rows for profile in newest)
        subject = f"{name} {days[-1]}"
        yield from _changed(name, subject, rows, median(sizes), settings, newest=True)
    every = [profile for day in days[:-1] for profile in earlier[day]]
    for column in TABLES[name].columns:
        if column.name in NAMES or column.known_from or column.filled_later:
            continue
        if column.name == "delivered_on":
            continue
        yield from _shifted(name, column, newest, recent, settings)
        yield from _new_codes(name, column, newest, every, settings)


def _shifted(
    name: str,
    column: Column,
    newest: Sequence[Profile],
    before: Sequence[Profile],
    settings: FitSettings,
) -> Iterator[FitFinding]:
    """Find a column whose values lie elsewhere than in the deliveries before."""
    shift = shift_between(column.name, newest, before)
    if shift is None or shift <= TOLD_SHIFT:
        return
    blank, blank_then = (
        sum(profile.columns[column.name].nulls for profile in side)
        / sum(profile.rows for profile in side)
        for side in (newest, before)
    )
    yield FitFinding(
        "FIT301",
        f"{name}.{column.name}",
        Text(
            f"{shift:.0%} of the values lie elsewhere than before; no value: {blank:.0%} of rows,"
            f" before {blank_then:.0%}",
            f"{shift:.0%} 的值分布与以往不同；空值占比 {blank:.0%}，以往 {blank_then:.0%}",
        ),
        stops=name in REGULAR
        and shift > settings.max_shift
        and blank_then < 1 - settings.max_shift,  # a column filled from now on is no harm
    )


def shift_between(name: str, newest: Sequence[Profile], before: Sequence[Profile]) -> float | None:
    """Return the share of a column's values that lie elsewhere than before, chance aside.

    None where there are too few rows to tell.
    """
    if any(name not in profile.columns for profile in (*newest, *before)):
        return None
    now, then = (_distribution(name, side) for side in (newest, before))
    if min(sum(now.values()), sum(then.values())) < EXPECTED:
        return None
    return _total_variation(now, then)


def _distribution(name: str, deliveries: Sequence[Profile]) -> Counter[str]:
    """Return the rows by value: numbers by doubling, dates by whether there is one."""
    total: Counter[str] = Counter()
    for profile in deliveries:
        column = profile.columns[name]
        total[_NONE] += column.nulls
        if column.kind in {"moment", "id"} or column.distinct > CODES >= len(column.counts):
            total[""] += profile.rows - column.nulls
            continue
        for value, rows in column.counts.items():
            total[_doubling(column, value)] += rows
    return total


def _doubling(column: ColumnProfile, value: str) -> str:
    if column.kind != "number":
        return value
    number = int(value)
    return f"{'-' if number < 0 else ''}{(abs(number) + STEPS - 1) // STEPS}"


def _total_variation(now: Counter[str], then: Counter[str]) -> float:
    """Return the share of values that would have to move, beyond what chance moves.

    The mean of what chance moves is half the sum of sqrt(2 p (1 − p) (1/n + 1/m) / π).
    """
    rows, rows_then = sum(now.values()), sum(then.values())
    moved = chance = 0.0
    for value in now.keys() | then.keys():
        moved += abs(now[value] / rows - then[value] / rows_then)
        share = (now[value] + then[value]) / (rows + rows_then)
        chance += sqrt(2 * share * (1 - share) * (1 / rows + 1 / rows_then) / pi)
    return max(0.0, (moved - chance) / 2)


def _new_codes(
    name: str,
    column: Column,
    newest: Sequence[Profile],
    before: Sequence[Profile],
    settings: FitSettings,
) -> Iterator[FitFinding]:
    """Find codes that no delivery before had, in columns of few codes."""
    sides = [[profile.columns[column.name] for profile in side] for side in (newest, before)]
    if any(each.kind != "text" or each.distinct >= CODES for side in sides for each in side):
        return
    seen = {code for each in sides[1] for code in each.counts}
    codes: Counter[str] = Counter()
    for each in sides[0]:
        codes.update({code: rows for code, rows in each.counts.items() if code not in seen})
    filled = sum(rows for each in sides[0] for rows in each.counts.values())
    if not codes or not seen:
        return
    named = [code for code, _ in codes.most_common(NAMED_CODES) if tellable(code)]
    words = f": {', '.join(named)}" if named else ""
    total = sum(codes.values())
    yield FitFinding(
        "FIT302",
        f"{name}.{column.name}",
        Text(
            f"{len(codes):,} codes not seen before in {total:,} of {filled:,} rows{words}",
            f"{len(codes):,} 个新代码，见于 {filled:,} 行中的 {total:,} 行{words}",
        ),
        stops=name in REGULAR and total > settings.max_new_codes * filled,
    )


def _outside(
    current: Mapping[str, Sequence[Entry]],
    root: Path,
    engine: Engine,
    settings: FitSettings,
    departed: Collection[str],
) -> Iterator[FitFinding]:
    """Find tables with rows before their subscribers' activation, or long after their end."""
    for name, counts in outside_lives(current, root, engine, departed).items():
        for code, rows in (("FIT401", counts.before), ("FIT402", counts.after)):
            share = rows / counts.rows if counts.rows else 0.0
            if share <= TOLD_OUTSIDE:
                continue
            yield FitFinding(
                code,
                name,
                Text(
                    f"{rows:,} of {counts.rows:,} rows: {FITS[code].en}",
                    f"{counts.rows:,} 行中 {rows:,} 行{FITS[code].zh}",
                ),
                stops=share > settings.max_outside and rows >= MISSED,
            )


def _days(month: str, covers: date) -> int:
    first = date.fromisoformat(f"{month}-01")
    return max(0, (min(covers, month_end(first)) - first).days + 1)


def _covered_days(month: str, covers: date, *, whole: bool) -> int:
    """Return the days of a month that deliveries cover, none of one that is not judged."""
    days = _days(month, covers)
    least = month_end(date.fromisoformat(f"{month}-01")).day if whole else COVERED
    return days if days >= least else 0
