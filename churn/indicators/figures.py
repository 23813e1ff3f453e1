"""Figures from counts: sums and shares by dimension, against last month and last year's weeks."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from functools import partial
from math import nan, sqrt

import pandas as pd

from churn.indicators.definitions import DIMENSIONS, INDICATORS, Indicator
from churn.indicators.periods import Period
from churn.indicators.settings import IndicatorSettings
from churn.windows import Window

_Z = 1.959963984540054
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
        ``indicator``, ``amount`` (count or currency; null of shares), ``share`` (null of sums),
        ``lower, upper`` (of a net share, 95 %), ``n`` (what a share is over), and the same figure
        ``last_month`` and ``last_year``. A share over nothing is null, and what few contacts kept
        is not told.
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
                    kind = "share" if indicator.kind in ("share", "net") else "amount"
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
    needed = [name.removeprefix("amount:") for name in (*indicator.of, *indicator.over)]
    unknown = any(name in observable and window not in observable[name] for name in needed)
    if unknown or window not in recorded:
        return empty  # nor is anything known before the records begin
    of = [_sum(sums, window, measure) for measure in indicator.of]
    over = [_sum(sums, window, measure) for measure in indicator.over]
    if indicator.kind in ("count", "money"):
        return {**empty, "amount": round(sum(of), 2)}
    if indicator.kind == "net":
        return {**empty, **_net(of, over, settings.least)}
    base = sum(over)
    return {**empty, "n": base, "share": sum(of) / base if base else nan}


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
    spread = _Z * sqrt(
        sum(p * (1 - p) / size for p, size in zip((treated, control), arms, strict=True))
    )
    return {"n": sum(arms), "share": net, "lower": net - spread, "upper": net + spread}
