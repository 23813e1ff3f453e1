"""The alarm: whether what happened since some day is more, or less, than chance explains.

Since when something has changed is not known, so several stretches that end today are looked at:
the last 7, 14, 28 … days. In each, the events seen are held against those that should have been
seen by now; their distribution is a negative binomial, whose spread beyond Poisson's comes from
what months differ by nature and from what the references leave uncertain. The chance of something
as strange is multiplied by all that was looked at: stretches, heads, groups, and looks in a year.
Only what is still rarer than the false alarms put up with is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np

from churn.causes import Cause
from churn.evaluation.intervals import Interval
from churn.frozen import Frozen
from churn.late import Late
from churn.monitoring.watching import Days

stats = Late("scipy.stats")

SHORTEST = 7
"""Days of the shortest stretch, and the step in which it is told since when."""


class Strange(Frozen):
    """How strange the events of one stretch are.

    Attributes
    ----------
    since
        Its first day.
    seen, expected
        Events seen, and those that should have been seen by now.
    ratio
        One over the other, with its 95 % interval.
    chance
        Of something as far off in either direction while nothing has changed: two-sided.
    """

    since: date
    seen: float
    expected: float
    ratio: Interval
    chance: float


class Watched(Frozen):
    """One series that was looked at: the strangest stretch of it, and whether it is told."""

    head: Cause
    group: str
    stretch: Strange
    looked_at: int
    alarm: bool


class Alarm(Frozen):
    """What is told: the head, how much, since when, and which segments moved.

    Attributes
    ----------
    group
        The group of chances in which it shows most.
    moved
        Segments, as ``column=value``, that are off by more than chance after correction, those
        with most events too many or too few first.
    """

    head: Cause
    group: str
    stretch: Strange
    moved: tuple[tuple[str, Strange], ...]


def stretches(days: Days) -> list[date]:
    """Return the first days of the stretches that are looked at, the shortest first."""
    length, found = SHORTEST, []
    last = days.first + timedelta(days=len(days.seen))
    while length < len(days.seen):
        found.append(last - timedelta(days=length))
        length *= 2
    return [*found, days.first]


def strangeness(days: Days, since: date, *, spread: float) -> Strange | None:
    """Tell how strange a stretch is; None where nothing should have been seen in it.

    Parameters
    ----------
    spread
        Standard deviation of observed/expected while nothing has changed.
    """
    part = days.since(since)
    expected, seen = float(days.expected[part].sum()), float(days.seen[part].sum())
    if expected <= 0:
        return None
    relative = spread**2 + _uncertainty(days, part) ** 2
    count, mean = seen / days.scale, expected / days.scale
    return Strange(
        since=since,
        seen=seen,
        expected=expected,
        ratio=_ratio(count, mean, relative),
        chance=_two_sided(count, mean, relative),
    )


def _uncertainty(days: Days, part: slice) -> float:
    """Return the relative error of what is expected, as the references leave it.

    All nights rest on the same references, so their errors add up instead of evening out.
    """
    total, error = float(days.expected[part].sum()), 0.0
    for night in np.unique(days.night[part]):
        own = days.night[part] == night
        evidence = float(days.evidence[part][own].sum())
        if evidence > 0:
            error += float(days.expected[part][own].sum()) / np.sqrt(evidence)
    return error / total


def _two_sided(count: float, mean: float, relative: float) -> float:
    """Return twice the smaller tail; of a whole count half of its own chance belongs to each."""
    whole = float(np.floor(count + 0.5))
    law, given = stats.poisson, [mean]
    if relative > 0:
        shape = 1 / relative
        law, given = stats.nbinom, [shape, shape / (shape + mean)]
    own = float(law.pmf(whole, *given)) / 2
    tail = min(float(law.sf(whole, *given)), float(law.cdf(whole - 1, *given))) + own
    return min(1.0, 2 * tail)


def _ratio(count: float, mean: float, relative: float) -> Interval:
    """Return observed over expected with an interval on its logarithm."""
    error = np.sqrt(1 / max(count, 0.5) + relative)
    value = count / mean
    centre = max(count, 0.5) / mean
    return Interval(
        value=value,
        lower=float(centre * np.exp(-1.96 * error)) if count else 0.0,
        upper=float(centre * np.exp(1.96 * error)),
    )


def watch(
    series: Mapping[tuple[Cause, str], Days],
    *,
    looks: float,
    alarms_per_year: float,
    spread: float,
    least_expected: float,
) -> list[Watched]:
    """Look at every series, and tell which of them is an alarm.

    Parameters
    ----------
    series
        By head and group of chances.
    looks
        How often a year new outcomes come.
    alarms_per_year
        False alarms a year that are put up with, over all series.
    least_expected
        Stretches in which fewer events should have been seen are not judged.

    Notes
    -----
    Bonferroni's correction: looks and stretches share most of their days, so that there are fewer
    false alarms than are put up with, never more.
    """
    found = []
    for (head, group), days in series.items():
        judged = [
            each
            for since in stretches(days)
            if (each := strangeness(days, since, spread=spread)) is not None
            and each.expected >= least_expected
        ]
        if not judged:
            continue
        strangest = min(judged, key=lambda each: each.chance)
        looked_at = len(judged) * len(series)
        alarm = strangest.chance * looked_at * looks <= alarms_per_year
        stretch = _sharpened(days, strangest, spread) if alarm else strangest
        found.append(
            Watched(head=head, group=group, stretch=stretch, looked_at=looked_at, alarm=alarm)
        )
    return found


def _sharpened(days: Days, strangest: Strange, spread: float) -> Strange:
    """Put the first day where the likelihood says that the change began, in weeks."""
    starts = range(0, len(days.seen), SHORTEST)
    last = days.first + timedelta(days=len(days.seen))
    told = [last - timedelta(days=len(days.seen) - start) for start in starts]
    above = strangest.ratio.value > 1
    best, most = strangest, -np.inf
    for since in told:
        each = strangeness(days, since, spread=spread)
        if each is None or (each.ratio.value > 1) != above:
            continue
        gain = _gain(each.seen / days.scale, each.expected / days.scale)
        if gain > most:
            best, most = each, gain
    return best


def _gain(seen: float, expected: float) -> float:
    """Return how much likelier the events are under their own rate than under the promised."""
    return float((seen * np.log(seen / expected) if seen else 0.0) - (seen - expected))


def alarm_of(
    watched: Sequence[Watched],
    segments: Mapping[Cause, Mapping[str, Days]],
    *,
    spread: float,
    level: float = 0.05,
) -> list[Alarm]:
    """Turn the series of each head that are alarms into one alarm that says what moved.

    Parameters
    ----------
    segments
        By head, the days of each segment.
    level
        Of segments told as moved, after Holm's correction over all of the head.
    """
    alarms = []
    for head in dict.fromkeys(each.head for each in watched if each.alarm):
        worst = min(
            (each for each in watched if each.alarm and each.head == head),
            key=lambda each: each.stretch.chance,
        )
        since = worst.stretch.since
        parts = {
            name: strange
            for name, days in segments.get(head, {}).items()
            if (strange := strangeness(days, since, spread=spread)) is not None
        }
        alarms.append(
            Alarm(
                head=head,
                group=worst.group,
                stretch=worst.stretch,
                moved=_moved(parts, level),
            )
        )
    return alarms


def _moved(parts: Mapping[str, Strange], level: float) -> tuple[tuple[str, Strange], ...]:
    """Return the segments beyond chance (Holm), those with the greatest difference first."""
    rising = sorted(parts.items(), key=lambda item: (item[1].chance, item[0]))
    kept = []
    for place, (name, each) in enumerate(rising):
        if each.chance * (len(rising) - place) > level:
            break
        kept.append((name, each))
    return tuple(sorted(kept, key=lambda item: (-abs(item[1].seen - item[1].expected), item[0])))
