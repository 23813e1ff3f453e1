"""Figures from counts: sums and shares by dimension, against last month and last year's weeks."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from functools import partial
from math import nan, sqrt

import pandas as pd

from churn.evaluation.intervals import Z95
from churn.indicators.definitions import DIMENSIONS, INDICATORS, Indicator
from churn.indicators.periods import Period
from churn.indicators.settings import IndicatorSettings
from churn.windows import Window

TOTAL = "total"


def figures(
    counts: pd.DataFrame,
    periods: Sequence[Period],
    settings: IndicatorSettings,
    observable: Mapping[str, Container[Window]],
) -> pd.DataFrame:
    """Return every indicator of every period, in total and by each value of each dimension.

    Parameters
    ----------
    counts
        :func:`churn.indicators.measures` as rows.
    observable
        Of measures that are not always known, the windows in which they are.

    Returns
    -------
    DataFrame
        ``dimension`` (``total`` or a dimension), ``value`` (null: not known), ``period``,
        ``indicator``, ``amount`` (count, currency, times; null of shares), ``share`` (null of the
        others), ``lower, upper`` (of what is net, 95 %), ``n`` (what a share is over), and the same
        figure ``last_month`` and ``last_year``. A share over nothing is null, and what few contacts
        or leavers tell is not told.
    """
    parts = []
    recorded = {window for window, measure in _sums(counts) if measure == "lines"}
    for dimension in (TOTAL, *DIMENSIONS):
        for value, own in _parts(counts, dimension):
            sums = _sums(own)
            for period in periods:
                for code, indicator in INDICATORS.items():
                    if dimension == "account_manager" and not indicator.people:
                        continue
                    of = partial(
                        _figure,
                        indicator,
                        sums,
                        recorded=recorded,
                        settings=settings,
                        observable=observable,
                    )
                    kind = "share" if indicator.is_share else "amount"
                    parts.append(
                        {
                            "dimension": dimension,
                            "value": value,
                            "period": period.name,
                            "indicator": code,
                            **of(period.window),
                            "last_month": of(period.last_month)[kind],
                            "last_year": of(period.last_year)[kind],
                        }
                    )
    return pd.DataFrame(parts)


def has_figure(rows: pd.DataFrame) -> pd.Series[bool]:
    """Say of each row of :func:`figures` whether any figure can be told, now or before."""
    return rows[["amount", "share", "last_month", "last_year"]].notna().any(axis=1)


def _parts(counts: pd.DataFrame, dimension: str) -> Iterator[tuple[str | None, pd.DataFrame]]:
    """Part the counts by the values of a dimension; together the parts are all of them."""
    if dimension == TOTAL:
        yield None, counts
        return
    for value in sorted(counts[dimension].dropna().unique()):
        yield str(value), counts[counts[dimension] == value]
    unknown = counts[counts[dimension].isna()]
    if len(unknown):
        yield None, unknown


Sums = dict[tuple[Window, str], tuple[float, float]]


def _sums(counts: pd.DataFrame) -> Sums:
    rows = counts.groupby(["start", "end", "measure"], sort=False)[["n", "amount"]].sum()
    return {
        (Window(pd.Timestamp(start).date(), pd.Timestamp(end).date()), str(measure)): (
            float(row.n),
            float(row.amount),
        )
        for (start, end, measure), row in zip(rows.index, rows.itertuples(index=False), strict=True)
    }


def _figure(
    indicator: Indicator,
    sums: Sums,
    window: Window,
    recorded: Container[Window],
    settings: IndicatorSettings,
    observable: Mapping[str, Container[Window]],
) -> dict[str, float]:
    """Return ``amount, share, lower, upper, n`` of a window; a part without a line has none."""
    empty = dict.fromkeys(("amount", "share", "lower", "upper", "n"), nan)
    needed = indicator.measures
    unknown = any(name in observable and window not in observable[name] for name in needed)
    if unknown or window not in recorded:
        return empty  # nor is anything known before the records begin
    return {**empty, **_told(indicator, partial(_sum, sums, window), settings.least)}


def _told(indicator: Indicator, summed: Callable[[str], float], least: int) -> dict[str, float]:
    """Return what an indicator comes to from the sums of its measures."""
    of, over, besides, enough = (
        [summed(measure) for measure in measures]
        for measures in (indicator.of, indicator.over, indicator.besides, indicator.enough)
    )
    if indicator.kind in ("count", "money"):
        return {"amount": round(sum(of), 2)}
    if indicator.kind == "net":
        return _net(of, over, least)
    if indicator.kind == "change":
        changes, squares = (
            [summed(f"amount:{measure}") for measure in measures]
            for measures in (indicator.of, indicator.over)
        )
        return _change(of, changes, squares, least)
    if enough and sum(enough) < least:
        return {}
    share, base = _share(sum(of), sum(over)), sum(over)
    if indicator.kind == "times":
        left, lines = besides
        usual = _share(sum(of) + left, base + lines)
        return {"n": base, "amount": round(share / usual, 2) if usual else nan}
    return {"n": base, "share": share}


def _share(of: float, over: float) -> float:
    return of / over if over else nan


def _sum(sums: Sums, window: Window, measure: str) -> float:
    name = measure.removeprefix("amount:")
    n, amount = sums.get((window, name), (0.0, 0.0))
    return amount if name != measure else n


def _net(stayed: Sequence[float], arms: Sequence[float], least: int) -> dict[str, float]:
    """Return the treated's share less the controls', with its interval; too few: nothing."""
    if min(arms) < least:
        return {"n": sum(arms)}
    treated, control = (stay / size for stay, size in zip(stayed, arms, strict=True))
    net = treated - control
    spread = Z95 * sqrt(
        sum(p * (1 - p) / size for p, size in zip((treated, control), arms, strict=True))
    )
    return {"n": sum(arms), "share": net, "lower": net - spread, "upper": net + spread}


def _change(
    arms: Sequence[float], changes: Sequence[float], squares: Sequence[float], least: int
) -> dict[str, float]:
    """Return the treated's mean change less the controls', with its interval; too few: nothing."""
    if min(arms) < max(least, 2):
        return {"n": sum(arms)}
    means = [total / size for total, size in zip(changes, arms, strict=True)]
    net = means[0] - means[1]
    variances = (
        max(square - size * mean**2, 0.0) / (size - 1) / size
        for square, size, mean in zip(squares, arms, means, strict=True)
    )
    spread = Z95 * sqrt(sum(variances))
    told = {"amount": net, "lower": net - spread, "upper": net + spread}
    return {"n": sum(arms), **{name: round(value, 2) for name, value in told.items()}}
