"""Base rates: the share that leaves by now, against what was learned from and the same season.

Both are of rows weighted as in training. Months differ by more than chance, so the snapshots that
were learned from tell how far one month lies from another; what is told is beyond that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from churn.causes import Cause
from churn.evaluation.intervals import Interval
from churn.evaluation.multiplicity import holm
from churn.frozen import Frozen
from churn.late import Late
from churn.monitoring.drift import LEVEL

stats = Late("scipy.stats")

LEAST = 0.1
"""Relative difference below which a base rate is not worth a look, however certain it is."""
_WIDE = 1.96
"""Standard errors from the middle of an interval to its ends."""


@dataclass(frozen=True)
class Rate:
    """One snapshot's base rate of one head.

    Parameters
    ----------
    rate
        Share of those at risk, weighted.
    at_risk
        Their weight.
    events
        Departures behind it.
    """

    snapshot: date
    rate: float
    at_risk: float
    events: float


class BaseRate(Frozen):
    """The base rate of one head on one night, beside others.

    Attributes
    ----------
    now
        Share of the night's subscribers that leave, counted or completed, with its 95 % interval.
    learned, last_year
        The same of the snapshots that the model learned from, all together, and of the one in the
        same season of last year; None where none of them lies there.
    chance
        Of a night as far from what was learned while nothing has changed; corrected for the number
        of heads.
    moves
        By how much the logit of the base rate has moved from what was learned.
    as_last_year
        Whether last year's is no further off than chance explains.
    """

    head: Cause
    night: date
    now: Interval
    learned: float
    snapshots: int
    chance: float
    moves: float
    last_year: float | None = None
    last_year_on: date | None = None
    as_last_year: bool | None = None

    @property
    def told(self) -> bool:
        """Whether it is other than what was learned, and by enough to matter."""
        return self.chance <= LEVEL and abs(np.log(self.now.value / self.learned)) >= np.log1p(
            LEAST
        )


def base_rates(
    now: Mapping[Cause, tuple[date, Interval]],
    learned: Mapping[Cause, Sequence[Rate]],
    last_year: Mapping[Cause, Rate],
    *,
    spread: float,
) -> tuple[BaseRate, ...]:
    """Hold the base rate of each head against what was learned, and against last year's.

    Parameters
    ----------
    now
        By head, a night and its share of departures.
    learned
        By head, the snapshots that the model learned from.
    last_year
        By head, the snapshot in the same season of last year.
    spread
        How far one month's rate lies from another's, at least: standard deviation of the ratio.

    Notes
    -----
    The logarithm of a ratio is normal enough: its variance is that of the night's interval, that of
    the events learned from, and what single snapshots differ by beyond their events.
    """
    heads = [head for head in now if _sound(now[head][1]) and _pooled(learned.get(head, ())) > 0]
    if not heads:
        return ()
    raw = {head: _chance(now[head][1], learned[head], spread) for head in heads}
    corrected = dict(zip(heads, holm([raw[head] for head in heads]), strict=True))
    found = []
    for head in heads:
        night, share = now[head]
        then, rate = last_year.get(head), _pooled(learned[head])
        found.append(
            BaseRate(
                head=head,
                night=night,
                now=share,
                learned=rate,
                snapshots=len(learned[head]),
                chance=float(corrected[head]),
                moves=_logit(share.value) - _logit(rate),
                last_year=then.rate if then else None,
                last_year_on=then.snapshot if then else None,
                as_last_year=_alike(share, then, spread) if then else None,
            )
        )
    return tuple(found)


def _sound(share: Interval) -> bool:
    """Tell whether anybody left, and enough for an interval."""
    return share.value > 0 and bool(np.isfinite([share.lower, share.upper]).all())


def _pooled(rates: Sequence[Rate]) -> float:
    weight = sum(each.at_risk for each in rates)
    return sum(each.rate * each.at_risk for each in rates) / weight if weight else 0.0


def _chance(now: Interval, learned: Sequence[Rate], spread: float) -> float:
    known = [each for each in learned if each.events > 0 and each.rate > 0]
    logs = np.log([each.rate for each in known])
    own = float(np.mean([1 / each.events for each in known]))
    between = float(logs.var(ddof=1)) - own if len(known) > 1 else 0.0
    months = max(spread**2, between)
    events = sum(each.events for each in known)
    variance = _error(now) ** 2 + 1 / events + months * (1 + 1 / len(known))
    return _two_sided(np.log(now.value / _pooled(learned)), variance)


def _alike(now: Interval, then: Rate, spread: float) -> bool:
    """Tell whether two months a year apart are as near as two months usually are."""
    if then.rate <= 0:
        return False
    apart = np.log(now.value / then.rate)
    variance = _error(now) ** 2 + 1 / max(then.events, 1.0) + 2 * spread**2
    return bool(
        abs(apart) < np.log1p(LEAST) or _two_sided(apart, variance) > 2 * stats.norm.sf(_WIDE)
    )


def _error(share: Interval) -> float:
    """Return the standard error of the logarithm."""
    lower = max(share.lower, share.value / 100)
    return float(np.log(share.upper / lower) / (2 * _WIDE))


def _two_sided(apart: float, variance: float) -> float:
    return float(2 * stats.norm.sf(abs(apart) / np.sqrt(variance)))


def _logit(share: float) -> float:
    inside = min(max(share, 1e-9), 1 - 1e-9)
    return float(np.log(inside / (1 - inside)))
