"""Which snapshots the panel holds: those with a whole lookback behind them and final labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Literal

from churn.errors import ExtractError
from churn.labels import DEFAULT, LabelDefinition, is_mature, unknown_columns
from churn.language import Text
from churn.panel.history import History, begun, remembers, too_old
from churn.panel.settings import PanelSettings
from churn.panel.split import reached
from churn.tables import Tables
from churn.windows import TimeSettings, add_months

Why = Literal[
    "labels not final",
    "too little history",
    "data too old",
    "columns of the definition unknown",
    "in no rolling window",
]
UNREACHED: Why = "in no rolling window"
WHYS: Mapping[str, Text] = MappingProxyType(
    {
        text.en: text
        for text in (
            Text("labels not final", "结果尚未成熟"),
            Text("too little history", "历史不足"),
            Text("data too old", "数据过旧"),
            Text("columns of the definition unknown", "流失定义所需字段未知"),
            Text(UNREACHED, "不在滚动窗口内"),
        )
    }
)
"""Why snapshots are left out, in both languages, by what the manifest calls it."""


@dataclass(frozen=True)
class Dropped:
    """A snapshot that was looked at and not used."""

    snapshot: date
    why: Why


@dataclass(frozen=True)
class Calendar:
    """The snapshots of a panel, oldest first.

    Parameters
    ----------
    dropped
        Those left out, down to the first that remembers too little.
    """

    as_of: date
    snapshots: tuple[date, ...]
    dropped: tuple[Dropped, ...]


def index_of(snapshot: date, as_of: date) -> int:
    """Return a snapshot's index: the whole months from it to the as-of date of its panel.

    It depends on the calendar alone, not on what was delivered or on which snapshots are used.

    Examples
    --------
    >>> from datetime import date
    >>> index_of(date(2025, 2, 28), date(2025, 5, 31))
    3
    """
    return (as_of.year - snapshot.year) * 12 + as_of.month - snapshot.month


def calendar(
    tables: Tables,
    as_of: date,
    first: Iterable[Mapping[str, Any]],
    *,
    settings: PanelSettings,
    time: TimeSettings,
    definition: LabelDefinition = DEFAULT,
    max_age: int | None = None,
) -> Calendar:
    """Choose the snapshots, a month apart back from the as-of date: all that can be used.

    All lie on the as-of date's day of the month, so that data is as old at each of them as it is
    on nights of that day; a month too short for it gives its last day.

    Parameters
    ----------
    first
        The rows of :func:`churn.panel.first_days`, as known on the as-of date.
    max_age
        Days that data may be older than a snapshot, as for a night: what would not have been
        scored teaches nothing. Without it, any age will do.

    Raises
    ------
    ExtractError
        If no snapshot has both a whole lookback and final labels.
    """
    now, history = tables.known_at(as_of), History.of(first, tables.deliveries)
    usable: list[date] = []
    dropped: list[Dropped] = []
    months, snapshot = 0, as_of
    while remembers(known := tables.known_at(snapshot), history, settings, time):
        if not is_mature(now, snapshot, time, definition):
            dropped.append(Dropped(snapshot, "labels not final"))
        elif max_age is not None and too_old(known, history, settings, max_age):
            dropped.append(Dropped(snapshot, "data too old"))
        elif unknown_columns(known, definition):
            dropped.append(Dropped(snapshot, "columns of the definition unknown"))
        else:
            usable.append(snapshot)
        months += 1
        snapshot = add_months(as_of, -months)
    if begun(tables.known_at(snapshot), history):
        dropped.append(Dropped(snapshot, "too little history"))
    if not usable:
        raise _none_usable(as_of, history, settings, time, definition, dropped)
    taken = reached(usable[::-1], settings, time)
    dropped += [Dropped(day, UNREACHED) for day in set(usable) - set(taken)]
    return Calendar(as_of, taken, tuple(sorted(dropped, key=lambda drop: drop.snapshot)))


def _none_usable(
    as_of: date,
    history: History,
    settings: PanelSettings,
    time: TimeSettings,
    definition: LabelDefinition,
    dropped: Sequence[Dropped],
) -> ExtractError:
    firsts = [history.begins(name, as_of) for name in settings.history_tables]
    latest = max((first for first in firsts if first), default=None)
    since = f" (history begins {latest})" if latest else ""
    needed = time.lead + time.outcome + max(time.grace, time.win_back)
    reasons = Counter(drop.why for drop in dropped)
    counts = ", ".join(f"{why} {count}" for why, count in sorted(reasons.items()))
    remedies: Mapping[Why, str] = {
        "columns of the definition unknown": "list the columns that the definition "
        f"{definition.name} needs under `constant:` of the initial load if they never change, "
        "choose another definition, or wait for later deliveries",
        "data too old": "deliver more often, or raise max_age",
        "labels not final": f"deliver later {', '.join(definition.reads).replace('_', ' ')}",
    }
    remedy = next((do for why, do in remedies.items() if why in reasons), None)
    return ExtractError(
        f"no snapshot up to {as_of} has both {time.lookback} days of history{since} "
        f"and {needed} days observed after it"
        + (f" (snapshots by reason: {counts})" if counts else ""),
        where=", ".join(sorted(history.facts)) or "tables",
        do=remedy or "deliver earlier history, or shorten time.lookback",
    )
