"""Which past nights can be replayed: those that could train then, and whose outcomes are final."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from churn.errors import ExtractError, LeakError, UsageError
from churn.labels import require_mature
from churn.language import Text
from churn.windows import add_months
from pipelines.freshness import require_fresh, watched
from pipelines.panel import making
from pipelines.run import REQUIRED, Run


@dataclass(frozen=True)
class Chosen:
    """The nights to replay, oldest first, and those that were looked at and left out."""

    nights: tuple[date, ...]
    left_out: dict[date, Text]


def choose(run: Run, as_of: date, wanted: int, named: Sequence[date] = ()) -> Chosen:
    """Choose the latest ``wanted`` nights, a month apart back from ``as_of``, or those named.

    A night that cannot be replayed is passed over and told; fewer than wanted, or a named one that
    cannot be, are refused.
    """
    if named:
        for night in sorted(set(named)):
            _require(run, as_of, night)
        return Chosen(tuple(sorted(set(named))), {})
    nights: list[date] = []
    left_out: dict[date, Text] = {}
    months, night = 0, as_of
    while len(nights) < wanted and _reaches(run, night):
        why = _why_not(run, as_of, night)
        if why is None:
            nights.append(night)
        else:
            left_out[night] = why
        months += 1
        night = add_months(as_of, -months)
    if len(nights) < wanted:
        raise _too_few(as_of, wanted, nights[::-1], left_out)
    return Chosen(tuple(nights[::-1]), left_out)


def _require(run: Run, as_of: date, night: date) -> None:
    settings = run.settings
    now = run.tables.known_at(as_of)
    require_mature(now, night, settings.time, settings.labels.chosen)
    then = run.tables.known_at(night)
    require_fresh(then, watched(then, settings.panel), settings.max_age)
    making(run, night).calendar()


def _why_not(run: Run, as_of: date, night: date) -> Text | None:
    """Say why a night cannot be replayed; None if it can."""
    try:
        _require(run, as_of, night)
    except LeakError:
        final = run.settings.time.mature_on(night)
        return Text(f"labels are not final before {final}", f"标签在 {final} 前尚未确定")
    except ExtractError as error:
        return Text(error.what, "当时的历史不足以训练，或数据过旧")
    return None


def _reaches(run: Run, night: date) -> bool:
    """Tell whether there is any data before the night, so that earlier nights may be tried."""
    known = run.tables.known_at(night)
    return all(known.has(name) for name in REQUIRED)


def _too_few(
    as_of: date, wanted: int, nights: Sequence[date], left_out: dict[date, Text]
) -> UsageError:
    usable = f"{nights[0]} … {nights[-1]}" if nights else "none"
    reasons = "\n         ".join(f"{day}: {why.en}" for day, why in sorted(left_out.items()))
    return UsageError(
        f"{len(nights)} of the {wanted} nights asked for can be replayed: {usable}",
        where=f"backtest as of {as_of}\n         {reasons}",
        do=f"ask for --nights {len(nights)}, or deliver more history"
        if nights
        else "deliver more history: a night needs snapshots with final labels behind it, and its "
        "own outcomes",
    )
